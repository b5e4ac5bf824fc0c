internal import LoadPlan

/// The plan's timeouts in nanoseconds.
struct TimeoutsNs {
    let connect: Int64
    let tls: Int64
    let handshake: Int64
    let admission: Int64
    let send: Int64
    let receive: Int64
    let ping: Int64
    let close: Int64

    init(_ timeouts: Timeouts) {
        connect = timeouts.connect.nanoseconds
        tls = timeouts.tls.nanoseconds
        handshake = timeouts.handshake.nanoseconds
        admission = timeouts.admission.nanoseconds
        send = timeouts.send.nanoseconds
        receive = timeouts.receive.nanoseconds
        ping = timeouts.ping.nanoseconds
        close = timeouts.close.nanoseconds
    }
}
