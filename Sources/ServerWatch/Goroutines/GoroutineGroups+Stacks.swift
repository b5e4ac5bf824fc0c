/// Questions about single stacks.
extension GoroutineGroups {
    func blockingFrame(_ goroutine: Int) -> Int? {
        Self.blockingFrame(dump.goroutines[goroutine], kinds[goroutine], dump)
    }

    func call(_ goroutine: Int, frame: Int) -> StackCall { dump.calls[Int(dump.goroutines[goroutine].frames[frame])] }

    func function(_ goroutine: Int, frame: Int) -> Int32 {
        functionOfCall[Int(dump.goroutines[goroutine].frames[frame])]
    }

    /// The outermost frame of a module: where its part of the goroutine begins.
    func entryFrame(_ goroutine: Int, of module: Substring) -> Int? {
        dump.goroutines[goroutine].frames.lastIndex {
            FunctionName(dump.calls[Int($0)].function).module == module
        }
    }

    /// The receivers that Go vouches for: addresses of the objects whose methods are on the stack.
    func objects(_ goroutine: Int) -> Set<UInt64> {
        Set(
            dump.goroutines[goroutine].arguments.lazy.filter {
                $0.isFirst && $0.isCertain && $0.value >= Self.lowestAddress
            }.map(\.value))
    }

    func receiver(_ goroutine: Int, frame: Int) -> UInt64? {
        dump.goroutines[goroutine].arguments.first {
            Int($0.frame) == frame && $0.isFirst && $0.isCertain && $0.value >= Self.lowestAddress
        }?.value
    }

    /// Smaller numbers are lengths and flags.
    static let lowestAddress: UInt64 = 1 << 16

    /// `chan send ← UnRegister ← close ← readMessage.func1`, Go's own functions left out where there are others.
    func path(_ goroutine: Int) -> String {
        let frames = dump.goroutines[goroutine].frames
        let names = frames.dropFirst(blockingFrame(goroutine) ?? 0).map { FunctionName(dump.calls[Int($0)].function) }
        var own = names.filter { !$0.isStandard }
        if let last = own.last, own.count > 1, own[0].module != last.module, isWrapper(last, goroutine) {
            own.removeLast()
        }
        var texts = (own.isEmpty ? names : own).map(\.short)
        if texts.count > Self.maxNames {
            texts = texts.prefix(Self.maxNames - 2) + ["…"] + texts.suffix(1)
        }
        return ([dump.goroutines[goroutine].waitReason] + texts).joined(separator: " ← ")
    }

    /// A closure that a library puts around what it is asked to start, such as errgroup's.
    private func isWrapper(_ name: FunctionName, _ goroutine: Int) -> Bool {
        guard let start = dump.goroutines[goroutine].createdBy else { return false }
        let starter = FunctionName(dump.calls[Int(start)].function)
        return name.package == starter.package && name.symbol.hasPrefix(starter.symbol + ".")
    }

    private static let maxNames = 8
}
