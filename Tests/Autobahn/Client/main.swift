// Plays the client's part in Autobahn's suite on gatecrash's own event loop and frames: one connection a case, every message echoed.
//
//     autobahn-client --autobahn ws://127.0.0.1:PORT --agent NAME [--cases FIRST-LAST]

internal import Glibc

func option(_ name: String) -> String? {
    guard let position = CommandLine.arguments.firstIndex(of: name), position + 1 < CommandLine.arguments.count else {
        return nil
    }
    return CommandLine.arguments[position + 1]
}

func complain(_ text: String) {
    let line = text + "\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}

guard let url = option("--autobahn"), url.hasPrefix("ws://"), let agent = option("--agent") else {
    complain("usage: autobahn-client --autobahn ws://127.0.0.1:PORT --agent NAME [--cases FIRST-LAST]")
    exit(64)
}
let authority = String(url.dropFirst("ws://".count)).split(separator: "/").first.map(String.init) ?? ""
do {
    let client = try EchoClient(authority: authority)
    let counted = client.talk(to: "/getCaseCount", echoes: false)
    guard let last = Int(counted) else {
        complain("autobahn-client: the suite answered '\(counted)' instead of its number of cases")
        exit(1)
    }
    let wanted = (option("--cases") ?? "1-\(last)").split(separator: "-").compactMap { Int($0) }
    guard let first = wanted.first, first >= 1, let end = wanted.last, first <= min(end, last) else {
        complain("autobahn-client: --cases wants FIRST-LAST within 1-\(last)")
        exit(64)
    }
    for number in first...min(end, last) {
        _ = client.talk(to: "/runCase?case=\(number)&agent=\(agent)", echoes: true)
    }
    _ = client.talk(to: "/updateReports?agent=\(agent)", echoes: false)
} catch {
    complain("autobahn-client: \(error)")
    exit(1)
}
