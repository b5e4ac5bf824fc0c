import Foundation
import Testing

extension EndToEnd {
    /// The field's conformance suite against our wire and loop.
    @Suite struct AutobahnTests {
        private static let suite = Project.root.appending(path: ".build/tools/autobahn").path

        @Test(
            .enabled(
                if: FileManager.default.fileExists(atPath: suite),
                "the suite is not installed; Tests/Autobahn/install.sh does it where Debian and PyPI can be reached"))
        func everyCaseIsAccepted() throws {
            let script = Project.root.appending(path: "Tests/Autobahn/run.py").path
            let run = try RunningCommand("/usr/bin/env", ["python3", "-B", script, "--", Project.autobahnClient])
            #expect(run.wait(seconds: 300) == 0, "\(run.output)\(run.errors)")
            #expect(run.output.contains("301 cases") && run.output.contains("all accepted"), "\(run.output)")
        }
    }
}
