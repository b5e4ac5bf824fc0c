internal import Foundation

/// Checks the API's address: the HTTP client traps on a port that is none.
package enum APIAddress {
    /// Throws ``APIFailure/badAddress(what:)`` where `api` is no `http://HOST:PORT` without a slash at its end.
    package static func check(_ api: String) throws(APIFailure) {
        guard let parts = URLComponents(string: api), let scheme = parts.scheme?.lowercased() else {
            throw .badAddress(what: "'\(api)' is not a URL")
        }
        guard scheme == "http" || scheme == "https" else {
            throw .badAddress(what: "'\(api)' is not an http:// or https:// URL")
        }
        guard parts.user == nil, parts.password == nil else {
            throw .badAddress(what: "the API's address has user info, which OpenIM does not use")
        }
        guard let host = parts.host, !host.isEmpty else { throw .badAddress(what: "'\(api)' names no host") }
        guard parts.query == nil, parts.fragment == nil, !api.hasSuffix("/") else {
            throw .badAddress(what: "'\(api)' is not the base of the API: no query, no fragment, no / at its end")
        }
        // URLComponents says nothing of a number that is too long.
        let authority = api.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return }
        let port = authority[authority.index(after: colon)...]
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw .badAddress(what: "there is no port \(port.prefix(20))")
        }
    }
}
