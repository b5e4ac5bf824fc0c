package import Diagnosis
package import Enrollment
package import LoadMetrics
package import RunReport

/// Who watches a run while it goes on; the live view is one.
package protocol RunObserver: AnyObject {
    /// Accounts are being got ready, before anything connects.
    func enrolling(_ progress: Enrollment.Progress)
    func started(_ header: RunHeader, folder: String)
    /// A second is complete for all shards; `run` is what is known so far.
    func passed(_ second: IntervalGroup, _ run: ReportBuilder)
    func found(_ finding: Finding)
    /// The scene of a finding has been kept.
    func kept(_ scene: Report.Scene)
    /// The run is being ended, by time or by the user.
    func stopping(_ how: String)
    func warned(_ text: String)
}
