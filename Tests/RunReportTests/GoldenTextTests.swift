import LoadMetrics
import RunReport
import Testing

/// The text forms, word for word: what they say is what people copy into tickets.
@Suite struct GoldenTextTests {
    private func style(_ width: Int, color: Bool = false) -> TextStyle { TextStyle(color: color, width: width) }

    @Test func theSummaryOfAFreeze() throws {
        let text = SummaryRenderer.render(
            try SampleRun.frozen(), style: style(80), location: "Reports/20250601-120000-churn/report.json")
        #expect(
            text == """
                FAIL         handshake_stall: 98 accounts hung in the opening handshake, the
                             oldest for 7.0 s; nobody passed from 3.0 s on
                             also: threshold handshake.p99 < 5ms: was 10.00 ms
                run          online-offline-churn on ws://127.0.0.1:9001/
                             100 accounts, 10.5 s, seed 42, 1 shard

                iterations   30 completed (2.86/s), 2 failed, 98 in flight at the end
                failures     handshake_rejected:503 ×2
                connections  130 asked = 30 opened + 2 refused + 98 in flight
                             30 opened = 30 closed clean
                close codes  by_us:1000 ×30
                messages     30 sent (7.03 KiB), 30 received (5.57 KiB)

                timings               count     mean      p50      p99    p99.9      max
                  connect                30   275 µs   250 µs   500 µs        –   500 µs
                  handshake              30  5.50 ms  5.00 ms  10.0 ms        –  10.0 ms
                  reply                  30  16.5 ms  15.0 ms  30.0 ms        –  30.0 ms
                  reply_service          30  11.0 ms  10.0 ms  20.0 ms        –  20.0 ms
                  iteration              30  38.5 ms  35.0 ms  70.0 ms        –  70.0 ms

                pending at the end
                  handshaking: 98 accounts, oldest 7.00 s, 98 of them stalled

                findings
                  critical handshake_stall, from 8.00 s on
                    98 accounts hung in the opening handshake, the oldest for 7.0 s; nobody
                      passed from 3.0 s on
                    accounts_max=98 gate=shut nobody_passed_since_s=3.0 oldest_ms_max=7000
                      passed_meanwhile=0 phase=handshaking stuck_since_s=3.0 timed_out=0

                thresholds
                  failed handshake.p99 < 5ms: 10.0 ms

                refused, for example
                  503 Service Unavailable: too·[31m many connections

                generator    1.20 s CPU, 8.79 MiB, 110 descriptors, busy at most 13 %, late at
                             most 850 µs

                report
                  Reports/20250601-120000-churn/report.json

                """)
    }

    @Test func theSummaryOfAGoodRunOnANarrowTerminal() throws {
        let text = SummaryRenderer.render(try SampleRun.passing(), style: style(20))
        #expect(
            text == """
                PASS
                  all thresholds
                    held, nothing
                    stood out
                run
                  online-offline-c
                    hurn on
                    ws://127.0.0.1:9
                    001/
                  100 accounts,
                    20.3 s, seed 42,
                    1 shard

                iterations
                  200 completed
                    (9.88/s), 0
                    failed
                connections
                  200 asked = 200
                    opened
                  200 opened = 200
                    closed clean
                close codes
                  by_us:1000 ×200
                messages
                  200 sent (46.9
                    KiB), 200
                    received (37.1
                    KiB)

                timings          p50
                  connect     250 µs
                  handshake  5.00 ms
                  reply      15.0 ms
                  reply_se…  10.0 ms
                  iteration  35.0 ms

                generator
                  2.40 s CPU, 8.79
                    MiB, 110
                    descriptors,
                    busy at most 13
                    %, late at most
                    850 µs

                """)
    }

    @Test func thePanelOfAFreeze() throws {
        let text = LivePanel.lines(try SampleRun.liveHung(), height: 30, style: style(80)).joined(separator: "\n")
        #expect(
            text == """
                online-offline-churn on ws://127.0.0.1:9001/
                ██████████░░░░░░░░░░  10 s of 20 s
                  waiting             2
                  handshaking        98  98 stalled  oldest 7.00 s
                  iterations 0/s  connects 0/s  sent 0/s  received 0/s  generator busy 13 %
                  30 completed, 2 failed
                    handshake_rejected:503 ×2
                  ! handshake_stall: 98 accounts hung in the opening handshake, the oldest for
                    7.0 s; nobody passed from 3.0 s on
                """)
    }

    @Test func thePanelOfAGoodRun() throws {
        let text = LivePanel.lines(try SampleRun.liveGood(), height: 30, style: style(80)).joined(separator: "\n")
        #expect(
            text == """
                online-offline-churn on ws://127.0.0.1:9001/
                █████░░░░░░░░░░░░░░░  5 s of 20 s
                  waiting           100
                  iterations 10.0/s  connects 10.0/s  sent 10.0/s  received 10.0/s
                  generator busy 13 %
                  connect       p50 250 µs    p99 500 µs    max 500 µs
                  handshake     p50 5.00 ms   p99 10.0 ms   max 10.0 ms
                  reply         p50 15.0 ms   p99 30.0 ms   max 30.0 ms
                  reply_service p50 10.0 ms   p99 20.0 ms   max 20.0 ms
                  iteration     p50 35.0 ms   p99 70.0 ms   max 70.0 ms
                  50 completed, 0 failed
                """)
    }

    @Test func thePanelOfAFreezeOnANarrowTerminal() throws {
        let text = LivePanel.lines(try SampleRun.liveHung(), height: 30, style: style(40)).joined(separator: "\n")
        #expect(
            text == """
                online-offline-churn on ws://127.0.0.1:…
                █████░░░░░  10 s of 20 s
                  waiting         2
                  handshaking    98  98 stalled  7.00 s
                  iterations 0/s  connects 0/s  sent 0/s
                  received 0/s  generator busy 13 %
                  30 completed, 2 failed
                    handshake_rejected:503 ×2
                  ! handshake_stall: 98 accounts hung in
                    the opening handshake, the oldest
                    for 7.0 s; nobody passed from 3.0 s
                    on
                """)
    }

    @Test func thePlainLines() throws {
        #expect(
            LiveLine.text(try SampleRun.liveHung())
                == """
                10 s of 20 s | 2 waiting, 98 handshaking (oldest 7.00 s) | 0/s iterations, 0/s connects | 2 failed | \
                ! handshake_stall: 98 accounts hung in the opening handshake, the oldest for 7.0 s; nobody passed from 3.0 s on
                """)
        #expect(
            LiveLine.text(try SampleRun.liveGood())
                == """
                5 s of 20 s | 100 waiting | 10.0/s iterations, 10.0/s connects | reply p50 15.0 ms p99 30.0 ms | 0 failed
                """)
    }
}
