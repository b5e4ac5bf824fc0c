/// Problems found so far, each once.
struct ProblemLog {
    let source: SourceText
    private var found: [ProfileProblem] = []
    private var unlistedCount = 0

    /// More are only counted: whoever has a hundred problems has one.
    static var limit: Int { 100 }

    init(source: SourceText) {
        self.source = source
    }

    var isEmpty: Bool { found.isEmpty }

    /// Message and hint are made only for a problem that is listed: a document can have a problem for each of its values.
    mutating func add(
        _ message: @autoclosure () -> String, at mark: SourceMark, path: String, hint: @autoclosure () -> String? = nil
    ) {
        guard found.count < Self.limit else {
            unlistedCount += 1
            return
        }
        add(
            ProfileProblem(
                place: .document(line: mark.line, column: mark.column, path: path), message: message(), hint: hint(),
                excerpt: source.excerpt(at: mark)))
    }

    mutating func add(
        _ message: @autoclosure () -> String, at value: DocumentValue, hint: @autoclosure () -> String? = nil
    ) {
        add(message(), at: value.mark, path: value.path, hint: hint())
    }

    /// A problem inside a scalar's text, at its own column where the scalar stands in the document as it reads.
    mutating func add(_ problem: TextProblem, in value: DocumentValue) {
        var mark = value.mark
        if let offset = source.offset(of: mark) {
            let quote = ["\"", "'"].first { source.has($0 + problem.text + $0, at: offset) }
            if quote != nil || source.has(problem.text, at: offset) {
                mark.column += problem.column - 1 + (quote == nil ? 0 : 1)
            }
        }
        add(problem.message, at: mark, path: value.path, hint: problem.hint)
    }

    mutating func add(_ problem: TextProblem, option: String) {
        add(
            ProfileProblem(
                place: .option(option), message: problem.message, hint: problem.hint,
                excerpt: Excerpt(line: problem.text, column: problem.column)))
    }

    mutating func add(_ message: String, option: String, hint: String? = nil) {
        add(ProfileProblem(place: .option(option), message: message, hint: hint))
    }

    mutating func add(_ problem: ProfileProblem) {
        guard !found.contains(problem) else { return }
        guard found.count < Self.limit else {
            unlistedCount += 1
            return
        }
        found.append(problem)
    }

    /// All of them, in the order of the document, options last.
    func error(file: String) -> ProfileError {
        let order = found.enumerated().sorted { left, right in
            let leftMark = SourceMark(line: left.element.line ?? .max, column: left.element.column ?? .max)
            let rightMark = SourceMark(line: right.element.line ?? .max, column: right.element.column ?? .max)
            return leftMark == rightMark ? left.offset < right.offset : leftMark < rightMark
        }
        return ProfileError(file: file, problems: order.map(\.element), unlistedCount: unlistedCount)
    }
}
