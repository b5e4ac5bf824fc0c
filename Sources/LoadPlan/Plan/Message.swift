/// What a `send` step sends.
package struct Message: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable { case text, binary }
    package var kind: Kind
    /// Rendered per send.
    package var payload: Template
    /// Pads (with `.` for text, zero bytes for binary) or, if the template is empty, fills to this many bytes.
    package var paddedToBytes: Int?
    /// nil with the dialect `plain`, whose messages go to the server; set with any other.
    package var recipient: Recipient?

    package init(kind: Kind = .text, payload: Template, paddedToBytes: Int? = nil, recipient: Recipient? = nil) {
        self.kind = kind
        self.payload = payload
        self.paddedToBytes = paddedToBytes
        self.recipient = recipient
    }
}
