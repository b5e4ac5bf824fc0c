/// A value of a YAML document with its place.
///
/// Aliases and merge keys are resolved.
struct DocumentValue {
    enum Content {
        case scalar(text: String, isQuoted: Bool)
        case sequence([DocumentValue])
        case mapping([Entry])
        /// It has a problem that has been reported.
        case unreadable
    }

    struct Entry {
        var key: String
        var keyMark: SourceMark
        var value: DocumentValue
    }

    var content: Content
    var mark: SourceMark
    /// How to get there (`steps[1].send.text`); empty for the root.
    var path: String

    /// Nothing at all, `~` or `null`.
    var isNull: Bool {
        if case .scalar(let text, isQuoted: false) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// What it is, for messages.
    var found: String {
        switch content {
        case .scalar where isNull: "nothing"
        case .scalar(let text, let isQuoted): isQuoted ? "the text \(text.quoted)" : text.quoted
        case .sequence(let items): items.isEmpty ? "an empty list" : "a list"
        case .mapping(let entries): entries.isEmpty ? "an empty mapping" : "a mapping"
        case .unreadable: "something unreadable"
        }
    }

    static func path(_ parent: String, key: String) -> String {
        let isPlain =
            !key.isEmpty && key.unicodeScalars.count <= 60
            && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !".[]\"".utf8.contains($0) }
        let name = isPlain ? key : key.quoted
        return parent.isEmpty ? name : "\(parent).\(name)"
    }

    /// The same value under another path.
    func moved(to path: String) -> DocumentValue {
        var moved = self
        moved.path = path
        switch content {
        case .scalar, .unreadable: break
        case .sequence(let items):
            moved.content = .sequence(items.enumerated().map { $0.element.moved(to: "\(path)[\($0.offset)]") })
        case .mapping(let entries):
            moved.content = .mapping(
                entries.map {
                    Entry(key: $0.key, keyMark: $0.keyMark, value: $0.value.moved(to: Self.path(path, key: $0.key)))
                })
        }
        return moved
    }

    /// Values in it, itself included.
    var valueCount: Int {
        switch content {
        case .scalar, .unreadable: 1
        case .sequence(let items): items.reduce(1) { $0 + $1.valueCount }
        case .mapping(let entries): entries.reduce(1) { $0 + $1.value.valueCount }
        }
    }

    /// Levels of values, itself included.
    var depth: Int {
        switch content {
        case .scalar, .unreadable: 1
        case .sequence(let items): 1 + (items.map(\.depth).max() ?? 0)
        case .mapping(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
        }
    }
}
