/// A step and where it is written.
struct PlacedStep {
    /// nil when nothing is known of it but its place.
    var key: StepKey?
    /// nil when there is a problem with it.
    var step: Step?
    var value: DocumentValue
    /// The steps in a `repeat`, or in each branch of a `choose` or a `roles`.
    var branches: [PlacedBranch] = []
    /// How often `repeat` plays them.
    var times = 1

    /// Those of all branches.
    var inner: [PlacedStep] { branches.flatMap(\.steps) }
}

/// Steps within a step.
struct PlacedBranch {
    var value: DocumentValue
    var steps: [PlacedStep]
}

extension [PlacedStep] {
    /// Calls `body` for every step, those within others too.
    func forEachStep(_ body: (PlacedStep) -> Void) {
        for step in self {
            body(step)
            step.inner.forEachStep(body)
        }
    }

    func containsStep(where condition: (PlacedStep) -> Bool) -> Bool {
        contains { condition($0) || $0.inner.containsStep(where: condition) }
    }

    /// Steps and the branches of `choose` and `roles`, those within others counted once.
    var stepCount: Int {
        reduce(0) { count, step in
            let branches = step.key == .choose || step.key == .roles ? step.branches.count : 0
            return count + 1 + branches + step.inner.stepCount
        }
    }
}
