internal import NIOHTTP1

/// What a client's URL says of the connection that it asks for.
struct OpenIMQuery: Equatable {
    var token: String
    var user: String
    /// A number that no token has is kept, and fits none.
    var platform: Int
    var operationID: String
    var encoding: OpenIMEncoding
    /// The handshake's result comes as the first message (`isMsgResp`), as browsers cannot read a refusal's body.
    var wantsResultAsMessage: Bool

    /// nil: something that must be there is not, or is none of what is known.
    init?(target: String, headers: HTTPHeaders, version: OpenIMVersion) {
        let fields = Self.fields(of: target)
        guard let token = fields["token"], !token.isEmpty, let user = fields["sendID"], !user.isEmpty,
            let platform = fields["platformID"].flatMap({ Int($0) })
        else { return nil }
        self.token = token
        self.user = user
        self.platform = platform
        operationID = fields["operationID"] ?? ""
        let isCompressed = fields["compression"] == "gzip" || headers.first(name: "compression") == "gzip"
        switch version {
        case .v3_5_1:
            encoding = OpenIMEncoding(text: .gob(typeID: 65), isCompressed: isCompressed)
            wantsResultAsMessage = false
        case .v3_8_3:
            switch fields["sdkType"] ?? "" {
            case "", "go": encoding = OpenIMEncoding(text: .gob(typeID: 64), isCompressed: isCompressed)
            case "js": encoding = OpenIMEncoding(text: .json, isCompressed: isCompressed)
            default: return nil
            }
            wantsResultAsMessage = ["1", "t", "T", "true", "TRUE", "True"].contains(fields["isMsgResp"])
        }
    }

    /// The names and values of the URL's query as Go's `url.ParseQuery` finds them: the first of each name, `+` for a
    /// space; a part with a semicolon or a bad escape is left out.
    static func fields(of target: String) -> [String: String] {
        let bytes = target.utf8
        guard let question = bytes.firstIndex(of: UInt8(ascii: "?")) else { return [:] }
        let query = bytes[bytes.index(after: question)...].prefix { $0 != UInt8(ascii: "#") }
        var fields: [String: String] = [:]
        for part in query.split(separator: UInt8(ascii: "&")) where !part.contains(UInt8(ascii: ";")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = unescape(sides[0]), let value = sides.count == 2 ? unescape(sides[1]) : "",
                fields[name] == nil
            else { continue }
            fields[name] = value
        }
        return fields
    }

    private static func unescape(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).isASCII ? Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init) : nil
    }
}
