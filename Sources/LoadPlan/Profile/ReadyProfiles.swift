// The texts of Profiles/. ReadyProfilesTests writes this file and keeps it in step.

extension ProfileLibrary {
    static let plainProfiles: [Entry] = [
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
            name: "exhaustion",
            text: ##"""
                # The leak's end: the message service of leak.yaml loses a descriptor with every fourth message and may have 256. Soon
                # it has none left; accept fails with EMFILE and is tried again after milliseconds, new connections wait in the queue,
                # and what needs a file or a socket fails.
                #
                #   gatecrash run exhaustion                                                    exit status 6; found after some four seconds
                #   gatecrash run exhaustion --defect address-lookup-per-log-line:cure=cached   the same limit is plenty
                name: exhaustion
                about: 50 accounts send 250 messages a second to a message service that loses descriptors and has 256.
                target: bundled
                gateway:
                  processes: 1
                  messages: true
                  descriptors: 256 # RLIMIT_NOFILE of each bundled process
                  defects: ["address-lookup-per-log-line:leak=0.25"]
                accounts: { count: 50, id: "user-{index}" }
                load: { duration: 20s, ramp: 1s, grace: 5s }
                steps:
                  - connect
                  - repeat:
                      times: 5 # short, so that accounts keep coming while the descriptors run out
                      steps:
                        - send: { text: "{account} says {sequence}", size: 64 }
                        - receive: { timeout: 5s }
                        - wait: { uniform: [100ms, 300ms] }
                  - close
                stall: { after: 3s }
                thresholds:
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "freeze",
            text: ##"""
                # How a gateway freezes: the load of kick-storm against a gateway built like OpenIM 3.5.1's. One event loop is the only
                # reader of a register and an unregister queue of 1,000 places each, and makes a call of 1 ms for every login and logout.
                # More come than it can do, so that the unregister queue is full; then the loop handles a login whose account has an
                # older connection still open, kicks that, and puts it into the unregister queue, which nobody but the loop empties.
                # From then on handshakes still succeed, and nobody is admitted.
                #
                #   gatecrash run freeze                                                        frozen within seconds: exit status 6
                #   gatecrash run freeze --defect register-unregister-deadlock:cure=kick-elsewhere
                #                                       the same load and delays, but kicks do not wait in the loop: slow, and alive
                #   gatecrash run freeze --defect none                                          a gateway without these queues
                #
                # Other cures: cure=unbounded-unregister, and the published cure=split-loops. order=B is the order of 3.8, in which a
                # connection's end holds its write lock while it waits for the queue.
                name: freeze
                about: 100 accounts, each logged in twice, against a gateway whose event loop waits for itself when it kicks.
                target: bundled
                gateway:
                  processes: 1
                  defects: ["register-unregister-deadlock:order=A,queue=1000,register=1ms,unregister=1ms"]
                accounts: { count: 100, logins: 2, id: "user-{index}" }
                kick: { expected: true } # by close code 4001
                load:
                  duration: 30s
                  ramp: 1s
                  grace: 5s # nobody who hangs by then will ever get through
                steps: # those of kick-storm
                  - choose:
                      - { share: 0.3, steps: [] }
                      - { share: 0.7, steps: [wait: { uniform: [10ms, 190ms] }] }
                  - connect
                  - send: { text: "{account} on device {login}, message {sequence}", size: 64 }
                  - receive
                  - wait: { uniform: [20ms, 180ms] }
                  - choose:
                      - { share: 0.5, steps: [close] }
                      - { share: 0.3, steps: [abort] }
                      - { share: 0.2, steps: [abandon: { for: 10s, keep: 4 }] } # still open when its account logs in again: the trap
                stall: { after: 3s } # when an account that hangs is reported, while it hangs
                thresholds:
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
            name: "kick-storm",
            text: ##"""
                # Every account is online twice, on a telephone and a tablet say, at a gateway that allows one login: each login kicks
                # the other one. On top of it clients leave as they do in bad networks: some close, some are cut off, some are gone
                # without a word and log in again while the gateway still takes their old connection for alive.
                #
                # A sound gateway goes through all this unmoved. One whose event loop kicks by putting into a queue that it alone drains
                # does not: see freeze.yaml, which plays the same against such a gateway.
                #
                #   gatecrash run kick-storm                                                        against the bundled gateway
                #   gatecrash run kick-storm --target 'ws://127.0.0.1:8080/ws?account={account}'    against yours
                name: kick-storm
                about: 100 accounts, each logged in twice, kick each other, drop off, and come back without closing.
                target: bundled
                accounts:
                  count: 100
                  logins: 2 # clients per account: both say that they are user-7, so that two logins are open before the first closes
                  id: "user-{index}"
                kick:
                  codes: [4001] # the close code by which the bundled gateway ends the older login; list your gateway's own
                  expected: true # a kick is what we came for: no failure, and the kicked client comes back without a pause
                load:
                  duration: 20s
                  ramp: 2s
                  grace: 10s
                steps:
                  - choose: # drawn anew each time; the shares add up to 1
                      - { share: 0.3, steps: [] } # back at once
                      - { share: 0.7, steps: [wait: { uniform: [10ms, 190ms] }] }
                  - connect # kicks the account's other login, if that is online
                  - send: { text: "{account} on device {login}, message {sequence}", size: 64 }
                  - receive
                  - wait: { uniform: [20ms, 180ms] } # the other login may kick us meanwhile: then the iteration ends as kicked
                  - choose:
                      - { share: 0.5, steps: [close] }
                      - { share: 0.3, steps: [abort] } # a reset instead of a closing handshake: the process died
                      # The network died: the connection stays open, nobody reads from it, and the next login comes on another one.
                      # It is reset after this time, or when the client leaves a fifth one behind.
                      - { share: 0.2, steps: [abandon: { for: 10s, keep: 4 }] }
                stall: { after: 5s }
                thresholds:
                  - outcomes.failed == 0 # kicks are none
                  - outcomes.kicked > 0 # but there must have been some: otherwise the gateway allows several logins
                  - handshake.p99 < 500ms
                  - admission.p99 < 2s # from the 101 until the gateway serves the login

                """##),
        Entry(
            name: "leak",
            text: ##"""
                # A descriptor is lost with every hundredth message: the message service asks the kernel for the machine's addresses at
                # each log line, through fresh netlink sockets, and does not close all of them. Reported so of OpenIM 3.8.3. Nothing is
                # slow and nothing fails meanwhile; only the number of descriptors grows, and gatecrash says which kind, how fast, and
                # when the limit will be reached.
                #
                #   gatecrash run leak                                                          found within half a minute: exit status 6
                #   gatecrash run leak --defect address-lookup-per-log-line:cure=cached         asked for once and kept: nothing grows
                #   gatecrash run leak --defect address-lookup-per-log-line:cure=environment    taken from POD_IP
                #   gatecrash run leak --defect address-lookup-per-log-line                     every socket is closed again: no leak
                #
                # What happens when the limit is reached shows exhaustion.yaml.
                name: leak
                about: 50 accounts send 250 messages a second; the message service loses a descriptor with every hundredth.
                target: bundled
                gateway:
                  processes: 1
                  messages: true # a process of its own, so that its descriptors are its own
                  defects: ["address-lookup-per-log-line:leak=0.01"]
                accounts: { count: 50, id: "user-{index}" }
                load: { duration: 40s, ramp: 2s, grace: 10s }
                steps:
                  - connect
                  - repeat:
                      times: 25 # some five seconds; then the account goes offline and comes back
                      steps:
                        - send: { text: "{account} says {sequence}", size: 64 }
                        - receive
                        - wait: { uniform: [100ms, 300ms] }
                  - close
                thresholds: # all of these hold: a leak is not seen from the outside until it is too late
                  - outcomes.failed == 0
                  - reply.p99 < 500ms

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
        Entry(
            name: "soak",
            text: ##"""
                # For hours: what a server loses a little of with each account shows in an afternoon, not in a minute. 200 accounts come,
                # chat, leave in two ways, and come again, at a rate that tires nobody; meanwhile the server's descriptors and memory are
                # watched. A slope is a finding by itself (fd_leak, memory_growth: exit status 6) and needs no threshold; the thresholds
                # here hold the service to the same quality in the last minute as in the first, over the whole run.
                #
                #   gatecrash run soak                            two hours; interrupt once to end it in order, the report is written
                #   gatecrash run soak --duration 20m             shorter; below some ten minutes slow leaks do not show
                #   gatecrash run soak --duration 12h --target 'wss://gw.example.org/ws?account={account}' \
                #     --watch-url http://gw.example.org:9100/metrics          a server elsewhere, watched by its own metrics
                name: soak
                about: 200 accounts chat, leave and come back for two hours while the server's descriptors and memory are watched.
                target: bundled
                accounts: { count: 200, id: "user-{index}" }
                load: { duration: 2h, ramp: 30s, grace: 60s }
                steps:
                  - connect: { heartbeat: 20s }
                  - repeat:
                      times: 10
                      steps:
                        - send: { text: "{account} says {sequence}", size: 128 }
                        - receive
                        - wait: { exponential: 2s } # thinks, and types; at most twenty seconds
                  - choose: # an end that a server forgets to clean up after is mostly the second one
                      - { share: 0.8, steps: [close] }
                      - { share: 0.2, steps: [abort] }
                  - wait: { uniform: [1s, 10s] } # offline
                timeouts: { receive: 20s, ping: 20s } # hours hold pauses that minutes do not: a log rotated, a machine moved
                stall: { after: 10s }
                thresholds:
                  - outcomes.failed <= 10
                  - handshake.p99 < 250ms
                  - reply.p99 < 250ms

                """##),
    ]
}
