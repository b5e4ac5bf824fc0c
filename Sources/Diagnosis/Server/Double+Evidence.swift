extension Double {
    /// The nearest whole number; what no number holds is held at the ends.
    var count: Int {
        isNaN ? 0 : Int(Swift.min(Swift.max(self, -1e15), 1e15).rounded())
    }
}
