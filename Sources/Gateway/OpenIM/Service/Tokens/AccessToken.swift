internal import Foundation

/// What a token says: a JSON Web Token (RFC 7519), HS256 with the deployment's secret.
struct AccessToken: Equatable {
    var userID: String
    var platform: Int32
    /// Seconds since 1970.
    var expires: Int64
    var issued: Int64

    /// The header that golang-jwt writes.
    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
    /// 3.5.1's tokens are valid from five minutes before (`nbf`), 3.8.3's have no such claim.
    private static let earliness: Int64 = 300

    func text(_ version: OpenIMVersion, signedBy key: HMACSHA256) -> String {
        var claims: [(String, JSONText)] = [
            ("UserID", .string(userID)), ("PlatformID", .number(Int64(platform))), ("exp", .number(expires)),
        ]
        if version == .v3_5_1 { claims.append(("nbf", .number(issued - Self.earliness))) }
        claims.append(("iat", .number(issued)))
        let signed = Self.header + "." + Base64URL.encode(JSONText.object(claims).bytes)
        return signed + "." + Base64URL.encode(key.code(for: Array(signed.utf8)))
    }

    /// Reads and verifies a token, in the order of golang-jwt 4: form, times, signature.
    ///
    /// - Parameter now: seconds since 1970.
    init(
        _ text: String, _ version: OpenIMVersion, signedBy key: HMACSHA256, now: Int64
    ) throws(OpenIMError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let head = try? JSONDecoder().decode(Header.self, from: Data(header)),
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(payload))
        else { throw .tokenMalformed }
        guard head.alg == "HS256" else {
            throw .tokenUnknown(version, reason: "signing method (alg) is unavailable.")
        }
        let instant = Double(now)
        if let end = claims.exp, end <= instant { throw .tokenExpired }
        if let start = claims.nbf, start > instant { throw .tokenNotValidYet }
        if let start = claims.iat, start > instant { throw .tokenNotValidYet }
        let signed = Array(text.utf8.prefix(parts[0].count + 1 + parts[1].count))
        guard let signature = Base64URL.decode(parts[2]), HMACSHA256.areEqual(signature, key.code(for: signed)) else {
            throw .tokenUnknown(version, reason: "signature is invalid")
        }
        self.init(
            userID: claims.userID ?? "", platform: claims.platform ?? 0, expires: Int64(clamping: claims.exp),
            issued: Int64(clamping: claims.iat))
    }

    init(userID: String, platform: Int32, expires: Int64, issued: Int64) {
        self.userID = userID
        self.platform = platform
        self.expires = expires
        self.issued = issued
    }

    private struct Header: Decodable {
        var alg: String?
    }

    /// Times may have a fraction (RFC 7519 §2).
    private struct Claims: Decodable {
        var userID: String?
        var platform: Int32?
        var exp: Double?
        var nbf: Double?
        var iat: Double?

        private enum CodingKeys: String, CodingKey {
            case userID = "UserID"
            case platform = "PlatformID"
            case exp, nbf, iat
        }
    }
}

extension Int64 {
    /// 0 for nothing or for what is not a number.
    fileprivate init(clamping number: Double?) {
        guard let number, !number.isNaN else {
            self = 0
            return
        }
        self = Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }
}
