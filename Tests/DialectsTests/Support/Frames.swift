@testable import Dialects

/// A `Req` or `Resp` as owned bytes, whichever was read or is expected.
struct FrameFields: Equatable, CustomStringConvertible {
    var numbers: [String: Int64] = [:]
    var bytes: [String: [UInt8]] = [:]

    var description: String { "\(numbers) \(bytes.mapValues { String(decoding: $0, as: UTF8.self) })" }

    /// All fields, absent ones as zero.
    init(_ table: FieldTable, _ values: borrowing FieldValues) {
        for (slot, field) in table.fields.enumerated() {
            switch field.kind {
            case .int32, .int64: numbers["\(field.name)"] = values[slot].number
            case .string, .bytes: bytes["\(field.name)"] = Array(values[slot].bytes)
            }
        }
    }

    init(_ response: OpenIMResponse) {
        numbers = ["ReqIdentifier": Int64(response.identifier), "ErrCode": response.errorCode]
        bytes = [
            "MsgIncr": Array(response.msgIncr), "OperationID": Array(response.operationID),
            "ErrMsg": Array(response.errorMessage), "Data": Array(response.data),
        ]
    }

    init(numbers: [String: Int64], bytes: [String: [UInt8]]) {
        self.numbers = numbers
        self.bytes = bytes
    }
}

extension FieldTable {
    /// `Req`: what servers read.
    static let request = FieldTable([
        Field(name: "ReqIdentifier", kind: .int32), Field(name: "Token", kind: .string),
        Field(name: "SendID", kind: .string), Field(name: "OperationID", kind: .string),
        Field(name: "MsgIncr", kind: .string), Field(name: "Data", kind: .bytes),
    ])

    static func named(_ name: String) -> FieldTable { name == "Req" ? .request : .response }

    func readGob(_ frame: [UInt8]) throws(OpenIMFault) -> FrameFields {
        var decoder = GobDecoder(table: self)
        return try decoder.read(frame, as: self)
    }

    func readJSON(_ frame: [UInt8]) throws(OpenIMFault) -> FrameFields {
        var values = FieldValues()
        let scratch = ScratchBuffer(capacity: frame.count * 2)
        return try frame.withBytes { bytes throws(OpenIMFault) in
            try JSONObject.read(bytes, as: self, into: &values, scratch: scratch.start)
            return FrameFields(self, values)
        }
    }
}

extension GobDecoder {
    mutating func read(_ frame: [UInt8], as table: FieldTable) throws(OpenIMFault) -> FrameFields {
        var values = FieldValues()
        let bytes = ExactBytes(frame)
        try decode(bytes.view, into: &values)
        return FrameFields(table, values)
    }
}

extension OpenIMCodec {
    mutating func read(_ frame: [UInt8]) throws(OpenIMFault) -> FrameFields {
        let bytes = ExactBytes(frame)
        return FrameFields(try decode(bytes.view))
    }

    mutating func write(
        _ identifier: Int32, token: [UInt8] = [], sendID: [UInt8], operationID: [UInt8], msgIncr: [UInt8],
        data: [UInt8]?
    ) -> [UInt8] {
        let (tokenBytes, sendIDBytes) = (ExactBytes(token), ExactBytes(sendID))
        let (operationIDBytes, msgIncrBytes) = (ExactBytes(operationID), ExactBytes(msgIncr))
        let dataBytes = ExactBytes(data ?? [])
        var request = OpenIMRequest(
            identifier: identifier, sendID: sendIDBytes.view, operationID: operationIDBytes.view,
            msgIncr: msgIncrBytes.view,
            data: data == nil ? UnsafeRawBufferPointer(start: nil, count: 0) : dataBytes.view)
        request.token = tokenBytes.view
        return Array(encode(request))
    }
}

/// A heap block of exactly these bytes, so that a reader that goes beyond them leaves the block.
final class ExactBytes {
    let view: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        block.copyBytes(from: bytes)
        view = UnsafeRawBufferPointer(block)
    }

    deinit { view.deallocate() }
}

extension Array<UInt8> {
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = ExactBytes(self)
        return try body(bytes.view)
    }

    init(hex: String) {
        var digits = hex.utf8.makeIterator()
        self = []
        while let high = digits.next(), let low = digits.next() {
            append(HexText.value(high)! << 4 | HexText.value(low)!)
        }
    }

    var hex: String {
        String(decoding: flatMap { [HexText.digit($0 >> 4), HexText.digit($0 & 15)] }, as: UTF8.self)
    }
}
