// The texts of Profiles/. ReadyProfilesTests writes this file and keeps it in step.

extension ProfileLibrary {
    static let readyProfiles: [Entry] = [
        Entry(
            name: "churn",
            text: ##"""
                # Accounts come online, say one thing, hear the reply and go offline, again and again: what a gateway goes through
                # when everybody's network is bad. This is the load under which register and unregister queues lock up.
                #
                #   gatecrash run churn                                   against the bundled gateway
                #   gatecrash run churn --target ws://127.0.0.1:8080/ws   against yours, which must answer each message with one
                name: online-offline-churn
                about: 100 accounts come online, send one message, wait for the reply and go offline.
                target: bundled # or ws://host:port/path, wss://…
                dialect: plain # what messages mean; plain: one message in, one message out
                accounts: { count: 100, id: "user-{index}" } # user-0 … user-99
                load:
                  model: closed # an account starts again as soon as its last iteration has ended
                  duration: 20s
                  ramp: 1s # the accounts' first starts are spread over this time
                  grace: 10s # after the duration: how long iterations may finish before they are cut
                steps:
                  - connect # TCP, opening handshake, and a PING that the server must answer: 101 alone does not mean it serves us
                  - send: { text: "hello {account} {iteration}", size: 64 } # filled up to 64 bytes with dots
                  - receive # any message
                  - close # closing handshake with code 1000
                # Twice stall.after, so that a stall is seen before a timeout ends it. These are the defaults.
                timeouts: { connect: 10s, handshake: 10s, admission: 10s, receive: 10s, close: 10s }
                stall: { after: 5s } # an account that stands in one phase for so long is reported while it stands there
                thresholds: # one that does not hold fails the run with exit status 99
                  - handshake.p99 < 250ms
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "echo",
            text: ##"""
                # Connections are opened once and kept busy: one message out, one message back, as fast as the server answers.
                # The cost of a message, without the cost of connecting.
                name: persistent-echo
                about: 100 connections exchange messages one by one until the time is over.
                target: bundled
                accounts: { count: 100, id: "user-{index}" }
                load: { duration: 20s, ramp: 1s }
                steps:
                  - connect
                  - repeat:
                      times: 1000 # then the connection is closed and opened again
                      steps:
                        - send: { text: "{account} says {sequence}", size: 64 }
                        - receive
                  - close
                thresholds:
                  - reply.p99 < 250ms # from the moment the message was due
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "hold",
            text: ##"""
                # Many accounts online at once. Each sends and receives once, then holds its connection with a heartbeat.
                #
                # 50,000 connections need as many descriptors and ports: gatecrash spreads them over several processes, and
                # `gatecrash doctor` says what this machine allows. Against a server of your own list local addresses to connect from,
                # since each has only some 28,000 ports towards one server:
                #
                #   target: { url: "ws://10.0.0.1:8080/", sources: [10.0.0.2, 10.0.0.3] }
                name: hold-50000
                about: 50,000 accounts come online, send one message each, and stay until the time is over.
                target: bundled
                accounts: { count: 50000, id: "user-{index}" }
                load:
                  duration: 90s
                  ramp: 30s # some 1,700 new connections a second
                  grace: 30s # they all leave at the same moment
                steps:
                  - connect: { heartbeat: 20s }
                  - send: { text: "hello {account}", size: 64 }
                  - receive
                  - wait: end
                  - close
                timeouts: { receive: 20s, ping: 20s, close: 30s } # tens of thousands of accounts are answered one after the other
                thresholds:
                  - outcomes.failed == 0
                  - connections.lost == 0
                  - messages.received >= 50000

                """##),
        Entry(
            name: "idle",
            text: ##"""
                # Connections that do nothing but stay: what does an idle connection cost the server, and does it notice dead ones?
                name: idle-connections
                about: 1,000 accounts come online and stay, with nothing but a heartbeat, until the time is over.
                target: bundled
                accounts: { count: 1000, id: "user-{index}" }
                load: { duration: 30s, ramp: 2s }
                steps:
                  - connect:
                      admit: none # the 101 is enough: nothing is sent that would wake the server
                      heartbeat: 10s # then a PING so often; a PONG that does not come within timeouts.ping fails the account
                  - wait: end # until load.duration is over
                  - close
                thresholds:
                  - ping.p99 < 500ms
                  - outcomes.failed == 0
                  - connections.lost == 0

                """##),
        Entry(
            name: "presence",
            text: ##"""
                # People with a messenger open: they come online, look, write a few lines with pauses in between, and leave. Some pauses
                # are long, most are short. Nobody is in step with anybody else.
                name: presence
                about: 500 accounts come online, chat with pauses like people's, and leave for a while.
                target: bundled
                accounts: { count: 500, id: "user-{index}" }
                load: { duration: 60s, ramp: 10s, grace: 15s }
                steps:
                  - connect: { heartbeat: 10s }
                  - wait: { uniform: [200ms, 2s] } # reads what is new
                  - repeat:
                      times: 5
                      steps:
                        - send: { text: '{{"from":"{account}","n":{sequence},"text":"line {random}"}}' } # {{ and }} are braces
                        - receive: { contains: '"{account}"', timeout: 5s } # the reply that names us
                        - wait: { exponential: 1s } # thinks, and types
                  - ping # still there?
                  - close: { code: 1001, reason: leaving }
                  - wait: { uniform: [500ms, 3s] } # offline
                thresholds:
                  - handshake.p99 < 250ms
                  - reply.p95 < 250ms
                  - outcomes.failed <= 5

                """##),
    ]
}
