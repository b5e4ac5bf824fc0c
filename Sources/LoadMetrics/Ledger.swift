/// The account book of connections. Two identities hold in every report, whatever was done to the run:
///
///     asked  = opened + refused + failed + timed_out + in_flight
///     opened = closed_clean + closed_by_peer + lost + still_open
///
/// The left sides and the events on the right are counted as they happen; `in_flight` and `still_open` are counted from
/// the phases in which the accounts stood at the end. The two do not share a variable, so a lost connection shows.
package struct Ledger: Equatable, Sendable {
    package var asked: Int
    package var opened: Int
    package var refused: Int
    package var failed: Int
    package var timedOut: Int
    package var inFlight: Int
    package var closedClean: Int
    package var closedByPeer: Int
    package var lost: Int
    package var stillOpen: Int

    package init(counters: Counters, phasesAtEnd: [Phase: PhaseGauge]) {
        asked = counters.asked
        opened = counters.opened
        refused = counters.refused
        failed = counters.failed
        timedOut = counters.timedOut
        closedClean = counters.closedClean
        closedByPeer = counters.closedByPeer
        lost = counters.lost
        inFlight = Phase.inFlight.reduce(0) { $0.addingSaturated(phasesAtEnd[$1]?.count ?? 0) }
        stillOpen = Phase.online.reduce(0) { $0.addingSaturated(phasesAtEnd[$1]?.count ?? 0) }
    }

    /// `asked` less what became of it; 0 when it balances, positive when connections vanished from the books.
    package var askedDifference: Int { asked.less([opened, refused, failed, timedOut, inFlight]) }

    /// `opened` less what became of it.
    package var openedDifference: Int { opened.less([closedClean, closedByPeer, lost, stillOpen]) }

    package var balances: Bool { askedDifference == 0 && openedDifference == 0 }
}

extension Int {
    /// Subtracts each count, stopping at `Int.min` rather than overflow.
    fileprivate func less(_ parts: [Int]) -> Int {
        parts.reduce(self) {
            let (difference, overflow) = $0.subtractingReportingOverflow($1)
            return overflow ? .min : difference
        }
    }
}
