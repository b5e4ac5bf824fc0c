import Foundation
import LoadPlan

enum PlanJSON {
    /// A plan as a shard gets it.
    static func roundTrip(_ plan: Plan) throws -> Plan {
        try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan))
    }
}
