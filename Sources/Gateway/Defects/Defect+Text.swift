extension Defect {
    /// Reads several.
    package static func parseAll(
        _ texts: [String], openIMVersion: OpenIMVersion? = nil
    ) throws(DefectError) -> [Defect] {
        var defects: [Defect] = []
        for text in texts { defects.append(try Defect(parsing: text, openIMVersion: openIMVersion)) }
        return defects
    }
}

extension Defect.Name {
    /// Name, options with their defaults, and what it is, in a line.
    package var synopsis: String {
        switch self {
        case .registerUnregisterDeadlock:
            """
            register-unregister-deadlock[:order=A|B,queue=1000,call=1ms,register=1ms,unregister=1ms,kick=0s,\
            pool=on|off,handshake=before-queue|behind-queue,\
            cure=none|split-loops|unbounded-unregister|kick-elsewhere,seed=\(RegistryDefect.standardSeed)]: \
            the only reader of three queues puts into one of them when it kicks; call is the time of each backend call \
            in its loop (A: register and unregister, B: kick), order by default that of the OpenIM version
            """
        case .addressLookupPerLogLine:
            "address-lookup-per-log-line[:leak=0,cure=none|off|cached|environment]: each log line opens netlink sockets"
        case .connectionPerPush:
            "grpc-connection-per-push[:share=1]: each push opens a connection and never closes it"
        case .messageServiceHang: "message-service-hang[:after=0s]: takes requests, answers none"
        case .slowHandshake: "slow-handshake[:p99=2s]: upgrades take long"
        case .neverClose: "never-close[:share=1]: no answer to a close frame, no FIN"
        case .memoryGrowth: "memory-growth[:bytes=4096]: each message leaves memory behind"
        case .crashAfter: "crash-after[:time=10s]: aborts"
        case .slow: "slow[:cpu=1ms]: each message costs so much CPU"
        case .stopReading: "stop-reading[:after=5s,share=1]: connections are read no more"
        }
    }
}
