"""Messages: acknowledged, pushed to receiver and sender, numbered, pulled again; and frames as the real gateways wrote them."""

import time

import openim_wire as wire
import protobuf_bodies as bodies
import recorded_vectors
from openim_check import check, new
from openim_connection import Connection, equal, holds
from openim_world import IOS, LINUX, WEB, World, text_message


def _pair(world: World) -> tuple[Connection, Connection]:
    return world.login(world.new_user()), world.login(world.new_user())


def _send(connection: Connection, receiver: str, identifier: str, text: str = "hello", **fields: object) -> dict:
    """Sends a message that is acknowledged: the acknowledgement's body."""
    message = text_message(connection.user, receiver, identifier, text, **fields)
    answer = connection.ask_well(wire.SEND, message)
    equal("clientMsgID of the answer", answer.get("clientMsgID"), identifier)
    holds("serverMsgID of the answer", answer.get("serverMsgID"))
    holds("sendTime of the answer", answer.get("sendTime", 0) > 1_600_000_000_000)
    return answer


def _expect_pushes(connection: Connection, wanted: list[str]) -> None:
    """These messages, in this order, and no other before them."""
    equal("clientMsgIDs pushed", [connection.push()[1].get("clientMsgID") for _ in wanted], wanted)


@check("delivery/to-receiver-and-sender")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    for number in (1, 2):
        text = f"hello 你好 {number}"
        message = text_message(sender.user, receiver.user, f"m{number}", text, senderNickname="nick")
        increment = sender.send_request(wire.SEND, bodies.encode(bodies.MSG_DATA, message), operation_id=f"trace-{number}")
        found = sender.answer(increment)
        equal("errCode", found.error_code, 0)
        equal("operationID", found.operation_id, f"trace-{number}")
        answer = bodies.decode(bodies.SEND_MSG_RESP, found.data or b"")
        for connection in (sender, receiver):
            conversation, pushed, frame = connection.push()
            equal("conversation", conversation, bodies.conversation(sender.user, receiver.user))
            equal("msgIncr of a push", frame.increment, "")
            equal("operationID of a push", frame.operation_id, f"trace-{number}")
            equal("what was sent", {name: pushed.get(name) for name in message}, message)
            for name in ("serverMsgID", "sendTime"):
                equal(name, pushed.get(name), answer.get(name))
            equal("seq", pushed.get("seq"), number)


@check("delivery/to-all-devices")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    second_of_sender = world.login(sender.user, LINUX)
    second_of_receiver = world.login(receiver.user, WEB)
    _send(sender, receiver.user, "m1")
    _send(second_of_sender, receiver.user, "m2")
    for connection in (sender, second_of_sender, receiver, second_of_receiver):
        _expect_pushes(connection, ["m1", "m2"])


@check("delivery/to-oneself-once")
def _(world: World) -> None:
    connection = world.login(world.new_user())
    for identifier in ("m1", "m2"):
        _send(connection, connection.user, identifier)
    _expect_pushes(connection, ["m1", "m2"])
    connection.alive()
    equal("further pushes", connection.pushes, [])


@check("delivery/without-sender-sync")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    _send(sender, receiver.user, "m1", options={"senderSync": False})
    _send(sender, receiver.user, "m2", options={"history": False})
    _expect_pushes(sender, ["m2"])
    _expect_pushes(receiver, ["m1", "m2"])


@check("delivery/many-in-order")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    wanted = [f"m{number}" for number in range(50)]
    for identifier in wanted:
        _send(sender, receiver.user, identifier)
    _expect_pushes(receiver, wanted)
    _expect_pushes(sender, wanted)


@check("delivery/large-and-empty-texts")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    texts = ["", "x" * 30_000, "\u2028<&>\x00\x7f😀"]
    for number, text in enumerate(texts):
        _send(sender, receiver.user, f"m{number}", text)
        wanted = text_message(sender.user, receiver.user, "", text)["content"]
        equal("content", receiver.push()[1].get("content"), wanted)


@check("delivery/between-encodings")
def _(world: World) -> None:
    codecs = [world.codec._replace(gzip=packed, json=in_json) for packed in (False, True) for in_json in (False, True)]
    codecs = [codec for codec in codecs if not (codec.json and world.old)]
    online = [world.login(world.new_user(), codec=codec) for codec in codecs]
    for number, codec in enumerate(codecs):
        sender = world.login(world.new_user(), codec=codec)
        for connection in online:
            _send(sender, connection.user, f"m{number}")
            _expect_pushes(connection, [f"m{number}"])


@check("delivery/errors")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    for code, fields in (
        (1004, {"recvID": world.new_name()}),
        (1001, {"content": b""}),
        (1001, {"sendID": ""}),
        (None, {"sessionType": 2}),
        (None, {"sessionType": 3, "recvID": "", "groupID": "nobodys"}),
    ):
        found = sender.ask(wire.SEND, text_message(sender.user, receiver.user, "bad") | fields)
        if code:
            equal(f"errCode with {fields}", found.error_code, code)
        holds(f"refused with {fields}", found.error_code != 0 and not found.data)
        if code == 1004:
            equal("errMsg", found.error_message, "RecordNotFoundError")
    holds("a signal message is refused", sender.ask(wire.SIGNAL, b"").error_code != 0)
    _send(sender, receiver.user, "good")
    _expect_pushes(receiver, ["good"])
    _expect_pushes(sender, ["good"])


@check("delivery/old-messages")
def _(world: World) -> None:
    """What is older than 10 s when it would be pushed is not, in 3.5.1; it is in 3.8.3."""
    sender, receiver = _pair(world)
    _send(sender, receiver.user, "late", sendTime=time.time_ns() // 1_000_000 - 60_000)
    _send(sender, receiver.user, "fresh")
    _expect_pushes(receiver, ["fresh"] if world.old else ["late", "fresh"])


@check("delivery/ios-in-the-background")
def _(world: World) -> None:
    sender = world.login(world.new_user())
    user = world.new_user()
    phone, desktop = world.login(user, IOS), world.login(user, LINUX)
    for connection in (phone, desktop):
        found = connection.ask(wire.BACKGROUND, {"userID": user, "isBackground": True})
        equal("errCode", found.error_code, 0)
        holds("no body", not found.data)
    _send(sender, user, "m1")
    _expect_pushes(desktop, ["m1"])
    phone.ask_well(wire.BACKGROUND, {"userID": user, "isBackground": False})
    _send(sender, user, "m2")
    _expect_pushes(phone, ["m2"])
    _expect_pushes(desktop, ["m2"])


@check("delivery/sequence-numbers-and-pulls")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    name = bodies.conversation(sender.user, receiver.user)
    for number in range(1, 6):
        _send(sender, receiver.user, f"m{number}")
    _expect_pushes(receiver, [f"m{number}" for number in range(1, 6)])
    for connection in (sender, receiver):
        newest = connection.ask_well(wire.NEWEST_SEQ, {"userID": connection.user})
        equal("maxSeqs", newest.get("maxSeqs", {}).get(name), 5)
    ranges = [{"conversationID": name, "begin": 2, "end": 4, "num": 10}, {"conversationID": "si_no_one", "begin": 1, "end": 9}]
    for order, wanted in ((0, ["m2", "m3", "m4"]), (1, ["m4", "m3", "m2"])):
        body = {"userID": receiver.user, "seqRanges": ranges, "order": order}
        pulled = receiver.ask_well(wire.PULL_BY_RANGE, body).get("msgs", {})
        found = [message["clientMsgID"] for message in pulled.get(name, {}).get("Msgs", ())]
        equal("messages pulled", sorted(found), sorted(wanted))
        equal("seqs pulled", sorted(message["seq"] for message in pulled[name]["Msgs"]), [2, 3, 4])
    stranger = world.login(world.new_user())
    equal("errCode for another's numbers", stranger.ask(wire.NEWEST_SEQ, {"userID": sender.user}).error_code, 1002)
    holds("a stranger's maxSeqs", name not in stranger.ask_well(wire.NEWEST_SEQ, {"userID": stranger.user}).get("maxSeqs", {}))


@check("delivery/requests-of-3.8", new)
def _(world: World) -> None:
    sender, receiver = _pair(world)
    name = bodies.conversation(sender.user, receiver.user)
    for number in range(1, 4):
        _send(sender, receiver.user, f"m{number}")
    _expect_pushes(receiver, ["m1", "m2", "m3"])
    wanted = {"userID": receiver.user, "conversations": [{"conversationID": name, "seqs": [1, 3]}]}
    pulled = receiver.ask_well(wire.PULL_BY_SEQS, wanted).get("msgs", {}).get(name, {}).get("Msgs", ())
    equal("messages pulled by seqs", sorted(message["clientMsgID"] for message in pulled), ["m1", "m3"])
    body = {"userID": receiver.user, "conversationIDs": [name]}
    seqs = receiver.ask_well(wire.READ_AND_MAX_SEQ, body).get("seqs", {})
    equal("maxSeq", seqs.get(name, {}).get("maxSeq"), 3)
    last = receiver.ask_well(wire.LAST_MESSAGE, body).get("msgs", {})
    equal("last message", last.get(name, {}).get("clientMsgID"), "m3")


@check("delivery/subscription", new)
def _(world: World) -> None:
    watcher, watched = world.login(world.new_user()), world.new_user()
    tips = watcher.ask_well(wire.SUBSCRIBE, {"subscribeUserID": [watched]})
    equal("offline", [(each["userID"], each.get("onlinePlatformIDs", [])) for each in tips["subscribers"]], [(watched, [])])
    connection = world.login(watched, LINUX)
    tips = watcher.ask_well(wire.SUBSCRIBE, {"subscribeUserID": [watched]})
    equal("online", [(each["userID"], each.get("onlinePlatformIDs", [])) for each in tips["subscribers"]], [(watched, [LINUX])])
    connection.alive()


@check("delivery/changes-of-who-is-online", new)
def _(world: World) -> None:
    watcher, watched = world.login(world.new_user()), world.new_user()
    watcher.ask_well(wire.SUBSCRIBE, {"subscribeUserID": [watched]})
    connection = world.login(watched, LINUX)
    for wanted in ([LINUX], []):
        found = watcher.pushes.pop(0) if watcher.pushes else watcher.response()
        equal("identifier and msgIncr", (found.identifier, found.increment), (wire.SUBSCRIBE, ""))
        told = bodies.decode(bodies.SUBSCRIBE_TIPS, found.data or b"")["subscribers"]
        equal("change", [(each["userID"], each.get("onlinePlatformIDs", [])) for each in told], [(watched, wanted)])
        connection.socket.close()


@check("delivery/by-an-administrator")
def _(world: World) -> None:
    sender, receiver = _pair(world)
    body = {
        "sendID": sender.user,
        "recvID": receiver.user,
        "content": {"content": "by REST"},
        "contentType": 101,
        "sessionType": 1,
    }
    answer = world.call_well("/msg/send_msg", body, token=world.admin())
    holds(f"data {answer}", answer.get("serverMsgID") and answer.get("clientMsgID") and answer.get("sendTime", 0) > 0)
    for connection in (receiver, sender):
        _, pushed, _ = connection.push()
        equal("clientMsgID", pushed.get("clientMsgID"), answer["clientMsgID"])
        equal("content", pushed.get("content").replace(b" ", b""), b'{"content":"byREST"}')
    denied = world.call("/msg/send_msg", body, token=world.token(world.new_user()))
    equal("errCode without an administrator's token", denied.code, 1002)
    world.call_well("/msg/send_msg", body | {"isOnlineOnly": True}, token=world.admin())
    receiver.push()
    sender.alive()
    equal("pushes to the sender of what is for now only", sender.pushes, [])


@check("delivery/recorded-frames", lambda world: world.vectors is not None)
def _(world: World) -> None:
    """The recorded client's bytes are sent; the answers are the recorded ones but for ids and times that the server gives."""
    version = f"v{world.options.version}"
    frames = [each for each in world.vectors["capturedFrames"] if each["gateway"] == version and "what" not in each]
    user = world.new_user("probe1")
    for encoding in sorted({each["encoding"] for each in frames}):
        sent, acknowledged, pushed = [each for each in frames if each["encoding"] == encoding]
        codec = recorded_vectors.captured(sent)[0]._replace(gzip=encoding.endswith("-gzip"))
        with world.login(user, codec=codec) as connection:
            connection.send_frame(2, bytes.fromhex(sent["hex"]))
            answer, push = connection.response(), connection.response()
            if answer.identifier == wire.PUSH:
                answer, push = push, answer
            _expect_like(answer, acknowledged, bodies.SEND_MSG_RESP)
            _expect_like(push, pushed, bodies.PUSH_MESSAGES)
        world.wait_offline(user)


def _expect_like(found: wire.Response, recorded: dict, body: bodies.Message) -> None:
    """The recorded frame with the server's own values put in must be the found one, byte for byte."""
    codec, wanted, _ = recorded_vectors.captured(recorded)
    values, ours = bodies.decode(body, wanted.data), bodies.decode(body, found.data or b"")
    own = ("serverMsgID", "sendTime")
    if body is bodies.PUSH_MESSAGES:
        equal("conversation", list(ours.get("msgs", {})), list(values["msgs"]))
        name = next(iter(values["msgs"]))
        into, out_of, own = values["msgs"][name]["Msgs"][0], ours["msgs"][name]["Msgs"][0], (*own, "seq")
    else:
        into, out_of = values, ours
    for field in own:
        holds(f"{field} is given", out_of.get(field))
        into[field] = out_of[field]
    # The recorder's back end did not hand the operation on.
    operation = found.operation_id if body is bodies.PUSH_MESSAGES else wanted.operation_id
    expected = wanted._replace(operation_id=operation, data=bodies.encode(body, values))
    equal("frame", codec.encode(found), codec.encode(expected))


@check("delivery/frames-are-go's-bytes")
def _(world: World) -> None:
    """Each response is, bit for bit, what Go's encoder makes of its fields, with one of the type ids that Go gives."""
    for codec in [world.codec._replace(gzip=False, json=in_json) for in_json in ((False,) if world.old else (False, True))]:
        connection = world.login(world.new_user(), codec=codec)
        connection.send_request(wire.NEWEST_SEQ, b"", send_id=connection.user)
        connection.send_request(wire.SEND, bodies.encode(bodies.MSG_DATA, text_message(connection.user, connection.user, "m")))
        for _ in range(3):
            found = connection.next()
            holds(f"{found} instead of a frame", not isinstance(found, str))
            response = codec.decode(found[1], wire.Response)
            made = [codec._replace(type_id=type_id).encode(response) for type_id in (64, 65, 66)]
            holds(f"bytes {found[1].hex()} where Go writes {made[0].hex()}", found[1] in made)
