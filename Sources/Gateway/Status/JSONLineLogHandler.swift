internal import CLinux
internal import Glibc
internal import Logging

/// Writes each log event as one line of JSON: `time`, `level`, `message`, then the metadata.
struct JSONLineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let file: LogFile

    init(file: LogFile, level: LogLevel) {
        self.file = file
        logLevel =
            switch level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members = metadata
        if let provided = metadataProvider?.get() {
            members.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            members.merge(own) { _, new in new }
        }
        var line = "{\"time\":\"\(Self.now())\",\"level\":\"\(event.level.rawValue)\",\"message\":"
        line.appendJSON("\(event.message)")
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            line += ","
            line.appendJSON(key)
            line += ":"
            line.appendJSON(value)
        }
        line += "}\n"
        file.write(line)
    }

    /// UTC with milliseconds, as RFC 3339 writes it.
    private static func now() -> String {
        let time = clinux_clock_nanoseconds(CLOCK_REALTIME)
        var seconds = Int(time / 1_000_000_000)
        var date = tm()
        gmtime_r(&seconds, &date)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let day = "\(digits(date.tm_year + 1900, 4))-\(digits(date.tm_mon + 1, 2))-\(digits(date.tm_mday, 2))"
        let clock = "\(digits(date.tm_hour, 2)):\(digits(date.tm_min, 2)):\(digits(date.tm_sec, 2))"
        return "\(day)T\(clock).\(digits(time / 1_000_000 % 1000, 3))Z"
    }
}

extension String {
    fileprivate mutating func appendJSON(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text):
            appendJSON(text)
        case .stringConvertible(let value as Int):
            self += "\(value)"
        case .stringConvertible(let value):
            appendJSON("\(value)")
        case .array(let values):
            self += "["
            for (index, value) in values.enumerated() {
                if index > 0 { self += "," }
                appendJSON(value)
            }
            self += "]"
        case .dictionary(let members):
            self += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { self += "," }
                appendJSON(member.key)
                self += ":"
                appendJSON(member.value)
            }
            self += "}"
        }
    }

    /// A JSON string (RFC 8259 §7).
    mutating func appendJSON(_ text: String) {
        self += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            case "\0"..." ":
                guard scalar != " " else { fallthrough }
                let hex = String(scalar.value, radix: 16)
                self += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: unicodeScalars.append(scalar)
            }
        }
        self += "\""
    }
}
