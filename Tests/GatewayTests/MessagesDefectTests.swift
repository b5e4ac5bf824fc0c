import Foundation
import Glibc
import Testing

@testable import Gateway

extension GatewayTests {
    /// Sends messages one by one and reads their replies.
    private func exchange(_ count: Int, with gateway: Gateway) async throws {
        let client = try await RawClient.admitted(port: gateway.port, account: "user")
        for batch in stride(from: 0, to: count, by: 50) {
            let numbers = batch..<min(batch + 50, count)
            try await client.send(numbers.flatMap { RawClient.frame(.text, "\($0)") })
            for number in numbers {
                #expect(try await client.readFrame().text == "\(number)")
            }
        }
    }

    @Test(arguments: [0, 0.01, 0.5])
    func addressLookupsLeakExactlyTheirShare(leak: Double) async throws {
        let before = Set(try OpenDescriptors.netlink())
        var lookup = AddressLookupDefect()
        lookup.leak = leak
        try await withLogFile { log in
            try await withServedGateway {
                $0.defects = [.addressLookupPerLogLine(lookup)]
                $0.logFile = log
            } _: { gateway, service in
                try await exchange(1000, with: gateway)
                let left = try OpenDescriptors.netlink().filter { !before.contains($0) }
                #expect(left.count == Int(leak * 1000))
                #expect(service.status.addressLookups.value == 1000)
                #expect(service.status.addressLookupFailures.value == 0)
                left.forEach { close($0) }
            }
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            let handled = lines.filter { $0.contains("\"message\":\"handled\"") }
            #expect(handled.count == 1000)
            #expect(handled.allSatisfy { $0.contains("\"account\":\"user\"") && $0.contains("\"address\":\"") })
        }
    }

    @Test(arguments: [AddressLookupDefect.Cure.off, .cached, .environment])
    func curesOfTheAddressLookupLeaveNoSocket(cure: AddressLookupDefect.Cure) async throws {
        let before = try OpenDescriptors.netlink().count
        var lookup = AddressLookupDefect()
        lookup.leak = 1
        lookup.cure = cure
        setenv("POD_IP", "192.0.2.7", 1)
        defer { unsetenv("POD_IP") }
        try await withLogFile { log in
            try await withServedGateway {
                $0.defects = [.addressLookupPerLogLine(lookup)]
                $0.logFile = log
            } _: { gateway, service in
                try await exchange(200, with: gateway)
                #expect(try OpenDescriptors.netlink().count == before)
                #expect(service.status.addressLookups.value == (cure == .cached ? 1 : 0))
            }
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            let handled = lines.filter { $0.contains("\"message\":\"handled\"") }
            #expect(handled.count == 200)
            #expect(handled.allSatisfy { $0.contains("\"address\":") == (cure != .off) })
            if cure == .environment {
                #expect(handled.allSatisfy { $0.contains("\"address\":\"192.0.2.7\"") })
            }
        }
    }

    /// In a process of its own, because the limit is the process's.
    @Test func aLookupWithoutDescriptorsIsCountedAndLeavesNone() async {
        await #expect(processExitsWith: .success) {
            let before = try OpenDescriptors.netlink().count
            try await withMessageService { service in
                let addresses = AddressSource(AddressLookupDefect(), status: service.status)
                try await OpenDescriptors.withOnly(free: 0) {
                    #expect(throws: SystemCallFailure(call: "socket", code: EMFILE)) {
                        try NetlinkAddressLookup.run(leavingSocketOpen: false)
                    }
                    #expect(addresses.address() == nil)
                }
                #expect(addresses.address() != nil)
                #expect(service.status.addressLookups.value == 2)
                #expect(service.status.addressLookupFailures.value == 1)
            }
            #expect(try OpenDescriptors.netlink().count == before)
        }
    }

    /// The kernel's own answer through another call: getifaddrs(3).
    @Test func lookupFindsAnAddressOfTheMachine() throws {
        var list: UnsafeMutablePointer<ifaddrs>?
        try #require(getifaddrs(&list) == 0)
        defer { freeifaddrs(list) }
        var known: Set<String> = []
        var entry = list
        while let interface = entry {
            entry = interface.pointee.ifa_next
            guard let address = interface.pointee.ifa_addr else { continue }
            let length = socklen_t(
                address.pointee.sa_family == UInt16(AF_INET)
                    ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
            var text = [CChar](repeating: 0, count: 256)
            let status = getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            guard status == 0 else { continue }
            let name = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            known.insert(String(String(decoding: name, as: UTF8.self).prefix { $0 != "%" }))
        }
        let found = try #require(try NetlinkAddressLookup.run(leavingSocketOpen: false))
        #expect(known.contains(found), "\(found) is none of \(known)")
    }

    @Test(arguments: [1, 0.25])
    func eachPushLeavesItsShareOfConnections(share: Double) async throws {
        try await withServedGateway {
            $0.defects = [.connectionPerPush(share: share)]
        } _: { gateway, service in
            let before = OpenDescriptors.all().map(\.number)
            try await exchange(100, with: gateway)
            #expect(service.status.pushes.value == 100)
            #expect(service.status.pushFailures.value == 0)
            let pushPort = try #require(gateway.pushPort)
            // Both ends are in this process; the gateway closes its own of those that the service closes.
            try await eventually("closed ones are gone") {
                try OpenDescriptors.tcpStates(localPort: pushPort).filter { $0 == "01" }.count == Int(share * 100)
            }
            #expect(gateway.status.failedMessageCalls == 0)
            // Nobody else closes them.
            for socket in OpenDescriptors.all() where !before.contains(socket.number) {
                if Self.peerPort(of: socket.number) == pushPort { close(socket.number) }
            }
        }
    }

    private static func peerPort(of descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        return status == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    @Test func defectsAreCheckedByRole() {
        func failure(gateway defects: [Defect]) -> GatewayError? {
            var configuration = GatewayConfiguration()
            configuration.defects = defects
            do { try configuration.validate() } catch { return error }
            return nil
        }
        func failure(messages defects: [Defect]) -> GatewayError? {
            var configuration = MessageServiceConfiguration()
            configuration.defects = defects
            do { try configuration.validate() } catch { return error }
            return nil
        }
        #expect(failure(gateway: [.neverClose(share: 1), .crash(after: .seconds(1))]) == nil)
        #expect(
            failure(gateway: [.neverClose(share: 1), .neverClose(share: 0.5)])?.description.contains("once") == true)
        #expect(failure(gateway: [.connectionPerPush(share: 1)]) != nil)
        #expect(failure(gateway: [.registerUnregisterDeadlock(RegistryDefect())]) != nil)
        #expect(failure(gateway: [.neverClose(share: 1.5)]) != nil)
        #expect(failure(gateway: [.memoryGrowth(bytesPerMessage: 0)]) != nil)
        #expect(failure(messages: [.connectionPerPush(share: 1), .messageServiceHang(after: .zero)]) == nil)
        #expect(failure(messages: [.slow(cpuPerMessage: .zero)]) != nil)
        var limited = MessageServiceConfiguration()
        limited.descriptorLimit = 15
        #expect(throws: GatewayError.self) { try limited.validate() }
        var gateway = GatewayConfiguration()
        gateway.messageService = "nowhere"
        #expect(throws: GatewayError.self) { try gateway.validate() }
    }
}
