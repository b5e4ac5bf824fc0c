internal import CLinux
internal import Glibc

/// A descriptor for text. Writing stops quietly when the reader is gone (`gatecrash … | head`).
package struct TextOutput: Sendable {
    package let descriptor: Int32

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Columns and rows, when this is a terminal that knows them.
    package var terminalSize: (columns: Int, rows: Int)? {
        var columns: UInt16 = 0
        var rows: UInt16 = 0
        guard clinux_terminal_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0 else { return nil }
        return (Int(columns), Int(rows))
    }

    /// False when not everything could be written; `errno` says why.
    @discardableResult
    package func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let written = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                if written > 0 {
                    offset += written
                } else if errno == EAGAIN {
                    var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    guard poll(&writable, 1, 5_000) > 0 else { return false }
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    package func line(_ text: String) {
        write(text + "\n")
    }
}
