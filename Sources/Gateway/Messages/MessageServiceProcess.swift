internal import Glibc

/// Runs a message service as this process's whole business.
///
/// Sets the soft limit of descriptors (``MessageServiceConfiguration/descriptorLimit``), starts the service, writes
/// ``ReadyLine`` to standard output, and waits. SIGTERM, SIGINT, or the end of standard input if `exitOnStdinEOF` (so
/// that the process never outlives its parent) ends every connection and then the process. Lines of it are
/// ``MessageService/takeInput(_:)``'s.
///
/// - Throws: why the service does not start.
package func runMessageServiceProcess(
    _ configuration: MessageServiceConfiguration, exitOnStdinEOF: Bool = false
) async throws(GatewayError) {
    signal(SIGPIPE, SIG_IGN)
    try configuration.validate()
    try DescriptorLimit.apply(configuration.descriptorLimit)
    let requests = try StopRequests(watchStandardInput: exitOnStdinEOF)
    let service = try await MessageService.start(configuration)
    let ready = ReadyLine(
        role: .messages, address: service.address, api: service.apiAddress, rest: service.restAddress, pid: getpid())
    writeLine(ready.text)
    await requests.serve(shutdown: { await service.shutdown() }, cut: {}, take: { service.takeInput($0) })
}
