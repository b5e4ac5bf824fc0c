internal import Enrollment
package import LoadPlan

/// Finds out, step by step, whether an OpenIM deployment works, as an engineer would by hand.
package enum OpenIMDoctor {
    /// What is tried, in this order.
    package enum Step: String, CaseIterable, Sendable {
        case api = "the API answers"
        case adminToken = "an admin token"
        case accounts = "two probe accounts"
        case tokens = "their tokens"
        case gateway = "the gateway answers"
        case handshake = "opening handshake"
        case admission = "admission"
        case registered = "registered as online"
        case message = "a message is acknowledged"
        case push = "it is delivered"
        case takeover = "a second login"
        case logout = "logout"
        case tokenAfterwards = "the token afterwards"
    }

    /// How one step went.
    package struct Finding: Equatable, Sendable {
        package enum Outcome: String, Sendable {
            case ok, failed, skipped
        }

        package var step: Step
        package var outcome: Outcome
        /// What was seen, or why the step was skipped; holds no token and no secret.
        package var what: String
        /// What to look at next; of failed steps.
        package var advice: String?
        /// How long the step took; nil when it was skipped.
        package var tookMs: Double?
    }

    package struct Report: Equatable, Sendable {
        package enum Health: String, Sendable {
            case healthy
            /// Nothing could be reached at API or gateway.
            case unreachable
            /// Something does not work.
            case faulty
        }

        package var findings: [Finding]
        package var health: Health
    }

    /// How long things may take.
    package struct Patience: Sendable {
        /// One call of the API.
        package var call = Duration.seconds(5)
        /// TCP connection, TLS and opening handshake together.
        package var handshake = Duration.seconds(5)
        /// An answer on an open connection, a push, and that the API knows of a connection.
        package var answer = Duration.seconds(5)
        /// A kick: none after it means that the policy kicks nobody.
        package var kick = Duration.seconds(3)
        /// 3.8 tells its push service only every second who is online, and does so by way of Redis.
        package var onlineDelay = Duration.seconds(2)

        package init() {}
    }

    /// The accounts that take part; they stay registered.
    package static let accounts = ["gatecrash_doctor_a", "gatecrash_doctor_b"]

    /// Why `api` cannot be the API's address, in words; nil when it can.
    package static func problem(ofAPI api: String) -> String? {
        do throws(APIFailure) {
            try APIAddress.check(api)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Tries everything, and calls `step` after each step. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - target: the gateway; nil leaves out what needs it.
    ///   - api: `http://HOST:PORT`.
    ///   - plan: how to speak; its version is compared with what the API is found to be.
    package static func examine(
        target: TargetURL?, api: String, plan: OpenIMPlan, patience: Patience = Patience(), step: (Finding) -> Void
    ) -> Report {
        var examination = Examination(target: target, api: api, plan: plan, patience: patience)
        return examination.run(step)
    }
}
