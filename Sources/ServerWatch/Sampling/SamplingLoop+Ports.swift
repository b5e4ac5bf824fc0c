internal import LoadMetrics

/// Sources that were named by a port.
extension SamplingLoop {
    static func source(number: Int, port: Int, process: Int32? = nil) -> WatchedSource {
        let name = process.map { "port \(port), pid \($0)" } ?? "port \(port)"
        return WatchedSource(number: number, kind: .process, role: .watched, name: name, port: port)
    }

    func followPorts(atNs: Int64) {
        guard !ports.isEmpty, let own = try? ProcFolder("/proc/self"),
            let listeners = try? SocketTable.read(of: own, states: SocketDiagnostics.listening)
        else { return }
        for index in ports.indices {
            let port = ports[index].port
            let inodes = Set(listeners.sockets.filter { Int($0.local.port) == port }.map(\.inode))
            let look = ports[index].look(inodes, atNs: atNs)
            guard look != .nowhere else {
                if inodes.isEmpty, !ports[index].hasLiving {
                    tellSilence(index, "nothing listens on TCP port \(port) of this machine", atNs: atNs)
                }
                continue
            }
            let candidates = ports[index].candidates(look, of: PortHolders.allProcesses())
            let holders = PortHolders.find(inodes, among: candidates)
            let arrivals = ports[index].arrivals(holders.processes) { process in
                (try? ProcFolder(process: process).read("stat")).flatMap { ProcessStat($0)?.parent }
            }
            for arrival in arrivals { adopt(arrival, index, atNs: atNs) }
            if !ports[index].hasLiving, holders.processes.isEmpty {
                let hidden = "\(holders.denied) processes do not let us look, and one of them may be it"
                tellSilence(
                    index,
                    "who listens on TCP port \(port) cannot be found: "
                        + (holders.denied > 0
                            ? hidden + "; run gatecrash as the same user or as root, or with CAP_SYS_PTRACE"
                            : "it is outside this PID namespace"),
                    atNs: atNs)
            }
        }
    }

    private func adopt(_ arrival: PortFollower.Arrival, _ index: Int, atNs: Int64) {
        let port = ports[index].port
        guard let place = arrival.place else {
            let number = newNumber()
            let source = Self.source(number: number, port: port, process: arrival.process)
            guard attach(arrival.process, to: source) else { return }
            ports[index].place(arrival.process, number: number)
            return
        }
        // A further process's name holds its pid, so a successor needs a new one.
        let isNamed = named[place] != nil
        let source = named[place] ?? Self.source(number: place, port: port, process: arrival.process)
        let hadProcess = !isNamed || occupied.contains(place)
        if attach(arrival.process, to: source, restartAtNs: hadProcess ? atNs : nil) {
            occupied.insert(place)
            silentPorts.remove(port)
        } else {
            ports[index].ended(number: place)
        }
    }

    private func tellSilence(_ index: Int, _ detail: String, atNs: Int64) {
        guard silentPorts.insert(ports[index].port).inserted, let number = ports[index].numbers.first else { return }
        if let source = named[number], !occupied.contains(number) { post(.source(source)) }
        report(.unreadable, number, detail, atNs: atNs)
    }
}
