internal import Foundation

extension HTTPFetch {
    /// Why an address cannot be asked. The client below traps on a port that is none, wherever it comes from.
    static func problem(with url: String) -> ScrapeFailure? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else {
            return badURL(url, "not a URL")
        }
        guard scheme == "http" || scheme == "https" else { return badURL(url, "not an http or https URL") }
        guard let host = parts.host, !host.isEmpty else { return badURL(url, "the URL names no host") }
        // Of a number that is too long, URLComponents says nothing.
        let authority = url.drop { $0 != "/" }.drop { $0 == "/" }.prefix { !"/?#".contains($0) }
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return nil }
        let port = authority[authority.index(after: colon)...]
        if let number = Int(port), (1...65_535).contains(number) { return nil }
        return badURL(url, "there is no port \(port.prefix(20))")
    }

    static func redirected(from url: String, to location: String) -> String? {
        URL(string: location, relativeTo: URL(string: url))?.absoluteString
    }

    static func badURL(_ url: String, _ what: String) -> ScrapeFailure {
        ScrapeFailure(.badURL, url: url, what: what, advice: "write http://HOST:PORT/PATH")
    }
}
