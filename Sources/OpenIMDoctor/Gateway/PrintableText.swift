/// Text of a server, fit for a terminal.
enum PrintableText {
    private static let maxCharacters = 100

    /// The first 100 characters, printable ASCII, in one line.
    static func excerpt(_ bytes: some Collection<UInt8>) -> String {
        let printable = bytes.prefix(maxCharacters).map { byte -> UInt8 in
            switch byte {
            case 0x20...0x7E: byte
            case 0x09, 0x0A, 0x0D: 0x20
            default: UInt8(ascii: "?")
            }
        }
        return String(decoding: printable, as: UTF8.self)
    }
}
