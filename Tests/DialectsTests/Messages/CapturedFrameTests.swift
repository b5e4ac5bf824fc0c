import SwiftProtobuf
import Testing

@testable import Dialects

/// Against frames and answers of the real gateways, 3.5.1 and 3.8.3.
@Suite struct CapturedFrameTests {
    @Test(arguments: Vectors.shared.capturedFrames.indices)
    func isUnderstood(_ index: Int) throws {
        let captured = Vectors.shared.capturedFrames[index]
        let compresses = captured.encoding.hasSuffix("-gzip")
        let encoding: OpenIMCodec.Encoding = captured.encoding.hasPrefix("gob") ? .gob : .json
        let frame = [UInt8](hex: captured.hex)
        guard captured.direction == "s2c" else {
            try isUnderstoodByAServer(frame, encoding, compresses)
            return
        }
        var codec = OpenIMCodec(encoding: encoding, compresses: compresses, maxInflatedBytes: 1 << 20)
        let bytes = ExactBytes(frame)
        let response = try codec.decode(bytes.view)
        #expect(response.errorCode == 0)
        switch response.identifier {
        case OpenIMOperation.sendMessage:
            let answer = try OpenIMSendMsgResp(serializedBytes: Array(response.data))
            #expect(!answer.serverMsgID.isEmpty && answer.sendTime > 1_600_000_000_000)
        case OpenIMOperation.push:
            var senders: [String] = []
            try PushedMessage.forEach(in: response.data) { message in
                senders.append(String(decoding: message.sendID, as: UTF8.self))
                #expect(message.clientMessageID == nil)
            }
            let push = try OpenIMPushMessages(serializedBytes: Array(response.data))
            #expect(senders == push.msgs.values.flatMap(\.msgs).map(\.sendID))
            #expect(!senders.isEmpty)
        case OpenIMOperation.kick: #expect(response.data.isEmpty && response.msgIncr.isEmpty)
        default: Issue.record("identifier \(response.identifier)")
        }
    }

    private func isUnderstoodByAServer(
        _ frame: [UInt8], _ encoding: OpenIMCodec.Encoding, _ compresses: Bool
    ) throws {
        var plain = frame
        if compresses {
            var inflater = GzipInflater(maxBytes: 1 << 20)
            var out = ScratchBuffer(capacity: 16)
            let bytes = ExactBytes(frame)
            plain = Array(try inflater.inflate(bytes.view, to: &out))
        }
        let fields = try encoding == .gob ? FieldTable.request.readGob(plain) : FieldTable.request.readJSON(plain)
        #expect(fields.numbers["ReqIdentifier"] == 1003)
        let message = try OpenIMMsgData(serializedBytes: fields.bytes["Data"]!)
        #expect(Array(message.sendID.utf8) == fields.bytes["SendID"])
    }

    @Test(arguments: Vectors.shared.handshakeResponses.indices)
    func handshakeAnswers(_ index: Int) {
        let answer = Vectors.shared.handshakeResponses[index]
        let reply = Array(answer.body.utf8).withBytes { OpenIMReply(json: $0) }
        let codes = [
            "no-args": 1602, "no-token": 1602, "no-platform": 1602, "platform-not-int": 1602, "bad-token": 1502,
            "bad-token-isMsgResp": 1502, "bad-sdkType": 1602, "over-max-conn": 1601, "kicked-token": 1506,
        ]
        let isJSON = answer.body.hasPrefix("{")
        #expect((reply != nil) == isJSON)
        if let code = codes[answer.case] { #expect(reply?.errorCode == code, "\(answer.case)") }
        if isJSON { #expect(reply?.errorMessage.isEmpty == false) }
    }

    @Test func textPong() {
        for control in Vectors.shared.controlFrames where control.got.hasPrefix("TEXT ") {
            #expect(Array(control.got.dropFirst(5).utf8).withBytes { TextPing.isPong($0) })
            #expect(!Array(control.sent.dropFirst(5).utf8).withBytes { TextPing.isPong($0) })
        }
        #expect(Array(#" {"body":{"type":"ping"},"type":"pong"} "#.utf8).withBytes { TextPing.isPong($0) })
        for text in ["", "pong", "{}", #"{"type":1}"#, #"{"type":"pong""#, #"{"body":{"type":"pong"}}"#] {
            #expect(!Array(text.utf8).withBytes { TextPing.isPong($0) }, "\(text)")
        }
    }
}
