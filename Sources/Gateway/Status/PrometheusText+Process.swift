extension PrometheusText {
    /// What this process uses, under the names that Prometheus' client libraries give it.
    ///
    /// - Parameter startTime: seconds since 1970; nil: unknown.
    mutating func addProcess(startTime: Double?) {
        let usage = ProcessUsage.read()
        if let descriptors = usage.openDescriptors {
            metric("process_open_fds", .gauge, descriptors, "Open file descriptors.")
        }
        if let limit = usage.maxDescriptors {
            metric("process_max_fds", .gauge, limit, "Limit of open file descriptors.")
        }
        if let bytes = usage.residentBytes {
            metric("process_resident_memory_bytes", .gauge, bytes, "Resident memory.")
        }
        metric("process_cpu_seconds_total", .counter, usage.cpuSeconds, "User and system CPU time.")
        if let threads = usage.threads {
            metric("process_threads", .gauge, threads, "Threads.")
        }
        if let startTime {
            metric("process_start_time_seconds", .gauge, startTime, "Start of the process, since 1970.")
        }
    }
}
