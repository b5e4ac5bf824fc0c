/// Decides which processes on a listening port are which source, and when to look for them.
///
/// | what the listeners look like | what to do |
/// | --- | --- |
/// | other sockets than before, or no process known although something listens | look through all processes |
/// | the same | every few seconds look through the processes that are new: a listening socket is inherited by fork |
/// | none | nothing |
struct PortFollower {
    /// A server with more processes on one port is watched by its first ones.
    static let mostProcesses = 32
    static let pauseNs: Int64 = 5_000_000_000
    /// When there is a process that may be gone at once.
    static let probationNs: Int64 = 1_000_000_000

    enum Look: Equatable {
        case nowhere
        case everywhere
        case amongNew
    }

    struct Arrival: Equatable {
        var process: Int32
        /// `WatchedSource.number` of the ended process whose place it takes; nil for a further source.
        var place: Int?
    }

    let port: Int
    /// The living ones and, with nil, the places of those that have ended.
    private var processes: [(number: Int, process: Int32?)]
    private var inodes: Set<UInt32> = []
    private var seen: Set<Int32> = []
    private var onProbation: Set<Int32> = []
    private var lookedNs: Int64?
    private var hasFound = false

    /// - Parameter number: of the source that its first process becomes.
    init(port: Int, number: Int) {
        self.port = port
        processes = [(number, nil)]
    }

    var hasLiving: Bool { processes.contains { $0.process != nil } }
    var numbers: [Int] { processes.map(\.number) }

    /// - Parameter inodes: of the sockets that listen on the port now.
    mutating func look(_ inodes: Set<UInt32>, atNs: Int64) -> Look {
        guard !inodes.isEmpty else {
            self.inodes = []
            return .nowhere
        }
        if inodes != self.inodes || !hasLiving {
            self.inodes = inodes
            lookedNs = atNs
            return .everywhere
        }
        let pauseNs = onProbation.isEmpty ? Self.pauseNs : Self.probationNs
        if let lookedNs, atNs - lookedNs < pauseNs { return .nowhere }
        lookedNs = atNs
        return .amongNew
    }

    /// The processes to look at, of all that there are.
    mutating func candidates(_ look: Look, of all: [Int32]) -> [Int32] {
        defer { seen = Set(all) }
        return look == .everywhere ? all : all.filter { !seen.contains($0) || onProbation.contains($0) }
    }

    /// A process that shares the socket with its parent may be a worker, or a helper that has it by accident and ends
    /// soon. So those are believed only at second sight, but for the first time, when a whole server is found.
    ///
    /// - Parameters:
    ///   - found: processes that hold a listening socket.
    ///   - parent: of a process.
    mutating func arrivals(_ found: [Int32], parent: (Int32) -> Int32?) -> [Arrival] {
        var arrivals: [Arrival] = []
        let living = Set(processes.compactMap(\.process))
        let holders = living.union(found)
        var nextProbation: Set<Int32> = []
        for process in found where !living.contains(process) {
            if hasFound, !onProbation.contains(process), let parent = parent(process), holders.contains(parent) {
                nextProbation.insert(process)
                continue
            }
            if let free = processes.firstIndex(where: { $0.process == nil }) {
                processes[free].process = process
                arrivals.append(Arrival(process: process, place: processes[free].number))
            } else if processes.count + arrivals.count(where: { $0.place == nil }) < Self.mostProcesses {
                arrivals.append(Arrival(process: process, place: nil))
            }
        }
        onProbation = nextProbation
        if !found.isEmpty { hasFound = true }
        return arrivals
    }

    /// Gives an arrival without a place its own number.
    mutating func place(_ process: Int32, number: Int) {
        processes.append((number, process))
    }

    mutating func ended(number: Int) {
        for index in processes.indices where processes[index].number == number { processes[index].process = nil }
    }
}
