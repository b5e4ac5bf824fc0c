/// The stacks of all goroutines of a Go program at one moment, as `/debug/pprof/goroutine?debug=2` prints them.
///
/// The text is that of a crash (runtime/traceback.go). Go stops the whole program while it takes the stacks, so they
/// belong together.
package struct GoroutineDump: Sendable {
    /// Each function at each place once; goroutines refer to positions here.
    package internal(set) var calls: [StackCall] = []
    package internal(set) var goroutines: [Goroutine] = []
    /// Lines that are no part of a goroutine.
    package internal(set) var strayLines = 0

    init() {}
}
