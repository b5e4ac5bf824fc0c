/// Why watching cannot begin.
package enum WatchError: Error, Equatable, CustomStringConvertible {
    case cannotStart(reason: String)

    package var description: String {
        switch self {
        case .cannotStart(let reason): "cannot start watching the server: \(reason)"
        }
    }
}
