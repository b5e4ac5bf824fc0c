/// PING and PONG for those who cannot send the frames: text messages of OpenIM 3.8.
package enum TextPing {
    /// `{"type":"ping"}`.
    package static let ping: StaticString = #"{"type":"ping"}"#

    /// Whether a text message of the server is the answer.
    package static func isPong(_ text: UnsafeRawBufferPointer) -> Bool { false }
}
