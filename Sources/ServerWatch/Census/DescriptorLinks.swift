internal import Glibc

/// The open descriptors of a process as their links tell, read in one pass.
///
/// Two system calls for a descriptor at most (a share of getdents64, readlinkat), no path and no string.
struct DescriptorLinks {
    struct Socket: Equatable {
        var descriptor: Int32
        var inode: UInt32
    }

    private(set) var count = 0
    private(set) var sockets: [Socket] = []
    /// Of all that are not sockets.
    private(set) var counts: [DescriptorKind: Int] = [:]
    /// A few descriptors of each kind that are not sockets, with their links.
    private(set) var examples: [DescriptorKind: [String]] = [:]

    /// - Parameters:
    ///   - folder: /proc/PID/fd.
    ///   - examplesOfEachKind: how many to keep.
    init(_ folder: borrowing ProcFolder, examplesOfEachKind: Int = 0) throws(ProcError) {
        let copy = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw ProcError(errno: errno) }
        guard let stream = fdopendir(copy) else {
            let failure = errno
            _ = close(copy)
            throw ProcError(errno: failure)
        }
        defer { closedir(stream) }
        let name = MemoryLayout<dirent>.offset(of: \.d_name)!
        var link = [UInt8](repeating: 0, count: Int(PATH_MAX))
        while let entry = readdir(stream) {
            guard let descriptor = ProcFolder.number(of: entry) else { continue }
            let text = UnsafeRawPointer(entry).advanced(by: name).assumingMemoryBound(to: CChar.self)
            let length = link.withUnsafeMutableBytes { bytes in
                readlinkat(copy, text, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            // Closed since it was listed.
            if length < 0, errno == ENOENT { continue }
            guard length >= 0 else { throw ProcError(errno: errno) }
            count += 1
            switch DescriptorLink.parse(link.span.extracting(0..<length)) {
            case .socket(let inode):
                sockets.append(Socket(descriptor: descriptor, inode: inode))
            case .kind(let kind):
                counts[kind, default: 0] += 1
                if examplesOfEachKind > 0, examples[kind, default: []].count < examplesOfEachKind {
                    let target = String(decoding: link[..<length], as: UTF8.self)
                    examples[kind, default: []].append("\(descriptor) \(PrintableText.of(target, atMost: 200))")
                }
            }
        }
    }
}
