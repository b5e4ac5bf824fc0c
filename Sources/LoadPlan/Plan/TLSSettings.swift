/// How the server's certificate is checked.
package struct TLSSettings: Codable, Equatable, Sendable {
    /// PEM file of the authorities to trust instead of the system's.
    package var caFile: String?
    /// Accept any certificate; shown in the report.
    package var insecure: Bool
    /// SNI and certificate name, when not the target's host.
    package var serverName: String?

    package init(caFile: String? = nil, insecure: Bool = false, serverName: String? = nil) {
        self.caFile = caFile
        self.insecure = insecure
        self.serverName = serverName
    }
}
