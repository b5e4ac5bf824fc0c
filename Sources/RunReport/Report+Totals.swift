package import Diagnosis
package import LoadMetrics

extension Report {
    /// Counts of the whole run.
    package struct Totals: Codable, Equatable, Sendable {
        package var iterations: Iterations
        /// Ended iterations by `Outcome.slug`.
        package var outcomes: [String: Int]
        package var ledger: LedgerEntry
        /// Who is online by the server's own count, beside ours; absent when it does not say.
        package var serverSays: ServerCount?
        package var messages: Messages
        package var bytes: Bytes
        /// By who began the closing handshake and its code, such as `by_us:1000`.
        package var closeCodes: [String: Int]
        /// Durations beyond ten minutes, recorded as ten minutes.
        package var timingsOutOfRange: Int

        private enum CodingKeys: String, CodingKey {
            case iterations, outcomes, ledger, serverSays = "server_says", messages, bytes, closeCodes = "close_codes"
            case timingsOutOfRange = "timings_out_of_range"
        }
    }

    package struct Iterations: Codable, Equatable, Sendable {
        package var started: Int
        package var completed: Int
        package var failed: Int
        /// Cut at the end of the run.
        package var interrupted: Int
        package var dropped: Int
        package var inFlightAtEnd: Int

        private enum CodingKeys: String, CodingKey {
            case started, completed, failed, interrupted, dropped, inFlightAtEnd = "in_flight_at_end"
        }
    }

    package struct Messages: Codable, Equatable, Sendable {
        package var sent: Int
        package var received: Int
        /// Received, and no step waited for them.
        package var unclaimed: Int
    }

    package struct Bytes: Codable, Equatable, Sendable {
        package var sent: Int
        package var received: Int
    }

    /// The account book of connections; `Ledger` says what holds between the fields.
    package struct LedgerEntry: Codable, Equatable, Sendable {
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
        package var balanced: Bool
        /// What is missing on the right side of the first identity; 0 when balanced.
        package var askedDifference: Int
        package var openedDifference: Int

        private enum CodingKeys: String, CodingKey {
            case asked, opened, refused, failed, timedOut = "timed_out", inFlight = "in_flight"
            case closedClean = "closed_clean", closedByPeer = "closed_by_peer", lost, stillOpen = "still_open"
            case balanced, askedDifference = "asked_difference", openedDifference = "opened_difference"
        }

        package init(_ ledger: Ledger) {
            asked = ledger.asked
            opened = ledger.opened
            refused = ledger.refused
            failed = ledger.failed
            timedOut = ledger.timedOut
            inFlight = ledger.inFlight
            closedClean = ledger.closedClean
            closedByPeer = ledger.closedByPeer
            lost = ledger.lost
            stillOpen = ledger.stillOpen
            balanced = ledger.balances
            askedDifference = ledger.askedDifference
            openedDifference = ledger.openedDifference
        }
    }
}

extension Report.Totals {
    init(_ totals: RunTotals, serverSays: ServerCount?) {
        self.serverSays = serverSays
        let counters = totals.counters
        iterations = Report.Iterations(
            started: counters.iterationsStarted, completed: counters.iterationsCompleted,
            failed: counters.iterationsFailed, interrupted: counters.iterationsInterrupted,
            dropped: counters.iterationsDropped, inFlightAtEnd: totals.iterationsInFlight)
        outcomes = totals.outcomes
        ledger = Report.LedgerEntry(totals.ledger)
        messages = Report.Messages(
            sent: counters.messagesSent, received: counters.messagesReceived, unclaimed: counters.messagesUnclaimed)
        bytes = Report.Bytes(sent: counters.bytesSent, received: counters.bytesReceived)
        closeCodes = totals.closeCodes
        timingsOutOfRange = counters.timingsOutOfRange
    }
}
