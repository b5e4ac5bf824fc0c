internal import Glibc

/// Commands from the controller, one word a line. The end of input means that the controller is gone.
struct ControlInput: ~Copyable {
    enum Command: String {
        /// Finish what is under way, then end.
        case drain
        /// End now.
        case stop
    }

    private let descriptor: Int32
    private var partial: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads once; call it when the descriptor is readable.
    mutating func read() -> [Command] {
        let length = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { chunk in
            let length = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            if length > 0 { partial.append(contentsOf: chunk[..<length]) }
            return length
        }
        guard length > 0 else {
            return length < 0 && (errno == EAGAIN || errno == EINTR) ? [] : [.stop]
        }
        var commands: [Command] = []
        while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
            if let command = Command(rawValue: String(decoding: partial[..<end], as: UTF8.self)) {
                commands.append(command)
            }
            partial.removeSubrange(...end)
        }
        return commands
    }
}
