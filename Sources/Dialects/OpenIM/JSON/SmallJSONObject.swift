/// JSON objects that come now and then, not with each message.
enum SmallJSONObject {
    /// Reads `text` as the fields of `table` and gives them to `body`; nil when it is no such object.
    static func read<Result>(
        _ text: UnsafeRawBufferPointer, as table: FieldTable, _ body: (borrowing FieldValues) -> Result?
    ) -> Result? {
        withUnsafeTemporaryAllocation(byteCount: JSONObject.scratchBytes(text) + 1, alignment: 1) { scratch in
            var values = FieldValues()
            do throws(OpenIMFault) {
                try JSONObject.read(text, as: table, into: &values, scratch: scratch.baseAddress!)
            } catch {
                return nil
            }
            return body(values)
        }
    }
}
