internal import NIOCore

/// A response in gob: the definition of its struct, which each frame has anew, then its value.
enum GobResponse {
    private static let fields: [GobDefinition.Field] = [
        ("ReqIdentifier", .int), ("MsgIncr", .string), ("OperationID", .string), ("ErrCode", .int),
        ("ErrMsg", .string), ("Data", .bytes),
    ]

    private static let definition64 = GobDefinition.make("Resp", fields, typeID: 64)
    private static let definition65 = GobDefinition.make("Resp", fields, typeID: 65)

    static func write(_ response: OpenIMResponse, typeID: Int, to buffer: inout ByteBuffer) {
        switch typeID {
        case 64: buffer.writeImmutableBuffer(definition64)
        case 65: buffer.writeImmutableBuffer(definition65)
        default: buffer.writeImmutableBuffer(GobDefinition.make("Resp", fields, typeID: typeID))
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
}
