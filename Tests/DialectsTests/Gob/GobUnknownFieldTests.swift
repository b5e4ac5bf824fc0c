import Testing

@testable import Dialects

/// Fields that the receiver does not have are passed over, whatever their type is; what cannot be is refused.
@Suite struct GobUnknownFieldTests {
    private static let readable: [(String, [UInt8])] = [
        ("bool", GobWriter.frame([], x: 1, [1])),
        ("int", GobWriter.frame([], x: 2, GobWriter.signed(.min))),
        ("uint", GobWriter.frame([], x: 3, GobWriter.unsigned(.max))),
        ("float", GobWriter.frame([], x: 4, GobWriter.unsigned(0xF03F))),
        ("bytes", GobWriter.frame([], x: 5, GobWriter.text("abc"))),
        ("string", GobWriter.frame([], x: 6, GobWriter.text(""))),
        ("complex", GobWriter.frame([], x: 7, [1, 2])),
        ("interface: nil", GobWriter.frame([], x: 8, [0])),
        ("interface", GobWriter.frame([], x: 8, GobWriter.text("int") + GobWriter.signed(2) + [2, 0, 6])),
        (
            "interface with its definition",
            GobWriter.frame(
                [], x: 8,
                GobWriter.text("main.T") + GobWriter.structType(70, [("A", 2)]).dropFirst()
                    + [3] + GobWriter.signed(70) + [3, 1, 8, 0])
        ),
        ("array", GobWriter.frame(GobWriter.otherType(65, kind: 0, [2, 3]), x: 65, [3, 0, 2, 4])),
        ("slice", GobWriter.frame(GobWriter.otherType(65, kind: 1, [6]), x: 65, [2, 1, 0x61, 0])),
        ("map", GobWriter.frame(GobWriter.otherType(65, kind: 3, [6, 2]), x: 65, [1, 1, 0x61, 4])),
        ("GobEncoder", GobWriter.frame(GobWriter.otherType(65, kind: 4, []), x: 65, [2, 0xFF, 0xFF])),
        ("BinaryMarshaler", GobWriter.frame(GobWriter.otherType(65, kind: 5, []), x: 65, [0])),
        ("TextMarshaler", GobWriter.frame(GobWriter.otherType(65, kind: 6, []), x: 65, [1, 0x61])),
        (
            "a struct with names that are known outside",
            GobWriter.frame(
                GobWriter.structType(65, [("ReqIdentifier", 6), ("ErrCode", 2)]), x: 65, [1, 1, 0x61, 1, 4, 0])
        ),
        (
            "a type that contains itself",
            GobWriter.frame(GobWriter.structType(65, [("Next", 65)]), x: 65, [1, 1, 1, 0, 0, 0, 0])
        ),
    ]

    @Test(arguments: readable.indices)
    func isPassedOver(_ index: Int) throws {
        let (name, frame) = Self.readable[index]
        let fields = try FieldTable.response.readGob(frame)
        #expect(fields.numbers == ["ReqIdentifier": 1003, "ErrCode": 0], "\(name)")
        #expect(fields.bytes.values.allSatisfy { $0.isEmpty }, "\(name)")
    }

    private static let huge = GobWriter.unsigned(1 << 60)

    private static let refused: [(String, [UInt8], OpenIMFault)] = [
        ("bytes", GobWriter.frame([], x: 5, huge), .tooLong(what: "a field")),
        ("a negative length", GobWriter.frame([], x: 5, GobWriter.unsigned(.max)), .tooLong(what: "a field")),
        ("slice", GobWriter.frame(GobWriter.otherType(65, kind: 1, [2]), x: 65, huge), .tooLong(what: "a slice")),
        ("map", GobWriter.frame(GobWriter.otherType(65, kind: 3, [2, 2]), x: 65, huge), .tooLong(what: "a map")),
        (
            "array", GobWriter.frame(GobWriter.otherType(65, kind: 0, [2, 1 << 60]), x: 65, huge),
            .tooLong(what: "an array")
        ),
        (
            "array of another length", GobWriter.frame(GobWriter.otherType(65, kind: 0, [2, 3]), x: 65, [2, 0, 0]),
            .malformed(what: "an array of another length than its type's")
        ),
        (
            "array of negative length", GobWriter.frame(GobWriter.otherType(65, kind: 0, [2, -3]), x: 65, [2, 0, 0]),
            .malformed(what: "an array of negative length")
        ),
        (
            "values within values",
            GobWriter.frame(
                GobWriter.structType(65, [("Next", 65)]), x: 65,
                Array(repeating: 1, count: 100) + Array(repeating: 0, count: 101)), .tooDeep
        ),
        (
            "types", (0..<65).flatMap { GobWriter.otherType(100 + $0, kind: 1, [2]) }, .tooDeep
        ),
        (
            "fields", GobWriter.structType(64, (0..<513).map { ("F\($0)", 2) }), .tooDeep
        ),
        (
            "a list of fields", GobWriter.message(-64, [3, 2] + huge),
            .tooLong(what: "a type's list of fields")
        ),
        ("a message", GobWriter.unsigned(1 << 62) + [1], .truncated(what: "a gob message")),
        ("a message of nothing", [0], .malformed(what: "an empty gob message")),
        (
            "a number of nine bytes", [0xF7, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            .malformed(what: "a message's length: a number of 9 bytes")
        ),
        (
            "one of gob's own types", GobWriter.structType(6, [("A", 2)]),
            .malformed(what: "it defines type 6, which is gob's own")
        ),
        (
            "a type twice", GobWriter.structType(64, [("A", 2)]) + GobWriter.structType(64, [("A", 2)]),
            .malformed(what: "it defines type 64 twice")
        ),
        (
            "the lowest type number", GobWriter.message(.min, [0]), .malformed(what: "a type number out of range")
        ),
        ("no definition", GobWriter.message(64, [0]), .malformed(what: "a value of a type that it does not define")),
        ("a value of no struct", GobWriter.message(2, [0, 4]), .malformed(what: "a value that is no struct")),
        (
            "a field beyond the last",
            GobWriter.structType(64, [("ReqIdentifier", 2)]) + GobWriter.message(64, [2, 2, 0]),
            .malformed(what: "a field that its type does not have")
        ),
        (
            "fields far apart",
            GobWriter.structType(64, [("ReqIdentifier", 2)]) + GobWriter.message(64, huge + [2, 0]),
            .malformed(what: "a struct whose fields are far apart")
        ),
        (
            "an unsigned ReqIdentifier",
            GobWriter.structType(64, [("ReqIdentifier", 3)]) + GobWriter.message(64, [1, 2, 0]),
            .wrongType(field: "ReqIdentifier")
        ),
        (
            "data as a string, not even sent",
            GobWriter.structType(64, [("ReqIdentifier", 2), ("Data", 6)]) + GobWriter.message(64, [1, 2, 0]),
            .wrongType(field: "Data")
        ),
        (
            "ReqIdentifier of 33 bits",
            GobWriter.structType(64, [("ReqIdentifier", 2)])
                + GobWriter.message(64, [1] + GobWriter.signed(1 << 31) + [0]), .wrongType(field: "ReqIdentifier")
        ),
        (
            "a struct of strangers", GobWriter.structType(64, [("A", 2)]) + GobWriter.message(64, [1, 2, 0]),
            .malformed(what: "a struct without any field that is known")
        ),
        (
            "definitions only", GobWriter.structType(64, [("ReqIdentifier", 2)]),
            .truncated(what: "a message's length")
        ),
    ]

    @Test(arguments: refused.indices)
    func isRefused(_ index: Int) {
        let (name, frame, fault) = Self.refused[index]
        #expect(throws: fault, "\(name)") { try FieldTable.response.readGob(frame) }
    }

    /// After a refusal nothing of it may be left.
    @Test func aRefusalLeavesNoTrace() throws {
        let vector = try #require(Vectors.shared.vectors.first { $0.name == "resp-all-fields" })
        var decoder = GobDecoder(table: .response)
        for (_, frame, fault) in Self.refused {
            #expect(try decoder.read(vector.gob, as: .response) == vector.expected)
            #expect(throws: fault) { try decoder.read(frame, as: .response) }
            #expect(throws: fault) { try decoder.read(frame, as: .response) }
            #expect(try decoder.read(vector.gob, as: .response) == vector.expected)
        }
    }

    /// A type that a frame defines behind the definitions that are kept may be another one in the next frame.
    @Test func whatWasCheckedIsCheckedAgainInAnotherFrame() throws {
        let known = GobWriter.structType(64, [("ReqIdentifier", 2)])
        let value = GobWriter.message(64, [1, 4, 0])
        // Longer than what is kept: a type that encodes itself, with a long name.
        let name = GobWriter.text(String(repeating: "x", count: 3000))
        let long = known + GobWriter.message(-66, [5, 1, 1] + name + [0, 0, 0])
        let empty = GobWriter.structType(65, []) + GobWriter.message(65, [0])
        let good = GobWriter.structType(65, [("MsgIncr", 6)]) + GobWriter.message(65, [1, 1, 0x31, 0])
        let bad = GobWriter.structType(65, [("MsgIncr", 5)]) + GobWriter.message(65, [1, 1, 0x31, 0])
        for first in [known + value, known + empty, known + good, long + empty, long + good] {
            for wrong in [known + bad, long + bad] {
                var decoder = GobDecoder(table: .response)
                _ = try decoder.read(known + value, as: .response)
                _ = try decoder.read(first, as: .response)
                #expect(throws: OpenIMFault.wrongType(field: "MsgIncr")) { try decoder.read(wrong, as: .response) }
                _ = try decoder.read(first, as: .response)
            }
        }
    }
}
