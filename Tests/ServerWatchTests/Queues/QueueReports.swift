@testable import ServerWatch

/// Reports of queues as a gateway makes them.
enum QueueReports {
    /// The hub puts into the queue that only it takes from.
    static func selfWait(hubWaitsFor: String = "unregister", waitingMs: Int = 4210, used: Int = 1000) throws
        -> QueueReport
    {
        try report(
            """
            {"gateway":"gateway-0","pid":123,"resources":[
            {"id":"gateway-0/queue:unregister","what":"unregister queue","capacity":1000,"used":\(used),"waiting":61,
            "freed_by":["gateway-0/thread:hub"]},
            {"id":"gateway-0/queue:register","what":"register queue","capacity":1000,"used":1000,"waiting":37,
            "freed_by":["gateway-0/thread:hub"]}],
            "actors":[{"id":"gateway-0/thread:hub","what":"hub thread","tid":4711,"count":1,
            "doing":"kicking session 812 (user-7) for session 900","waits_for":"gateway-0/queue:\(hubWaitsFor)",
            "waiting_ms":\(waitingMs)},
            {"id":"gateway-0/readers","what":"connection readers","count":61,"doing":"ending their sessions",
            "waits_for":"gateway-0/queue:unregister","waiting_ms":4300},
            {"id":"gateway-0/handshakes","what":"new connections","count":37,"doing":"asking to be registered",
            "waits_for":"gateway-0/queue:register","waiting_ms":4100}]}
            """)
    }

    /// The hub waits for a lock whose holder waits for the hub.
    static func lockAndQueue(freedBy: String = "\"gateway-0/thread:hub\"") throws -> QueueReport {
        try report(
            """
            {"gateway":"gateway-0","resources":[
            {"id":"gateway-0/queue:unregister","what":"unregister queue","capacity":1000,"used":1000,"freed_by":[\(freedBy)]},
            {"id":"gateway-0/lock:812","what":"write lock of session 812 (user-7)","freed_by":["gateway-0/reader:812"]}],
            "actors":[{"id":"gateway-0/thread:hub","what":"hub thread","tid":4711,
            "doing":"kicking session 812 (user-7) for session 900","waits_for":"gateway-0/lock:812","waiting_ms":4210},
            {"id":"gateway-0/thread:spare","what":"spare thread","tid":4712},
            {"id":"gateway-0/reader:812","what":"reader of session 812","tid":4720,"doing":"ending its session",
            "waits_for":"gateway-0/queue:unregister","waiting_ms":4350}]}
            """)
    }

    /// The hub waits for a lock whose holder waits for a client.
    static func slowReader() throws -> QueueReport {
        try report(
            """
            {"gateway":"gateway-0","resources":[
            {"id":"gateway-0/queue:unregister","what":"unregister queue","capacity":1000,"used":900,
            "freed_by":["gateway-0/thread:hub"]},
            {"id":"gateway-0/queue:register","what":"register queue","capacity":1000,"used":1000,"waiting":37,
            "freed_by":["gateway-0/thread:hub"]},
            {"id":"gateway-0/lock:812","what":"write lock of session 812 (user-7)","freed_by":["gateway-0/writer:812"]},
            {"id":"gateway-0/client:812","what":"client of session 812 (user-7), which does not read","freed_by":[]}],
            "actors":[{"id":"gateway-0/thread:hub","what":"hub thread","tid":4711,
            "doing":"kicking session 812 (user-7) for session 900","waits_for":"gateway-0/lock:812","waiting_ms":4210},
            {"id":"gateway-0/handshakes","what":"new connections","count":37,"doing":"asking to be registered",
            "waits_for":"gateway-0/queue:register","waiting_ms":4100},
            {"id":"gateway-0/writer:812","what":"write to session 812","doing":"sending",
            "waits_for":"gateway-0/client:812","waiting_ms":5070}]}
            """)
    }

    /// One of two gateways whose hubs wait for each other's kick queue.
    static func across(_ own: Int, _ other: Int) throws -> QueueReport {
        try report(
            """
            {"gateway":"gateway-\(own)","resources":[
            {"id":"gateway-\(own)/queue:kick","what":"kick queue","capacity":8,"used":8,"freed_by":["gateway-\(own)/hub"]}],
            "actors":[{"id":"gateway-\(own)/hub","what":"hub thread","tid":\(100 + own),"doing":"asking the others to kick",
            "waits_for":"gateway-\(other)/queue:kick","waiting_ms":900}]}
            """)
    }

    static func report(_ json: String) throws -> QueueReport { try QueueReport(parsing: Array(json.utf8)) }
}
