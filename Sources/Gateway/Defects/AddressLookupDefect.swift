/// The message service asks for the machine's addresses at each log line, through fresh netlink sockets.
///
/// As *reported* of OpenIM 3.8.3; no published source of it does so.
package struct AddressLookupDefect: Equatable, Sendable {
    package enum Cure: String, CaseIterable, Sendable {
        case none
        /// The log line carries no address.
        case off
        /// Asked for once.
        case cached
        /// Taken from the environment variable POD_IP.
        case environment
    }

    /// Share of the sockets that are never closed.
    package var leak = 0.0
    package var cure = Cure.none

    package init() {}

    init(_ options: inout DefectOptions) throws(DefectError) {
        leak = try options.share("leak", standard: leak)
        cure = try options.choice("cure", standard: cure)
    }
}
