internal import LoadPlan

/// The query with which a login connects (OpenIM's gateway takes any path).
enum HandshakeQuery {
    /// Path and query. Of `target` the path counts alone when its query has placeholders, which are a run's to fill.
    ///
    /// - Parameter token: nil leaves it out, which every OpenIM gateway refuses with 1602.
    static func resource(
        of target: TargetURL, userID: String, platformID: Int, token: String?, operationID: String, plan: OpenIMPlan
    ) -> String {
        let text = target.resource.literalText ?? String(target.resource.sourceText.prefix { $0 != "?" && $0 != "{" })
        var fields = [
            ("sendID", userID), ("platformID", String(platformID)), ("operationID", operationID),
            ("isBackground", "false"),
        ]
        if let token { fields.append(("token", token)) }
        if plan.compression { fields.append(("compression", "gzip")) }
        if plan.encoding == .json { fields.append(("sdkType", "js")) }
        if plan.firstResponse, token != nil { fields.append(("isMsgResp", "true")) }
        let query = fields.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
        return text + (text.contains("?") ? "&" : "?") + query
    }

    /// Percent-encoded but for what RFC 3986 §2.3 leaves as it is.
    private static func encoded(_ value: String) -> String {
        var text = ""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
