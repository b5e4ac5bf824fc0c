import Foundation
import Testing

@testable import Dialects

/// Against a second implementation, in Python, in both directions.
@Suite struct PeerTests {
    private struct Frame: Decodable {
        let `struct`: String
        let encoding: String
        let gzip: Bool
        let hex: String
        /// Numbers in decimal, all else in hexadecimal.
        let fields: [String: String]
    }

    private struct Written: Encodable {
        let encoding: String
        let gzip: Bool
        let hex: String
    }

    private static let count = 4000

    @Test func framesOfThePeerAreRead() throws {
        var random = SeededRandom()
        let seed = random.next() >> 1
        var codecs: [String: CodecBox] = [:]
        for line in try Peer.run(["write", "\(seed)", "\(Self.count)"]) {
            let frame = try JSONDecoder().decode(Frame.self, from: Data(line.utf8))
            let table = FieldTable.named(frame.struct)
            let bytes = [UInt8](hex: frame.hex)
            let read: FrameFields
            do {
                if frame.struct == "Resp" {
                    // One codec for all: what it keeps of a frame must not show in the next.
                    let box = codecs[
                        frame.encoding + "\(frame.gzip)",
                        default: CodecBox(frame.encoding == "gob" ? .gob : .json, compresses: frame.gzip)]
                    codecs[frame.encoding + "\(frame.gzip)"] = box
                    read = try box.codec.read(bytes)
                } else {
                    let plain = frame.gzip ? try Self.inflated(bytes) : bytes
                    read = try frame.encoding == "gob" ? table.readGob(plain) : table.readJSON(plain)
                }
            } catch {
                Issue.record("seed \(random.seed): \(error): \(line)")
                return
            }
            guard read == Self.expected(frame.fields, table) else {
                Issue.record("seed \(random.seed): read \(read) of \(line)")
                return
            }
        }
    }

    @Test func thePeerReadsOurFrames() throws {
        var random = SeededRandom()
        var lines: [String] = []
        var expected: [FrameFields] = []
        let codecs = [OpenIMCodec.Encoding.gob, .json].flatMap { encoding in
            [true, false].map { CodecBox(encoding, compresses: $0) }
        }
        for _ in 0..<Self.count {
            let box = codecs.randomElement(using: &random)!
            let identifier = Int32.random(in: .min ... .max, using: &random) >> Int32(random.below(32))
            let texts = (0..<4).map { _ in Array(random.text(random.length() / 8).utf8) }
            let data = random.bytes(random.length())
            let frame = box.codec.write(
                identifier, token: texts[0], sendID: texts[1], operationID: texts[2], msgIncr: texts[3], data: data)
            let written = Written(
                encoding: box.codec.encoding == .gob ? "gob" : "json", gzip: box.codec.compresses, hex: frame.hex)
            lines.append(String(decoding: try JSONEncoder().encode(written), as: UTF8.self))
            expected.append(
                FrameFields(
                    numbers: ["ReqIdentifier": Int64(identifier)],
                    bytes: [
                        "Token": texts[0], "SendID": texts[1], "OperationID": texts[2], "MsgIncr": texts[3],
                        "Data": data,
                    ]))
        }
        let answers = try Peer.run(["read"], input: lines)
        #expect(answers.count == lines.count)
        for (index, answer) in answers.enumerated() {
            let fields = try JSONDecoder().decode([String: String].self, from: Data(answer.utf8))
            guard Self.expected(fields, .request) == expected[index] else {
                Issue.record("seed \(random.seed): \(expected[index]) is read as \(answer) from \(lines[index])")
                return
            }
        }
    }

    private static func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var inflater = GzipInflater(maxBytes: 1 << 20)
        var out = ScratchBuffer(capacity: 16)
        let exact = ExactBytes(bytes)
        return Array(try inflater.inflate(exact.view, to: &out))
    }

    private static func expected(_ fields: [String: String], _ table: FieldTable) -> FrameFields {
        var expected = FrameFields(numbers: [:], bytes: [:])
        for field in table.fields {
            let value = fields["\(field.name)"]!
            switch field.kind {
            case .int32, .int64: expected.numbers["\(field.name)"] = Int64(value)!
            case .string, .bytes: expected.bytes["\(field.name)"] = [UInt8](hex: value)
            }
        }
        return expected
    }
}

/// A codec that can be kept in a collection.
final class CodecBox {
    var codec: OpenIMCodec

    init(_ encoding: OpenIMCodec.Encoding, compresses: Bool, maxInflatedBytes: Int = 1 << 20) {
        codec = OpenIMCodec(encoding: encoding, compresses: compresses, maxInflatedBytes: maxInflatedBytes)
    }
}
