/// From the text of a profile to a checked plan.
package enum Profile {
    /// Larger documents are refused, in bytes.
    package static let maxDocumentBytes = 1 << 20

    /// Reads a profile and checks it.
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: what to call it in messages.
    ///   - overrides: what the command line says.
    /// - Throws: all problems of the document and of the overrides at once.
    package static func load(
        text: String, file: String, overrides: PlanOverrides = PlanOverrides()
    ) throws(ProfileError) -> Plan {
        var decoder = ProfileDecoder(source: SourceText(text))
        let plan = decoder.decode(overrides: overrides)
        guard let plan, decoder.problems.isEmpty else { throw decoder.problems.error(file: file) }
        return plan
    }

    /// The same from bytes that should be UTF-8.
    package static func load(
        bytes: [UInt8], file: String, overrides: PlanOverrides = PlanOverrides()
    ) throws(ProfileError) -> Plan {
        try load(text: text(of: bytes, file: file), file: file, overrides: overrides)
    }

    /// The text of a file's bytes.
    /// - Throws: where the first byte is that is not UTF-8, or that there are too many.
    package static func text(of bytes: [UInt8], file: String) throws(ProfileError) -> String {
        guard bytes.count <= maxDocumentBytes else {
            throw ProfileError(file: file, problems: [SourceText.tooLarge(byteCount: bytes.count)])
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw ProfileError(file: file, problems: [SourceText.notUTF8(bytes)])
    }
}
