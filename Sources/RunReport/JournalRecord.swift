package import Diagnosis
internal import Foundation
package import LoadMetrics

/// One line of a run's journal: a JSON object with one key, which names the kind.
package enum JournalRecord: Equatable, Sendable {
    case header(RunHeader)
    case interval(Interval)
    case exit(ProcessExit)
    /// A watched source was found, or another process has taken its place.
    case source(WatchedSource)
    case sample(ServerSample)
    case event(ServerEvent)
    case scene(Report.Scene)
    /// Something the reader of the report should know.
    case warning(String)
    case end(RunEnd)
}

extension JournalRecord: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case header, interval, exit, source, sample, event, scene, warning, end
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard container.allKeys.count == 1, let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not exactly one known kind of record"))
        }
        switch key {
        case .header: self = .header(try container.decode(RunHeader.self, forKey: key))
        case .interval: self = .interval(try container.decode(Interval.self, forKey: key))
        case .exit: self = .exit(try container.decode(ProcessExit.self, forKey: key))
        case .source: self = .source(try container.decode(WatchedSource.self, forKey: key))
        case .sample: self = .sample(try container.decode(ServerSample.self, forKey: key))
        case .event: self = .event(try container.decode(ServerEvent.self, forKey: key))
        case .scene: self = .scene(try container.decode(Report.Scene.self, forKey: key))
        case .warning: self = .warning(try container.decode(String.self, forKey: key))
        case .end: self = .end(try container.decode(RunEnd.self, forKey: key))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .header(let header): try container.encode(header, forKey: .header)
        case .interval(let interval): try container.encode(interval, forKey: .interval)
        case .exit(let exit): try container.encode(exit, forKey: .exit)
        case .source(let source): try container.encode(source, forKey: .source)
        case .sample(let sample): try container.encode(sample, forKey: .sample)
        case .event(let event): try container.encode(event, forKey: .event)
        case .scene(let scene): try container.encode(scene, forKey: .scene)
        case .warning(let text): try container.encode(text, forKey: .warning)
        case .end(let end): try container.encode(end, forKey: .end)
        }
    }

    /// The record as one line of JSON with its line feed.
    package func line() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads one line without its line feed.
    package init(line: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(line))
    }
}
