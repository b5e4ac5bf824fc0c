"""Messages and their sequence numbers: what OpenIM's message service answers to a gateway's requests."""

import hashlib
import itertools
import time
from collections import deque

import openim_wire as wire
import protobuf_bodies as bodies
from openim_accounts import Accounts, OpenIMError

_KEPT_PER_CONVERSATION = 200


class Conversation:
    def __init__(self):
        self.max_seq = 0
        self.members: set[str] = set()
        self.kept: deque[dict] = deque(maxlen=_KEPT_PER_CONVERSATION)
        self.read: dict[str, int] = {}


class Messages:
    def __init__(self, accounts: Accounts):
        self._accounts = accounts
        self._conversations: dict[str, Conversation] = {}
        self._of_user: dict[str, set[str]] = {}
        self._numbers = itertools.count(1)
        self._salt = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:16]

    def send(self, message: dict) -> tuple[dict, str]:
        """Takes a message in: (as it is kept and pushed, its conversation)."""
        if not message.get("sendID") or not message.get("content"):
            raise OpenIMError(1001, "sendID or content is empty")
        session = message.get("sessionType", 0)
        if session == 3:
            raise OpenIMError(1004, "group not found")  # groups cannot be made here
        if session not in (1, 4):
            raise OpenIMError(1001, "unknown sessionType")
        receiver = message.get("recvID", "")
        if receiver not in self._accounts.users:
            raise OpenIMError(1004, "recvID not found")
        name = bodies.conversation(message["sendID"], receiver)
        kept = self._conversations.setdefault(name, Conversation())
        for user in (message["sendID"], receiver):
            if user not in kept.members:
                kept.members.add(user)
                self._of_user.setdefault(user, set()).add(name)
        kept.max_seq += 1
        message["serverMsgID"] = f"{self._salt}{next(self._numbers):016x}"
        message["seq"] = kept.max_seq
        if not message.get("sendTime"):
            message["sendTime"] = time.time_ns() // 1_000_000
        kept.kept.append(message)
        kept.read[message["sendID"]] = kept.max_seq
        return message, name

    def max_seqs(self, user: str) -> dict[str, int]:
        return {name: self._conversations[name].max_seq for name in sorted(self._of_user.get(user, ()))}

    def perform(self, user: str, request: wire.Request) -> bytes | None:
        """Every request but 1003 and those about the connection itself: the response's body."""
        request_body, response_body = bodies.BODIES.get(request.identifier, (None, None))
        if request_body is None:
            raise OpenIMError(1001)
        body = bodies.decode(request_body, request.data or b"")
        if request.identifier == wire.NEWEST_SEQ:
            if body.get("userID", "") != user:
                raise OpenIMError(1002)
            maximum = self.max_seqs(user)
            answer: dict = {"maxSeqs": maximum, "minSeqs": {name: 0 for name in maximum}}
        elif request.identifier in (wire.PULL_BY_RANGE, wire.PULL_BY_SEQS):
            answer = self._pull(user, request.identifier, body)
        elif request.identifier == wire.READ_AND_MAX_SEQ:
            names = body.get("conversationIDs") or sorted(self._of_user.get(user, ()))
            found = {name: self._own(user, name) for name in names}
            answer = {
                "seqs": {
                    name: {"maxSeq": each.max_seq, "hasReadSeq": each.read.get(user, 0)}
                    for name, each in found.items()
                    if each
                }
            }
        else:
            found = {name: self._own(user, name) for name in body.get("conversationIDs", ())}
            answer = {"msgs": {name: each.kept[-1] for name, each in found.items() if each and each.kept}}
        return bodies.encode(response_body, answer) or None

    def _own(self, user: str, name: str) -> Conversation | None:
        kept = self._conversations.get(name)
        return kept if kept and user in kept.members else None

    def _pull(self, user: str, identifier: int, body: dict) -> dict:
        """Conversations that the user has no part in are left out silently."""
        pulled = {}
        for wanted in body.get("seqRanges" if identifier == wire.PULL_BY_RANGE else "conversations", ()):
            name = wanted.get("conversationID", "")
            kept = self._own(user, name)
            if kept is None:
                continue
            if identifier == wire.PULL_BY_SEQS:
                chosen = [message for message in kept.kept if message["seq"] in set(wanted.get("seqs", ()))]
                first, last = 0, 0
            else:
                first, last = wanted.get("begin", 0), wanted.get("end", 0)
                chosen = [message for message in kept.kept if first <= message["seq"] <= last]
                if wanted.get("num", 0) > 0:
                    chosen = chosen[-wanted["num"] :]
            if body.get("order", 0) == 1:
                chosen.reverse()
            pulled[name] = {"Msgs": chosen, "isEnd": last >= kept.max_seq}
            if not self._accounts.old and chosen:
                pulled[name]["endSeq"] = chosen[-1]["seq"]
        return {"msgs": pulled}
