internal import Reactor

/// The connections that clients have left open and forgotten: a few places per client, all in one allocation.
struct AbandonedConnections: ~Copyable {
    struct Entry: BitwiseCopyable {
        /// `none`: the place is free.
        var connection = ConnectionID.none
        var sinceNs: Int64 = 0
        var sessionStartNs: Int64 = 0
    }

    let perClient: Int
    private let clients: Int
    private let entries: UnsafeMutablePointer<Entry>
    /// Places in use.
    private(set) var count = 0

    init(clients: Int, perClient: Int) {
        self.perClient = perClient
        self.clients = clients
        entries = .allocate(capacity: max(clients * perClient, 1))
        entries.initialize(repeating: Entry(), count: clients * perClient)
    }

    deinit {
        entries.deallocate()
    }

    subscript(client: Int, place: Int) -> Entry { entries[client * perClient + place] }

    /// Connections of one client.
    func count(ofClient client: Int) -> Int {
        places.count { self[client, $0].connection != .none }
    }

    /// The client's place with the longest abandoned connection; nil when it has none.
    func oldest(ofClient client: Int) -> Int? {
        places.filter { self[client, $0].connection != .none }
            .min { self[client, $0].sinceNs < self[client, $1].sinceNs }
    }

    func place(of connection: ConnectionID, client: Int) -> Int? {
        places.first { self[client, $0].connection == connection }
    }

    /// Takes a free place into use; nil when there is none.
    mutating func add(_ entry: Entry, client: Int) -> Int? {
        guard let place = places.first(where: { self[client, $0].connection == .none }) else { return nil }
        entries[client * perClient + place] = entry
        count += 1
        return place
    }

    mutating func remove(client: Int, place: Int) {
        guard self[client, place].connection != .none else { return }
        entries[client * perClient + place] = Entry()
        count -= 1
    }

    /// Calls `body` for each connection.
    func forEach(_ body: (Entry) -> Void) {
        guard count > 0 else { return }
        for index in 0..<(clients * perClient) where entries[index].connection != .none { body(entries[index]) }
    }

    private var places: Range<Int> { 0..<perClient }
}
