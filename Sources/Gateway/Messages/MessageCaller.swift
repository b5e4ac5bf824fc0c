internal import NIOCore

/// Who asks the message service something and is told the answer; loop-bound.
protocol MessageCaller: AnyObject {
    /// 0: none yet.
    var sessionID: UInt64 { get }
    var account: String { get }

    func takeReply(to number: Int, _ payload: ByteBuffer)

    /// The service could not be asked; there will be no answer.
    func callFailed(_ number: Int)
}
