/// What a frame asks for or brings (`reqIdentifier`).
package enum OpenIMOperation {
    package static let newestSequence: Int32 = 1001
    package static let pullMessages: Int32 = 1002
    package static let sendMessage: Int32 = 1003
    package static let push: Int32 = 2001
    package static let kick: Int32 = 2002
    package static let logout: Int32 = 2003
    package static let setBackground: Int32 = 2004
    package static let subscribeStatus: Int32 = 2005
}
