/// Reads a gob stream of one struct (Go's encoding/gob): type definitions, then a value of one of them, whose fields
/// are matched by name. What follows the value is ignored, as Go does.
///
/// A server sends the same definitions with each frame: those of the last frame are kept, and a frame that begins with
/// the same bytes is read with the types that are known already.
struct GobDecoder: ~Copyable {
    /// Structs in slices in maps… deeper than this are refused.
    static let maxDepth = 32
    /// Definitions that are longer are parsed each time.
    private static let maxKnownBytes = 2048

    private let table: FieldTable
    private var types = GobTypeTable()
    private let knownBytes: UnsafeMutableRawPointer
    private var knownCount = 0
    private var knownTypes = 0
    private var knownFields = 0
    /// The struct among the known types whose fields are known to be of the receiver's types; 0: none yet.
    private var checkedType: Int64 = 0

    init(table: FieldTable) {
        self.table = table
        knownBytes = .allocate(byteCount: Self.maxKnownBytes, alignment: 16)
    }

    deinit { knownBytes.deallocate() }

    /// Reads `frame` into `values`, which have been cleared; views are of the frame.
    mutating func decode(
        _ frame: UnsafeRawBufferPointer, into values: inout FieldValues
    ) throws(OpenIMFault) {
        guard !frame.isEmpty else { throw .malformed(what: "an empty frame") }
        var cursor = GobCursor(frame)
        if knownCount > 0, frame.hasPrefix(UnsafeRawBufferPointer(start: knownBytes, count: knownCount)) {
            types.truncate(types: knownTypes, fields: knownFields)
            cursor = GobCursor(frame, from: knownCount)
        } else {
            knownCount = 0
            checkedType = 0
            types.truncate(types: 0, fields: 0)
        }
        try parseDefinitions(&cursor)
        try cursor.enterMessage()
        let id = try cursor.signed("a value's type")
        guard case .structure(let first, let count)? = types.shape(of: id) else {
            throw types.shape(of: id) == nil && (id <= 0 || id >= GobTypeTable.Builtin.firstUser)
                ? .malformed(what: "a value of a type that it does not define")
                : .malformed(what: "a value that is no struct")
        }
        if id != checkedType {
            try checkKinds(firstField: first, count: count)
            // What a frame defines behind the definitions that are kept is forgotten with it; a struct without fields
            // may be one of those.
            if count > 0, first + count <= knownFields { checkedType = id }
        }
        var fields = StructFields()
        while let number = try fields.next(&cursor) {
            guard number < count else { throw .malformed(what: "a field that its type does not have") }
            let field = types.field(first + number)
            guard let slot = field.slot else {
                try skip(field.type, depth: 1, &cursor)
                continue
            }
            switch table.fields[slot].kind {
            case .int32:
                guard let number = Int32(exactly: try cursor.signed("a number")) else {
                    throw .wrongType(field: "\(table.fields[slot].name)")
                }
                values.set(slot, number: Int64(number))
            case .int64: values.set(slot, number: try cursor.signed("a number"))
            case .string, .bytes: values.set(slot, bytes: try cursor.view("a field"))
            }
        }
    }

    /// Reads messages up to the first that is a value, which the cursor is left before, and remembers all that it left.
    @inline(__always)
    private mutating func parseDefinitions(_ cursor: inout GobCursor) throws(OpenIMFault) {
        while true {
            let before = cursor
            try cursor.enterMessage()
            let id = try cursor.signed("a message's type")
            guard id < 0 else {
                cursor = before
                break
            }
            guard id > Int64.min else { throw .malformed(what: "a type number out of range") }
            try types.parseDefinition(of: -id, from: &cursor, for: table)
            guard cursor.left == 0 else { throw .malformed(what: "bytes behind a type definition") }
            cursor.leaveMessage()
        }
        guard cursor.position > knownCount, cursor.position <= Self.maxKnownBytes else { return }
        knownBytes.copyMemory(from: cursor.bytes.baseAddress!, byteCount: cursor.position)
        knownCount = cursor.position
        knownTypes = types.typeCount
        knownFields = types.fieldCount
    }

    /// Go refuses a struct of which a field has another type than the receiver's, or of which no field is known, even
    /// when those fields are not sent.
    private func checkKinds(firstField: Int, count: Int) throws(OpenIMFault) {
        var known = 0
        for index in 0..<count {
            let field = types.field(firstField + index)
            guard let slot = field.slot else { continue }
            let wanted =
                switch table.fields[slot].kind {
                case .int32, .int64: GobTypeTable.Builtin.int
                case .string: GobTypeTable.Builtin.string
                case .bytes: GobTypeTable.Builtin.bytes
                }
            guard field.type == wanted else { throw .wrongType(field: "\(table.fields[slot].name)") }
            known += 1
        }
        guard known > 0 || count == 0 else { throw .malformed(what: "a struct without any field that is known") }
    }

    /// Passes over a value of a field that the receiver does not have.
    private mutating func skip(_ type: Int64, depth: Int, _ cursor: inout GobCursor) throws(OpenIMFault) {
        guard depth <= Self.maxDepth else { throw .tooDeep }
        switch type {
        case GobTypeTable.Builtin.bool, GobTypeTable.Builtin.int, GobTypeTable.Builtin.uint,
            GobTypeTable.Builtin.float:
            _ = try cursor.unsigned("a number")
        case GobTypeTable.Builtin.complex:
            _ = try cursor.unsigned("a complex number")
            _ = try cursor.unsigned("a complex number")
        case GobTypeTable.Builtin.bytes, GobTypeTable.Builtin.string:
            _ = try cursor.view("a field")
        case GobTypeTable.Builtin.interface: try skipInterface(&cursor)
        default: try skipDefined(type, depth: depth, &cursor)
        }
    }

    private mutating func skipDefined(_ type: Int64, depth: Int, _ cursor: inout GobCursor) throws(OpenIMFault) {
        switch types.shape(of: type) {
        case nil: throw .malformed(what: "a field of a type that it does not define")
        case .opaque: _ = try cursor.view("a field")
        case .array(let element, let length):
            guard try cursor.unsigned("an array") == length else {
                throw .malformed(what: "an array of another length than its type's")
            }
            guard length <= UInt64(cursor.left) else { throw .tooLong(what: "an array") }
            for _ in 0..<length { try skip(element, depth: depth + 1, &cursor) }
        case .slice(let element):
            for _ in 0..<(try cursor.count("a slice")) { try skip(element, depth: depth + 1, &cursor) }
        case .map(let key, let element):
            for _ in 0..<(try cursor.count("a map")) {
                try skip(key, depth: depth + 1, &cursor)
                try skip(element, depth: depth + 1, &cursor)
            }
        case .structure(let first, let count):
            var fields = StructFields()
            while let number = try fields.next(&cursor) {
                guard number < count else { throw .malformed(what: "a field that its type does not have") }
                try skip(types.field(first + number).type, depth: depth + 1, &cursor)
            }
        }
    }

    /// The name of the value's type (empty: nil, and nothing follows), definitions that were not sent before, the
    /// type's id, and the value with its length before it.
    private mutating func skipInterface(_ cursor: inout GobCursor) throws(OpenIMFault) {
        guard try !cursor.view("an interface's type").isEmpty else { return }
        while true {
            let id = try cursor.signed("an interface's type")
            guard id < 0 else { break }
            guard id > Int64.min else { throw .malformed(what: "a type number out of range") }
            try types.parseDefinition(of: -id, from: &cursor, for: table)
            _ = try cursor.unsigned("an interface's type")
        }
        _ = try cursor.view("an interface's value")
    }
}
