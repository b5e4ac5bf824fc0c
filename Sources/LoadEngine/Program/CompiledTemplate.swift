internal import LoadPlan

/// What placeholders stand for when a template is rendered.
struct TemplateValues {
    /// The account's number, and which of its logins this is.
    var index: Int
    var login: Int
    var iteration: UInt32
    var sequence: UInt32
    /// The login's, where it is about to connect.
    var token = UnsafeRawBufferPointer(start: nil, count: 0)
    var platform = 0
}

/// A template flattened to literal runs and numbers, with the fixed ones rendered once.
final class CompiledTemplate {
    enum Part: BitwiseCopyable {
        /// Bytes of `literals`.
        case literal(start: Int, count: Int)
        case index
        case login
        case iteration
        case sequence
        case random
        case token
        case platform
    }

    private let parts: [Part]
    private let literals: ByteBuffer
    private let paddedToBytes: Int
    private let padding: UInt8
    /// The whole text, when it is the same for every account and message.
    private let fixed: ByteBuffer?

    init(_ template: Template, accountID: Template, paddedToBytes: Int = 0, padding: UInt8 = UInt8(ascii: ".")) {
        var parts: [Part] = []
        let literals = ByteBuffer(capacity: 64)
        func add(_ template: Template, expandingAccount: Bool) {
            for segment in template.segments {
                switch segment {
                case .literal(let bytes):
                    parts.append(.literal(start: literals.count, count: bytes.count))
                    bytes.withUnsafeBytes { literals.append($0) }
                case .placeholder(.account): if expandingAccount { add(accountID, expandingAccount: false) }
                case .placeholder(.index): parts.append(.index)
                case .placeholder(.login): parts.append(.login)
                case .placeholder(.iteration): parts.append(.iteration)
                case .placeholder(.sequence): parts.append(.sequence)
                case .placeholder(.random): parts.append(.random)
                case .placeholder(.token): parts.append(.token)
                case .placeholder(.platform): parts.append(.platform)
                }
            }
        }
        add(template, expandingAccount: true)
        self.parts = parts
        self.literals = literals
        self.paddedToBytes = paddedToBytes
        self.padding = padding
        let isFixed = parts.allSatisfy { if case .literal = $0 { true } else { false } }
        guard isFixed else {
            fixed = nil
            return
        }
        let buffer = ByteBuffer(capacity: max(literals.count, paddedToBytes))
        buffer.append(literals.bytes)
        buffer.append(repeating: padding, count: paddedToBytes - buffer.count)
        fixed = buffer
    }

    /// The text for `values`, valid until `scratch` changes.
    func render(_ values: TemplateValues, random: inout AccountRandom, scratch: ByteBuffer) -> UnsafeRawBufferPointer {
        if let fixed { return fixed.bytes }
        scratch.removeAll()
        append(values, random: &random, to: scratch)
        return scratch.bytes
    }

    private func append(_ values: TemplateValues, random: inout AccountRandom, to buffer: ByteBuffer) {
        let start = buffer.count
        for part in parts {
            switch part {
            case .literal(let start, let count):
                buffer.append(UnsafeRawBufferPointer(start: literals.base + start, count: count))
            case .index: buffer.append(decimal: UInt64(values.index))
            case .login: buffer.append(decimal: UInt64(values.login))
            case .iteration: buffer.append(decimal: UInt64(values.iteration))
            case .sequence: buffer.append(decimal: UInt64(values.sequence))
            case .random: buffer.append(hexadecimal: random.next())
            case .token: buffer.append(values.token)
            case .platform: buffer.append(decimal: UInt64(values.platform))
            }
        }
        buffer.append(repeating: padding, count: paddedToBytes - (buffer.count - start))
    }
}
