"""Frames on an open connection: encodings, control frames, limits, and what ends a connection in which way."""

import os
import struct
import time

from websocket_bytes import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

import gob
import openim_wire as wire
import protobuf_bodies as bodies
from openim_check import check, new, old
from openim_connection import Connection, equal, holds
from openim_world import ANDROID, LINUX, WEB, World

_LIMIT = 51_200


def _online(world: World, codec: wire.Codec | None = None) -> Connection:
    return world.login(world.new_user(), codec=codec)


def _newest(connection: Connection, **fields: str) -> wire.Request:
    body = bodies.encode(bodies.GET_MAX_SEQ_REQ, {"userID": connection.user})
    values = {"send_id": connection.user, "operation_id": "o", "increment": "1", "data": body} | fields
    return wire.Request(wire.NEWEST_SEQ, **values)


def _sent(connection: Connection, plain: bytes) -> None:
    connection.send_frame(BINARY, wire.compress(plain) if connection.codec.gzip else plain)


def _expect_answer(connection: Connection, increment: str = "1") -> None:
    equal("errCode", connection.answer(increment).error_code, 0)


@check("frames/ping-is-answered")
def _(world: World) -> None:
    with _online(world) as connection:
        for payload in (b"", b"abc", os.urandom(125)):
            connection.send_frame(PING, payload)
            equal("PONG", connection.next(), (PONG, b"" if world.old else payload))
        connection.send_frame(PONG, b"unasked")
        connection.alive()


@check("frames/text-ends-the-connection", old)
def _(world: World) -> None:
    with _online(world) as connection:
        connection.send_frame(TEXT, b'{"type":"ping"}')
        connection.expect_end()


@check("frames/text-ping", new)
def _(world: World) -> None:
    with _online(world) as connection:
        for body, echoed in (("", "null"), (',"body":"b1"', '"b1"'), (',"body":{"a": [1, null]}', '{"a":[1,null]}')):
            connection.send_frame(TEXT, f'{{"type":"ping"{body}}}'.encode())
            connection.expect_text(f'{{"type":"pong","body":{echoed}}}')
        connection.send_frame(TEXT, b'{"type":"pong"}')
        connection.alive()


@check("frames/other-text-ends-the-connection", new)
def _(world: World) -> None:
    for text in (b"hello", b'{"type":"other"}', b"{}"):
        with _online(world) as connection:
            connection.send_frame(TEXT, text)
            connection.expect_end()


def _is_gob(world: World) -> bool:
    return not world.options.json


@check("frames/any-type-id", _is_gob)
def _(world: World) -> None:
    with _online(world) as connection:
        for type_id in (64, 65, 66, 127, 128, 40_064):
            _sent(connection, wire.encode_gob(_newest(connection), type_id))
            _expect_answer(connection)


@check("frames/foreign-definition", _is_gob)
def _(world: World) -> None:
    """Another order, fields missing and unknown, a map among them: as Go's decoder takes it."""
    with _online(world) as connection:
        fields = [("Data", gob.BYTES), ("Extra", 70), ("MsgIncr", gob.STRING), ("OperationID", gob.STRING)]
        fields += [("SendID", gob.STRING), ("ReqIdentifier", gob.INT)]
        text_map = b"\x04" + b"\x01\x01\x01m\x01" + gob.signed(70) + b"\x00\x01\x0c\x01\x0c\x00\x00"
        definition = gob.definition("GeneralWsReq", fields, 69)
        mapping = gob.signed(-70) + text_map
        body = bodies.encode(bodies.GET_MAX_SEQ_REQ, {"userID": connection.user})
        counted = lambda data: gob.unsigned(len(data)) + data
        content = gob.signed(69) + b"\x01" + counted(body) + b"\x01\x02" + b"\x01a\x01b\x01c\x00"
        content += b"\x01\x017" + b"\x01\x01o" + b"\x01" + counted(connection.user.encode())
        content += b"\x01" + gob.signed(wire.NEWEST_SEQ) + b"\x00"
        _sent(connection, definition + counted(mapping) + counted(content) + b"what is behind does not matter")
        _expect_answer(connection, "7")


@check("frames/bad-gob-ends-the-connection", _is_gob)
def _(world: World) -> None:
    whole = wire.encode_gob(wire.Request(wire.NEWEST_SEQ, "", "u", "o", "1", b"x"), 64)
    second = gob.value([wire.NEWEST_SEQ, 0, b"u"], 64)
    wrong_kind = gob.definition("Req", [("ReqIdentifier", gob.STRING)], 64) + gob.value([b"1001"], 64)
    for bad in (b"\x00", b"\xff" * 20, whole[:50], whole[:-3], second, wrong_kind, b'{"reqIdentifier":1001}'):
        with _online(world) as connection:
            _sent(connection, bad)
            connection.expect_end()


@check("frames/bad-json-ends-the-connection", lambda world: world.options.json)
def _(world: World) -> None:
    for bad in (b"", b"{", b"[]", b'{"reqIdentifier":"1001"}', b'{"data":"CgJ1MQ"}', b'{"data":"%%%%"}', b"\x5c\x7f\x03"):
        with _online(world) as connection:
            _sent(connection, bad)
            connection.expect_end()


@check("frames/json-as-go-reads-it", lambda world: world.options.json)
def _(world: World) -> None:
    with _online(world) as connection:
        plain = wire.encode_json(_newest(connection)).decode()
        for variant in (
            plain.replace("reqIdentifier", "REQIDENTIFIER").replace("sendID", "sendid"),
            plain.replace('"token":""', '"token":null,"unknown":{"a":[1]}'),
            plain.replace(",", " ,\n ").replace(":", " : "),
            plain.replace('"token":"",', ""),
        ):
            _sent(connection, variant.encode())
            _expect_answer(connection)


@check("frames/gzip-only-as-agreed")
def _(world: World) -> None:
    for packed in (True, False):
        with _online(world, world.codec._replace(gzip=packed)) as connection:
            plain = world.codec._replace(gzip=False).encode(_newest(connection))
            connection.send_frame(BINARY, plain if packed else wire.compress(plain))
            connection.expect_end()


@check("frames/gzip-members-and-rubbish")
def _(world: World) -> None:
    codec = world.codec._replace(gzip=True)
    with _online(world, codec) as connection:
        plain = codec._replace(gzip=False).encode(_newest(connection))
        connection.send_frame(BINARY, wire.compress(plain[:20]) + wire.compress(plain[20:]))
        _expect_answer(connection)
        connection.send_frame(BINARY, wire.compress(plain) + b"rubbish")
        connection.expect_end()
    with _online(world, codec) as connection:
        connection.send_frame(BINARY, wire.compress(plain)[:-4])
        connection.expect_end()


@check("frames/send-id-must-match")
def _(world: World) -> None:
    for send_id in ("", "somebody"):
        with _online(world) as connection:
            connection.send_request(wire.NEWEST_SEQ, send_id=send_id)
            connection.expect_end()


@check("frames/unknown-identifier-ends-the-connection")
def _(world: World) -> None:
    unknown = [0, 9999, -1, wire.PUSH, wire.KICK, 3001]
    if world.old:
        unknown += [wire.PULL_BY_SEQS, wire.READ_AND_MAX_SEQ, wire.LAST_MESSAGE, wire.SUBSCRIBE]
    for identifier in unknown:
        with _online(world) as connection:
            connection.send_request(identifier)
            connection.expect_end()


@check("frames/bad-protobuf-is-500")
def _(world: World) -> None:
    with _online(world) as connection:
        for identifier in (wire.NEWEST_SEQ, wire.PULL_BY_RANGE, wire.SEND, wire.BACKGROUND):
            found = connection.ask(identifier, b"\x0a\xff\xff")
            equal(f"errCode of {identifier}", found.error_code, 500)
            holds("no data with an error", not found.data)
        connection.alive()


@check("frames/empty-operation-id")
def _(world: World) -> None:
    with _online(world) as connection:
        if world.old:
            found = connection.ask(wire.NEWEST_SEQ, {"userID": connection.user}, operation_id="")
            equal("errCode of 1001", found.error_code, 3)
        else:
            found = connection.ask(wire.BACKGROUND, {"userID": connection.user}, operation_id="")
            equal("errCode of 2004", found.error_code, 500)
        connection.alive()


@check("frames/responses-echo-and-come-in-order")
def _(world: World) -> None:
    with _online(world) as connection:
        body = {"userID": connection.user}
        connection.ask_well(wire.NEWEST_SEQ, body, operation_id="opération-é<&>", increment="增量😀")
        data = bodies.encode(bodies.GET_MAX_SEQ_REQ, body)
        increments = [connection.send_request(wire.NEWEST_SEQ, data) for _ in range(10)]
        for increment in increments:
            _expect_answer(connection, increment)


@check("frames/fragments-with-a-ping-between")
def _(world: World) -> None:
    with _online(world) as connection:
        data = connection.codec.encode(_newest(connection))
        connection.send_frame(BINARY, data[:10], fin=False)
        connection.send_frame(PING, b"p")
        connection.send_frame(CONTINUATION, b"", fin=False)
        connection.send_frame(CONTINUATION, data[10:])
        equal("PONG", connection.next(), (PONG, b"" if world.old else b"p"))
        _expect_answer(connection)


@check("frames/violations-are-1002")
def _(world: World) -> None:
    for opcode, options in (
        (BINARY, {"masked": False}),
        (BINARY, {"rsv": 4}),
        (3, {}),
        (PING, {"fin": False}),
        (CONTINUATION, {}),
    ):
        with _online(world) as connection:
            connection.send_frame(opcode, b"x", **options)
            connection.expect_close(1002)
    with _online(world) as connection:
        connection.send_frame(PING, bytes(126))
        connection.expect_close(1002)


def _padded(connection: Connection, size: int) -> bytes:
    """A good request whose frame has exactly that many bytes, by a token that nobody reads."""
    codec = connection.codec
    tokens = os.urandom(size).hex()
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high + 1) // 2
        if len(codec.encode(_newest(connection, token=tokens[:middle]))) <= size:
            low = middle
        else:
            high = middle - 1
    if not codec.gzip:
        return codec.encode(_newest(connection, token=tokens[:low]))
    # gzip's length does not grow by one for each byte: a file name fills up (RFC 1952: flag 8, behind ten bytes of header).
    data = codec.encode(_newest(connection, token=tokens[: low - 100]))
    name = b"n" * (size - len(data) - 1) + b"\0"
    return data[:3] + bytes([data[3] | 8]) + data[4:10] + name + data[10:]


@check("frames/limit-of-51200-bytes")
def _(world: World) -> None:
    with _online(world) as connection:
        equal("bytes", len(_padded(connection, _LIMIT)), _LIMIT)
        connection.send_frame(BINARY, _padded(connection, _LIMIT))
        _expect_answer(connection)
        connection.send_frame(BINARY, _padded(connection, _LIMIT + 1))
        connection.expect_close(1009, b"")
    with _online(world) as connection:
        connection.send_frame(BINARY, bytes(30_000), fin=False)
        connection.send_frame(CONTINUATION, bytes(30_000))
        connection.expect_close(1009, b"")


@check("frames/close-is-echoed")
def _(world: World) -> None:
    for payload in (struct.pack("!H", 1000), struct.pack("!H", 4321) + b"bye", b""):
        with _online(world) as connection:
            connection.send_frame(CLOSE, payload)
            equal("CLOSE", connection.next(), (CLOSE, payload[:2]))
            connection.expect_end()
            world.wait_offline(connection.user)


def _knows_deadline(world: World) -> bool:
    return world.options.read_deadline > 0


@check("frames/silence-ends-the-connection", _knows_deadline)
def _(world: World) -> None:
    patience = world.options.read_deadline * 2 + 10
    with _online(world) as connection:
        equal("end", connection.next(patience), "TCP ended")


@check("frames/what-extends-the-deadline", _knows_deadline)
def _(world: World) -> None:
    """PINGs keep a connection for longer than the deadline; in 3.5 PONGs do not."""
    step, until = world.options.read_deadline / 8, world.options.read_deadline * 1.6
    with _online(world) as pinging, _online(world) as ponging:
        begun = time.monotonic()
        while time.monotonic() - begun < until:
            pinging.send_frame(PING)
            try:
                ponging.send_frame(PONG)
            except OSError:
                break  # ended already
            time.sleep(step)
        found = pinging.next()
        holds(f"{found} instead of a PONG", not isinstance(found, str) and found[0] == PONG)
        if world.old:
            holds("PONGs do not count", isinstance(ponging.next(), str))
        else:
            ponging.alive()


@check("frames/server-pings-the-web-platform", lambda world: new(world) and _knows_deadline(world))
def _(world: World) -> None:
    web, other = world.login(world.new_user(), WEB), world.login(world.new_user(), LINUX)
    with web, other:
        equal("PING", web.next(world.options.read_deadline + 10), (PING, b""))
        holds("no PING for other platforms", other.next(world.options.read_deadline * 2 + 10) in ("TCP ended", "TCP reset"))


@check("frames/logout-is-answered-then-ends")
def _(world: World) -> None:
    user = world.new_user()
    token = world.token(user)
    with world.login(user, token=token) as connection:
        equal("body", connection.ask_well(wire.LOGOUT, {"userID": user, "platformID": ANDROID}), {})
        connection.expect_end()
    world.wait_offline(user)
    with world.login(user, token=token) as connection:
        connection.alive()
