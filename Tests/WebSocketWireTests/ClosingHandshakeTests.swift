import Testing
import WebSocketWire

/// The matrix of `ClosingHandshake`: each input in each state.
struct ClosingHandshakeTests {
    private static var open: ClosingHandshake { ClosingHandshake() }

    private static var closeSent: ClosingHandshake {
        var closing = open
        _ = closing.startClose()
        return closing
    }

    private static var closeReceived: ClosingHandshake {
        var closing = open
        _ = closing.onCloseFrame()
        return closing
    }

    private static var doneByUs: ClosingHandshake {
        var closing = closeSent
        _ = closing.onCloseFrame()
        return closing
    }

    private static var doneByPeer: ClosingHandshake {
        var closing = closeReceived
        closing.onReplySent()
        return closing
    }

    @Test func startClose() {
        let rows: [(ClosingHandshake, ClosingHandshake.OnStart, ClosingHandshake.State)] = [
            (Self.open, .sendClose, .closeSent), (Self.closeSent, .ignore, .closeSent),
            (Self.closeReceived, .ignore, .closeReceived), (Self.doneByUs, .ignore, .done),
            (Self.doneByPeer, .ignore, .done),
        ]
        for (start, result, end) in rows {
            var closing = start
            #expect(closing.startClose() == result)
            #expect(closing.state == end)
        }
    }

    @Test func onCloseFrame() {
        let rows: [(ClosingHandshake, ClosingHandshake.OnCloseFrame, ClosingHandshake.State)] = [
            (Self.open, .reply, .closeReceived), (Self.closeSent, .finished, .done),
            (Self.closeReceived, .ignore, .closeReceived), (Self.doneByUs, .ignore, .done),
            (Self.doneByPeer, .ignore, .done),
        ]
        for (start, result, end) in rows {
            var closing = start
            #expect(closing.onCloseFrame() == result)
            #expect(closing.state == end)
        }
    }

    @Test func onReplySent() {
        let rows: [(ClosingHandshake, ClosingHandshake.State)] = [
            (Self.open, .open), (Self.closeSent, .closeSent), (Self.closeReceived, .done), (Self.doneByUs, .done),
            (Self.doneByPeer, .done),
        ]
        for (start, end) in rows {
            var closing = start
            closing.onReplySent()
            #expect(closing.state == end)
        }
    }

    @Test func initiatorAndCompleteness() {
        #expect(Self.open.initiator == .none && !Self.open.isComplete)
        #expect(Self.closeSent.initiator == .us && !Self.closeSent.isComplete)
        #expect(Self.closeReceived.initiator == .peer && !Self.closeReceived.isComplete)
        #expect(Self.doneByUs.initiator == .us && Self.doneByUs.isComplete)
        #expect(Self.doneByPeer.initiator == .peer && Self.doneByPeer.isComplete)
    }
}
