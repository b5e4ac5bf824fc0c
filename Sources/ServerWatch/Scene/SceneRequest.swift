/// What to keep of a server that has stopped.
package struct SceneRequest: Equatable, Sendable {
    /// A log file of a watched process.
    package struct Log: Equatable, Sendable {
        /// For people and for the file's name, such as `gateway 0`.
        package var name: String
        package var path: String

        package init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    /// Made if missing.
    package var folder: String
    /// Why the scene is taken; the first line of its files.
    package var title: String
    package var logs: [Log]

    package init(folder: String, title: String, logs: [Log] = []) {
        self.folder = folder
        self.title = title
        self.logs = logs
    }
}
