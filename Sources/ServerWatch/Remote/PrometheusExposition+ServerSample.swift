package import LoadMetrics

extension PrometheusExposition {
    /// What the well-known names say: those of Prometheus' client libraries, of Go's runtime, and OpenIM's
    /// `online_user_num`.
    package func serverSample(source: Int, atS: Double, series: [String]) -> ServerSample {
        var sample = ServerSample(source: source, atS: atS)
        sample.descriptors = count("process_open_fds")
        sample.descriptorLimit = count("process_max_fds")
        // The whole of it, which the libraries do not split into user and system time.
        sample.userCPUSeconds = sum("process_cpu_seconds_total")
        sample.residentKiB = count("process_resident_memory_bytes").map { $0 / 1024 }
        sample.threads = count("process_threads") ?? count("go_threads")
        sample.goroutines = count("go_goroutines")
        sample.accountsOnline = count("online_user_num")
        var values: [String: Double] = [:]
        for name in series {
            values[name] = value(of: name)
        }
        sample.series = values.isEmpty ? nil : values
        return sample
    }

    /// Gauges may drift below zero on a healthy server (OpenIM's does), and hostile ones beyond any integer.
    private func count(_ name: String) -> Int? {
        sum(name).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }
}
