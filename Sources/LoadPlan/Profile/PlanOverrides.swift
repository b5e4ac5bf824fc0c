/// What the command line says instead of the profile, or on top of it.
///
/// Texts are as typed: `Profile.load` reads them, and reports their problems beside the profile's.
package struct PlanOverrides: Equatable, Sendable {
    /// `--target`: `bundled` or a URL, instead of the profile's.
    ///
    /// The profile's `tls` and `sources` go with its own URL and are dropped.
    package var target: String?
    /// `--ca`: PEM file.
    package var caFile: String?
    /// `--insecure`.
    package var insecure = false
    /// `--server-name`.
    package var serverName: String?
    /// `--source`, each; instead of the profile's.
    package var sources: [String] = []
    /// `--accounts`.
    package var accounts: Int?
    /// `--duration`.
    package var duration: String?
    /// `--iterations`.
    package var iterations: Int?
    /// `--ramp`.
    package var ramp: String?
    /// `--grace`.
    package var grace: String?
    /// `--stall-after`.
    package var stallAfter: String?
    /// `--threshold`, each; in addition to the profile's.
    package var thresholds: [String] = []
    /// `--defect`, each; instead of the profile's. `none` alone: no defect.
    package var defects: [String] = []
    /// `--proxy`.
    package var proxy = false
    /// `--watch`, each: `pid:N` or `port:N`, instead of the profile's. `none` alone: no process of this machine is
    /// watched.
    package var watch: [String] = []
    /// `--watch-url`, each; instead of the profile's.
    package var watchURLs: [String] = []
    /// `--pprof`; instead of the profile's.
    package var pprof: String?

    package init() {}
}
