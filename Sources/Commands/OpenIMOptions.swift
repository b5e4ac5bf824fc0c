internal import ArgumentParser
internal import LoadPlan
internal import RunControl

/// What of a profile's `openim` section the command line changes.
///
/// The secret is no option, since other users of the machine can read command lines.
struct OpenIMOptions: ParsableArguments {
    @Option(
        name: .customLong("openim-api"),
        help: """
            Base address of OpenIM's REST API, e.g. http://HOST:10002. Its secret, where it is not the usual one, is taken \
            from the environment variable GATECRASH_OPENIM_SECRET.
            """)
    var api: String?
    @Option(name: .customLong("openim-version"), help: "3.5.1 or 3.8.3; asked of the API unless said.")
    var version: String?
    @Option(help: "Where the accounts' tokens come from: fetch, mint, or a file (CSV or NDJSON).")
    var tokens: String?
    @Option(help: "What the bundled gateway does with a user's other logins: 0, 1, 4 or 5, as OpenIM counts.")
    var loginPolicy: String?

    func add(to overrides: inout PlanOverrides, _ environment: CommandEnvironment) {
        overrides.openIMAPI = api
        overrides.openIMVersion = version
        overrides.openIMSecret = environment.variables[StackLayout.secretVariable]
        overrides.tokens = tokens
        overrides.loginPolicy = loginPolicy
    }
}
