internal import Glibc

/// The folder of a scene; what cannot be written is said, not thrown.
struct SceneFolder {
    let path: String
    private(set) var files: [SceneFile] = []
    private(set) var problems: [String] = []
    private var names: Set<String> = []

    /// Makes the folder and those above it.
    init(_ path: String) {
        self.path = path
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/\(part)"
            guard mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
            problems.append("cannot make \(made): \(String(cString: strerror(errno)))")
            return
        }
    }

    /// - Parameters:
    ///   - stem: the file's kind, such as `threads`.
    ///   - subject: what it is about, in any characters; nil if that is clear.
    ///   - what: for the list of files.
    mutating func write(_ text: String, stem: String, subject: String? = nil, what: String) {
        let name = freeName(stem: stem, subject: subject)
        if let problem = Self.write(text, to: "\(path)/\(name)") {
            problems.append("cannot write \(name): \(problem)")
        } else {
            files.append(SceneFile(name: name, what: what))
        }
    }

    /// Letters, digits and hyphens only, and no name twice.
    private mutating func freeName(stem: String, subject: String?) -> String {
        var base = stem
        if let subject {
            let safe = subject.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    ? Character(scalar) : "-"
            }
            base += "-" + String(safe.prefix(60))
        }
        var name = "\(base).txt"
        var number = 2
        while !names.insert(name).inserted {
            name = "\(base)-\(number).txt"
            number += 1
        }
        return name
    }

    /// - Returns: what went wrong.
    private static func write(_ text: String, to path: String) -> String? {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        defer { _ = close(file) }
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(file, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return String(cString: strerror(errno)) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
    }
}
