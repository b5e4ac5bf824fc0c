// The texts of Profiles/. ReadyProfilesTests writes this file and keeps it in step.

extension ProfileLibrary {
    static let openIMProfiles: [Entry] = [
        Entry(
            name: "openim-churn",
            text: ##"""
                # The load of churn.yaml in OpenIM's language: accounts log in, send one message to the next account, wait for the
                # server's answer and go offline, again and again. The answer is what is waited for, and no push: a push may come before
                # the answer or after it, and whoever was online for less than a second may count as offline and get none.
                #
                #   gatecrash run openim-churn                                                     against the bundled gateway
                #   gatecrash run openim-churn --openim-version 3.5.1                              the same, as the older one behaves
                #   gatecrash run openim-churn --target ws://HOST:10001/ --openim-api http://HOST:10002    against yours
                #
                # Accounts gatecrash_0 … are registered and their tokens fetched before the run. With another secret than OpenIM's own
                # openIM123 set GATECRASH_OPENIM_SECRET.
                name: openim-churn
                about: 100 accounts log in to OpenIM, send one message, wait for its answer and go offline.
                target: bundled # or ws://HOST:10001/, with --openim-api
                dialect: openim
                openim:
                  platforms: [android] # of an account's logins, in turn
                  tokens: fetch # from the API; or mint, or { file: tokens.csv }
                accounts: { count: 100, id: "gatecrash_{index}" } # letters, digits and _: others cannot be registered in 3.8
                load: { duration: 20s, ramp: 1s, grace: 10s }
                steps:
                  - connect # admitted with the PONG; a heartbeat every 25 s, since the gateway ends connections silent for 30 s
                  - send: { to: ring, text: "hello from {account}, message {sequence}" } # 0 to 1, 1 to 2, … and the last one to 0
                  - receive: ack # the answer to the send (1003)
                  - wait: { uniform: [10ms, 50ms] }
                  - close
                stall: { after: 5s }
                thresholds:
                  - handshake.p99 < 500ms # the token is checked before the 101
                  - reply.p99 < 1s
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-delivery",
            text: ##"""
                # How long is a message on its way, from one account's send to its push at the other? 100 accounts in 50 pairs stay
                # online; each sends, and waits for what its partner has sent: one for one. Both clocks are this machine's, so that the
                # time is exact whichever process plays which account. OpenIM pushes a message to its sender too, which is timed with the
                # others: two deliveries for each message, of which the partner's are received by a step and the own ones are unclaimed.
                # The load is so many messages and no time: whoever left before its partner would let it wait.
                #
                #   gatecrash run openim-delivery
                #   gatecrash run openim-delivery --target ws://HOST:10001/ --openim-api http://HOST:10002
                name: openim-delivery
                about: 50 pairs of accounts stay online at OpenIM and exchange messages one for one; deliveries are timed.
                target: bundled
                dialect: openim
                accounts: { count: 100, id: "gatecrash_{index}" }
                load: { iterations: 1, ramp: 1s }
                steps:
                  - connect
                  - wait: 3s # all are online, and have been for a second: before that 3.8 may take them for offline
                  - repeat:
                      times: 250 # some half a minute
                      steps:
                        - send: { to: pair, text: "{account} writes {sequence}", size: 100 }
                        - receive: ack
                        - receive: { push: others } # the partner's; it may have come before the answer, and is kept until here
                        - wait: { uniform: [50ms, 150ms] }
                  - close
                thresholds:
                  - delivery.p50 < 250ms
                  - delivery.p99 < 1s
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-freeze",
            text: ##"""
                # How OpenIM's message gateway freezes, with nothing but tidy clients: each logs in, sends one message, has its answer,
                # and closes properly. One event loop is the only reader of a register and an unregister queue of 1,000 places each, and
                # makes a backend call for each login and logout. More come than it can do, and entries are overtaken in the queues;
                # then it kicks a connection that is still open, and puts it into the full queue that nobody but itself empties. From
                # then on the 101 is still answered, at once, and nobody is admitted. The real gateway of 3.5.1 freezes so within 2 s.
                #
                #   gatecrash run openim-freeze                                                  frozen within seconds: exit status 6
                #   gatecrash run openim-freeze --defect register-unregister-deadlock:cure=kick-elsewhere    slow, and alive
                #   gatecrash run openim-freeze --login-policy 0                                 nobody is kicked: alive
                #   gatecrash run openim-freeze --defect none                                    a gateway without these queues
                #   gatecrash run openim-freeze --target ws://HOST:10001/ --openim-api http://HOST:10002     yours, which this may freeze
                name: openim-freeze
                about: 100 tidy accounts churn against an OpenIM gateway whose event loop waits for itself when it kicks.
                target: bundled
                dialect: openim
                openim: { version: 3.5.1 } # which the bundled gateway plays; of another target the API is asked
                gateway:
                  processes: 1
                  login_policy: 1 # OpenIM's own: a login kicks the older one of the same platform
                  defects: [register-unregister-deadlock] # with calls of 1 ms, in the order of the version
                accounts: { count: 100, id: "gatecrash_{index}" }
                kick: { expected: true } # by a frame (2002), not by a close code; kicks are part of what freezes it
                load:
                  duration: 30s
                  ramp: 0s
                  grace: 5s # nobody who hangs by then will ever get through
                steps:
                  - connect
                  - send: { to: ring, text: "{account} says {sequence}" }
                  - receive: ack
                  - wait: { uniform: [10ms, 30ms] }
                  - close
                stall: { after: 3s } # when an account that hangs is reported, while it hangs
                thresholds:
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-hold",
            text: ##"""
                # Ten thousand accounts of OpenIM online at once. Each is registered and has its token fetched before the run, comes
                # online, writes to its neighbour once, has the answer and what its other neighbour wrote, and stays, with a heartbeat,
                # until all have been there for a while. The summary has the time of each part: accounts (registration and tokens), then
                # connect, handshake, admission, reply and delivery.
                #
                #   gatecrash run openim-hold
                #   gatecrash run openim-hold --accounts 50000 --target ws://HOST:10001/ --openim-api http://HOST:10002
                #
                # An account is a connection, and each connection a descriptor and a local port; `gatecrash doctor` says what this machine
                # allows.
                name: openim-hold
                about: 10,000 accounts come online at OpenIM, write to their neighbours once, and stay until all are there.
                target: bundled
                dialect: openim
                accounts: { count: 10000, id: "gatecrash_{index}" }
                load:
                  duration: 45s
                  ramp: 25s # 400 logins a second; nobody comes or leaves for the last 20 s
                  grace: 30s # they all leave at the same moment
                steps:
                  - connect
                  - wait: 3s # the neighbour is online by then, and has been for a second: before that 3.8 may take it for offline
                  - send: { to: ring, text: "hello from {account}" }
                  - receive: ack
                  - wait: end
                  - receive: { push: others } # has come meanwhile, and is kept until here; the first account's from the last one
                  - close
                timeouts: { receive: 20s, ping: 20s, close: 30s } # ten thousand are answered one after the other
                stall: { after: 10s }
                thresholds:
                  - outcomes.failed == 0
                  - connections.lost == 0
                  - delivery.p99 < 2s

                """##),
        Entry(
            name: "openim-kick-storm",
            text: ##"""
                # How OpenIM 3.8's message gateway freezes. Its event loop is the only reader of a register and an unregister queue of
                # 1,000 places each, as in 3.5 (openim-freeze), but makes no backend call for a login or logout any more, so that the tidy
                # churn that freezes 3.5.1 leaves it alive. It makes one for each kick, to take back the older login's tokens. So here
                # every account is on two devices of the same platform, each of which kicks the other, and some lose their network and
                # leave an open connection behind: both queues fill within a second or two, and then the loop kicks one that is still
                # open, and puts it into the full queue that only itself empties.
                #
                #   gatecrash run openim-kick-storm                                              frozen within seconds: exit status 6
                #   gatecrash run openim-kick-storm --openim-version 3.5.1                       the same
                #   gatecrash run openim-kick-storm --defect register-unregister-deadlock:cure=kick-elsewhere    slow, and alive
                #   gatecrash run openim-kick-storm --login-policy 0                             nobody is kicked: alive
                #   gatecrash run openim-kick-storm --defect none                                a gateway without these queues
                #   gatecrash run openim-kick-storm --target ws://HOST:10001/ --openim-api http://HOST:10002     yours, which this may freeze
                name: openim-kick-storm
                about: 100 accounts on two devices each churn against an OpenIM gateway whose event loop waits for itself when it kicks.
                target: bundled
                dialect: openim
                openim:
                  version: 3.8.3
                  platforms: [android] # both devices: one kicks the other
                gateway:
                  processes: 1
                  login_policy: 1
                  defects: [register-unregister-deadlock] # with calls of 1 ms, in the order of the version
                accounts: { count: 100, id: "gatecrash_{index}", logins: 2 }
                kick: { expected: true }
                load:
                  duration: 30s
                  ramp: 0s
                  grace: 5s # nobody who hangs by then will ever get through
                steps:
                  - connect
                  - send: { to: ring, text: "{account} says {sequence} on device {login}" }
                  - receive: ack
                  - wait: { uniform: [10ms, 30ms] }
                  - choose:
                      - { share: 0.7, steps: [close] }
                      - { share: 0.3, steps: [abandon: { for: 10s, keep: 2 }] } # the network died: the connection stays open, unread
                stall: { after: 3s }
                thresholds:
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-mass-reconnect",
            text: ##"""
                # The power fails in a district, a load balancer is restarted: all telephones are gone at once, without a word, and all
                # of them come back at once. Each wave is a thousand logouts and a thousand logins in the same moment, and behind it
                # everybody has to be online again. Whoever fails waits as OpenIM's SDK does: 1, 2, 4, 8, 16 s, and again from 1 s.
                #
                #   gatecrash run openim-mass-reconnect
                #   gatecrash run openim-mass-reconnect --accounts 10000 --target ws://HOST:10001/ --openim-api http://HOST:10002
                name: openim-mass-reconnect
                about: 1,000 accounts are online at OpenIM, all drop off at once every 10 s, and all come back at once.
                target: bundled
                dialect: openim
                accounts: { count: 1000, id: "gatecrash_{index}" }
                kick: { expected: true } # who is back before the gateway has noticed that he was gone kicks himself
                load:
                  duration: 62s # six waves
                  ramp: 0 # in step with each other
                  grace: 15s
                steps:
                  - connect
                  - newest_sequence # what a client asks first (1001): the login is served
                  - wait: 10s
                  - abort # a reset instead of a closing handshake
                back_off: openim_sdk # the default with OpenIM
                timeouts: { connect: 20s, handshake: 20s, admission: 20s, receive: 20s }
                stall: { after: 10s } # a thousand at once take a while
                thresholds:
                  - admission.p99 < 10s
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-slow-reader",
            text: ##"""
                # One telephone that does not read freezes a gateway for everybody. Account 0 logs in and stops reading, and four others
                # write to it: soon the pushes have filled its socket, and the gateway stands in a write to it and holds that
                # connection's lock. Then account 0 logs in again. Kicking the old connection needs the lock, and the gateway's only event
                # loop waits for it, up to 10 s; meanwhile nobody is registered or unregistered. The logouts of the others fill the queue,
                # and what the loop does next is to put into it: it never comes back. Neither a slow backend nor much load is needed.
                #
                #   gatecrash run openim-slow-reader                                             frozen within seconds: exit status 6
                #   gatecrash run openim-slow-reader --login-policy 0                            nobody is kicked: alive
                #   gatecrash run openim-slow-reader --defect none                               a gateway without these queues
                #   gatecrash run openim-slow-reader --target ws://HOST:10001/ --openim-api http://HOST:10002
                name: openim-slow-reader
                about: 95 accounts log in and out at leisure; one stops reading while others write to it, and logs in again.
                target: bundled
                dialect: openim
                openim: { version: 3.5.1 }
                gateway:
                  processes: 1
                  login_policy: 1
                  defects: [register-unregister-deadlock]
                accounts: { count: 100, id: "gatecrash_{index}" }
                kick: { expected: true } # the slow reader kicks its own older login
                load: { duration: 60s, ramp: 1s, grace: 5s }
                steps:
                  - roles: # by the account's number
                      - accounts: 1 # gatecrash_0: the slow reader
                        steps:
                          - connect
                          - wait: 2s # 3.8 pushes only to who has been online for a second
                          - stop_reading
                          - wait: 3s # its receive buffer and the gateway's send buffer are full by then, and a push is stuck
                          - takeover: { for: 30s } # a new login of the same account; the old connection stays open, unread
                          - wait: 5s
                          - close
                      - accounts: 4 # gatecrash_1 to 4: write to it when it has just stopped reading
                        steps:
                          - connect
                          - wait: 2500ms
                          - repeat:
                              times: 50 # eight megabytes of all four: more than both buffers hold
                              steps:
                                - send: { to: hot, size: 40KiB } # to the first account
                                - receive: ack
                          - wait: 7s
                          - close
                      - steps: # all others: some 185 logins and logouts a second, so that 1,000 have come before the 10 s are over
                          - connect
                          - send: { to: ring, text: "{account} says {sequence}" }
                          - receive: ack
                          - wait: 500ms
                          - close
                stall: { after: 3s }
                thresholds:
                  - outcomes.failed == 0

                """##),
        Entry(
            name: "openim-soak",
            text: ##"""
                # OpenIM under everyday load for as long as one likes: pairs of accounts write to each other every few seconds, stay for
                # a minute, log out and come back. How long a message takes from one account's send to its pushes is measured all the
                # time (delivery), and so are the server's descriptors and memory where they can be seen. A slope is a finding by itself
                # (fd_leak: exit status 6; memory_growth: a warning) and needs no threshold.
                #
                #   gatecrash run openim-soak
                #   gatecrash run openim-soak --duration 12h --target ws://HOST:10001/ --openim-api http://HOST:10002 \
                #     --watch-url http://HOST:20140/metrics         the gateway's own port for metrics in 3.5
                name: openim-soak
                about: 200 accounts write to each other in pairs, stay for a minute, log out and come back.
                target: bundled
                dialect: openim
                accounts: { count: 200, id: "gatecrash_{index}" }
                load: { duration: 10m, ramp: 20s, grace: 30s }
                steps:
                  - connect: { heartbeat: 25s } # below the gateway's 30 s
                  - newest_sequence
                  - wait: { uniform: [2s, 4s] } # 3.8 pushes only to who has been online for a second
                  - repeat:
                      times: 15 # some three quarters of a minute
                      steps:
                        - send: { to: pair, text: "{account} writes {sequence}: {random}", size: 200 } # 0 and 1, 2 and 3, …
                        - receive: ack # pushes from the other one in between are timed, whoever waits for them
                        - wait: { exponential: 3s } # thinks, and types; at most thirty seconds
                  - logout # 2003; the server ends the connection
                  - wait: { uniform: [1s, 10s] } # offline
                timeouts: { receive: 20s, ping: 20s } # long runs hold pauses that minutes do not
                stall: { after: 10s }
                thresholds:
                  - outcomes.failed <= 10
                  - reply.p99 < 500ms
                  - delivery.p99 < 2s

                """##),
    ]
}
