internal import NIOCore

/// A response in gob: the definition of its struct, which each frame has anew, then its value.
enum GobResponse {
    private static let fields: [(name: StaticString, type: GobTypes.Builtin)] = [
        ("ReqIdentifier", .int), ("MsgIncr", .string), ("OperationID", .string), ("ErrCode", .int),
        ("ErrMsg", .string), ("Data", .bytes),
    ]

    private static let definition64 = definition(typeID: 64)
    private static let definition65 = definition(typeID: 65)

    static func write(_ response: OpenIMResponse, typeID: Int, to buffer: inout ByteBuffer) {
        switch typeID {
        case 64: buffer.writeImmutableBuffer(definition64)
        case 65: buffer.writeImmutableBuffer(definition65)
        default: buffer.writeImmutableBuffer(definition(typeID: typeID))
        }
        var value = ByteBufferAllocator().buffer(capacity: 64 + response.data.readableBytes)
        value.writeGob(signed: Int64(typeID))
        var last = -1
        /// Values that are not zero are preceded by the distance to the field before.
        func begin(_ index: Int) {
            value.writeGob(unsigned: UInt64(index - last))
            last = index
        }
        func text(_ index: Int, _ bytes: ByteBuffer) {
            guard bytes.readableBytes > 0 else { return }
            begin(index)
            value.writeGob(unsigned: UInt64(bytes.readableBytes))
            value.writeImmutableBuffer(bytes)
        }
        if response.identifier != 0 {
            begin(0)
            value.writeGob(signed: Int64(response.identifier))
        }
        text(1, response.msgIncr)
        text(2, response.operationID)
        if response.errorCode != 0 {
            begin(3)
            value.writeGob(signed: Int64(response.errorCode))
        }
        text(4, ByteBuffer(string: response.errorMessage))
        text(5, response.data)
        value.writeInteger(UInt8(0))
        buffer.writeGob(unsigned: UInt64(value.readableBytes))
        buffer.writeBuffer(&value)
    }

    /// A `wireType` whose field 2, `StructT`, is set: {CommonType {Name, Id}, Field []{Name, Id}}.
    private static func definition(typeID: Int) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeGob(signed: -Int64(typeID))
        body.writeBytes([3, 1])
        writeNameAndNumber("Resp", typeID, to: &body)
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
    fileprivate mutating func writeGob(unsigned number: UInt64) {
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

    fileprivate mutating func writeGob(signed number: Int64) {
        let bits = UInt64(bitPattern: number < 0 ? ~number : number) << 1
        writeGob(unsigned: number < 0 ? bits | 1 : bits)
    }
}
