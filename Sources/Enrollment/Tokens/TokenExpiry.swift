internal import Foundation

/// When a token ends: the claim `exp` of a JWT (RFC 7519 §4.1.4), read without the secret.
enum TokenExpiry {
    private struct Claims: Decodable {
        var exp: Double?
    }

    /// Seconds since 1970; nil when it does not say.
    static func seconds(of token: String) -> Double? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { return nil }
        return (try? JSONDecoder().decode(Claims.self, from: Data(payload)))?.exp
    }

    /// Whether it can still be used for `margin` from `nowS` (since 1970) on; a token that does not say is trusted.
    static func isUsable(_ token: String, nowS: Double, margin: Duration) -> Bool {
        guard let end = seconds(of: token) else { return true }
        return end >= nowS + margin / .seconds(1)
    }
}
