/// What the gateway says in JSON: instead of a 101 (HTTP 200 with such a body), and as the first text message of a
/// connection that asked for it.
package struct OpenIMReply: Equatable, Sendable {
    private static let table = FieldTable([
        FieldTable.Field(name: "errCode", kind: .int64), FieldTable.Field(name: "errMsg", kind: .string),
    ])

    /// 0: no error.
    package var errorCode: Int
    package var errorMessage: String

    package init(errorCode: Int, errorMessage: String) {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }

    /// nil when it is no JSON object with a number `errCode`.
    package init?(json: UnsafeRawBufferPointer) {
        let reply: OpenIMReply? = SmallJSONObject.read(json, as: Self.table) { values in
            guard values[0].isPresent else { return nil }
            return OpenIMReply(
                errorCode: Int(values[0].number), errorMessage: String(decoding: values[1].bytes, as: UTF8.self))
        }
        guard let reply else { return nil }
        self = reply
    }
}
