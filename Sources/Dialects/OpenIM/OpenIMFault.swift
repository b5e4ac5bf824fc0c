/// Why a frame, a body or an answer is none of OpenIM's.
package enum OpenIMFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end within a value; `what` names it.
    case truncated(what: String)
    /// A length or count beyond what follows, or beyond the limit.
    case tooLong(what: String)
    /// Types nested deeper, or more of them, than the limit.
    case tooDeep
    /// The sender's type cannot be read as the receiver's.
    case wrongType(field: String)
    /// Anything else; `what` says it in plain words.
    case malformed(what: String)

    package var description: String {
        switch self {
        case .truncated(let what): "the frame ends within \(what)"
        case .tooLong(let what): "\(what) is longer than what follows or than the limit"
        case .tooDeep: "its types are nested too deep, or are too many"
        case .wrongType(let field): "field \(field) has a type that cannot be read"
        case .malformed(let what): what
        }
    }
}
