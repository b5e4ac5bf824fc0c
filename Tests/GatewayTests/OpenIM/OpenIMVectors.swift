import Foundation
import NIOCore

@testable import Gateway

/// What Go and the real gateways have written: Tests/DialectsTests/Vectors/openim-vectors.json.
struct OpenIMVectors: Decodable {
    struct Value: Decodable {
        var bytes: [UInt8]

        private struct Described: Decodable {
            var hex: String?
            var len: Int?
            var rule: String?
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                bytes = Array(text.utf8)
            } else {
                let described = try container.decode(Described.self)
                if described.rule == nil {
                    bytes = GoFrames.bytes(described.hex ?? "")
                } else {
                    bytes = (0..<(described.len ?? 0)).map { UInt8($0 % 251) }
                }
            }
        }

        var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }
    }

    struct Fields: Decodable {
        var identifier: Int32
        var sendID: Value?
        var operationID: Value
        var msgIncr: Value
        var errorCode: String?
        var errorMessage: Value?
        var data: Value?

        private enum CodingKeys: String, CodingKey {
            case identifier = "ReqIdentifier"
            case sendID = "SendID"
            case operationID = "OperationID"
            case msgIncr = "MsgIncr"
            case errorCode = "ErrCode"
            case errorMessage = "ErrMsg"
            case data = "Data"
        }

        var request: OpenIMRequest {
            OpenIMRequest(
                identifier: identifier, sendID: sendID?.buffer ?? ByteBuffer(), operationID: operationID.buffer,
                msgIncr: msgIncr.buffer, data: data?.buffer ?? ByteBuffer())
        }

        var response: OpenIMResponse {
            OpenIMResponse(
                identifier: identifier, msgIncr: msgIncr.buffer, operationID: operationID.buffer,
                errorCode: errorCode.flatMap { Int($0) } ?? 0,
                errorMessage: String(decoding: errorMessage?.bytes ?? [], as: UTF8.self),
                data: data?.buffer ?? ByteBuffer())
        }
    }

    struct Vector: Decodable {
        var name: String
        var `struct`: String?
        var decodesAs: String?
        var decodeError: String?
        var fields: Fields?
        var gobTypeId: Int?
        var gobHex: String?
        var gobPrefixHex: String?
        var gobLen: Int?
        var gzipGobHex: String?
        var gzipJsonHex: String?
        var json: String?

        /// Whole, also where only the beginning is written down and the rest follows from the rule.
        var gob: [UInt8] {
            if let gobHex { return GoFrames.bytes(gobHex) }
            let prefix = GoFrames.bytes(gobPrefixHex ?? "")
            let missing = (gobLen ?? 0) - prefix.count
            return prefix + (fields?.data?.bytes.suffix(missing - 1) ?? []) + [0]
        }
    }

    struct Captured: Decodable {
        var gateway: String
        var encoding: String
        var direction: String
        var hex: String
    }

    struct Handshake: Decodable {
        var gateway: String
        var `case`: String
        var status: String
        var headers: [String]
        var body: String

        var version: OpenIMVersion { gateway == "v3.5.1" ? .v3_5_1 : .v3_8_3 }
    }

    var vectors: [Vector]
    var vectorsGo119: [Vector]
    var vectorsGo121: [Vector]
    var foreign: [Vector]
    var capturedFrames: [Captured]
    var handshakeResponses: [Handshake]

    static let all: OpenIMVectors = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = folder.appendingPathComponent("DialectsTests/Vectors/openim-vectors.json")
        do {
            return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
        } catch {
            preconditionFailure("\(file.path): \(error)")
        }
    }()
}
