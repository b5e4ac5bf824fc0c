/// PING and PONG for those who cannot send the frames: text messages of OpenIM 3.8.
package enum TextPing {
    /// `{"type":"ping"}`.
    package static let ping: StaticString = #"{"type":"ping"}"#

    private static let table = FieldTable([FieldTable.Field(name: "type", kind: .string)])

    /// Whether a text message of the server is the answer: `{"type":"pong","body":…}`, with any body.
    package static func isPong(_ text: UnsafeRawBufferPointer) -> Bool {
        SmallJSONObject.read(text, as: table) { $0[0].bytes.holdsSameBytes(as: "pong") } ?? false
    }
}
