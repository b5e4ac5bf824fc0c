extension Double {
    /// The nearest whole number; what no number holds is held at the ends.
    var count: Int {
        isNaN ? 0 : Int(Swift.min(Swift.max(self, -1e15), 1e15).rounded())
    }

    /// With at least three digits that count: slow leaks are slow.
    var digits: String {
        let places = self >= 1 ? 2 : self >= 0.1 ? 3 : self >= 0.01 ? 4 : 6
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (Swift.min(Swift.max(self, 0), 1e9) * scale).count
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// Something per second, in the unit of time that people would use.
    var rate: String {
        if self >= 0.1 { return "\(hundredths) a second" }
        return self >= 0.1 / 60 ? "\((self * 60).hundredths) a minute" : "\((self * 3600).hundredths) an hour"
    }
}
