/// Writes a `Req` as a gob stream of its own, as each side does for each frame: the type's definition, then the value.
struct GobEncoder: ~Copyable {
    /// What Go 1.21 and later give to the first type of a process.
    private static let typeID: Int64 = 64
    /// The value's length, its type, six fields of number, length and bytes, the end.
    private static let maxOverhead = 9 + 2 + 6 * (1 + 9) + 1

    /// The definition, the same for all frames.
    private let definition: UnsafeMutableRawPointer
    private let definitionCount: Int

    init() {
        let bytes = Self.definitionMessage()
        definition = .allocate(byteCount: bytes.count, alignment: 16)
        definitionCount = bytes.count
        bytes.withUnsafeBytes { definition.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    }

    deinit { definition.deallocate() }

    func maxBytes(_ request: OpenIMRequest) -> Int {
        definitionCount + Self.maxOverhead + request.token.count + request.sendID.count + request.operationID.count
            + request.msgIncr.count + request.data.count
    }

    /// Writes at most ``maxBytes(_:)`` bytes. Fields that are zero or empty are left out; each is preceded by its
    /// distance from the last that was not: ReqIdentifier 0, Token 1, SendID 2, OperationID 3, MsgIncr 4,
    /// Data 5.
    func encode(_ request: OpenIMRequest, to writer: inout ByteWriter) {
        writer.write(UnsafeRawBufferPointer(start: definition, count: definitionCount))
        let identifier = Self.zigzag(Int64(request.identifier))
        var length = 2 + 1
        if identifier != 0 { length += 1 + Self.unsignedBytes(identifier) }
        length += Self.fieldBytes(request.token) + Self.fieldBytes(request.sendID)
        length += Self.fieldBytes(request.operationID) + Self.fieldBytes(request.msgIncr)
        length += Self.fieldBytes(request.data)
        Self.writeUnsigned(UInt64(length), to: &writer)
        Self.writeUnsigned(Self.zigzag(Self.typeID), to: &writer)
        var last = -1
        if identifier != 0 {
            writer.write(1)
            Self.writeUnsigned(identifier, to: &writer)
            last = 0
        }
        Self.writeField(1, request.token, after: &last, to: &writer)
        Self.writeField(2, request.sendID, after: &last, to: &writer)
        Self.writeField(3, request.operationID, after: &last, to: &writer)
        Self.writeField(4, request.msgIncr, after: &last, to: &writer)
        Self.writeField(5, request.data, after: &last, to: &writer)
        writer.write(0)
    }

    private static func writeField(
        _ number: Int, _ bytes: UnsafeRawBufferPointer, after last: inout Int, to writer: inout ByteWriter
    ) {
        guard !bytes.isEmpty else { return }
        writer.write(UInt8(number - last))
        last = number
        writeUnsigned(UInt64(bytes.count), to: &writer)
        writer.write(bytes)
    }

    private static func fieldBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        bytes.isEmpty ? 0 : 1 + unsignedBytes(UInt64(bytes.count)) + bytes.count
    }

    private static func zigzag(_ value: Int64) -> UInt64 {
        let shifted = UInt64(bitPattern: value) << 1
        return value < 0 ? ~shifted : shifted
    }

    private static func unsignedBytes(_ value: UInt64) -> Int {
        value < 0x80 ? 1 : 1 + (71 - value.leadingZeroBitCount) / 8
    }

    private static func writeUnsigned(_ value: UInt64, to writer: inout ByteWriter) {
        guard value >= 0x80 else {
            writer.write(UInt8(value))
            return
        }
        let length = unsignedBytes(value) - 1
        writer.write(UInt8(256 - length))
        var shift = UInt64(length - 1) * 8
        while true {
            writer.write(UInt8(truncatingIfNeeded: value >> shift))
            guard shift > 0 else { return }
            shift -= 8
        }
    }

    /// `wireType{StructT: {CommonType: {Name: "Req", Id: 64}, Field: […]}}` as the definition of type 64. All names and
    /// the definition are shorter than 128 bytes.
    private static func definitionMessage() -> [UInt8] {
        let (int, string, bytes) = (
            GobTypeTable.Builtin.int, GobTypeTable.Builtin.string, GobTypeTable.Builtin.bytes
        )
        let fields = [
            ("ReqIdentifier", int), ("Token", string), ("SendID", string), ("OperationID", string),
            ("MsgIncr", string), ("Data", bytes),
        ]
        func named(_ name: String, _ id: Int64) -> [UInt8] {
            [1, UInt8(name.utf8.count)] + name.utf8 + [1] + unsigned(zigzag(id)) + [0]
        }
        func unsigned(_ value: UInt64) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: 9) { buffer, count in
                var writer = ByteWriter(buffer.baseAddress!)
                writeUnsigned(value, to: &writer)
                count = writer.count
            }
        }
        var message = unsigned(zigzag(-typeID)) + [3, 1] + named("Req", typeID) + [1, UInt8(fields.count)]
        for (name, type) in fields { message += named(name, type) }
        message += [0, 0]
        return unsigned(UInt64(message.count)) + message
    }
}
