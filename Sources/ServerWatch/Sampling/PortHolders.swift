internal import Glibc

/// Finds the processes that have a listening socket open.
enum PortHolders {
    struct Holders: Equatable {
        /// In ascending order.
        var processes: [Int32] = []
        /// How many processes would not say what they have open.
        var denied = 0
    }

    /// Looks through the descriptors of `candidates`, all of /proc if nil.
    ///
    /// - Parameter inodes: of the sockets.
    static func find(_ inodes: Set<UInt32>, among candidates: [Int32]? = nil) -> Holders {
        var holders = Holders()
        guard !inodes.isEmpty else { return holders }
        for process in candidates ?? allProcesses() {
            do {
                let folder = try ProcFolder("/proc/\(process)/fd")
                let links = try DescriptorLinks(folder)
                if links.sockets.contains(where: { inodes.contains($0.inode) }) { holders.processes.append(process) }
            } catch .denied {
                holders.denied += 1
            } catch {
                // It has ended meanwhile.
            }
        }
        holders.processes.sort()
        return holders
    }

    static func allProcesses() -> [Int32] {
        (try? ProcFolder("/proc").numbers()) ?? []
    }
}
