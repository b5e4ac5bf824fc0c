/// What is wrong with the text of a defect.
package enum DefectError: Error, Equatable, Sendable {
    case unknownDefect(String, known: [String])
    case notAnOption(defect: String, text: String)
    case givenTwice(defect: String, option: String)
    case unknownOption(defect: String, option: String, known: [String])
    case badValue(defect: String, option: String, value: String, expected: String)
}

extension DefectError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownDefect(let name, let known):
            "'\(name)' is no defect; there are \(known.joined(separator: ", "))"
        case .notAnOption(let defect, let text):
            "\(defect): '\(text)' is not KEY=VALUE"
        case .givenTwice(let defect, let option):
            "\(defect): \(option) is given twice"
        case .unknownOption(let defect, let option, let known):
            known.isEmpty
                ? "\(defect) takes no options, '\(option)' was given"
                : "\(defect) has no option '\(option)'; it has \(known.joined(separator: ", "))"
        case .badValue(let defect, let option, let value, let expected):
            "\(defect): \(option) must be \(expected), not '\(value)'"
        }
    }
}
