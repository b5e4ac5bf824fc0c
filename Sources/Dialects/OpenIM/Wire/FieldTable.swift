/// The fields of a struct that is read from gob or JSON, found by name: in gob as the name is, in JSON in any case.
struct FieldTable: Sendable {
    enum Kind: Sendable {
        case int32
        case int64
        case string
        case bytes
    }

    struct Field: Sendable {
        let name: StaticString
        let kind: Kind
    }

    static let maxFields = 8

    let fields: [Field]

    init(_ fields: [Field]) {
        precondition(fields.count <= Self.maxFields)
        self.fields = fields
    }

    /// OpenIM's `Resp`; the slots are in this order.
    static let response = FieldTable([
        Field(name: "ReqIdentifier", kind: .int32), Field(name: "MsgIncr", kind: .string),
        Field(name: "OperationID", kind: .string), Field(name: "ErrCode", kind: .int64),
        Field(name: "ErrMsg", kind: .string), Field(name: "Data", kind: .bytes),
    ])

    /// The slot of a gob field.
    func slot(named name: UnsafeRawBufferPointer) -> Int? {
        for index in fields.indices where name.holdsSameBytes(as: fields[index].name) { return index }
        return nil
    }

    /// The slot of a JSON key. `expected` is tried first: keys come in the struct's order as a rule.
    func slot(forKey key: UnsafeRawBufferPointer, expected: Int) -> Int? {
        if expected < fields.count, key.holdsSameLetters(as: fields[expected].name) { return expected }
        for index in fields.indices where key.holdsSameLetters(as: fields[index].name) { return index }
        return nil
    }
}

/// What was read for each field of a ``FieldTable``.
struct FieldValues: ~Copyable {
    struct Value {
        var number: Int64 = 0
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        var isPresent = false
    }

    private let values: UnsafeMutablePointer<Value>

    init() {
        values = .allocate(capacity: FieldTable.maxFields)
        values.initialize(repeating: Value(), count: FieldTable.maxFields)
    }

    deinit { values.deallocate() }

    subscript(slot: Int) -> Value { values[slot] }

    mutating func clear() { values.update(repeating: Value(), count: FieldTable.maxFields) }

    mutating func set(_ slot: Int, number: Int64) {
        values[slot].number = number
        values[slot].isPresent = true
    }

    mutating func set(_ slot: Int, bytes: UnsafeRawBufferPointer) {
        values[slot].bytes = bytes
        values[slot].isPresent = true
    }
}
