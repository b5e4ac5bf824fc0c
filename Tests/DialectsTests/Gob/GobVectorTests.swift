import Testing

@testable import Dialects

/// Against frames that Go's encoding/gob made.
@Suite struct GobVectorTests {
    @Test(arguments: Vectors.shared.all.map(\.name).indices)
    func decodesToItsFields(_ index: Int) throws {
        let vector = Vectors.shared.all[index]
        #expect(vector.gob.count == vector.gobLen)
        #expect(try vector.table.readGob(vector.gob) == vector.expected, "\(vector.name)")
    }

    @Test func encodesToItsBytes() {
        var codec = OpenIMCodec(encoding: .gob, compresses: false, maxInflatedBytes: 1 << 20)
        var compared = 0
        for vector in Vectors.shared.all where vector.struct == "Req" && vector.gobTypeId == 64 {
            #expect(codec.write(vector) == vector.gob, "\(vector.name)")
            compared += 1
        }
        #expect(compared >= 36)
    }

    @Test func anyTypeIDIsRead() throws {
        let expected = Dictionary(Vectors.shared.vectors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var codec = OpenIMCodec(encoding: .gob, compresses: false, maxInflatedBytes: 1 << 20)
        for variant in Vectors.shared.typeIdVariants {
            let frame = [UInt8](hex: variant.gobHex)
            let vector = try #require(expected[variant.name])
            #expect(try vector.table.readGob(frame) == vector.expected, "\(variant.name) \(variant.gobTypeId)")
            guard variant.struct == "Resp" else { continue }
            #expect(try codec.read(frame) == vector.expected, "\(variant.name) \(variant.gobTypeId)")
        }
    }

    @Test(arguments: Vectors.shared.foreign.indices)
    func otherPeoplesTypes(_ index: Int) throws {
        let foreign = Vectors.shared.foreign[index]
        let frame = [UInt8](hex: foreign.gobHex)
        if let name = foreign.decodesAs {
            let table = FieldTable.named(name)
            #expect(try table.readGob(frame) == Vectors.fields(foreign.fields!, of: table), "\(foreign.name)")
        } else {
            #expect(throws: OpenIMFault.self, "\(foreign.name): \(foreign.decodeError ?? "")") {
                try FieldTable.response.readGob(frame)
            }
        }
    }

    /// The definitions of the last frame are kept: every frame must be read the same after every other.
    @Test func anyFrameAfterAnyOther() throws {
        let frames = Vectors.shared.all.filter { $0.struct == "Resp" && $0.gobLen < 1000 }
        let foreign = Vectors.shared.foreign.filter { $0.decodesAs == "Resp" }.map { [UInt8](hex: $0.gobHex) }
        let expected = try frames.map(\.expected) + foreign.map { try FieldTable.response.readGob($0) }
        let all = frames.map(\.gob) + foreign
        for (first, firstExpected) in zip(all, expected) {
            var decoder = GobDecoder(table: .response)
            for (second, secondExpected) in zip(all, expected) {
                #expect(try decoder.read(first, as: .response) == firstExpected)
                #expect(try decoder.read(second, as: .response) == secondExpected)
            }
        }
    }
}

extension OpenIMCodec {
    mutating func write(_ vector: Vectors.Vector) -> [UInt8] {
        guard case .number(let identifier) = vector.fields["ReqIdentifier"] else { return [] }
        let isNull = if case .null = vector.fields["Data"] { true } else { false }
        return write(
            Int32(identifier), token: vector.fields["Token"]!.bytes, sendID: vector.fields["SendID"]!.bytes,
            operationID: vector.fields["OperationID"]!.bytes, msgIncr: vector.fields["MsgIncr"]!.bytes,
            data: isNull ? nil : vector.fields["Data"]!.bytes)
    }
}
