import Foundation
import LoadPlan
import Testing

@testable import Enrollment

@Suite struct ScaleTests {
    @Test(.timeLimit(.minutes(5))) func enrollsTenThousandAccounts() throws {
        let api = try FakeAPI()
        try withFolder { folder in
            var request = Enrollment.Request(api.address, folder, users: 10_000)
            request.parallel = 32
            let result = try request.run()
            #expect(result.registered == 10_000 && result.tokensFetched == 10_000 && result.credentials.count == 10_000)
            let state = try api.refresh()
            #expect(state.users == 10_000 && state.maxBusy <= 32 && state.connections <= 32)
            #expect(result.registerS > 0 && result.tokensS > 0)
            print("10,000 accounts: registered in \(result.registerS) s, tokens in \(result.tokensS) s")
        }
    }
}
