import Testing

@testable import Dialects

/// Frames cut short at every byte, and with every byte changed: read or refused with a reason, never more.
@Suite struct BrokenFrameTests {
    @Test(arguments: ["resp-all-fields", "resp-error", "resp-push"])
    func cutShort(_ name: String) throws {
        let vector = try #require(Vectors.shared.vectors.first { $0.name == name })
        var decoder = GobDecoder(table: .response)
        for count in 0..<vector.gob.count {
            #expect(throws: OpenIMFault.self, "\(count) bytes") {
                try decoder.read(Array(vector.gob[..<count]), as: .response)
            }
        }
        let json = Array(vector.json!.utf8)
        for count in 0..<json.count {
            #expect(throws: OpenIMFault.self, "\(count) bytes") {
                try FieldTable.response.readJSON(Array(json[..<count]))
            }
        }
        for packed in [vector.gzipGobHex, vector.gzipJsonHex] {
            let frame = [UInt8](hex: packed!)
            for encoding in [OpenIMCodec.Encoding.gob, .json] {
                let box = CodecBox(encoding, compresses: true)
                for count in 0..<frame.count {
                    #expect(throws: OpenIMFault.self, "\(count) bytes") { try box.codec.read(Array(frame[..<count])) }
                }
            }
        }
    }

    @Test(arguments: ["resp-all-fields", "resp-push"])
    func everyByteChanged(_ name: String) throws {
        let vector = try #require(Vectors.shared.vectors.first { $0.name == name })
        let frames: [(CodecBox, [UInt8])] = [
            (CodecBox(.gob, compresses: false), vector.gob),
            (CodecBox(.json, compresses: false), Array(vector.json!.utf8)),
            (CodecBox(.gob, compresses: true), [UInt8](hex: vector.gzipGobHex!)),
        ]
        for (box, frame) in frames {
            for index in frame.indices {
                for byte in UInt8.min ... .max {
                    var changed = frame
                    changed[index] = byte
                    do {
                        _ = try box.codec.read(changed)
                    } catch {
                        #expect(!error.description.isEmpty)
                    }
                }
            }
            #expect(try box.codec.read(frame) == vector.expected)
        }
    }
}
