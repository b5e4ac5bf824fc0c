internal import Glibc

/// Where the address comes from that each log line of a request carries.
final class AddressSource: Sendable {
    private let defect: AddressLookupDefect
    private let status: MessageServiceStatus
    private let leak: EvenShare
    /// Of the cures that ask once.
    private let known: String?

    init(_ defect: AddressLookupDefect, status: MessageServiceStatus) {
        self.defect = defect
        self.status = status
        leak = EvenShare(defect.leak)
        switch defect.cure {
        case .none, .off:
            known = nil
        case .cached:
            status.addressLookups.add(1)
            let found = Result<String?, SystemCallFailure> { () throws(SystemCallFailure) in
                try NetlinkAddressLookup.run(leavingSocketOpen: false)
            }
            if case .failure = found { status.addressLookupFailures.add(1) }
            known = (try? found.get()) ?? nil
        case .environment:
            known = getenv("POD_IP").map { String(cString: $0) }
        }
    }

    /// The address for one line, asked for on the calling thread; nil: none, or the lookup failed.
    func address() -> String? {
        guard defect.cure == .none else { return known }
        status.addressLookups.add(1)
        do {
            return try NetlinkAddressLookup.run(leavingSocketOpen: leak.takes())
        } catch {
            status.addressLookupFailures.add(1)
            return nil
        }
    }
}
