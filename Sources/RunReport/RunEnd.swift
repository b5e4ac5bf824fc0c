/// What is known of a run only when it is over; the last line of its journal.
package struct RunEnd: Codable, Equatable, Sendable {
    /// From the start to the moment when the last shard had ended, seconds.
    package var wallS: Double
    /// Why the run was cut short, in words (`interrupted by SIGINT`); nil when it ran to its end.
    package var interruption: String?

    package init(wallS: Double, interruption: String? = nil) {
        self.wallS = wallS
        self.interruption = interruption
    }

    private enum CodingKeys: String, CodingKey {
        case wallS = "wall_s", interruption
    }
}
