/// The operations that a gateway knows, `reqIdentifier`.
enum OpenIMOperation {
    static let newestSequence: Int32 = 1001
    static let pullByRange: Int32 = 1002
    static let sendMessage: Int32 = 1003
    static let sendSignal: Int32 = 1004
    static let pullBySequence: Int32 = 1005
    static let readAndMaxSequence: Int32 = 1006
    static let lastMessage: Int32 = 1007
    static let push: Int32 = 2001
    static let kick: Int32 = 2002
    static let logout: Int32 = 2003
    static let setBackground: Int32 = 2004
    static let subscribe: Int32 = 2005
}
