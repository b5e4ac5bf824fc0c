/// Tokens and users.
extension RESTAPI {
    // MARK: Tokens

    func userToken(_ body: RESTBodies.TokenRequest) throws(OpenIMError) -> JSONText {
        guard body.secret == service.configuration.secret else { throw .noPermission("the secret is wrong") }
        let platform = try platform(body.platformID)
        let token = try service.giveToken(body.userID ?? "", platform: platform)
        service.status.logins.add(1)
        return given(token)
    }

    func adminToken(_ body: RESTBodies.TokenRequest) throws(OpenIMError) -> JSONText {
        guard body.secret == service.configuration.secret else { throw .noPermission("the secret is wrong") }
        guard let user = body.userID, service.users.isAdmin(user) else {
            throw .arguments("the user ID is no administrator's")
        }
        service.status.logins.add(1)
        return given(service.giveAdminToken(user))
    }

    func userTokenByAdmin(_ body: RESTBodies.TokenRequest) throws(OpenIMError) -> JSONText {
        let user = body.userID ?? ""
        let platform = try platform(body.platformID)
        guard platform != KnownPlatform.admin.rawValue else {
            throw .noPermission("platform 10 is the administrators'")
        }
        guard !service.users.isAdmin(user) else { throw .noPermission("the user is an administrator") }
        return given(try service.giveToken(user, platform: platform))
    }

    private func given(_ token: String) -> JSONText {
        .object([
            ("token", .string(token)),
            ("expireTimeSeconds", .number(service.configuration.tokenLife.components.seconds)),
        ])
    }

    func parseToken(_ body: RESTBodies.ParseToken) throws(OpenIMError) -> JSONText {
        let token = try service.check(token: body.token ?? "")
        let platform: (String, JSONText) =
            switch version {
            case .v3_5_1: ("platform", .string(KnownPlatform.name(token.platform)))
            case .v3_8_3: ("platformID", .number(Int64(token.platform)))
            }
        return .object([("userID", .string(token.userID)), platform, ("expireTimeSeconds", .number(token.expires))])
    }

    func forceLogout(_ body: RESTBodies.TokenRequest) async throws(OpenIMError) -> JSONText? {
        guard let user = body.userID, !user.isEmpty else { throw .arguments("the user ID is empty") }
        await service.forceLogout(user, platform: try platform(body.platformID))
        return nil
    }

    private func platform(_ number: Int32?) throws(OpenIMError) -> Int32 {
        guard let platform = number.flatMap(KnownPlatform.init) else {
            throw .arguments("the platform is not one of 1 to 10")
        }
        return platform.rawValue
    }

    // MARK: Users

    func register(_ body: RESTBodies.Register) throws(OpenIMError) -> JSONText? {
        if version == .v3_5_1, body.secret != service.configuration.secret {
            throw .noPermission("the secret is wrong")
        }
        let users = body.users ?? []
        guard !users.isEmpty else { throw .arguments("there are no users") }
        let ids = users.map { $0.userID ?? "" }
        guard Set(ids).count == ids.count else { throw .arguments("a user ID is there twice") }
        for user in users {
            guard let id = user.userID, isAllowed(id) else { throw .arguments("the user ID is empty or not allowed") }
            guard user.nickname?.isEmpty == false else { throw .arguments("the nickname is empty") }
        }
        try service.users.register(ids)
        service.status.registrations.add(ids.count)
        return nil
    }

    private func isAllowed(_ userID: String) -> Bool {
        guard !userID.isEmpty, !userID.contains(":") else { return false }
        return version == .v3_5_1
            || userID.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9") ~= $0 || $0 == "_")
            }
    }

    func checkAccounts(_ body: RESTBodies.CheckAccounts) throws(OpenIMError) -> JSONText {
        let ids = body.checkUserIDs ?? []
        guard !ids.isEmpty else { throw .arguments("there are no user IDs") }
        guard Set(ids).count == ids.count else { throw .arguments("a user ID is there twice") }
        return .object([
            (
                "results",
                .array(
                    ids.map { id in
                        let isRegistered = service.users.isRegistered(id)
                        let status: JSONText =
                            switch version {
                            case .v3_5_1: .string(isRegistered ? "registered" : "unregistered")
                            case .v3_8_3: .number(isRegistered ? 1 : 0)
                            }
                        return .object([("userID", .string(id)), ("accountStatus", status)])
                    })
            )
        ])
    }

    // MARK: Who is online

    /// What the gateways' own tables say.
    func onlineStatus(_ body: RESTBodies.Users) async -> JSONText {
        let users = body.userIDs ?? []
        var connections: [String: [OnlineConnection]] = [:]
        for answer in await service.gateways.ask(.whoIsOnline(users: users)) {
            var answer = answer
            for connection in (try? OnlineConnection.readAll(from: &answer)) ?? [] {
                connections[connection.user, default: []].append(connection)
            }
        }
        return .array(users.map { status(of: $0, connections[$0] ?? []) })
    }

    private func status(of user: String, _ connections: [OnlineConnection]) -> JSONText {
        let isOnline = !connections.isEmpty
        let details = connections.map { connection -> JSONText in
            let platform: (String, JSONText)
            var rest: [(String, JSONText)] = [
                ("connID", .string(connection.connectionID)), ("isBackground", .bool(connection.isBackground)),
                ("token", .string(connection.token)),
            ]
            switch version {
            case .v3_5_1:
                platform = ("platform", .string(KnownPlatform.name(connection.platform)))
                rest.insert(("status", .string("online")), at: 0)
            case .v3_8_3:
                platform = ("platformID", .number(Int64(connection.platform)))
            }
            return .object([platform] + rest)
        }
        let status: JSONText = version == .v3_5_1 ? .string(isOnline ? "online" : "offline") : .number(isOnline ? 1 : 0)
        return .object([("userID", .string(user)), ("status", status), ("detailPlatformStatus", .list(details))])
    }

    /// What the gateways have reported.
    func userStatus(_ body: RESTBodies.Users) throws(OpenIMError) -> JSONText {
        guard let users = body.userIDs, !users.isEmpty else { throw .arguments("there are no user IDs") }
        return .object([
            (
                "statusList",
                .array(
                    users.map { user in
                        let platforms = service.online.platforms(of: user)
                        return .object([
                            ("userID", .string(user)), ("status", .number(platforms.isEmpty ? 0 : 1)),
                            ("platformIDs", .list(platforms.map { .number(Int64($0)) })),
                        ])
                    })
            )
        ])
    }
}
