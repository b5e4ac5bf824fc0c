extension Accounts {
    /// What `{account}` stands for, for the account of this number.
    package func id(ofAccount index: Int) -> String {
        let bytes = id.segments.flatMap { segment -> [UInt8] in
            switch segment {
            case .literal(let bytes): bytes
            case .placeholder(.index): Array(String(index).utf8)
            // The decoder lets no other placeholder into an ID.
            case .placeholder: []
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
