/// An error as OpenIM's services answer it: `errCode`, `errMsg`, and free text that becomes `errDlt`.
///
/// Codes: pkg/common/servererrs of open-im-server 3.8.3, errs of openimsdk/tools.
struct OpenIMError: Error, Equatable {
    var code: Int32
    /// `errMsg`.
    var name: String
    var detail: String

    static func arguments(_ detail: String) -> OpenIMError {
        OpenIMError(code: 1001, name: "ArgsError", detail: detail)
    }
    static func noPermission(_ detail: String) -> OpenIMError {
        OpenIMError(code: 1002, name: "NoPermissionError", detail: detail)
    }
    static func recordNotFound(_ detail: String) -> OpenIMError {
        OpenIMError(code: 1004, name: "RecordNotFoundError", detail: detail)
    }
    static func userNotFound(_ detail: String) -> OpenIMError {
        OpenIMError(code: 1101, name: "UserIDNotFoundError", detail: detail)
    }
    static func registeredAlready(_ detail: String) -> OpenIMError {
        OpenIMError(code: 1102, name: "RegisteredAlreadyError", detail: detail)
    }
    static let tokenExpired = OpenIMError(code: 1501, name: "TokenExpiredError", detail: "")
    static let tokenMalformed = OpenIMError(code: 1503, name: "TokenMalformedError", detail: "")
    static let tokenNotValidYet = OpenIMError(code: 1504, name: "TokenNotValidYetError", detail: "")
    static let tokenUnknown = OpenIMError(code: 1505, name: "TokenUnknownError", detail: "")
    static let tokenKicked = OpenIMError(code: 1506, name: "TokenKickedError", detail: "")
    static let tokenNotExist = OpenIMError(code: 1507, name: "TokenNotExistError", detail: "")
    /// 3.8.3 names it as its JWT library does.
    static func tokenUnknown(_ version: OpenIMVersion, reason: String) -> OpenIMError {
        version == .v3_5_1 ? tokenUnknown : OpenIMError(code: 1505, name: reason, detail: "")
    }
    /// Errors without a code of their own go out as 500 with their text as `errMsg`.
    static func internalError(_ text: String) -> OpenIMError { OpenIMError(code: 500, name: text, detail: "") }
    static let badProtobuf = internalError("proto: cannot parse invalid wire-format data")

    /// `errDlt`: in 3.5.1 the wrapped error's whole text, in 3.8.3 what was added to it.
    func answeredDetail(_ version: OpenIMVersion) -> String {
        switch version {
        case _ where code == 500: ""
        case .v3_5_1: "\(detail): \(code) \(name)"
        case .v3_8_3: detail.isEmpty ? name : detail
        }
    }

    func answer(_ version: OpenIMVersion) -> ServiceAnswer {
        ServiceAnswer(errorCode: code, errorMessage: name, errorDetail: answeredDetail(version))
    }
}
