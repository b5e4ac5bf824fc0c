package import LoadMetrics

/// One second of the run, for curves.
package struct SeriesPoint: Codable, Equatable, Sendable {
    /// End of the second, seconds since the run's start.
    package var tS: Double
    /// Accounts by `Phase.name` at that moment; phases without any are absent.
    package var phases: [String: Int]
    /// Age of the account longest in each of these phases, milliseconds.
    package var oldestMs: [String: Int]
    /// Accounts in a phase for `stall.after` or longer; phases without any are absent.
    package var stalled: [String: Int]
    package var rates: Rates
    package var generator: Generator
    /// What was watched, by its name; absent in seconds without a sample.
    package var server: [String: ServerPoint]?

    package struct Rates: Codable, Equatable, Sendable {
        package var iterationsPerS: Double
        package var failedPerS: Double
        package var openedPerS: Double
        package var closedPerS: Double
        package var messagesSentPerS: Double
        package var messagesReceivedPerS: Double
        package var bytesSentPerS: Double
        package var bytesReceivedPerS: Double

        private enum CodingKeys: String, CodingKey {
            case iterationsPerS = "iterations_per_s", failedPerS = "failed_per_s", openedPerS = "opened_per_s"
            case closedPerS = "closed_per_s", messagesSentPerS = "messages_sent_per_s"
            case messagesReceivedPerS = "messages_received_per_s", bytesSentPerS = "bytes_sent_per_s"
            case bytesReceivedPerS = "bytes_received_per_s"
        }
    }

    /// The shards together; of busy and lag, the worst one.
    package struct Generator: Codable, Equatable, Sendable {
        package var busy: Double
        package var cpuS: Double
        package var rssKiB: Int
        package var descriptors: Int
        package var scheduleLagUs: Int

        private enum CodingKeys: String, CodingKey {
            case busy, cpuS = "cpu_s", rssKiB = "rss_kib", descriptors = "fds", scheduleLagUs = "schedule_lag_us"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case tS = "t_s", phases, oldestMs = "oldest_ms", stalled, rates, generator, server
    }
}

extension SeriesPoint {
    package init(_ group: IntervalGroup) {
        tS = group.endS.thousandths
        phases = [:]
        oldestMs = [:]
        stalled = [:]
        for (phase, gauge) in group.phases where gauge.count > 0 {
            phases[phase.name] = gauge.count
            oldestMs[phase.name] = gauge.oldestMs
            if gauge.stalled > 0 { stalled[phase.name] = gauge.stalled }
        }
        let sample = group.generator
        rates = Rates(group)
        generator = Generator(
            busy: sample.busyRatio.thousandths, cpuS: (sample.userCPUSeconds + sample.systemCPUSeconds).thousandths,
            rssKiB: sample.rssKiB, descriptors: sample.openDescriptors, scheduleLagUs: sample.scheduleLagMaxUs)
    }
}

extension SeriesPoint.Rates {
    package init(_ group: IntervalGroup) {
        let counters = group.counters
        // A cut-off last interval may be next to nothing long; its rate would be noise, not speed.
        let lengthS = max(group.lengthS, 0.001)
        func rate(_ count: Int) -> Double { (Double(count) / lengthS).thousandths }
        iterationsPerS = rate(counters.iterationsCompleted)
        failedPerS = rate(counters.iterationsFailed)
        openedPerS = rate(counters.opened)
        closedPerS = (Double(counters.closedClean) + Double(counters.closedByPeer) + Double(counters.lost)) / lengthS
        closedPerS = closedPerS.thousandths
        messagesSentPerS = rate(counters.messagesSent)
        messagesReceivedPerS = rate(counters.messagesReceived)
        bytesSentPerS = rate(counters.bytesSent)
        bytesReceivedPerS = rate(counters.bytesReceived)
    }
}

extension Double {
    /// Rounded to three decimals, so that a report does not pretend to more.
    var thousandths: Double { (self * 1000).rounded() / 1000 }
}
