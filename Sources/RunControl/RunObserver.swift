package import Diagnosis
package import LoadMetrics
package import RunReport

/// Who watches a run while it goes on; the live view is one.
package protocol RunObserver: AnyObject {
    func started(_ header: RunHeader, folder: String)
    /// A second is complete for all shards.
    func passed(_ second: IntervalGroup, totals: RunTotals, findings: [Finding])
    func found(_ finding: Finding)
    /// The run is being ended, by time or by the user.
    func stopping(_ how: String)
    func warned(_ text: String)
}
