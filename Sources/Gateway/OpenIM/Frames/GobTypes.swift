internal import NIOCore

/// The type definitions of one gob stream, and how to pass over values of them.
struct GobTypes {
    /// Types that need no definition.
    enum Builtin: Int {
        case bool = 1
        case int
        case uint
        case float
        case bytes
        case string
        case complex
        case interface
    }

    enum WireType {
        /// Also of slices: a count, then the elements.
        case sequence(element: Int)
        case structure([Field])
        case map(key: Int, element: Int)
        /// Bytes that the type itself has made.
        case opaque
    }

    struct Field {
        var name: ByteBuffer
        var type: Int
    }

    /// Deeper values are refused; Go itself goes to 10,000.
    private static let maxDepth = 500

    private var types: [Int: WireType] = [:]

    func fields(of id: Int) -> [Field]? {
        guard case .structure(let fields)? = types[id] else { return nil }
        return fields
    }

    // MARK: Definitions

    /// Reads a definition: a struct `wireType`, of which one field is set.
    mutating func define(_ id: Int, from reader: inout GobReader) throws(GobReader.Malformed) {
        guard types[id] == nil, Builtin(rawValue: id) == nil, id > 0 else { throw .typeDefinedTwice(id) }
        var type: WireType?
        try reader.fields(count: 7) { (index, reader) throws(GobReader.Malformed) in
            switch index {
            case 0, 1:
                let numbers = try Self.typeNumbers(from: &reader, count: index == 0 ? 3 : 2)
                type = .sequence(element: numbers[1] ?? 0)
            case 2: type = .structure(try Self.structure(from: &reader))
            case 3:
                let numbers = try Self.typeNumbers(from: &reader, count: 3)
                type = .map(key: numbers[1] ?? 0, element: numbers[2] ?? 0)
            default:
                _ = try Self.typeNumbers(from: &reader, count: 1)
                type = .opaque
            }
        }
        guard let type else { throw .unknownWireType }
        types[id] = type
    }

    /// A struct of `CommonType` and numbers.
    private static func typeNumbers(
        from reader: inout GobReader, count: Int
    ) throws(GobReader.Malformed) -> [Int: Int] {
        var numbers: [Int: Int] = [:]
        try reader.fields(count: count) { (index, reader) throws(GobReader.Malformed) in
            if index == 0 {
                try skipCommonType(&reader)
            } else {
                numbers[index] = try reader.typeID()
            }
        }
        return numbers
    }

    /// struct {Name string, Id int}: of no interest.
    private static func skipCommonType(_ reader: inout GobReader) throws(GobReader.Malformed) {
        _ = try nameAndNumber(from: &reader)
    }

    private static func nameAndNumber(from reader: inout GobReader) throws(GobReader.Malformed) -> Field {
        var field = Field(name: ByteBuffer(), type: 0)
        try reader.fields(count: 2) { (index, reader) throws(GobReader.Malformed) in
            if index == 0 {
                field.name = try reader.bytes()
            } else {
                field.type = try reader.typeID()
            }
        }
        return field
    }

    /// struct {CommonType, Field []struct {Name string, Id int}}
    private static func structure(from reader: inout GobReader) throws(GobReader.Malformed) -> [Field] {
        var all: [Field] = []
        try reader.fields(count: 2) { (index, reader) throws(GobReader.Malformed) in
            if index == 0 { return try skipCommonType(&reader) }
            let count = try reader.unsigned()
            // Each takes a byte at least.
            guard count <= UInt64(reader.rest.readableBytes) else { throw .lengthTooGreat }
            all.reserveCapacity(min(Int(count), 16))
            for _ in 0..<count { all.append(try nameAndNumber(from: &reader)) }
        }
        return all
    }

    // MARK: Values

    /// Passes over a value.
    func skip(_ id: Int, _ reader: inout GobReader, depth: Int = 0) throws(GobReader.Malformed) {
        guard depth < Self.maxDepth else { throw .nestedTooDeep }
        if let builtin = Builtin(rawValue: id) { return try skip(builtin, &reader) }
        switch types[id] {
        case nil: throw .unknownType(id)
        case .opaque: _ = try reader.bytes()
        case .sequence(let element):
            try skip([element], count: try reader.unsigned(), &reader, depth)
        case .map(let key, let element):
            try skip([key, element], count: try reader.unsigned(), &reader, depth)
        case .structure(let fields):
            try reader.fields(count: fields.count) { (index, reader) throws(GobReader.Malformed) in
                try skip(fields[index].type, &reader, depth: depth + 1)
            }
        }
    }

    private func skip(_ builtin: Builtin, _ reader: inout GobReader) throws(GobReader.Malformed) {
        switch builtin {
        case .bool, .int, .uint, .float: _ = try reader.unsigned()
        case .bytes, .string: _ = try reader.bytes()
        case .complex:
            _ = try reader.unsigned()
            _ = try reader.unsigned()
        case .interface:
            // A nil one is its empty name; else the type and the value's length follow.
            guard try reader.bytes().readableBytes > 0 else { return }
            guard try reader.typeID() > 0 else { throw .unknownWireType }
            _ = try reader.bytes()
        }
    }

    /// Every value takes a byte at least, so that a false count ends with the buffer.
    private func skip(
        _ elements: [Int], count: UInt64, _ reader: inout GobReader, _ depth: Int
    ) throws(GobReader.Malformed) {
        guard count <= UInt64(reader.rest.readableBytes) else { throw .lengthTooGreat }
        for _ in 0..<count {
            for element in elements { try skip(element, &reader, depth: depth + 1) }
        }
    }
}
