/// Something that happened to a watched source between samples.
package struct ServerEvent: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// The process ended.
        case exited
        /// Another process has taken its place (same port, or same child number).
        case restarted
        /// The bundled process wrote to its log that accept(2) failed.
        case acceptFailed = "accept_failed"
        /// What was asked for cannot be read (permission, no such page); the run goes on without.
        case unreadable
    }

    /// `WatchedSource.number`.
    package var source: Int
    package var kind: Kind
    /// Seconds since the run's start.
    package var atS: Double
    /// In words.
    package var detail: String

    package init(source: Int, kind: Kind, atS: Double, detail: String) {
        self.source = source
        self.kind = kind
        self.atS = atS
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case source, kind, atS = "at_s", detail
    }
}
