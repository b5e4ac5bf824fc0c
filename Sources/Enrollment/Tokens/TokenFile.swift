internal import Dialects
internal import Foundation
internal import Glibc

/// A file of credentials that somebody else has made.
enum TokenFile {
    /// A million tokens of 300 bytes, and some.
    private static let maxBytes = 1 << 30
    private static let namedMissing = 5

    /// One credential for each of `logins`, in their order.
    static func read(_ path: String, logins: [Login]) throws(EnrollmentError) -> [Credential] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .tokenFile(path, what: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let parsed: [Credential]
        do {
            parsed = try Credential.parse(try contents(descriptor))
        } catch let problem as CredentialProblem {
            throw .tokenFile(path, what: "\(problem)")
        } catch {
            throw .tokenFile(path, what: "\(error)")
        }
        var found: [Login: Credential] = [:]
        for credential in parsed {
            found[Login(userID: credential.userID, platformID: credential.platformID)] = credential
        }
        let missing = logins.filter { found[$0] == nil }
        guard missing.isEmpty else {
            let named = missing.prefix(namedMissing).map { "\($0.userID) on platform \($0.platformID)" }
            throw .missingTokens(path, count: missing.count, of: logins.count, first: named)
        }
        return logins.compactMap { found[$0] }
    }

    /// All of a regular file, as text; why not, in words, otherwise.
    static func contents(_ descriptor: Int32) throws(FileTrouble) -> String {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileTrouble(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileTrouble(description: "it is no regular file") }
        guard status.st_size <= maxBytes else { throw FileTrouble(description: "it is larger than 1 GiB") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let part = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw FileTrouble(errno: errno) }
            guard part > 0 else { break }
            count += part
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

/// Why a file cannot be used.
struct FileTrouble: Error, CustomStringConvertible {
    var description: String

    init(description: String) {
        self.description = description
    }

    init(errno: Int32) {
        description = String(cString: strerror(errno))
    }
}
