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

    static func decode(_ message: ByteBuffer) throws(GobReader.Malformed) -> OpenIMRequest {
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

    private static func value(
        of id: Int, _ types: GobTypes, _ reader: inout GobReader
    ) throws(GobReader.Malformed) -> OpenIMRequest {
        guard let fields = types.fields(of: id) else {
            if GobTypes.Builtin(rawValue: id) != nil { throw .noStruct }
            throw .unknownType(id)
        }
        var targets: [Target?] = []
        targets.reserveCapacity(fields.count)
        for field in fields {
            let target = Target(rawValue: String(buffer: field.name))
            // Judged whether or not the value has the field.
            if let target, target.kind.rawValue != field.type { throw .wrongKind(field: target.rawValue) }
            targets.append(target)
        }
        var request = OpenIMRequest()
        try reader.fields(count: fields.count) { (index, reader) throws(GobReader.Malformed) in
            switch targets[index] {
            case nil: try types.skip(fields[index].type, &reader)
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
