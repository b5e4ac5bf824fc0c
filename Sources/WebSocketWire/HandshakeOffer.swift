/// What an upgrade request offers, in the form in which responses are compared with it.
package struct HandshakeOffer: Equatable, Sendable {
    /// The offered sub-protocols, one after the other.
    private var names: [UInt8] = []
    /// Where each of them ends in `names`.
    private var ends: [Int] = []

    /// - Parameter subprotocols: In order of preference, as in ``UpgradeRequest``.
    package init(subprotocols: [String]) {
        for subprotocol in subprotocols {
            names.append(contentsOf: subprotocol.utf8)
            ends.append(names.count)
        }
    }

    /// Place of the offered sub-protocol that equals `name`, letter case included (RFC 6455 §4.1), or nil.
    func index(of name: UnsafeRawBufferPointer) -> Int? {
        names.withUnsafeBytes { names in
            var start = 0
            for index in ends.indices {
                let offered = UnsafeRawBufferPointer(rebasing: names[start..<ends[index]])
                if offered.elementsEqual(name) { return index }
                start = ends[index]
            }
            return nil
        }
    }
}
