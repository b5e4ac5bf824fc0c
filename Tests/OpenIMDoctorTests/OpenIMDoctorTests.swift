import Foundation
import LoadPlan
import OpenIMDoctor
import Testing

/// The doctor against the deployment in Python, well and ill.
@Suite(.serialized) struct OpenIMDoctorTests {
    @Test(arguments: ["3.5.1", "3.8.3"])
    func findsAHealthyDeploymentHealthy(version: String) throws {
        let peer = try OpenIMPeer(version: version)
        for (round, plan) in [OpenIMPlan(), OpenIMPlan(platforms: [5], compression: true)].enumerated() {
            let report = try peer.examine(plan)
            #expect(report.failed == [], "\(report.text)")
            #expect(report.findings.map(\.step) == OpenIMDoctor.Step.allCases)
            #expect(report.findings.allSatisfy { $0.outcome == .ok && $0.tookMs != nil }, "\(report.text)")
            #expect(report.health == .healthy)
            #expect(try #require(report[.api]).what.contains(version))
            #expect(try #require(report[.accounts]).what.contains(round == 0 ? "2 registered" : "from before"))
            #expect(try #require(report[.takeover]).what.contains("is kicked (2002)"))
            #expect(try #require(report[.push]).what.contains("own copy came too"))
        }
    }

    @Test func speaksAsBrowsersDo() throws {
        let peer = try OpenIMPeer(version: "3.8.3")
        let plan = OpenIMPlan(platforms: [5], encoding: .json, firstResponse: true, ping: .text)
        let report = try peer.examine(plan)
        #expect(report.failed == [] && report.health == .healthy, "\(report.text)")
    }

    @Test func seesThePolicyThatKicksNobody() throws {
        let peer = try OpenIMPeer(version: "3.5.1", ["--policy", "0"])
        let report = try peer.examine()
        #expect(report.failed == [], "\(report.text)")
        #expect(try #require(report[.takeover]).what.contains("policy 0"))
    }

    @Test func namesAFrozenGateway() throws {
        let peer = try OpenIMPeer(version: "3.8.3", ["--freeze-after", "1"])
        let report = try peer.examine()
        #expect(report.failed.contains(.admission), "\(report.text)")
        let finding = try #require(report[.admission])
        #expect(finding.what.contains("101, and then nothing"))
        #expect(try #require(finding.advice).contains("go_goroutines"))
        #expect(report.health == .faulty && report[.message]?.outcome == .skipped)
    }

    @Test func noticesAGatewayThatFreezesMeanwhile() throws {
        for (logins, step) in [(2, OpenIMDoctor.Step.takeover), (3, .tokenAfterwards)] {
            let peer = try OpenIMPeer(version: "3.5.1", ["--freeze-after", String(logins)])
            let report = try peer.examine()
            #expect(report.failed.contains(step), "\(report.text)")
            #expect(try #require(report[step]).what.contains("101, and then nothing"))
        }
    }

    @Test(arguments: [(1601, "websocketMaxConnNum"), (1506, "kicked"), (1507, "Redis"), (14, "openim-rpc-auth")])
    func explainsARefusal(code: Int, word: String) throws {
        let peer = try OpenIMPeer(version: "3.5.1", ["--refuse", String(code)])
        let report = try peer.examine()
        let failed = try #require(report.findings.first { $0.outcome == .failed })
        #expect(failed.step == .gateway || failed.step == .handshake)
        #expect(failed.what.contains("errCode \(code)"), "\(report.text)")
        #expect(try #require(failed.advice).contains(word))
    }

    @Test func saysThatPushesAreLost() throws {
        let peer = try OpenIMPeer(version: "3.5.1", ["--drop-pushes"])
        let report = try peer.examine()
        #expect(report.failed == [.push], "\(report.text)")
        #expect(try #require(report[.push]?.advice).contains("openim-push"))
    }

    @Test func copesWithAPushBeforeTheAcknowledgement() throws {
        let peer = try OpenIMPeer(version: "3.8.3", ["--push-before-ack"])
        let report = try peer.examine()
        #expect(report.failed == [] && report.health == .healthy, "\(report.text)")
    }

    @Test(arguments: ["3.5.1", "3.8.3"])
    func namesAWrongSecret(version: String) throws {
        let peer = try OpenIMPeer(version: version, ["--secret", "another"])
        let report = try peer.examine()
        #expect(report[.adminToken]?.outcome == .failed, "\(report.text)")
        #expect(try #require(report[.adminToken]?.advice).contains("the secret is wrong"))
        #expect(report[.gateway]?.outcome == .ok && report[.handshake]?.outcome == .skipped)
        #expect(report.health == .faulty)
    }

    @Test func saysThatNothingListens() throws {
        let report = try doctor("ws://127.0.0.1:1/", "http://127.0.0.1:1")
        #expect(report.failed == [.api, .gateway] && report.health == .unreachable, "\(report.text)")
        #expect(report.findings.count == OpenIMDoctor.Step.allCases.count)
        #expect(report.findings.filter { $0.outcome == .skipped }.allSatisfy { $0.tookMs == nil })
    }

    @Test func examinesTheAPIAlone() throws {
        let peer = try OpenIMPeer(version: "3.8.3")
        let report = try doctor(nil, peer.api)
        #expect(report.failed == [] && report[.tokens]?.outcome == .ok && report[.gateway]?.outcome == .skipped)
    }

    @Test func noticesThatGatewayAndAPIAreMixedUp() throws {
        let peer = try OpenIMPeer(version: "3.5.1")
        let swapped = try doctor("ws://127.0.0.1:\(peer.apiPort)/", "http://127.0.0.1:\(peer.gateway)")
        #expect(swapped.failed == [.api, .gateway], "\(swapped.text)")
        #expect(try #require(swapped[.api]?.advice).contains("this is the gateway's address"))
    }

    @Test func takesAWebServerForNoVersion() throws {
        let peer = try OpenIMPeer(odd: "status", "404")
        let report = try doctor(nil, "http://127.0.0.1:\(peer.gateway)")
        #expect(report.failed == [.api] && report[.adminToken]?.outcome == .skipped, "\(report.text)")
        #expect(try #require(report[.api]?.advice).contains("nothing has this path"))
    }

    @Test func comparesTheVersion() throws {
        let peer = try OpenIMPeer(version: "3.5.1")
        let report = try peer.examine(OpenIMPlan(version: .v3_8_3))
        #expect(report.failed == [.api] && report.text.contains("not like 3.8.3 as said"), "\(report.text)")
    }

    @Test func refusesAnAddressThatIsNone() throws {
        let report = try doctor("ws://127.0.0.1:1/", "http://h:99999")
        #expect(report.failed == [.api] && report.health == .unreachable)
        #expect(OpenIMDoctor.problem(ofAPI: "http://h:99999") == "there is no port 99999")
        #expect(try #require(OpenIMDoctor.problem(ofAPI: "ws://h:1")).contains("http://"))
        #expect(OpenIMDoctor.problem(ofAPI: "http://h:10002") == nil)
    }
}
