extension String {
    /// The text in double quotes for a message: control and invisible characters escaped, cut after 60 scalars.
    var quoted: String {
        var quoted = "\""
        for scalar in unicodeScalars.prefix(60) {
            let isShown =
                scalar == " "
                || !(scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
                    || scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isBidiControl)
            switch scalar {
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where isShown: quoted.unicodeScalars.append(scalar)
            default: quoted += "\\u{\(Swift.String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return quoted + (unicodeScalars.count > 60 ? "…\"" : "\"")
    }
}
