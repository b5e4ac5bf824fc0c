extension StopRequests {
    /// Returns when the service has stopped: the first request shuts it down, a signal after that cuts it short.
    ///
    /// - Parameter take: told the lines of standard input.
    func serve(
        shutdown: @escaping @Sendable () async -> Void, cut: @Sendable () -> Void,
        take: @Sendable (String) -> Void = { _ in }
    ) async {
        var stopping: Task<Void, Never>?
        for await request in stream {
            if case .line(let line) = request {
                take(line)
            } else if stopping == nil {
                stopping = Task {
                    await shutdown()
                    finish()
                }
            } else if request == .signal {
                cut()
                exitSoon()
            }
        }
        await stopping?.value
    }
}
