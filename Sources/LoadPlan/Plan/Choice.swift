/// One of the ways on from a `choose` step.
package struct Choice: Codable, Equatable, Sendable {
    /// Its probability, above 0; those of one step add up to 1, within a thousandth.
    package var share: Double
    /// May be empty: then nothing is done.
    package var steps: [Step]

    package init(share: Double, steps: [Step]) {
        self.share = share
        self.steps = steps
    }
}
