/// The generator's own state over one interval; the base of the verdict *invalid*.
package struct GeneratorSample: Codable, Equatable, Sendable {
    /// Share of the interval that the loop did not sleep, 0…1.
    package var busyRatio = 0.0
    package var userCPUSeconds = 0.0
    package var systemCPUSeconds = 0.0
    package var rssKiB = 0
    package var openDescriptors = 0
    /// Largest delay of a timer behind its due time, microseconds.
    package var scheduleLagMaxUs = 0

    package init() {}
}

extension GeneratorSample {
    /// Joins another shard's sample of the same second.
    ///
    /// CPU time, memory and descriptors add up over processes; of busy ratio and lag the worst shard counts, since one
    /// late shard spoils the measurement.
    package mutating func add(_ other: GeneratorSample) {
        busyRatio = max(busyRatio, other.busyRatio)
        userCPUSeconds += other.userCPUSeconds
        systemCPUSeconds += other.systemCPUSeconds
        rssKiB = rssKiB.addingSaturated(other.rssKiB)
        openDescriptors = openDescriptors.addingSaturated(other.openDescriptors)
        scheduleLagMaxUs = max(scheduleLagMaxUs, other.scheduleLagMaxUs)
    }

    var isValid: Bool {
        (0...1e6).contains(busyRatio) && (0...1e9).contains(userCPUSeconds) && (0...1e9).contains(systemCPUSeconds)
            && [rssKiB, openDescriptors, scheduleLagMaxUs].allSatisfy(Interval.counts.contains)
    }
}
