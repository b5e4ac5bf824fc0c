import LoadPlan
import Testing
import WebSocketWire

@testable import LoadEngine

@Suite struct CompiledTemplateTests {
    private let id = Template(segments: [.literal(Array("user-".utf8)), .placeholder(.index)])

    private func text(_ template: CompiledTemplate, _ values: TemplateValues, seed: UInt64 = 1) -> String {
        var random = AccountRandom(seed: seed, client: 0)
        let scratch = ByteBuffer(capacity: 8)
        return withExtendedLifetime(scratch) {
            String(decoding: template.render(values, random: &random, scratch: scratch), as: UTF8.self)
        }
    }

    @Test func everyPlaceholderIsFilledIn() {
        let template = Template(
            segments: [
                .placeholder(.account), .literal([0x20]), .placeholder(.iteration), .literal([0x20]),
                .placeholder(.sequence), .literal([0x20]), .placeholder(.login),
            ])
        let compiled = CompiledTemplate(template, accountID: id)
        #expect(
            text(compiled, TemplateValues(index: 41, login: 1, iteration: 0, sequence: 4_294_967_295))
                == "user-41 0 4294967295 1")
        let random = CompiledTemplate(Template(segments: [.placeholder(.random)]), accountID: id)
        let values = TemplateValues(index: 0, login: 1, iteration: 0, sequence: 0)
        #expect(text(random, values, seed: 5) == text(random, values, seed: 5))
        #expect(text(random, values, seed: 5) != text(random, values, seed: 6))
        #expect(text(random, values).count == 16)
    }

    @Test func paddingFillsUpAndNeverCuts() {
        let short = CompiledTemplate(Template(segments: [.literal(Array("abc".utf8))]), accountID: id, paddedToBytes: 6)
        let values = TemplateValues(index: 7, login: 1, iteration: 0, sequence: 0)
        #expect(text(short, values) == "abc...")
        let long = CompiledTemplate(Template(segments: [.placeholder(.account)]), accountID: id, paddedToBytes: 3)
        #expect(text(long, values) == "user-7")
        let varying = CompiledTemplate(Template(segments: [.placeholder(.index)]), accountID: id, paddedToBytes: 4)
        #expect(text(varying, values) == "7...")
    }

    @Test func theRequestHoldsKeyAndPlaceholders() {
        let target = TargetURL(
            isSecure: false, host: "example.org", port: 80,
            resource: Template(segments: [.literal(Array("/?account=".utf8)), .placeholder(.account)]))
        let header = Header(name: "X-Index", value: Template(segments: [.placeholder(.index)]))
        let request = CompiledRequest(Connect(headers: [header], subprotocols: ["chat"]), target: target, accountID: id)
        var random = AccountRandom(seed: 1, client: 0)
        let key = HandshakeKey(random: (1, 2))
        let values = TemplateValues(index: 3, login: 1, iteration: 0, sequence: 0)
        let (scratch, buffer) = (ByteBuffer(capacity: 8), ByteBuffer(capacity: 8))
        let text = withExtendedLifetime((scratch, buffer)) {
            String(
                decoding: request.render(values, key: key, random: &random, scratch: scratch, into: buffer),
                as: UTF8.self)
        }
        #expect(text.hasPrefix("GET /?account=user-3 HTTP/1.1\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
        #expect(text.contains("Host: example.org\r\n"))
        #expect(text.contains("X-Index: 3\r\n"))
        #expect(text.contains("Sec-WebSocket-Protocol: chat\r\n"))
        let keyText = text.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19)
        #expect(keyText?.utf8.count == HandshakeKey.encodedBytes)
    }
}
