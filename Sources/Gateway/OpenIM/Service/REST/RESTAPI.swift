internal import Foundation
internal import HTTPHosting

/// OpenIM's REST API: what openim-api (internal/api) asks the services for.
struct RESTAPI: Sendable {
    /// A body that is not the JSON expected.
    struct BadBody: Error {
        var reason: String
    }

    let service: OpenIMService

    var version: OpenIMVersion { service.version }

    /// Answers in the order of the checks of each version: 3.8.3 asks for the token before it looks for the route.
    func answer(_ call: HTTPCall) async -> HTTPReply {
        guard call.method == "POST" else { return discovery(call.path) ?? .notFound }
        guard let operationID = call.headers["operationid"], !operationID.isEmpty else {
            return .failure(.arguments("the header operationID is missing"), version)
        }
        let route = RESTRoute(rawValue: call.path).flatMap { $0.exists(in: version) ? $0 : nil }
        if version == .v3_5_1, route == nil { return .notFound }
        let isOpen =
            route?.isOpen(in: version)
            ?? RESTRoute.allCases.contains { $0.isOpen(in: version) && call.path.hasPrefix($0.rawValue) }
        let caller: String
        do throws(OpenIMError) {
            caller = isOpen ? "" : try owner(ofToken: call.headers["token"])
        } catch {
            return .failure(error, version)
        }
        guard let route else { return .notFound }
        return await answer(route, caller: caller, operationID: operationID, body: call.body)
    }

    private func answer(
        _ route: RESTRoute, caller: String, operationID: String, body: [UInt8]
    ) async -> HTTPReply {
        do {
            if service.configuration.callTime > .zero { try await Task.sleep(for: service.configuration.callTime) }
            return .success(try await perform(route, caller: caller, operationID: operationID, body: body))
        } catch let error as BadBody {
            let error = OpenIMError.arguments(error.reason)
            return route.bindsStrictly(in: version) ? .badBody(error, version) : .failure(error, version)
        } catch let error as OpenIMError {
            return .failure(error, version)
        } catch {
            return .failure(.internalError("\(error)"), version)
        }
    }

    private func owner(ofToken token: String?) throws(OpenIMError) -> String {
        guard let token, !token.isEmpty else { throw .arguments("the header token is missing") }
        do throws(OpenIMError) {
            return try service.check(token: token).userID
        } catch {
            // 3.5.1's API names no problem of the token itself.
            let isOfRecord = error == .tokenKicked || error == .tokenNotExist
            throw version == .v3_5_1 && !isOfRecord ? .tokenUnknown : error
        }
    }

    private func perform(
        _ route: RESTRoute, caller: String, operationID: String, body: [UInt8]
    ) async throws -> JSONText? {
        func parsed<Body: Decodable>(_ type: Body.Type = Body.self) throws -> Body {
            try parse(body, needsAdmin: route.needsAdmin(in: version), caller)
        }
        switch route {
        case .userToken: return try userToken(parsed())
        case .adminToken: return try adminToken(parsed())
        case .userTokenByAdmin: return try userTokenByAdmin(parsed())
        case .parseToken: return try parseToken(parsed())
        case .forceLogout: return try await forceLogout(parsed())
        case .register: return try register(parsed())
        case .checkAccounts: return try checkAccounts(parsed())
        case .onlineStatus: return await onlineStatus(try parsed())
        case .userStatus: return try userStatus(parsed())
        case .sendMessage: return try sendMessage(parsed(), body: body, operationID: operationID)
        case .newestSeq: return try newestSeq(parsed(), caller: caller)
        case .pullMessages: return try pullMessages(parsed())
        }
    }

    /// The body first, then the caller's right, as the API parses and the services check.
    private func parse<Body: Decodable>(_ body: [UInt8], needsAdmin: Bool, _ caller: String) throws -> Body {
        let parsed: Body
        do {
            parsed = try JSONDecoder().decode(Body.self, from: Data(body))
        } catch {
            throw BadBody(reason: Self.reason(error))
        }
        guard !needsAdmin || service.users.isAdmin(caller) else {
            throw OpenIMError.noPermission("the caller is no administrator")
        }
        return parsed
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        return switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        @unknown default: "\(error)"
        }
    }

    /// `GET /prometheus_discovery/msg_gateway` of 3.8.3, for Prometheus' http_sd.
    private func discovery(_ path: String) -> HTTPReply? {
        guard version == .v3_8_3, path == "/prometheus_discovery/msg_gateway" else { return nil }
        let targets = service.metricsTargets.all
        let group = JSONText.object([
            ("targets", .array(targets.map { .string($0) })),
            ("labels", .object([("namespace", .string("default"))])),
        ])
        return HTTPReply(
            contentType: "application/json; charset=utf-8",
            body: JSONText.array(targets.isEmpty ? [] : [group]).bytes)
    }
}
