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

    /// `--openim-api`: `http://HOST:PORT`, instead of the profile's.
    package var openIMAPI: String?
    /// `--openim-version`: `3.5.1` or `3.8.3`, instead of the profile's.
    package var openIMVersion: String?
    /// The environment's `GATECRASH_OPENIM_SECRET`, instead of the profile's; without meaning for another dialect.
    package var openIMSecret: String?
    /// `--tokens`: `fetch`, `mint` or the name of a file, instead of the profile's.
    package var tokens: String?
    /// `--login-policy`: OpenIM's number, instead of the profile's.
    package var loginPolicy: String?

    package init() {}
}
