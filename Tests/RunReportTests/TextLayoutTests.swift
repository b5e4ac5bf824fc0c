import LoadMetrics
import RunReport
import Testing

@Suite struct TextLayoutTests {
    /// Without the colours, which take no room.
    private func plain(_ line: some StringProtocol) -> String {
        var text = ""
        var isEscape = false
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if !isEscape { text.append(character) }
            if character == "m" { isEscape = false }
        }
        return text
    }

    @Test(arguments: [16, 20, 30, 40, 59, 60, 79, 80, 120, 300])
    func nothingIsWiderThanTheTerminal(width: Int) throws {
        for color in [false, true] {
            let style = TextStyle(color: color, width: width)
            for report in [try SampleRun.passing(), try SampleRun.frozen()] {
                for line in SummaryRenderer.render(report, style: style).split(separator: "\n") {
                    #expect(plain(line).count <= width, "\(line)")
                }
            }
            for state in [try SampleRun.liveGood(), try SampleRun.liveHung()] {
                for line in LivePanel.lines(state, height: 40, style: style) {
                    #expect(plain(line).count <= width, "\(line)")
                }
            }
        }
    }

    @Test(arguments: 1...16)
    func thePanelKeepsToItsHeightAndToWhatMatters(height: Int) throws {
        let style = TextStyle(color: false, width: 80)
        let lines = LivePanel.lines(try SampleRun.liveHung(), height: height, style: style)
        #expect(lines.count <= height)
        #expect(height < 3 || lines.contains { $0.contains("handshake_stall") })
        #expect(height < 6 || lines.contains { $0.contains("98 stalled") })
    }

    @Test func colourOnlyRepeatsTheWords() throws {
        let report = try SampleRun.frozen()
        let painted = SummaryRenderer.render(report, style: TextStyle(color: true, width: 80))
        #expect(painted.contains("\u{1B}[1;31m"))
        #expect(plain(painted) == SummaryRenderer.render(report, style: TextStyle(color: false, width: 80)))
    }

    @Test func withoutColourThereIsNoEscape() throws {
        let style = TextStyle(color: false, width: 80)
        #expect(!SummaryRenderer.render(try SampleRun.frozen(), style: style).contains("\u{1B}"))
        #expect(!LivePanel.lines(try SampleRun.liveHung(), height: 40, style: style).joined().contains("\u{1B}"))
        #expect(!LiveLine.text(try SampleRun.liveHung()).contains("\u{1B}"))
    }

    @Test func aPanelBeforeTheFirstSecondSaysSo() throws {
        let state = try SampleRun.live([])
        let lines = LivePanel.lines(state, height: 10, style: TextStyle(color: false, width: 80))
        #expect(lines.contains { $0.contains("waiting for the first second") })
        #expect(LiveLine.text(state) == "0 s of 20 s | 0 failed")
    }

    @Test func theStageIsShown() throws {
        let state = try SampleRun.live([SampleRun.good(0)], stage: "finishing")
        #expect(LivePanel.lines(state, height: 10, style: TextStyle(color: false, width: 80))[1].hasSuffix("finishing"))
        #expect(LiveLine.text(state).hasPrefix("1 s of 20 s | finishing | "))
    }
}
