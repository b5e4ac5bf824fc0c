internal import Foundation

extension SceneContribution {
    /// Writes a file of the scene and lists it; a failure is told instead.
    mutating func add(_ name: String, _ what: String, _ bytes: [UInt8], into folder: String) {
        do {
            try Data(bytes).write(to: URL(filePath: folder).appending(path: name))
            files.append(SceneFile(name: name, what: what))
        } catch {
            telling.append(TellingLine(weight: 20, text: "\(name) could not be written: \(error.localizedDescription)"))
        }
    }
}
