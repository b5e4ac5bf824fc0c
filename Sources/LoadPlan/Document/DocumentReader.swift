internal import Yams

/// Reads a YAML document into values with places, and reports everything about it that is not a matter of its keys.
struct DocumentReader {
    /// Levels of nesting, the root included.
    static let maxDepth = 64
    /// Values after aliases have been expanded.
    static let maxValues = 100_000

    private(set) var problems: ProblemLog
    private var renamedKeys: [String: String] = [:]
    private var anchors: [String: DocumentValue] = [:]
    private var valueCount = 0
    private var isTooLarge = false

    /// - Parameter problems: those found so far.
    init(problems: ProblemLog) {
        self.problems = problems
    }

    /// The document's root; nil when it cannot be read at all, in which case there is a problem.
    mutating func read() -> DocumentValue? {
        let source = problems.source
        guard source.byteCount <= Profile.maxDocumentBytes else {
            problems.add(SourceText.tooLarge(byteCount: source.byteCount))
            return nil
        }
        var text: YAMLText
        do {
            text = try YAMLText(source)
        } catch {
            let scalar = source.scalars[error.offset]
            problems.add(
                "the character U+\(String(scalar.value, radix: 16, uppercase: true)) is not allowed in YAML",
                at: source.mark(ofOffset: error.offset), path: "",
                hint: #"write it as an escape in double quotes, e.g. "\u0007""#)
            return nil
        }
        while true {
            do {
                let parser = try Parser(yaml: text.source.text, resolver: .basic, encoding: .utf8)
                // Yams' nodes refer to their anchors weakly: the parser owns them.
                return try withExtendedLifetime(parser) { try root(parser, renamedKeys: text.renamedKeys) }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let mark = SourceMark(context.mark)
                if let key = keys.first, text.rename(key: key, at: mark) { continue }
                // Those that were renamed are not reported by what cannot be read.
                for mark in text.renamedMarks {
                    problems.add("this key is given twice in one mapping", at: mark, path: "")
                }
                add(keyGivenTwice: keys.first, at: mark)
            } catch {
                add(error)
            }
            return nil
        }
    }

    private mutating func root(_ parser: Parser, renamedKeys: [String: String]) throws -> DocumentValue? {
        self.renamedKeys = renamedKeys
        guard let node = try parser.nextRoot() else {
            problems.add(
                "the document is empty", at: .start, path: "", hint: "a profile is a mapping that begins with name:")
            return nil
        }
        if let second = try parser.nextRoot() {
            problems.add(
                "a second document begins here; a profile is one", at: second.mark.map { SourceMark($0) } ?? .start,
                path: "",
                hint: "write each profile to a file of its own")
        }
        return value(node, path: "", depth: 1)
    }

    private mutating func value(_ node: Node, path: String, depth: Int) -> DocumentValue {
        let mark = node.mark.map { SourceMark($0) } ?? .start
        let unreadable = DocumentValue(content: .unreadable, mark: mark, path: path)
        guard depth <= Self.maxDepth else {
            problems.add("nested more than \(Self.maxDepth) levels deep", at: mark, path: "")
            return unreadable
        }
        guard countValues(1, at: mark) else { return unreadable }
        if let tag = unknownTag(node) {
            problems.add("the tag \(tag.quoted) is not known here", at: mark, path: path, hint: "leave it out")
        }
        let content: DocumentValue.Content
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, scalar.string.unicodeScalars.first == YAMLText.aliasMark {
                return aliased(scalar.string, at: mark, path: path, depth: depth) ?? unreadable
            }
            let isQuoted = scalar.style != .plain || scalar.tag.rawValue == Tag.Name.str.rawValue
            content = .scalar(text: YAMLText.restored(scalar.string), isQuoted: isQuoted)
        case .sequence(let items):
            var values: [DocumentValue] = []
            for item in items { values.append(value(item, path: "\(path)[\(values.count)]", depth: depth + 1)) }
            content = .sequence(values)
        case .mapping(let mapping):
            content = .mapping(entries(of: mapping, path: path, depth: depth))
        case .alias:
            // Only Yams' encoder makes these.
            return unreadable
        }
        let value = DocumentValue(content: content, mark: mark, path: path)
        if let anchor = node.anchor { anchors[anchor.rawValue] = value }
        return value
    }

    /// nil when there is a problem with it.
    private mutating func aliased(_ text: String, at mark: SourceMark, path: String, depth: Int) -> DocumentValue? {
        guard let name = YAMLText.aliasName(text) else {
            problems.add(
                "a plain text cannot begin with *, which makes an alias", at: mark, path: path, hint: "put it in quotes"
            )
            return nil
        }
        guard let value = anchors[name] else {
            problems.add(
                "the alias *\(name) has no anchor &\(name) before it", at: mark, path: path,
                hint: NearestName.find(name, in: anchors.keys.sorted()).map { "did you mean *\($0)?" })
            return nil
        }
        guard countValues(value.valueCount, at: mark) else { return nil }
        guard depth + value.depth - 1 <= Self.maxDepth else {
            problems.add("nested more than \(Self.maxDepth) levels deep", at: mark, path: "")
            return nil
        }
        return value.moved(to: path)
    }

    /// False when the document has become too large.
    private mutating func countValues(_ count: Int, at mark: SourceMark) -> Bool {
        guard !isTooLarge else { return false }
        valueCount += count
        guard valueCount > Self.maxValues else { return true }
        isTooLarge = true
        problems.add("the document has more than \(Self.maxValues) values, aliases expanded", at: mark, path: "")
        return false
    }

    private func unknownTag(_ node: Node) -> String? {
        // Not `node.tag`, which would resolve the tag and forget whether it was written.
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag.rawValue
            case .sequence(let sequence): sequence.tag.rawValue
            case .mapping(let mapping): mapping.tag.rawValue
            case .alias(let alias): alias.tag.rawValue
            }
        let known: [Tag.Name] = [.implicit, .nonSpecific, .str, .int, .float, .bool, .null, .seq, .map, .merge]
        return known.contains { $0.rawValue == tag } ? nil : tag
    }

    // MARK: Mappings

    private mutating func entries(of mapping: Node.Mapping, path: String, depth: Int) -> [DocumentValue.Entry] {
        var entries: [DocumentValue.Entry] = []
        var firstMarks: [String: SourceMark] = [:]
        var merged: [DocumentValue] = []
        for (keyNode, valueNode) in mapping {
            guard let (key, keyMark, isMerge) = key(keyNode, path: path) else { continue }
            let keyPath = DocumentValue.path(path, key: key)
            if let first = firstMarks[key] {
                problems.add(
                    "the key \(key.quoted) is given twice, first in line \(first.line)", at: keyMark, path: keyPath)
                continue
            }
            firstMarks[key] = keyMark
            let value = value(valueNode, path: isMerge ? path : keyPath, depth: depth + 1)
            if isMerge {
                merged += mappings(toMerge: value)
            } else {
                entries.append(DocumentValue.Entry(key: key, keyMark: keyMark, value: value))
            }
        }
        // What is written here wins over what is merged, and an earlier one over a later (YAML's merge key type).
        var known = Set(firstMarks.keys)
        for case .mapping(let more) in merged.map(\.content) {
            for entry in more where known.insert(entry.key).inserted {
                var entry = entry
                entry.value = entry.value.moved(to: DocumentValue.path(path, key: entry.key))
                entries.append(entry)
            }
        }
        return entries
    }

    private mutating func mappings(toMerge value: DocumentValue) -> [DocumentValue] {
        switch value.content {
        case .mapping: return [value]
        case .sequence(let items):
            return items.filter { item in
                switch item.content {
                case .mapping: return true
                case .unreadable: return false
                case .scalar, .sequence: break
                }
                problems.add("expected a mapping to merge, found \(item.found)", at: item)
                return false
            }
        case .unreadable:
            return []
        case .scalar:
            problems.add("expected a mapping to merge, found \(value.found)", at: value, hint: "e.g. <<: *name")
            return []
        }
    }

    private mutating func key(_ node: Node, path: String) -> (name: String, mark: SourceMark, isMerge: Bool)? {
        let mark = node.mark.map { SourceMark($0) } ?? .start
        guard case .scalar(let scalar) = node, scalar.style != .plain || YAMLText.aliasName(scalar.string) == nil else {
            problems.add("expected the name of a key", at: mark, path: path)
            return nil
        }
        let name = renamedKeys[scalar.string] ?? scalar.string
        return (YAMLText.restored(name), mark, scalar.style == .plain && name == "<<")
    }

    // MARK: Errors of Yams

    /// - Parameter key: as Yams names it, which has no name for a key that is a list or a mapping.
    private mutating func add(keyGivenTwice key: String?, at mark: SourceMark) {
        let hint = "the rest of the document was not looked at"
        guard let key, key != "<uncovertable>" else {
            return problems.add("expected the name of a key", at: mark, path: "", hint: hint)
        }
        problems.add(
            "the key \(YAMLText.restored(key).quoted) is given twice in one mapping", at: mark, path: "", hint: hint)
    }

    private mutating func add(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _)?, .parser(let context, let problem, let mark, _)?,
            .composer(let context, let problem, let mark, _)?:
            let place = context.map { ", \($0.text) of line \($0.mark.line)" } ?? ""
            problems.add("not YAML: \(problem)\(place)", at: SourceMark(mark), path: "", hint: Self.hint(for: problem))
        case .reader(let problem, _, _, _)?, .writer(let problem)?, .emitter(let problem)?, .representer(let problem)?:
            problems.add("not YAML: \(problem)", at: .start, path: "")
        case .no?, .memory?, .dataCouldNotBeDecoded?, .duplicatedKeysInMapping?, nil:
            problems.add("cannot be read as YAML: \(error)", at: .start, path: "")
        }
    }

    private static func hint(for problem: String) -> String? {
        switch problem {
        case "found character that cannot start any token":
            "indent with spaces, and quote a text that begins with a special character"
        case "found a tab character that violates indentation": "indent with spaces"
        case "mapping values are not allowed in this context":
            "quote a text that has a colon in it, and check the indentation"
        default: nil
        }
    }
}

extension SourceMark {
    init(_ mark: Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}
