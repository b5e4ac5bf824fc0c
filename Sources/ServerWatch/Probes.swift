package import LoadMetrics

/// Reads samples of one source that is asked rather than looked at, such as a metrics address.
package protocol SampleProbe: Sendable {
    /// For messages to people.
    var name: String { get }
    /// - Throws: why there is none this time, in words.
    func sample(source: Int, atS: Double) async throws -> ServerSample
}

/// Adds to a scene what /proc does not show.
package protocol SceneProbe: Sendable {
    /// Writes its files into `folder`; what fails is said in the contribution.
    func capture(into folder: String) async -> SceneContribution
}

/// What a probe found.
package struct SceneContribution: Sendable {
    package var files: [SceneFile]
    package var telling: [TellingLine]

    package init(files: [SceneFile] = [], telling: [TellingLine] = []) {
        self.files = files
        self.telling = telling
    }
}

/// A file of a scene.
package struct SceneFile: Codable, Equatable, Sendable {
    /// Within the scene's folder.
    package var name: String
    package var what: String

    package init(name: String, what: String) {
        self.name = name
        self.what = what
    }
}

/// A line that says much about why the server stopped; the heaviest ones are shown.
package struct TellingLine: Codable, Equatable, Sendable {
    package var weight: Int
    package var text: String

    package init(weight: Int, text: String) {
        self.weight = weight
        self.text = text
    }
}
