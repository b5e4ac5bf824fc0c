extension Report {
    /// The server, as far as it can be seen from outside.
    package struct Server: Codable, Equatable, Sendable {
        package var processes: [Process]
        /// Metrics addresses that were asked.
        package var metrics: [Metrics]

        package init(processes: [Process] = [], metrics: [Metrics] = []) {
            self.processes = processes
            self.metrics = metrics
        }
    }

    /// A process of the server over the run; what could not be read is absent.
    package struct Process: Codable, Equatable, Sendable {
        /// Such as `gateway 0`; the key in `series[].server`.
        package var name: String
        /// Of the last one, when it was restarted.
        package var pid: Int32
        package var command: String
        package var role: String
        package var limits: Limits?
        package var descriptors: Descriptors?
        /// Established connections on the port where the load arrives.
        package var connections: Span?
        package var cpu: CPU?
        package var rssKiB: Span?
        package var threads: Span?

        package init(name: String, pid: Int32, command: String, role: String) {
            self.name = name
            self.pid = pid
            self.command = command
            self.role = role
        }

        private enum CodingKeys: String, CodingKey {
            case name, pid, command, role, limits, descriptors = "fds", connections, cpu, rssKiB = "rss_kib", threads
        }
    }

    package struct Limits: Codable, Equatable, Sendable {
        /// RLIMIT_NOFILE, soft.
        package var nofile: Int
    }

    /// A quantity at the first and the last sample, and its greatest value.
    package struct Span: Codable, Equatable, Sendable {
        package var start: Double
        package var end: Double
        package var max: Double

        package init(_ value: Double) {
            (start, end, max) = (value, value, value)
        }

        mutating func add(_ value: Double) {
            end = value
            max = Swift.max(max, value)
        }
    }

    package struct Descriptors: Codable, Equatable, Sendable {
        package var start: Double
        package var end: Double
        package var max: Double
        /// By kind, such as `tcp:CLOSE_WAIT`; one that was never there is absent.
        package var byKind: [String: Span]

        private enum CodingKeys: String, CodingKey {
            case start, end, max, byKind = "by_kind"
        }
    }

    package struct CPU: Codable, Equatable, Sendable {
        /// Used while it was watched, seconds.
        package var usedS: Double
        /// Cores kept busy in the busiest second.
        package var coresMax: Double

        private enum CodingKeys: String, CodingKey {
            case usedS = "used_s", coresMax = "cores_max"
        }
    }

    /// What a metrics address said over the run.
    package struct Metrics: Codable, Equatable, Sendable {
        package var name: String
        package var descriptors: Span?
        package var goroutines: Span?
        package var accountsOnline: Span?
        package var series: [String: Span]

        package init(name: String) {
            self.name = name
            series = [:]
        }

        private enum CodingKeys: String, CodingKey {
            case name, descriptors = "fds", goroutines, accountsOnline = "accounts_online", series
        }
    }

    /// What was kept when a finding turned critical, before anything was closed.
    package struct Scene: Codable, Equatable, Sendable {
        /// Seconds since the run's start.
        package var atS: Double
        /// Kind of the finding.
        package var finding: String
        /// The most telling lines, heaviest first.
        package var lines: [Line]
        /// Also listed in the report's `evidence`.
        package var files: [Evidence]

        package struct Line: Codable, Equatable, Sendable {
            /// 110: a proven wait cycle; 100: a likely culprit; less: what may help.
            package var weight: Int
            package var text: String

            package init(weight: Int, text: String) {
                self.weight = weight
                self.text = text
            }
        }

        package init(atS: Double, finding: String, lines: [Line], files: [Evidence]) {
            self.atS = atS
            self.finding = finding
            self.lines = lines
            self.files = files
        }

        private enum CodingKeys: String, CodingKey {
            case atS = "at_s", finding, lines, files
        }
    }
}
