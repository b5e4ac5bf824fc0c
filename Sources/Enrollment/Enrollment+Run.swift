internal import Dialects
internal import Glibc
internal import LoadPlan

extension Enrollment {
    /// Does what `request` asks for, and returns when all credentials are there.
    ///
    /// Blocks the calling thread, on which `progress` and `isCancelled` are called a few times a second. What was fetched before a
    /// failure stays in the cache.
    ///
    /// Tokens from a file and minted ones need no API: there the version is that of the plan, or 3.8.3.
    package static func run(
        _ request: Request, progress: (Progress) -> Void, isCancelled: () -> Bool
    ) throws(EnrollmentError) -> Result {
        try run(request, Limits(parallel: request.parallel), progress: progress, isCancelled: isCancelled)
    }

    static func run(
        _ request: Request, _ limits: Limits, progress: (Progress) -> Void, isCancelled: () -> Bool
    ) throws(EnrollmentError) -> Result {
        try check(request)
        let logins = request.userIDs.flatMap { userID in
            request.platforms.map { Login(userID: userID, platformID: $0) }
        }
        switch request.plan.tokens {
        case .file(let path):
            return try kept(try TokenFile.read(path, logins: logins), request)
        case .mint:
            return try kept(try mint(logins, request.plan), request)
        case .fetch:
            let job = try EnrollmentJob(request, limits)
            let outcome = BlockingWork.run {
                progress(job.progress)
                return !isCancelled()
            } _: {
                await job.run()
            }
            progress(job.progress)
            return try outcome.get()
        }
    }

    /// Leaves credentials that took no call where the others would be.
    private static func kept(_ credentials: [Credential], _ request: Request) throws(EnrollmentError) -> Result {
        try CredentialCache.write(credentials, to: request.cache)
        return Result(request.plan, credentials)
    }

    private static func check(_ request: Request) throws(EnrollmentError) {
        guard !request.platforms.isEmpty else { throw .badRequest("no platform to fetch tokens for") }
        for platform in request.platforms where !(1...10).contains(platform) {
            throw .badRequest("there is no platform \(platform): 1 to 9, and 10 for the admin")
        }
        for userID in request.userIDs {
            if userID.isEmpty { throw .badRequest("an account has an empty ID") }
            if userID.contains(":") || userID.unicodeScalars.contains(where: { $0.value < 0x20 }) {
                throw .badRequest(
                    "the account ID \(userID.debugDescription) cannot be registered: OpenIM allows no ':' and no control characters"
                )
            }
        }
        guard Set(request.userIDs).count == request.userIDs.count else {
            throw .badRequest("an account is there twice")
        }
    }

    private static func mint(_ logins: [Login], _ plan: OpenIMPlan) throws(EnrollmentError) -> [Credential] {
        let nowS = Int64(time(nil))
        var credentials: [Credential] = []
        credentials.reserveCapacity(logins.count)
        for login in logins {
            guard
                let token = try? MintedToken.make(
                    userID: login.userID, platformID: login.platformID, secret: plan.secret,
                    version: plan.version ?? .v3_8_3, nowS: nowS)
            else { throw .badRequest("no token can be made for \(login.userID.debugDescription)") }
            credentials.append(Credential(userID: login.userID, platformID: login.platformID, token: token))
        }
        return credentials
    }
}

extension Enrollment.Result {
    /// Credentials that took no call.
    fileprivate init(_ plan: OpenIMPlan, _ credentials: [Credential]) {
        self.init(
            version: plan.version ?? .v3_8_3, credentials: credentials, registered: 0, alreadyRegistered: 0,
            tokensFetched: 0, tokensCached: 0, retries: 0, registerS: 0, tokensS: 0)
    }
}
