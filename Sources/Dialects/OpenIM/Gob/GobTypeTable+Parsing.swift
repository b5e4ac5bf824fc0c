extension GobTypeTable {
    /// Reads the definition of type `id`: gob's struct `wireType`, of which one field is set, that of the type's kind.
    mutating func parseDefinition(
        of id: Int64, from cursor: inout GobCursor, for table: FieldTable
    ) throws(OpenIMFault) {
        var shape: Shape?
        var fields = StructFields()
        while let kind = try fields.next(&cursor) {
            guard shape == nil else { throw .malformed(what: "a type definition of two kinds") }
            switch kind {
            case 0: shape = try parseArray(&cursor)
            case 1: shape = try parseSlice(&cursor)
            case 2: shape = try parseStruct(&cursor, for: table)
            case 3: shape = try parseMap(&cursor)
            case 4, 5, 6: shape = try parseOpaque(&cursor)
            default: throw .malformed(what: "a type definition of an unknown kind")
            }
        }
        guard let shape else { throw .malformed(what: "a type definition without a kind") }
        try define(id, as: shape)
    }

    private func parseArray(_ cursor: inout GobCursor) throws(OpenIMFault) -> Shape {
        var element: Int64 = 0
        var length: Int64 = 0
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: try skipName(&cursor)
            case 1: element = try cursor.signed("a type definition")
            case 2: length = try cursor.signed("a type definition")
            default: throw Self.unknownField
            }
        }
        guard length >= 0 else { throw .malformed(what: "an array of negative length") }
        return .array(element: element, length: UInt64(length))
    }

    private func parseSlice(_ cursor: inout GobCursor) throws(OpenIMFault) -> Shape {
        var element: Int64 = 0
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: try skipName(&cursor)
            case 1: element = try cursor.signed("a type definition")
            default: throw Self.unknownField
            }
        }
        return .slice(element: element)
    }

    private func parseMap(_ cursor: inout GobCursor) throws(OpenIMFault) -> Shape {
        var key: Int64 = 0
        var element: Int64 = 0
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: try skipName(&cursor)
            case 1: key = try cursor.signed("a type definition")
            case 2: element = try cursor.signed("a type definition")
            default: throw Self.unknownField
            }
        }
        return .map(key: key, element: element)
    }

    private func parseOpaque(_ cursor: inout GobCursor) throws(OpenIMFault) -> Shape {
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            guard field == 0 else { throw Self.unknownField }
            try skipName(&cursor)
        }
        return .opaque
    }

    private mutating func parseStruct(
        _ cursor: inout GobCursor, for table: FieldTable
    ) throws(OpenIMFault) -> Shape {
        let first = fieldCount
        var count = 0
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: try skipName(&cursor)
            case 1:
                count = try cursor.count("a type's list of fields")
                for _ in 0..<count { try append(parseField(&cursor, for: table)) }
            default: throw Self.unknownField
            }
        }
        return .structure(firstField: first, count: count)
    }

    private func parseField(_ cursor: inout GobCursor, for table: FieldTable) throws(OpenIMFault) -> Field {
        var parsed = Field(type: 0, slot: nil)
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: parsed.slot = table.slot(named: try cursor.view("a field's name"))
            case 1: parsed.type = try cursor.signed("a type definition")
            default: throw Self.unknownField
            }
        }
        return parsed
    }

    /// The struct with a type's name and id, of which neither matters.
    private func skipName(_ cursor: inout GobCursor) throws(OpenIMFault) {
        var fields = StructFields()
        while let field = try fields.next(&cursor) {
            switch field {
            case 0: _ = try cursor.view("a type's name")
            case 1: _ = try cursor.signed("a type's id")
            default: throw Self.unknownField
            }
        }
    }

    private static var unknownField: OpenIMFault { .malformed(what: "a type definition with an unknown field") }
}

/// Walks a struct value: each field's number is sent as the distance from the last one, which began at -1; a distance
/// of 0 ends the struct.
struct StructFields {
    private var field = -1

    @inline(__always)
    mutating func next(_ cursor: inout GobCursor) throws(OpenIMFault) -> Int? {
        let distance = try cursor.unsigned("a struct")
        guard distance > 0 else { return nil }
        guard distance <= 1 << 31 else { throw .malformed(what: "a struct whose fields are far apart") }
        field += Int(distance)
        return field
    }
}
