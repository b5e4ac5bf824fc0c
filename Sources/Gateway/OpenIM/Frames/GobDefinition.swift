internal import NIOCore

/// The message with which a gob stream defines a struct.
enum GobDefinition {
    typealias Field = (name: StaticString, type: GobTypes.Builtin)

    /// A `wireType` whose field 2, `StructT`, is set: {CommonType {Name, Id}, Field []{Name, Id}}.
    static func make(_ name: StaticString, _ fields: [Field], typeID: Int) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeGob(signed: -Int64(typeID))
        body.writeBytes([3, 1])
        writeNameAndNumber(name, typeID, to: &body)
        body.writeInteger(UInt8(1))
        body.writeGob(unsigned: UInt64(fields.count))
        for field in fields { writeNameAndNumber(field.name, field.type.rawValue, to: &body) }
        // The ends of StructT and wireType.
        body.writeBytes([0, 0])
        var message = ByteBuffer()
        message.writeGob(unsigned: UInt64(body.readableBytes))
        message.writeBuffer(&body)
        return message
    }

    private static func writeNameAndNumber(_ name: StaticString, _ number: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(1))
        buffer.writeGob(unsigned: UInt64(name.utf8CodeUnitCount))
        buffer.writeStaticString(name)
        buffer.writeInteger(UInt8(1))
        buffer.writeGob(signed: Int64(number))
        buffer.writeInteger(UInt8(0))
    }
}

extension ByteBuffer {
    mutating func writeGob(unsigned number: UInt64) {
        guard number >= 128 else {
            writeInteger(UInt8(number))
            return
        }
        let count = (64 - number.leadingZeroBitCount + 7) / 8
        writeInteger(UInt8(256 - count))
        for index in (0..<count).reversed() {
            writeInteger(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index))))
        }
    }

    mutating func writeGob(signed number: Int64) {
        let bits = UInt64(bitPattern: number < 0 ? ~number : number) << 1
        writeGob(unsigned: number < 0 ? bits | 1 : bits)
    }
}
