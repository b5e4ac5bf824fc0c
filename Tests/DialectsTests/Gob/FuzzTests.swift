import Foundation
import Testing

@testable import Dialects

/// Damaged frames, bodies and answers: GATECRASH_FUZZ_INPUTS says how many, GATECRASH_SEED which.
@Suite struct FuzzTests {
    private static let inputs =
        ProcessInfo.processInfo.environment["GATECRASH_FUZZ_INPUTS"].flatMap { Int($0) } ?? 100_000
    private static let maxInflatedBytes = 65_536

    private static let seeds: [[UInt8]] = {
        let short = Vectors.shared.all.filter { $0.gobLen < 1000 && $0.struct == "Resp" }
        let foreign = Vectors.shared.foreign.map { [UInt8](hex: $0.gobHex) }
        let captured = Vectors.shared.capturedFrames.filter { $0.direction == "s2c" }.map { [UInt8](hex: $0.hex) }
        let answers = Vectors.shared.handshakeResponses.map { Array($0.body.utf8) }
        let packed = short.flatMap { [[UInt8](hex: $0.gzipGobHex!), [UInt8](hex: $0.gzipJsonHex!)] }
        let plain = short.flatMap { [$0.gob, Array($0.json!.utf8)] }
        let bodies = captured.compactMap { try? FieldTable.response.readGob($0).bytes["Data"] }
        return plain + foreign + captured + answers + packed + bodies
    }()

    @Test func nothingTraps() {
        var random = SeededRandom()
        let boxes = [OpenIMCodec.Encoding.gob, .json].flatMap { encoding in
            [true, false].map {
                CodecBox(encoding, compresses: $0, maxInflatedBytes: Self.maxInflatedBytes)
            }
        }
        var (read, refused, largest) = (0, 0, 0)
        for _ in 0..<Self.inputs {
            let bytes = Mutation.mutate(Self.seeds.randomElement(using: &random)!, &random)
            largest = max(largest, bytes.count)
            let exact = ExactBytes(bytes)
            for box in boxes {
                do throws(OpenIMFault) {
                    let response = try box.codec.decode(exact.view)
                    read += 1
                    let sum = [response.msgIncr, response.operationID, response.errorMessage, response.data]
                        .reduce(0) { $0 + $1.reduce(0) { $0 &+ Int($1) } }
                    #expect(sum >= 0)
                    try PushedMessage.forEach(in: response.data) { _ in }
                } catch {
                    refused += 1
                    guard !error.description.isEmpty else {
                        Issue.record("seed \(random.seed): no reason for refusing \(bytes.hex)")
                        return
                    }
                }
            }
            try? PushedMessage.forEach(in: exact.view) { _ in }
            _ = OpenIMReply(json: exact.view)
            _ = TextPing.isPong(exact.view)
        }
        // Two buffers of the largest frame, in JSON twice that, and one of what is inflated.
        let limit = 4 * 4096 + 4 * max(largest, Self.maxInflatedBytes + 1)
        for box in boxes { #expect(box.codec.heldBytes <= limit, "seed \(random.seed)") }
        #expect(read > 0 && refused > 0, "seed \(random.seed)")
    }

    /// A frame means the same whether its definitions were seen before or not.
    @Test func knownDefinitionsChangeNothing() {
        var random = SeededRandom()
        let gobs = Vectors.shared.all.filter { $0.gobLen < 1000 && $0.struct == "Resp" }.map(\.gob)
        var warm = GobDecoder(table: .response)
        for _ in 0..<Self.inputs / 10 {
            let seed = gobs.randomElement(using: &random)!
            let bytes = random.below(2) == 0 ? Mutation.mutate(seed, &random) : seed
            let cold = Result { () throws(OpenIMFault) in try FieldTable.response.readGob(bytes) }
            for _ in 0..<2 {
                let again = Result { () throws(OpenIMFault) in try warm.read(bytes, as: .response) }
                guard again == cold else {
                    Issue.record("seed \(random.seed): \(cold), then \(again), of \(bytes.hex)")
                    return
                }
            }
        }
    }
}
