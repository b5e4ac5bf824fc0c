/// The profiles that come with the program, and what a profile's name on the command line means.
package enum ProfileLibrary {
    /// A ready profile: the text of a file in `Profiles/`.
    package struct Entry: Equatable, Sendable {
        /// The file's name without `.yaml`.
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }

        /// What messages call it.
        package var file: String { "\(name).yaml" }

        /// What it says about itself, the first line.
        package var about: String {
            let plan = try? Profile.load(text: text, file: file)
            return plan?.about.split(separator: "\n").first.map(String.init) ?? ""
        }
    }

    /// Where a profile comes from.
    package enum Source: Equatable, Sendable {
        case ready(Entry)
        case file(path: String)
    }

    /// Ordered by name.
    package static let entries: [Entry] = (plainProfiles + openIMProfiles).sorted { $0.name < $1.name }

    /// What a command's argument means: the name of a ready profile, otherwise the path of a file.
    ///
    /// A path always has a slash or an ending, a ready profile's name never.
    package static func source(of argument: String) -> Source {
        entries.first { $0.name == argument }.map { .ready($0) } ?? .file(path: argument)
    }

    /// The ready profile that somebody may have meant who named a file that does not exist.
    package static func nearest(to argument: String) -> Entry? {
        let name = NearestName.find(argument, in: entries.map(\.name))
        return entries.first { $0.name == name }
    }
}
