internal import Glibc

/// An open folder of /proc, by whose descriptor its files are opened.
///
/// The descriptor of /proc/PID stays with the process it was opened for: when that ends and its number goes to
/// another, reading fails with ESRCH instead of telling of a stranger.
///
/// What may be read (proc(5), ptrace(2) "Ptrace access mode checking"): `stat`, `status`, `cmdline`, `limits`, `net`
/// by anyone, as long as /proc is not mounted with hidepid; `fd`, `ns`, `wchan` and the addresses in `stat` by the same
/// user or with CAP_SYS_PTRACE (PTRACE_MODE_READ); `syscall` needs PTRACE_MODE_ATTACH, which Yama may refuse to the same
/// user as well; `stack` that and CAP_SYS_ADMIN.
struct ProcFolder: ~Copyable {
    let descriptor: Int32

    /// - Parameter path: such as `/proc/4711`.
    init(_ path: String) throws(ProcError) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ProcError(errno: errno) }
    }

    init(process: Int32) throws(ProcError) {
        try self.init("/proc/\(process)")
    }

    init(_ name: String, in folder: borrowing ProcFolder) throws(ProcError) {
        descriptor = openat(folder.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ProcError(errno: errno) }
    }

    deinit {
        _ = close(descriptor)
    }

    /// The bytes of a file of this folder, at most `limit` of them.
    func read(_ name: String, limit: Int = 1 << 16) throws(ProcError) -> [UInt8] {
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw ProcError(errno: errno) }
        defer { _ = close(file) }
        // Files of /proc have no size; one read of a page is nearly always all.
        var bytes = [UInt8](repeating: 0, count: min(4096, limit))
        var length = 0
        while length < limit {
            if length == bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: min(bytes.count, limit - length)))
            }
            let room = bytes.count - length
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + length, room) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ProcError(errno: errno) }
            if count == 0 { break }
            length += count
        }
        bytes.removeLast(bytes.count - length)
        return bytes
    }

    /// Where a symbolic link of this folder points.
    func link(_ name: String) throws(ProcError) -> String {
        let length = 4096
        var failure: Int32 = 0
        let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: length) { buffer in
            let count = readlinkat(descriptor, name, buffer.baseAddress!, length)
            guard count >= 0 else {
                failure = errno
                return ""
            }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]), as: UTF8.self)
        }
        guard failure == 0 else { throw ProcError(errno: failure) }
        return target
    }

    /// The entries whose names are numbers: processes, threads, descriptors; at most `limit`, in the kernel's order.
    func numbers(limit: Int = .max) throws(ProcError) -> [Int32] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw ProcError(errno: errno) }
        guard let stream = fdopendir(copy) else {
            let failure = errno
            _ = close(copy)
            throw ProcError(errno: failure)
        }
        defer { closedir(stream) }
        var numbers: [Int32] = []
        while numbers.count < limit, let entry = readdir(stream) {
            if let number = Self.number(of: entry) { numbers.append(number) }
        }
        return numbers
    }

    /// How many descriptors an open `fd` folder has, without counting them (fstat, Linux 6.2); nil where not told.
    var sizeInEntries: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
        return Int(status.st_size)
    }

    /// The name of a directory entry as a number, without making a string of it.
    static func number(of entry: UnsafeMutablePointer<dirent>) -> Int32? {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
        var number: Int32 = 0
        var index = 0
        while name[index] != 0 {
            guard index < 9, case 0x30...0x39 = name[index] else { return nil }
            number = number * 10 + Int32(name[index] - 0x30)
            index += 1
        }
        return index > 0 ? number : nil
    }
}
