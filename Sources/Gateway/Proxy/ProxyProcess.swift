internal import Glibc

/// Runs a proxy as this process's whole business.
///
/// Sets the soft limit of descriptors (``ProxyConfiguration/descriptorLimit``), starts the proxy, writes
/// ``ReadyLine`` to standard output, and waits. The first SIGTERM or SIGINT, or the end of standard input if
/// `exitOnStdinEOF` (so that the process never outlives its parent), shuts down gracefully; a signal after that resets
/// every connection at once.
///
/// - Throws: why the proxy does not start.
package func runProxyProcess(
    _ configuration: ProxyConfiguration, exitOnStdinEOF: Bool = false
) async throws(GatewayError) {
    signal(SIGPIPE, SIG_IGN)
    try configuration.validate()
    try DescriptorLimit.apply(configuration.descriptorLimit)
    let requests = try StopRequests(watchStandardInput: exitOnStdinEOF)
    let proxy = try await Proxy.start(configuration)
    writeLine(ReadyLine(role: .proxy, address: proxy.address, api: proxy.apiAddress, pid: getpid()).text)
    await requests.serve(shutdown: { await proxy.shutdown() }, cut: { proxy.cut() })
}
