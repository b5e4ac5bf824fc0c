import Testing

@testable import Dialects

@Suite struct ReplyTests {
    private static func reply(_ text: String) -> OpenIMReply? { Array(text.utf8).withBytes { OpenIMReply(json: $0) } }

    @Test func whatAGatewayMaySay() {
        let over = OpenIMReply(errorCode: 1601, errorMessage: "ConnOverMaxNumLimit")
        #expect(Self.reply(#"{"errCode":1601,"errMsg":"ConnOverMaxNumLimit","errDlt":"1601 x"}"#) == over)
        #expect(
            Self.reply("\r\n " + #"{"data":{"a":[1]},"errMsg":"ConnOverMaxNumLimit","x":null,"errCode":1601}"# + "\n\n")
                == over)
        #expect(Self.reply(#"{"errCode":0}"#) == OpenIMReply(errorCode: 0, errorMessage: ""))
        #expect(Self.reply(#"{"errCode":500,"errMsg":"\u4ee4\u724c"}"#)?.errorMessage == "令牌")
    }

    @Test(arguments: [
        "", "{}", "null", "[]", #"{"errMsg":"x"}"#, #"{"errCode":null}"#, #"{"errCode":"1"}"#, #"{"errCode":1.5}"#,
        #"{"errCode":1,"errMsg":2}"#, #"{"errCode":1}x"#, #"<html>{"errCode":1}</html>"#, #"{"errCode":1"#,
        #"{"errCode":99999999999999999999}"#,
    ])
    func whatIsNone(_ text: String) {
        #expect(Self.reply(text) == nil)
    }
}
