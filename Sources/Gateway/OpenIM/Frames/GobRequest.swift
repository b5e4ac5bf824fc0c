internal import NIOCore

/// A request in gob: type definitions, then a struct value whose fields are known by their names.
///
/// Any type number, order of fields and further fields will do. What follows the value is ignored, as Go does.
enum GobRequest {
    private enum Target: String {
        case identifier = "ReqIdentifier"
        case token = "Token"
        case sendID = "SendID"
        case operationID = "OperationID"
        case msgIncr = "MsgIncr"
        case data = "Data"

        var kind: GobTypes.Builtin {
            switch self {
            case .identifier: .int
            case .data: .bytes
            case .token, .sendID, .operationID, .msgIncr: .string
            }
        }
    }

    /// The struct as Go's own clients define it, under the numbers that it gets from older and newer Go.
    private static let fields: [GobDefinition.Field] = [
        ("ReqIdentifier", .int), ("Token", .string), ("SendID", .string), ("OperationID", .string),
        ("MsgIncr", .string), ("Data", .bytes),
    ]
    private static let targets: [Target?] = fields.map { Target(rawValue: "\($0.name)") }
    private static let definitions = [64, 65].map {
        (typeID: $0, message: GobDefinition.make("Req", fields, typeID: $0))
    }

    static func decode(_ message: ByteBuffer) throws(GobReader.Malformed) -> OpenIMRequest {
        if let request = try decodeUsual(message) { return request }
        var frame = GobReader(message)
        var types = GobTypes()
        while true {
            var part = GobReader(try frame.bytes())
            let id = try part.typeID()
            guard id < 0 else { return try value(of: id, types, &part) }
            // The lowest number has no positive counterpart.
            guard id != .min else { throw .unknownType(id) }
            try types.define(-id, from: &part)
            guard part.rest.readableBytes == 0 else { throw .extraBytes }
        }
    }

    /// Spares the reading of a definition that nearly every frame repeats; nil: it is another.
    private static func decodeUsual(_ message: ByteBuffer) throws(GobReader.Malformed) -> OpenIMRequest? {
        for definition in definitions {
            let length = definition.message.readableBytes
            guard message.getSlice(at: message.readerIndex, length: length) == definition.message else { continue }
            var frame = GobReader(message)
            frame.rest.moveReaderIndex(forwardBy: length)
            var part = GobReader(try frame.bytes())
            guard try part.typeID() == definition.typeID else { return nil }
            return try fill(targets, &part) { (_, _) in }
        }
        return nil
    }

    private static func value(
        of id: Int, _ types: GobTypes, _ reader: inout GobReader
    ) throws(GobReader.Malformed) -> OpenIMRequest {
        guard let fields = types.fields(of: id) else {
            if GobTypes.Builtin(rawValue: id) != nil { throw .noStruct }
            throw .unknownType(id)
        }
        var targets: [Target?] = []
        for field in fields {
            let target = Target(rawValue: String(buffer: field.name))
            // Judged whether or not the value has the field.
            if let target, target.kind.rawValue != field.type { throw .wrongKind(field: target.rawValue) }
            targets.append(target)
        }
        return try fill(targets, &reader) { (index, reader) throws(GobReader.Malformed) in
            try types.skip(fields[index].type, &reader)
        }
    }

    private static func fill(
        _ targets: [Target?], _ reader: inout GobReader,
        skip: (Int, inout GobReader) throws(GobReader.Malformed) -> Void
    ) throws(GobReader.Malformed) -> OpenIMRequest {
        var request = OpenIMRequest()
        try reader.fields(count: targets.count) { (index, reader) throws(GobReader.Malformed) in
            switch targets[index] {
            case nil: try skip(index, &reader)
            case .identifier:
                guard let number = Int32(exactly: try reader.signed()) else {
                    throw .numberOutOfRange(field: Target.identifier.rawValue)
                }
                request.identifier = number
            case .token: _ = try reader.bytes()
            case .sendID: request.sendID = try reader.bytes()
            case .operationID: request.operationID = try reader.bytes()
            case .msgIncr: request.msgIncr = try reader.bytes()
            case .data: request.data = try reader.bytes()
            }
        }
        return request
    }
}
