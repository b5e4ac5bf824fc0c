internal import LoadPlan
internal import WebSocketWire

/// The upgrade request of one `connect` step: rendered once, then only key and placeholders are filled in.
///
/// The request text is made with one private-use character for each placeholder and one for the key; those are then found again
/// in the bytes. A profile cannot hold them by accident: they would have to be in a URL or a header.
final class CompiledRequest {
    let offer: HandshakeOffer
    private let head: CompiledTemplate
    private let tail: CompiledTemplate

    init(_ connect: Connect, target: TargetURL, accountID: Template) {
        let request = UpgradeRequest(
            host: target.host, port: target.port, isSecure: target.isSecure, resource: Self.marked(target.resource),
            subprotocols: connect.subprotocols, headers: connect.headers.map { ($0.name, Self.marked($0.value)) })
        offer = HandshakeOffer(subprotocols: connect.subprotocols)
        let text = request.text(key: String(Self.keyMark))
        let keyStart = text.firstIndex(of: Self.keyMark) ?? text.endIndex
        head = CompiledTemplate(Self.template(text[..<keyStart]), accountID: accountID)
        tail = CompiledTemplate(Self.template(text[keyStart...].dropFirst()), accountID: accountID)
    }

    /// The request with `key`, valid until the scratch buffers change.
    func render(
        _ values: TemplateValues, key: HandshakeKey, random: inout AccountRandom, scratch: ByteBuffer,
        into request: ByteBuffer
    ) -> UnsafeRawBufferPointer {
        request.removeAll()
        request.append(head.render(values, random: &random, scratch: scratch))
        withUnsafeTemporaryAllocation(byteCount: HandshakeKey.encodedBytes, alignment: 1) { text in
            guard let start = text.baseAddress else { return }
            key.write(to: start)
            request.append(UnsafeRawBufferPointer(text))
        }
        request.append(tail.render(values, random: &random, scratch: scratch))
        return request.bytes
    }

    private static let keyMark: Character = "\u{F8FF}"
    private static let firstMark: UInt32 = 0xF8F0

    private static func mark(_ placeholder: Template.Placeholder) -> Character {
        let number = Template.Placeholder.allCases.firstIndex(of: placeholder) ?? 0
        return Character(Unicode.Scalar(firstMark + UInt32(number)) ?? "?")
    }

    private static func marked(_ template: Template) -> String {
        var text = ""
        for segment in template.segments {
            switch segment {
            case .literal(let bytes): text += String(decoding: bytes, as: UTF8.self)
            case .placeholder(let placeholder): text.append(mark(placeholder))
            }
        }
        return text
    }

    private static func template(_ text: Substring) -> Template {
        var segments: [Template.Segment] = []
        var literal: [UInt8] = []
        for character in text {
            if let placeholder = Template.Placeholder.allCases.first(where: { mark($0) == character }) {
                segments.append(.literal(literal))
                segments.append(.placeholder(placeholder))
                literal = []
            } else {
                literal.append(contentsOf: String(character).utf8)
            }
        }
        segments.append(.literal(literal))
        return Template(segments: segments)
    }
}
