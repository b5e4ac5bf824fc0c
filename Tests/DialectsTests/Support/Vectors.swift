import Foundation

@testable import Dialects

/// `Vectors/openim-vectors.json`: bytes made by Go's own encoders and by the real gateways.
struct Vectors: Decodable {
    struct Vector: Decodable {
        let name: String
        let `struct`: String
        let fields: [String: Value]
        let gobHex: String?
        let gobPrefixHex: String?
        let gobLen: Int
        let gobTypeId: Int
        let json: String?
        let gzipGobHex: String?
        let gzipJsonHex: String?
    }

    struct Variant: Decodable {
        let name: String
        let `struct`: String
        let gobHex: String
        let gobTypeId: Int
    }

    struct Foreign: Decodable {
        let name: String
        let decodesAs: String?
        let fields: [String: Value]?
        let decodeError: String?
        let gobHex: String
    }

    struct Captured: Decodable {
        let gateway: String
        let encoding: String
        let direction: String
        let hex: String
        let what: String?
    }

    struct Handshake: Decodable {
        let gateway: String
        let `case`: String
        let status: String
        let body: String
    }

    struct Control: Decodable {
        let sent: String
        let got: String
    }

    /// A field: a number, a text, or bytes in hexadecimal or by a rule.
    enum Value: Decodable {
        case number(Int64)
        case text(String)
        case bytes([UInt8])
        case null

        private struct Described: Decodable {
            let hex: String?
            let len: Int?
            let rule: String?
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                let described = try container.decode(Described.self)
                if let hex = described.hex {
                    self = .bytes([UInt8](hex: hex))
                } else if let length = described.len, described.rule == "byte i = i mod 251" {
                    self = .bytes((0..<length).map { UInt8($0 % 251) })
                } else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "a field of no known form")
                }
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .number: []
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            case .null: []
            }
        }
    }

    let vectors: [Vector]
    let vectorsGo119: [Vector]
    let vectorsGo121: [Vector]
    let typeIdVariants: [Variant]
    let foreign: [Foreign]
    let capturedFrames: [Captured]
    let handshakeResponses: [Handshake]
    let controlFrames: [Control]

    var all: [Vector] { vectors + vectorsGo119 + vectorsGo121 }

    static let shared: Vectors = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/openim-vectors.json")
        return try! JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }()

    static func fields(_ fields: [String: Value], of table: FieldTable) -> FrameFields {
        var expected = FrameFields(numbers: [:], bytes: [:])
        for field in table.fields {
            let value = fields["\(field.name)"]!
            switch (field.kind, value) {
            case (.int32, .number(let number)), (.int64, .number(let number)):
                expected.numbers["\(field.name)"] = number
            // 64 bits, hence a string in the file.
            case (.int64, .text(let text)): expected.numbers["\(field.name)"] = Int64(text)!
            default: expected.bytes["\(field.name)"] = value.bytes
            }
        }
        return expected
    }
}

extension Vectors.Vector {
    var table: FieldTable { .named(self.struct) }

    var expected: FrameFields { Vectors.fields(fields, of: table) }

    /// The frame; of one that is too long to be printed the head is, and the data and a zero byte follow.
    var gob: [UInt8] {
        if let gobHex { return [UInt8](hex: gobHex) }
        let data = fields["Data"]!.bytes
        let head = gobLen - data.count - 1
        return [UInt8](hex: gobPrefixHex!)[..<head] + data + [0]
    }
}
