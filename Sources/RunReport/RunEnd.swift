/// What is known of a run only when it is over; the last line of its journal.
package struct RunEnd: Codable, Equatable, Sendable {
    /// From the start to the moment when the last shard had ended, seconds.
    package var wallS: Double
    /// Why the run was cut short, in words (`interrupted by SIGINT`); nil when it ran to its end.
    package var interruption: String?
    /// The bundled stack's processes, when there is one.
    package var server: Report.Server?

    package init(wallS: Double, interruption: String? = nil, server: Report.Server? = nil) {
        self.wallS = wallS
        self.interruption = interruption
        self.server = server
    }

    private enum CodingKeys: String, CodingKey {
        case wallS = "wall_s", interruption, server
    }
}
