internal import COpenSSL
internal import Foundation
internal import LoadPlan

/// A token made from the server's secret instead of fetched: a JWT (RFC 7519) signed with HS256 (RFC 7518 §3.2).
///
/// Stock servers refuse it with 1507, since they know only tokens that they have issued; it is for deployments that check
/// the signature alone.
enum MintedToken {
    /// 90 days, as OpenIM's own.
    static let lifeS: Int64 = 90 * 24 * 3600
    /// 3.5.1 dates its tokens back by so much.
    private static let notBeforeS: Int64 = 300

    private struct Header: Encodable {
        var alg = "HS256"
        var typ = "JWT"
    }

    private struct Claims: Encodable {
        var userID: String
        var platformID: Int
        var exp: Int64
        /// 3.5.1 only.
        var nbf: Int64?
        var iat: Int64

        private enum CodingKeys: String, CodingKey {
            case userID = "UserID"
            case platformID = "PlatformID"
            case exp, nbf, iat
        }
    }

    /// - Parameter nowS: since 1970.
    static func make(
        userID: String, platformID: Int, secret: String, version: OpenIMPlan.Version, nowS: Int64
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let claims = Claims(
            userID: userID, platformID: platformID, exp: nowS + lifeS,
            nbf: version == .v3_5_1 ? nowS - notBeforeS : nil, iat: nowS)
        let signed = Base64URL.encode(try encoder.encode(Header())) + "." + Base64URL.encode(try encoder.encode(claims))
        return signed + "." + Base64URL.encode(signature(of: Array(signed.utf8), key: Array(secret.utf8)))
    }

    /// HMAC with SHA-256 (RFC 2104).
    private static func signature(of text: [UInt8], key: [UInt8]) -> [UInt8] {
        var length: UInt32 = 0
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        // An empty key has an address all the same: of none OpenSSL takes the key of the call before.
        let keyBytes = key + [0]
        let made = HMAC(EVP_sha256(), keyBytes, Int32(key.count), text, text.count, &digest, &length)
        precondition(made != nil && length == 32, "OpenSSL has no SHA-256")
        return Array(digest.prefix(Int(length)))
    }
}
