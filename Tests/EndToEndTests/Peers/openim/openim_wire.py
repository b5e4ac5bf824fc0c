#!/usr/bin/env python3
"""OpenIM's gateway frames: Req and Resp as gob or JSON, gzip around them. Written from the facts of the protocol alone.

    openim_wire.py --vectors FILE     checks itself against recorded bytes: exit 0 if all agree, else 1
"""

import base64
import binascii
import json
import re
import zlib
from typing import NamedTuple

import gob

NEWEST_SEQ, PULL_BY_RANGE, SEND, SIGNAL, PULL_BY_SEQS, READ_AND_MAX_SEQ, LAST_MESSAGE = range(1001, 1008)
PUSH, KICK, LOGOUT, BACKGROUND, SUBSCRIBE = range(2001, 2006)

#: What a frame may inflate to. The real gateway has no limit; a peer of tests should not die of one frame.
LARGEST_INFLATED = 64 << 20


class WireError(Exception):
    """The frame cannot be understood: a gateway closes the connection on it."""


class Request(NamedTuple):
    identifier: int = 0
    token: str = ""
    send_id: str = ""
    operation_id: str = ""
    increment: str = ""
    data: bytes | None = None


class Response(NamedTuple):
    identifier: int = 0
    increment: str = ""
    operation_id: str = ""
    error_code: int = 0
    error_message: str = ""
    data: bytes | None = None


class _Shape:
    """How a frame's fields are called and in which order they come; the order is that of the tuple."""

    def __init__(self, name: str, fields: list[tuple[str, int]], make: type):
        self.name, self.fields, self.make = name, fields, make
        self.kinds = dict(fields)
        self.keys = [field[0].lower() + field[1:] for field, _ in fields]
        self.definitions: dict[int, bytes] = {}

    def definition(self, type_id: int) -> bytes:
        if type_id not in self.definitions:
            self.definitions[type_id] = gob.definition(self.name, self.fields, type_id)
        return self.definitions[type_id]


_REQUEST = _Shape(
    "Req",
    [
        ("ReqIdentifier", gob.INT),
        ("Token", gob.STRING),
        ("SendID", gob.STRING),
        ("OperationID", gob.STRING),
        ("MsgIncr", gob.STRING),
        ("Data", gob.BYTES),
    ],
    Request,
)
_RESPONSE = _Shape(
    "Resp",
    [
        ("ReqIdentifier", gob.INT),
        ("MsgIncr", gob.STRING),
        ("OperationID", gob.STRING),
        ("ErrCode", gob.INT),
        ("ErrMsg", gob.STRING),
        ("Data", gob.BYTES),
    ],
    Response,
)


def _shape(of: type) -> _Shape:
    return _REQUEST if of is Request else _RESPONSE


def encode_gob(frame: Request | Response, type_id: int) -> bytes:
    values = [item.encode("utf-8", "surrogateescape") if isinstance(item, str) else item or 0 for item in frame]
    return _shape(type(frame)).definition(type_id) + gob.value(values, type_id)


def decode_gob(data: bytes, of: type) -> Request | Response:
    return decode_gob_with_id(data, of)[0]


def decode_gob_with_id(data: bytes, of: type) -> tuple[Request | Response, int]:
    shape = _shape(of)
    try:
        found, type_id = gob.decode(data, shape.kinds)
    except gob.GobError as error:
        raise WireError(f"gob: {error}") from None
    if not -(1 << 31) <= found.get("ReqIdentifier", 0) < 1 << 31:
        raise WireError("gob: ReqIdentifier is no 32-bit number")
    values = []
    for name, kind in shape.fields:
        if kind == gob.STRING:
            values.append(found.get(name, b"").decode("utf-8", "surrogateescape"))
        else:
            values.append(found.get(name, 0 if kind == gob.INT else None))
    return shape.make(*values), type_id


_GO_ESCAPES = re.compile("[<>&\u2028\u2029\udc80-\udcff]")


def go_text(text: str) -> str:
    """A JSON string as Go's encoding/json writes it. What was no UTF-8 becomes U+FFFD, escaped."""
    return _GO_ESCAPES.sub(
        lambda match: "\\ufffd" if match[0] >= "\udc80" and match[0] <= "\udcff" else f"\\u{ord(match[0]):04x}",
        json.dumps(text, ensure_ascii=False),
    )


def go_json(value: object) -> str:
    """Any JSON value as Go writes it: no spaces, keys in the order given."""
    if isinstance(value, str):
        return go_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{go_text(key)}:{go_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(go_json, value)) + "]"
    return json.dumps(value)


def encode_json(frame: Request | Response) -> bytes:
    parts = []
    for key, item in zip(_shape(type(frame)).keys, frame):
        if item is None:
            text = "null"
        elif isinstance(item, bytes):
            text = f'"{base64.b64encode(item).decode()}"'
        else:
            text = go_json(item)
        parts.append(f'"{key}":{text}')
    return ("{" + ",".join(parts) + "}").encode("utf-8", "surrogateescape")


def _no_constant(name: str) -> None:
    raise WireError(f"json: {name} is no JSON")


def decode_json(data: bytes, of: type) -> Request | Response:
    shape = _shape(of)
    try:
        document = json.loads(data.decode("utf-8", "replace"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError(f"json: {error}") from None
    if document is None:
        return shape.make()
    if not isinstance(document, dict):
        raise WireError("json: no object")
    values = dict(zip(shape.keys, shape.make()))
    names = {key.lower(): (key, kind) for key, (_, kind) in zip(shape.keys, shape.fields)}
    for name, item in document.items():
        key, kind = names.get(name.lower(), ("", 0))
        if not key or item is None:
            continue
        if kind == gob.INT:
            bits = 31 if key == "reqIdentifier" else 63
            if type(item) is not int or not -(1 << bits) <= item < 1 << bits:
                raise WireError(f"json: {key} is no number of {bits + 1} bits")
            values[key] = item
        elif not isinstance(item, str):
            raise WireError(f"json: {key} is no string")
        elif kind == gob.STRING:
            values[key] = item
        else:
            try:
                values[key] = base64.b64decode(item.replace("\n", "").replace("\r", ""), validate=True)
            except (binascii.Error, ValueError):
                raise WireError("json: data is no base64") from None
    return shape.make(*values.values())


def compress(data: bytes) -> bytes:
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = bytearray(deflate.compress(data) + deflate.flush())
    packed[9] = 255  # "unknown operating system", which is what Go says
    return bytes(packed)


def decompress(data: bytes) -> bytes:
    """All members, one behind the other; anything else behind them is an error."""
    whole = b""
    while True:
        inflate = zlib.decompressobj(31)
        try:
            whole += inflate.decompress(data, LARGEST_INFLATED - len(whole) + 1)
        except zlib.error as error:
            raise WireError(f"gzip: {error}") from None
        if len(whole) > LARGEST_INFLATED:
            raise WireError("gzip: inflates to too much")
        if not inflate.eof:
            raise WireError("gzip: unexpected end")
        data = inflate.unused_data
        if not data:
            return whole


class Codec(NamedTuple):
    """How one connection's frames are written: by its sdkType and compression."""

    json: bool = False
    gzip: bool = False
    type_id: int = 64

    def encode(self, frame: Request | Response) -> bytes:
        data = encode_json(frame) if self.json else encode_gob(frame, self.type_id)
        return compress(data) if self.gzip else data

    def decode(self, data: bytes, of: type) -> Request | Response:
        if self.gzip:
            data = decompress(data)
        return decode_json(data, of) if self.json else decode_gob(data, of)


if __name__ == "__main__":
    import recorded_vectors

    recorded_vectors.main()
