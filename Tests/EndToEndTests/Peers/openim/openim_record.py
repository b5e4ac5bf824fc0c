"""What a server of tests has seen, so that a client's report can be compared with the server's own truth."""

import json
from collections import Counter


class Record:
    def __init__(self):
        #: Upgrades answered with 101, and of those, connections that the freeze left unserved.
        self.handshakes = self.frozen = 0
        #: Refusals by error code (HTTP 200), and answers of other statuses by status.
        self.refused: Counter[int] = Counter()
        self.handshake_errors: Counter[int] = Counter()
        #: Requests by identifier; of 1003 those received, acknowledged and refused with an error code.
        self.requests: Counter[int] = Counter()
        self.messages = self.acks = self.errors = 0
        #: 2001 frames to receivers and to the senders themselves; those that --drop-pushes held back.
        self.pushes = self.own_pushes = self.dropped_pushes = 0
        #: Connections ended by 2002 (of those by force_logout) and by an answered 2003.
        self.kicks = self.forced_logouts = self.logouts = 0
        self.pings = self.pongs = self.text_pings = self.server_pings = 0
        #: How connections ended: CLOSE from the client, FIN or RST without one, by the server for cause.
        self.closes_received = self.client_ended = 0
        self.server_ended: Counter[str] = Counter()
        self.most_online = self.online = 0
        #: REST: calls by path, users registered, tokens made (the administrators' too), errors by code.
        self.api_calls: Counter[str] = Counter()
        self.users_registered = self.tokens_made = 0
        self.api_errors: Counter[int] = Counter()

    def __str__(self) -> str:
        return json.dumps(vars(self), sort_keys=True)
