/// Parts of a Go function's name, such as `github.com/a/b/v3/hub.(*Hub).Run.func1`.
struct FunctionName {
    /// `github.com/a/b/v3/hub`
    let package: Substring
    /// `(*Hub).Run.func1`
    let symbol: Substring

    init(_ name: String) {
        let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        // Dots of the last path element are written as %2e, so that the first dot ends the package.
        let dot = name[start...].firstIndex(of: ".") ?? name.endIndex
        package = name[..<dot]
        symbol = dot < name.endIndex ? name[name.index(after: dot)...] : ""
    }

    /// Without package and type: `Run.func1`.
    var short: String {
        guard symbol.first == "(", let end = symbol.firstIndex(of: ")") else {
            return symbol.isEmpty ? String(package) : String(symbol)
        }
        let method = symbol[symbol.index(after: end)...].drop { $0 == "." }
        return method.isEmpty ? String(symbol) : String(method)
    }

    /// Whether it belongs to Go's own library.
    var isStandard: Bool { Self.standard.contains(package.prefix { $0 != "/" }) }

    /// What is built together: host, owner and repository of an imported package, or the first element of a local one.
    var module: Substring {
        let parts = package.split(separator: "/", maxSplits: 3)
        guard let first = parts.first, first.contains("."), parts.count >= 3 else { return parts.first ?? "" }
        return package[..<parts[2].endIndex]
    }

    private static let standard: Set<Substring> = [
        "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug",
        "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal",
        "io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime",
        "slices", "sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode",
        "unique", "unsafe", "vendor", "weak",
    ]
}
