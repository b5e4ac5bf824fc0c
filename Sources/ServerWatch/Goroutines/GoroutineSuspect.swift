/// A goroutine that seems to keep the others from going on: an inference, since a dump names neither the receiver of a
/// channel nor the holder of a lock.
package struct GoroutineSuspect: Equatable, Sendable {
    package enum Confidence: String, Sendable {
        case likely
        case possible
    }

    /// Position in the dump's `goroutines`.
    package var goroutine: Int
    package var confidence: Confidence
    /// What it does to the others, the end of a sentence that begins with the goroutine.
    package var effect: String
    /// What the inference rests on, a sentence each.
    package var why: [String]
}
