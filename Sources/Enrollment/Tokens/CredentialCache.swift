internal import Dialects
internal import Glibc
internal import Synchronization

/// The CSV of credentials that an enrollment leaves behind: one line for each as it comes, so that after an interruption the
/// next enrollment fetches only what is missing.
///
/// Nobody but its owner may read it, from its creation on, and one enrollment at a time writes it.
final class CredentialCache: Sendable {
    private let path: String
    private let descriptor: Int32
    /// Guards the end of the file.
    private let writing = Mutex(())
    /// What was in it when it was opened; of several for a login the last.
    let found: [Login: Credential]

    init(path: String) throws(EnrollmentError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cache(path, what: String(cString: strerror(errno))) }
        self.path = path
        do {
            found = try Self.prepare(descriptor)
        } catch {
            close(descriptor)
            throw .cache(path, what: "\(error)")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Leaves these and nothing else, where no call was needed to get them.
    static func write(_ credentials: [Credential], to path: String) throws(EnrollmentError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cache(path, what: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        do {
            guard fchmod(descriptor, 0o600) == 0 else { throw FileTrouble(errno: errno) }
            try write(Credential.csv(credentials), to: descriptor)
        } catch {
            throw .cache(path, what: "\(error)")
        }
    }

    /// Lets another enrollment write it; nothing may be appended any more.
    func release() {
        flock(descriptor, LOCK_UN)
    }

    func append(_ credential: Credential) throws(EnrollmentError) {
        let lines = Credential.csv([credential]).split(separator: "\n")
        guard let line = lines.last, lines.count == 2 else {
            throw .cache(path, what: "the account ID \(credential.userID.debugDescription) does not fit into a line")
        }
        do {
            try writing.withLock { _ in try Self.write("\(line)\n", to: descriptor) }
        } catch {
            throw .cache(path, what: "\(error)")
        }
    }

    private static func prepare(_ descriptor: Int32) throws -> [Login: Credential] {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK
                ? FileTrouble(description: "another enrollment is writing it") : FileTrouble(errno: errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileTrouble(errno: errno) }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 {
            throw FileTrouble(description: "others may read it, and it cannot be changed: chmod 600")
        }
        let text = try TokenFile.contents(descriptor)
        guard !text.isEmpty else {
            try write(Credential.csv([]), to: descriptor)
            return [:]
        }
        return try read(text, descriptor)
    }

    /// What stands behind the last line break was being written when an enrollment was killed: it goes.
    private static func read(_ text: String, _ descriptor: Int32) throws -> [Login: Credential] {
        let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) }
        let whole = text[..<(end ?? text.startIndex)]
        if whole.endIndex < text.endIndex {
            guard ftruncate(descriptor, off_t(whole.utf8.count)) == 0 else { throw FileTrouble(errno: errno) }
        }
        if whole.isEmpty { try write(Credential.csv([]), to: descriptor) }
        var found: [Login: Credential] = [:]
        for (number, line) in whole.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for credential in try credentials(line, number: number + 1) {
                found[Login(userID: credential.userID, platformID: credential.platformID)] = credential
            }
        }
        return found
    }

    /// Each line for itself: a login is there again when its first token had ended.
    private static func credentials(_ line: Substring, number: Int) throws -> [Credential] {
        do throws(CredentialProblem) {
            return try Credential.parse(String(line))
        } catch {
            throw CredentialProblem(line: number, what: error.what)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) throws(FileTrouble) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileTrouble(errno: errno) }
            bytes = bytes.dropFirst(count)
        }
    }
}
