/// What the message service process does and where it listens.
///
/// The defaults make a healthy service on loopback ports that the kernel chooses.
package struct MessageServiceConfiguration: Equatable, Sendable {
    /// Shown in the log and in the metrics' `service` label.
    package var name = "messages"
    /// Numeric address or host name to listen on for gateways.
    package var host = "127.0.0.1"
    /// 0: the kernel chooses.
    package var port = 0
    /// Where `/healthz` and `/metrics` are answered, by a thread of their own.
    package var apiHost = "127.0.0.1"
    /// 0: the kernel chooses.
    package var apiPort = 0
    /// The service is OpenIM's; nil: it echoes messages.
    package var openIM: OpenIMServiceConfiguration?
    /// One log line for each request; a defect that acts at each log line needs and switches it on.
    package var logsEachRequest = false
    /// What is wrong with the service, each name at most once; only those that live in it.
    package var defects: [Defect] = []
    /// Soft RLIMIT_NOFILE that the process gives itself; nil: as high as the hard limit lets.
    package var descriptorLimit: Int?
    /// Log lines are appended to this file; nil: standard error.
    package var logFile: String?
    package var logLevel = LogLevel.info

    package init() {}

    /// Checks every field.
    ///
    /// - Throws: ``GatewayError/configuration(field:expected:)`` for the first field out of range.
    package func validate() throws(GatewayError) {
        func require(_ holds: Bool, _ field: String, _ expected: String) throws(GatewayError) {
            guard holds else { throw .configuration(field: field, expected: expected) }
        }
        let ports = 0...65535
        try require(!name.isEmpty, "name", "a name that is not empty")
        try require(!host.isEmpty, "host", "an address or a host name")
        try require(ports.contains(port), "port", "a port from 0 to 65535")
        try require(!apiHost.isEmpty, "apiHost", "an address or a host name")
        try require(ports.contains(apiPort), "apiPort", "a port from 0 to 65535")
        try openIM?.validate()
        try Defect.validate(defects, areOfMessageService: true)
        try DescriptorLimit.validate(descriptorLimit)
    }
}
