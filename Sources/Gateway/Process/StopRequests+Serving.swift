extension StopRequests {
    /// Returns when the service has stopped: the first request shuts it down, a signal after that cuts it short.
    func serve(shutdown: @escaping @Sendable () async -> Void, cut: @Sendable () -> Void) async {
        var stopping: Task<Void, Never>?
        for await request in stream where request == .signal || request == .inputEnded {
            if stopping == nil {
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
