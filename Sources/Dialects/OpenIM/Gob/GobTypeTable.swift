/// The type definitions of a gob stream, in memory of fixed size.
struct GobTypeTable: ~Copyable {
    /// Ids that gob gives without a definition (Go's encoding/gob, `type.go`); user types begin at 64.
    enum Builtin {
        static let bool: Int64 = 1
        static let int: Int64 = 2
        static let uint: Int64 = 3
        static let float: Int64 = 4
        static let bytes: Int64 = 5
        static let string: Int64 = 6
        static let complex: Int64 = 7
        static let interface: Int64 = 8
        static let firstUser: Int64 = 64
    }

    /// How a value of a defined type is laid out; references to other types are ids, which may be defined later.
    enum Shape {
        case structure(firstField: Int, count: Int)
        case array(element: Int64, length: UInt64)
        case slice(element: Int64)
        case map(key: Int64, element: Int64)
        /// A type that encodes itself: bytes that only its own code can read.
        case opaque
    }

    struct Field {
        var type: Int64
        /// Where the receiver keeps it; nil: unknown to the receiver.
        var slot: Int?
    }

    private struct Definition {
        let id: Int64
        let shape: Shape
    }

    static let maxTypes = 64
    static let maxFields = 512

    private let definitions: UnsafeMutablePointer<Definition>
    private let fields: UnsafeMutablePointer<Field>
    private(set) var typeCount = 0
    private(set) var fieldCount = 0

    init() {
        definitions = .allocate(capacity: Self.maxTypes)
        fields = .allocate(capacity: Self.maxFields)
    }

    deinit {
        definitions.deallocate()
        fields.deallocate()
    }

    func shape(of id: Int64) -> Shape? {
        var index = typeCount - 1
        while index >= 0 {
            if definitions[index].id == id { return definitions[index].shape }
            index -= 1
        }
        return nil
    }

    func field(_ index: Int) -> Field { fields[index] }

    mutating func define(_ id: Int64, as shape: Shape) throws(OpenIMFault) {
        guard id >= Builtin.firstUser else { throw .malformed(what: "it defines type \(id), which is gob's own") }
        guard self.shape(of: id) == nil else { throw .malformed(what: "it defines type \(id) twice") }
        guard typeCount < Self.maxTypes else { throw .tooDeep }
        (definitions + typeCount).initialize(to: Definition(id: id, shape: shape))
        typeCount += 1
    }

    mutating func append(_ field: Field) throws(OpenIMFault) {
        guard fieldCount < Self.maxFields else { throw .tooDeep }
        (fields + fieldCount).initialize(to: field)
        fieldCount += 1
    }

    /// Forgets what was defined after the first `types` types and `fields` fields.
    mutating func truncate(types: Int, fields: Int) {
        typeCount = types
        fieldCount = fields
    }
}
