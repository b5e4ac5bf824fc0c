internal import NIOCore

/// What goes to a client (`Resp`): the answer to a request, a push, a kick.
struct OpenIMResponse: Equatable {
    var identifier: Int32
    var msgIncr = ByteBuffer()
    var operationID = ByteBuffer()
    /// 0: no error.
    var errorCode = 0
    var errorMessage = ""
    var data = ByteBuffer()
}
