/// Chooses one of `count` nodes for a key so that most keys keep their node when a node is added or the last removed
/// (Karger et al., STOC 1997).
///
/// Nodes are known by their index: the choice is the same in every run, whatever ports the nodes have got.
struct ConsistentHashRing: Sendable {
    private static let pointsPerNode = 160

    /// Sorted by position.
    private let points: [(position: UInt64, node: Int)]

    /// - Parameter count: at least 1.
    init(count: Int) {
        precondition(count > 0)
        var points: [(position: UInt64, node: Int)] = []
        for node in 0..<count {
            for point in 0..<Self.pointsPerNode {
                points.append((Self.hash("\(node)#\(point)"), node))
            }
        }
        self.points = points.sorted { ($0.position, $0.node) < ($1.position, $1.node) }
    }

    /// The node of the first point at or behind the key's hash, going round.
    func node(for key: String) -> Int {
        let hash = Self.hash(key)
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].position < hash {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return points[low == points.count ? 0 : low].node
    }

    /// FNV-1a (64 bits), then the finalizer of SplitMix64, since FNV's high bits hardly depend on the last bytes.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
