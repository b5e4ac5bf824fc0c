extension OpenIMPlan {
    /// The ID of an account that has no other: `gatecrash_{index}`, of characters that 3.5 and 3.8 both register.
    package static let defaultAccountID = Template(segments: [
        .literal(Array("gatecrash_".utf8)), .placeholder(.index),
    ])

    /// What the opening handshake says of the login, without the `?`.
    ///
    /// The parameters that both 3.5.1 and 3.8.3 and what came after them take, and of the others those that are wanted
    /// (open-im-server, internal/msggateway). `{account}` is rendered as it is, so that IDs must be fit for a query.
    /// - Parameter names: parameters that are left out, because the user has written them himself.
    package func query(without names: Set<String> = []) -> Template {
        var parameters: [(name: String, value: Template.Segment)] = [
            ("sendID", .placeholder(.account)), ("token", .placeholder(.token)),
            ("platformID", .placeholder(.platform)),
            ("operationID", .placeholder(.random)), ("isBackground", Self.literal("false")),
        ]
        if compression { parameters.append(("compression", Self.literal("gzip"))) }
        if encoding == .json { parameters.append(("sdkType", Self.literal("js"))) }
        if firstResponse { parameters.append(("isMsgResp", Self.literal("true"))) }
        let wanted = parameters.filter { !names.contains($0.name) }
        let segments = wanted.enumerated().flatMap { index, parameter in
            [Self.literal("\(index == 0 ? "" : "&")\(parameter.name)="), parameter.value]
        }
        return Template(segments: segments).joiningLiterals()
    }

    /// Path and query of the opening handshake: what the user has written, and behind it the parameters that are not
    /// among it.
    package func resource(behind written: Template) -> Template {
        let text = written.sourceText
        let question = text.firstIndex(of: "?")
        let given = question.map { text[text.index(after: $0)...].split(separator: "&") } ?? []
        let query = query(without: Set(given.map { String($0.prefix { $0 != "=" }) }))
        guard !query.segments.isEmpty else { return written }
        let joint = question == nil ? "?" : text.hasSuffix("?") || text.hasSuffix("&") ? "" : "&"
        return Template(segments: written.segments + [Self.literal(joint)] + query.segments).joiningLiterals()
    }

    private static func literal(_ text: String) -> Template.Segment { .literal(Array(text.utf8)) }
}

extension Template {
    /// The same with one literal where several follow each other, and without empty ones.
    fileprivate func joiningLiterals() -> Template {
        var joined: [Segment] = []
        for segment in segments {
            switch (joined.last, segment) {
            case (_, .literal(let bytes)) where bytes.isEmpty: break
            case (.literal(let first)?, .literal(let second)): joined[joined.count - 1] = .literal(first + second)
            default: joined.append(segment)
            }
        }
        return Template(segments: joined)
    }
}
