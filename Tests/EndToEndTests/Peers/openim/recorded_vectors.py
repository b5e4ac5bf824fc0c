"""Checks openim_wire.py against bytes that Go's own encoders and the real gateways made (openim-vectors.json)."""

import argparse
import base64
import hashlib
import json
import sys

import openim_wire as wire
import protobuf_bodies as bodies

_TYPES = {"Req": wire.Request, "Resp": wire.Response}
_NAMES = {
    wire.Request: ["ReqIdentifier", "Token", "SendID", "OperationID", "MsgIncr", "Data"],
    wire.Response: ["ReqIdentifier", "MsgIncr", "OperationID", "ErrCode", "ErrMsg", "Data"],
}


def _data(field: dict | None) -> bytes | None:
    if field is None:
        return None
    if "rule" in field:
        return bytes(i % 251 for i in range(field["len"]))
    return bytes.fromhex(field["hex"])


def frame(of: type, fields: dict) -> wire.Request | wire.Response:
    """The frame that a vector's `fields` describe."""
    values = []
    for name in _NAMES[of]:
        field = fields[name]
        if name == "Data":
            values.append(_data(field))
        elif name == "ErrCode":
            values.append(int(field))
        elif isinstance(field, dict):
            values.append(bytes.fromhex(field["hex"]).decode("utf-8", "surrogateescape"))
        else:
            values.append(field)
    return of(*values)


def _without_empty(item: tuple) -> tuple:
    """gob does not tell empty bytes from none."""
    return item[:-1] + (item[-1] or None,)


def _in_json(item: tuple) -> tuple:
    """JSON cannot carry what is no UTF-8."""
    return tuple(
        field.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(field, str) else field
        for field in item
    )


class Check:
    def __init__(self):
        self.passed, self.failures = 0, []

    def equal(self, what: str, found: object, wanted: object) -> None:
        if found == wanted:
            self.passed += 1
        else:
            self.failures.append(f"{what}: {str(found)[:200]} instead of {str(wanted)[:200]}")


def _vector(check: Check, vector: dict) -> None:
    of = _TYPES[vector["struct"]]
    item = frame(of, vector["fields"])
    name = f"{vector['name']} ({vector['goVersion']}, id {vector['gobTypeId']})"
    packed, text = wire.encode_gob(item, vector["gobTypeId"]), wire.encode_json(item)
    check.equal(f"{name}: gob length", len(packed), vector["gobLen"])
    if "gobHex" in vector:
        check.equal(f"{name}: gob", packed.hex(), vector["gobHex"])
    else:
        check.equal(f"{name}: gob", hashlib.sha256(packed).hexdigest(), vector["gobSha256"])
        check.equal(f"{name}: gob begins", packed.hex().startswith(vector["gobPrefixHex"]), True)
    check.equal(f"{name}: from gob", wire.decode_gob_with_id(packed, of), (_without_empty(item), vector["gobTypeId"]))
    if "json" in vector:
        check.equal(f"{name}: json", text.decode(), vector["json"])
        if item.data is not None:
            check.equal(f"{name}: base64", base64.b64encode(item.data).decode(), vector["fields"]["Data"]["base64"])
    if "jsonSha256" in vector:
        check.equal(f"{name}: json", hashlib.sha256(text).hexdigest(), vector["jsonSha256"])
    check.equal(f"{name}: from json", wire.decode_json(text, of), of(*_in_json(item)))
    for key, plain in (("gzipGobHex", packed), ("gzipJsonHex", text)):
        if key in vector:
            check.equal(f"{name}: {key}", wire.decompress(bytes.fromhex(vector[key])), plain)
        check.equal(f"{name}: gzip and back", wire.decompress(wire.compress(plain)), plain)


def _type_id_variant(check: Check, variant: dict, fields: dict) -> None:
    of = _TYPES[variant["struct"]]
    item = frame(of, fields)
    name = f"{variant['name']} as type {variant['gobTypeId']}"
    check.equal(name, wire.encode_gob(item, variant["gobTypeId"]).hex(), variant["gobHex"])
    check.equal(f"{name}: back", wire.decode_gob(bytes.fromhex(variant["gobHex"]), of), _without_empty(item))


def _foreign(check: Check, vector: dict) -> None:
    data = bytes.fromhex(vector["gobHex"])
    if "decodeError" in vector:
        for of in _TYPES.values():
            try:
                check.equal(f"{vector['name']}: refused", wire.decode_gob(data, of), vector["decodeError"])
            except wire.WireError:
                check.passed += 1
    else:
        of = _TYPES[vector["decodesAs"]]
        check.equal(vector["name"], wire.decode_gob(data, of), _without_empty(frame(of, vector["fields"])))


def captured(vector: dict) -> tuple[wire.Codec, wire.Request | wire.Response, bytes]:
    """How a captured frame was written, what it says, and its bytes without gzip."""
    of = wire.Request if vector["direction"] == "c2s" else wire.Response
    data = bytes.fromhex(vector["hex"])
    if vector["encoding"].endswith("-gzip"):
        data = wire.decompress(data)
    if vector["encoding"].startswith("json"):
        item, type_id = wire.decode_json(data, of), 64
    else:
        item, type_id = wire.decode_gob_with_id(data, of)
    return wire.Codec(vector["encoding"].startswith("json"), False, type_id), item, data


def _captured(check: Check, vector: dict) -> None:
    codec, item, data = captured(vector)
    name = f"captured {vector['gateway']} {vector['encoding']} {vector['direction']} {item.identifier}"
    check.equal(f"{name}: again", codec.encode(item).hex(), data.hex())
    body = bodies.BODIES.get(item.identifier, (None, None))[vector["direction"] == "s2c"]
    if body and item.data:
        check.equal(f"{name}: body", bodies.encode(body, bodies.decode(body, item.data)).hex(), item.data.hex())


def run(document: dict) -> Check:
    check = Check()
    for group in ("vectors", "vectorsGo119", "vectorsGo121"):
        for vector in document[group]:
            _vector(check, vector)
    fields = {(vector["name"], vector["struct"]): vector["fields"] for vector in document["vectors"]}
    for variant in document["typeIdVariants"]:
        _type_id_variant(check, variant, fields[variant["name"], variant["struct"]])
    for vector in document["foreign"]:
        _foreign(check, vector)
    for vector in document["capturedFrames"]:
        _captured(check, vector)
    return check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", required=True, help="openim-vectors.json")
    with open(parser.parse_args().vectors, encoding="utf-8") as file:
        check = run(json.load(file))
    for failure in check.failures:
        print(failure)
    print(f"{check.passed} agree, {len(check.failures)} do not")
    sys.exit(1 if check.failures else 0)
