package import LoadMetrics

/// One watched source in one second, for curves.
package struct ServerPoint: Codable, Equatable, Sendable {
    package var descriptors: Int?
    /// Descriptors by kind.
    package var descriptorsByKind: [String: Int]?
    /// Established connections on the port where the load arrives.
    package var connections: Int?
    package var acceptQueue: Int?
    /// Cores kept busy since the sample before.
    package var cpuCores: Double?
    package var rssKiB: Int?
    package var threads: Int?
    /// Per second since the sample before.
    package var contextSwitchesPerS: Double?
    package var goroutines: Int?
    package var accountsOnline: Int?

    private enum CodingKeys: String, CodingKey {
        case descriptors = "fds", descriptorsByKind = "fds_by_kind", connections, acceptQueue = "accept_queue"
        case cpuCores = "cpu_cores", rssKiB = "rss_kib", threads, contextSwitchesPerS = "context_switches_per_s"
        case goroutines, accountsOnline = "accounts_online"
    }

    /// - Parameter previous: the sample before of the same process; nil for the first.
    package init(_ sample: ServerSample, after previous: ServerSample?) {
        descriptors = sample.descriptors
        descriptorsByKind = sample.descriptorsByKind
        connections = sample.establishedConnections
        acceptQueue = sample.acceptQueue
        rssKiB = sample.residentKiB
        threads = sample.threads
        goroutines = sample.goroutines
        accountsOnline = sample.accountsOnline
        guard let previous, previous.pid == sample.pid, sample.atS - previous.atS > 0.01 else { return }
        let lengthS = sample.atS - previous.atS
        if let cpu = sample.cpuSeconds, let before = previous.cpuSeconds {
            cpuCores = (max(cpu - before, 0) / lengthS).thousandths
        }
        if let switches = sample.contextSwitches, let before = previous.contextSwitches {
            // Threads that ended have taken their share with them.
            contextSwitchesPerS = (Double(max(switches - before, 0)) / lengthS).thousandths
        }
    }
}

extension ServerPoint {
    /// What is known of it in a line: `212 of 1,024 fds, 100 connections, 0.42 cores, 31.2 MiB, 12 threads`.
    func text(descriptorLimit: Int?) -> String {
        var parts: [String] = []
        if let descriptors {
            let limit = descriptorLimit.map { " of \(Quantity.count($0))" } ?? ""
            parts.append("\(Quantity.count(descriptors))\(limit) fds")
        }
        if let connections { parts.append(Quantity.of(connections, "connection")) }
        if let acceptQueue, acceptQueue > 0 { parts.append("\(Quantity.count(acceptQueue)) not accepted") }
        if let accountsOnline { parts.append("\(Quantity.count(accountsOnline)) online") }
        if let cpuCores { parts.append("\(Quantity.cores(cpuCores)) cores") }
        if let rssKiB { parts.append(Quantity.bytes(rssKiB.multipliedClamped(by: 1024))) }
        if let threads { parts.append(Quantity.of(threads, "thread")) }
        if let goroutines { parts.append(Quantity.of(goroutines, "goroutine")) }
        return parts.isEmpty ? "nothing known" : parts.joined(separator: ", ")
    }
}

extension ServerSample {
    var establishedConnections: Int? {
        connections.map { $0["ESTABLISHED"] ?? 0 }
    }

    var contextSwitches: Int? {
        guard let voluntarySwitches else { return involuntarySwitches }
        return voluntarySwitches + (involuntarySwitches ?? 0)
    }
}
