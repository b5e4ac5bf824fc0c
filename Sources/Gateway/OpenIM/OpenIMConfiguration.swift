/// What a gateway needs to speak OpenIM. Figures: open-im-server 3.5.1 and 3.8.3, internal/msggateway.
package struct OpenIMConfiguration: Equatable, Sendable {
    package var version = OpenIMVersion.v3_8_3
    package var loginPolicy = OpenIMLoginPolicy.kickSamePlatform
    /// Registered connections; of more each handshake is refused with 1601.
    package var connectionLimit = 100_000
    /// A larger frame of a client ends its connection with 1009.
    package var maxMessageBytes = 51_200
    /// Without a frame of the client for so long its connection is ended.
    package var readTimeout = Duration.seconds(30)
    /// A write that takes longer fails, and its connection is ended.
    package var writeTimeout = Duration.seconds(10)
    /// 3.8 sends a PING so often to browsers (platform 5).
    package var pingInterval = Duration.seconds(27)

    package init() {}

    /// - Throws: ``GatewayError/configuration(field:expected:)`` for the first field out of range.
    func validate() throws(GatewayError) {
        func require(_ holds: Bool, _ field: String, _ expected: String) throws(GatewayError) {
            guard holds else { throw .configuration(field: field, expected: expected) }
        }
        try require((0...10_000_000).contains(connectionLimit), "connectionLimit", "0 to 10000000 connections")
        try require((1...Int(Int32.max)).contains(maxMessageBytes), "maxMessageBytes", "1 to 2147483647 bytes")
        let times: ClosedRange<Duration> = .milliseconds(1) ... .seconds(3600)
        try require(times.contains(readTimeout), "readTimeout", "a time from 1 ms to 1 h")
        try require(times.contains(writeTimeout), "writeTimeout", "a time from 1 ms to 1 h")
        try require(times.contains(pingInterval), "pingInterval", "a time from 1 ms to 1 h")
    }
}

/// What happens to a user's other connections when one more is registered (`multiLoginPolicy`).
package enum OpenIMLoginPolicy: Int, CaseIterable, Codable, Sendable {
    /// Nothing.
    case keepAll = 0
    /// Those of the same platform are kicked.
    case kickSamePlatform = 1
    /// Those of the same class of platforms are kicked; 3.5.1 does nothing.
    case kickSameClass = 4
    /// As `kickSamePlatform`, but a login on a computer kicks nobody.
    case computerAndOther = 5
}
