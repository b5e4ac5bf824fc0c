extension Plan {
    /// What of the plan an OpenIM of this version does not understand, by the profile's names.
    ///
    /// The decoder refuses it where the version is written; this is for one that the API was asked for.
    package func partsUnknown(toOpenIM version: OpenIMPlan.Version) -> [String] {
        guard version == .v3_5_1, let openIM else { return [] }
        var unknown: [String] = []
        if openIM.encoding == .json { unknown.append("encoding: json") }
        if openIM.ping == .text { unknown.append("ping: text") }
        if openIM.firstResponse { unknown.append("first_response") }
        if steps.subscribe { unknown.append("subscribe") }
        return unknown
    }
}

extension [Step] {
    fileprivate var subscribe: Bool {
        contains { step in
            switch step {
            case .request(.subscribe): true
            case .repeat(_, let steps): steps.subscribe
            case .choose(let choices): choices.contains { $0.steps.subscribe }
            case .roles(let roles): roles.contains { $0.steps.subscribe }
            case .connect, .send, .receive, .wait, .ping, .close, .abort, .abandon, .stopReading, .takeover, .request,
                .logout:
                false
            }
        }
    }
}
