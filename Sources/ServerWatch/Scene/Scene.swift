/// What was kept of a server that has stopped.
package struct Scene: Codable, Equatable, Sendable {
    package var folder: String
    package var title: String
    /// All of it in words for people; each file in `folder`.
    package var files: [SceneFile]
    /// Heaviest first.
    package var telling: [TellingLine]

    package init(folder: String, title: String, files: [SceneFile] = [], telling: [TellingLine] = []) {
        self.folder = folder
        self.title = title
        self.files = files
        self.telling = telling
    }
}
