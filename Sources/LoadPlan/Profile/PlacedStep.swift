/// A step and where it is written.
struct PlacedStep {
    /// nil when nothing is known of it but its place.
    var key: StepKey?
    /// nil when there is a problem with it.
    var step: Step?
    var value: DocumentValue
    /// The steps in a `repeat`.
    var inner: [PlacedStep] = []
    /// How often `repeat` plays them.
    var times = 1
}

extension [PlacedStep] {
    /// Calls `body` for every step, those in `repeat` too.
    func forEachStep(_ body: (PlacedStep) -> Void) {
        for step in self {
            body(step)
            step.inner.forEachStep(body)
        }
    }

    func containsStep(where condition: (PlacedStep) -> Bool) -> Bool {
        contains { condition($0) || $0.inner.containsStep(where: condition) }
    }

    /// Steps, those in `repeat` counted once.
    var stepCount: Int { reduce(0) { $0 + 1 + $1.inner.stepCount } }
}
