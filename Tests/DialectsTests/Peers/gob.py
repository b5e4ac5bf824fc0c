"""A second reader and writer of OpenIM's frames, for comparison with the one under test. Standard library only.

    python3 gob.py write SEED COUNT   COUNT random frames, one JSON object a line: struct, encoding, gzip, hex, fields
    python3 gob.py read               reads lines {encoding, gzip, hex}; answers each with the fields of the Req in it

gob is written and read by the rules of Go's encoding/gob: numbers, type definitions, struct deltas. Written frames are as
unlike the usual ones as the rules allow: any type numbers, fields in any order, absent, or of types that OpenIM has not.
"""

import base64
import gzip
import json
import random
import struct
import sys
import zlib

BOOL, INT, UINT, FLOAT, BYTES, STRING, COMPLEX, INTERFACE = range(1, 9)
REQ = [("ReqIdentifier", INT), ("Token", STRING), ("SendID", STRING), ("OperationID", STRING), ("MsgIncr", STRING),
       ("Data", BYTES)]
RESP = [("ReqIdentifier", INT), ("MsgIncr", STRING), ("OperationID", STRING), ("ErrCode", INT), ("ErrMsg", STRING),
        ("Data", BYTES)]
KEYS = {"ReqIdentifier": "reqIdentifier", "Token": "token", "SendID": "sendID", "OperationID": "operationID",
        "MsgIncr": "msgIncr", "Data": "data", "ErrCode": "errCode", "ErrMsg": "errMsg"}


# --- writing gob ---

def unsigned(n):
    if n < 128:
        return bytes([n])
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([256 - len(body)]) + body


def signed(i):
    return unsigned(i << 1 if i >= 0 else (~i << 1) | 1)


def text(b):
    return unsigned(len(b)) + b


def struct_value(pairs):
    """pairs: (field number, encoded value), ascending."""
    out, last = b"", -1
    for number, value in pairs:
        out += unsigned(number - last) + value
        last = number
    return out + b"\0"


def message(kind, body):
    content = signed(kind) + body
    return unsigned(len(content)) + content


class Types:
    """Makes up types and values of them; remembers the definitions that have to be sent."""

    def __init__(self, rng):
        self.rng = rng
        self.next_id = rng.choice([64, 65, 66, 100, 128, 1000, 40064, 2**31])
        self.definitions = []

    def number(self):
        self.next_id += self.rng.choice([1, 1, 1, 2, 70])
        return self.next_id - 1

    def define(self, kind, members):
        """members: (field number, encoded value) of the definition's struct, without its common part."""
        number = self.number()
        name = struct_value([(0, text(bytes(self.rng.choice([b"T", b"", "类型".encode()])))), (1, signed(number))])
        self.definitions.append((number, struct_value([(kind, struct_value([(0, name)] + members))])))
        return number

    def define_struct(self, fields):
        encoded = b"".join(struct_value([(0, text(n.encode())), (1, signed(t))]) for n, t in fields)
        return self.define(2, [(1, unsigned(len(fields)) + encoded)])

    def make(self, depth=0):
        """A type's number, and a function that makes a random value of it."""
        rng = self.rng
        choice = rng.randrange(15 if depth < 4 else 8)
        if choice == 0:
            return BOOL, lambda: unsigned(rng.randrange(2))
        if choice == 1:
            return INT, lambda: signed(rng.randrange(-2**63, 2**63) >> rng.randrange(64))
        if choice == 2:
            return UINT, lambda: unsigned(rng.randrange(2**64) >> rng.randrange(64))
        if choice == 3:
            return FLOAT, lambda: real(rng)
        if choice == 4:
            return BYTES, lambda: text(rng.randbytes(rng.randrange(200)))
        if choice == 5:
            return STRING, lambda: text(words(rng).encode())
        if choice == 6:
            return COMPLEX, lambda: real(rng) + real(rng)
        if choice == 7:
            return INTERFACE, self.interface
        if choice == 8:
            inner, value = self.make(depth + 1)
            length = rng.randrange(4)
            return self.define(0, [(1, signed(inner))] + ([(2, signed(length))] if length else [])), \
                lambda: unsigned(length) + b"".join(value() for _ in range(length))
        if choice == 9:
            inner, value = self.make(depth + 1)

            def some():
                count = rng.randrange(4)
                return unsigned(count) + b"".join(value() for _ in range(count))
            return self.define(1, [(1, signed(inner))]), some
        if choice == 10:
            key, key_value = self.make(depth + 1)
            inner, value = self.make(depth + 1)

            def pairs():
                count = rng.randrange(4)
                return unsigned(count) + b"".join(key_value() + value() for _ in range(count))
            return self.define(3, [(1, signed(key)), (2, signed(inner))]), pairs
        if choice in (11, 12):
            # Names of known fields within an unknown one mean nothing.
            names = [rng.choice(["A", "MsgIncr", "Data"]) for _ in range(rng.randrange(4))]
            members = [self.make(depth + 1) for _ in names]
            number = self.define_struct(list(zip(names, [m[0] for m in members])))
            return number, lambda: struct_value(
                [(i, m[1]()) for i, m in enumerate(members) if rng.random() < 0.7])
        return self.define(choice - 9, []), lambda: text(rng.randbytes(rng.randrange(20)))

    def interface(self):
        rng = self.rng
        if rng.random() < 0.3:
            return unsigned(0)
        content = rng.randbytes(rng.randrange(9))
        return text(b"main.T") + signed(rng.choice([INT, STRING, 77])) + text(content)


def real(rng):
    bits = struct.unpack(">Q", struct.pack("<d", rng.choice([0.0, 1.0, -2.5, rng.random()])))[0]
    return unsigned(bits)


def write_gob(rng, fields, values):
    types = Types(rng)
    layout = list(fields)
    if rng.random() < 0.5:
        rng.shuffle(layout)
        # What is not in the sender's type is zero for the receiver; one field stays, else Go sees another struct.
        if rng.random() < 0.5:
            for name, _ in layout[1:]:
                if rng.random() < 0.3:
                    values[name] = 0 if dict(fields)[name] == INT else b""
            layout = [layout[0]] + [f for f in layout[1:] if values[f[0]]]
    columns = []
    for name, kind in layout:
        columns.append((name, kind, values[name]))
    if rng.random() < 0.6:
        for _ in range(rng.randrange(1, 4)):
            kind, value = types.make()
            columns.insert(rng.randrange(len(columns) + 1), ("X" + words(rng), kind, value))
    number = types.define_struct([(n, k) for n, k, _ in columns])
    pairs = []
    for i, (name, kind, value) in enumerate(columns):
        if callable(value):
            if rng.random() < 0.8:
                pairs.append((i, value()))
        elif value:
            pairs.append((i, signed(value) if kind == INT else text(value)))
    body = b"".join(message(-n, d) for n, d in rng.sample(types.definitions, len(types.definitions)))
    body += message(number, struct_value(pairs))
    return body + (rng.randbytes(rng.randrange(9)) if rng.random() < 0.1 else b"")


# --- reading gob ---

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise ValueError("it ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def unsigned(self):
        first = self.take(1)[0]
        return first if first < 128 else int.from_bytes(self.take(256 - first), "big")

    def signed(self):
        u = self.unsigned()
        return ~(u >> 1) if u & 1 else u >> 1

    def text(self):
        return self.take(self.unsigned())

    def fields(self):
        last = -1
        while delta := self.unsigned():
            last += delta
            yield last


def read_gob(data):
    """The fields of the struct, by name. Definitions of structs only: those that a Req needs."""
    reader, types = Reader(data), {}
    while True:
        end = reader.unsigned() + reader.at
        kind = reader.signed()
        if kind >= 0:
            break
        layout = []
        for number in reader.fields():
            assert number == 2, "a struct is expected"
            for part in reader.fields():
                if part == 0:
                    for common in reader.fields():
                        if common == 0:
                            reader.text()
                        else:
                            assert common == 1 and reader.signed() == -kind
                else:
                    for _ in range(reader.unsigned()):
                        name, field_kind = b"", 0
                        for member in reader.fields():
                            if member == 0:
                                name = reader.text()
                            else:
                                field_kind = reader.signed()
                        layout.append((name.decode(), field_kind))
        types[-kind] = layout
        assert reader.at == end, "a definition's length is wrong"
    values = {}
    for number in reader.fields():
        name, field_kind = types[kind][number]
        value = {INT: reader.signed, STRING: reader.text, BYTES: reader.text}[field_kind]()
        assert value, "a zero value is sent"
        values[name] = value
    assert reader.at == end == len(data), "a value's length is wrong"
    return values


# --- JSON and gzip ---

def words(rng):
    planes = [(0, 0x1F), (0x20, 0x7E), (0x7F, 0x7FF), (0x2028, 0x2029), (0x800, 0xD7FF), (0x1F600, 0x1F64F)]
    return "".join(chr(rng.randint(*rng.choice(planes))) for _ in range(rng.randrange(12)))


def write_json(rng, fields, values):
    pairs = []
    for name, kind in fields:
        key = rng.choice([KEYS[name], KEYS[name], name, name.lower(), name.upper()])
        value = values[name]
        if name == "Data":
            value = base64.b64encode(value).decode() if value or rng.random() < 0.5 else None
        elif kind == STRING:
            value = value.decode()
        elif value == 0 and rng.random() < 0.2:
            value = None
        pairs.append((key, value))
    for _ in range(rng.randrange(3)):
        pairs.insert(rng.randrange(len(pairs) + 1), ("x" + words(rng), anything(rng)))
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    ascii_only = rng.random() < 0.5
    separators = rng.choice([None, (",", ":"), (" ,\n", "\t: ")])
    return json.dumps(dict(pairs), ensure_ascii=ascii_only, separators=separators).encode()


def anything(rng, depth=0):
    choice = rng.randrange(7 if depth < 4 else 5)
    if choice == 0:
        return words(rng)
    if choice == 1:
        return rng.choice([0, -1, 2**70, 1.5, -2e300, 1e-9])
    if choice < 5:
        return rng.choice([None, True, False])
    if choice == 5:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {words(rng): anything(rng, depth + 1) for _ in range(rng.randrange(4))}


def write_gzip(rng, data):
    """One member or more, each of any level, window and kind of block."""
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice([0, 0, 0, 1, 2])))
    out, start = b"", 0
    for cut in cuts + [len(data)]:
        part = data[start:cut]
        if rng.random() < 0.3:
            out += gzip.compress(part, rng.randrange(10))
        else:
            z = zlib.compressobj(rng.randrange(10), zlib.DEFLATED, 16 + rng.randrange(9, 16), rng.randrange(1, 10),
                                 rng.randrange(5))
            out += z.compress(part) + (z.flush(zlib.Z_SYNC_FLUSH) if rng.random() < 0.3 else b"") + z.flush()
        start = cut
    return out


# --- the two commands ---

def random_fields(rng, fields):
    values = {}
    for name, kind in fields:
        if rng.random() < 0.2:
            values[name] = 0 if kind == INT else b""
        elif kind == INT:
            bits = 32 if name == "ReqIdentifier" else 64
            values[name] = rng.randrange(-2**(bits - 1), 2**(bits - 1)) >> rng.randrange(bits)
        elif kind == STRING:
            values[name] = words(rng).encode()
        else:
            values[name] = rng.randbytes(rng.choice([1, 2, 3, 126, 127, 128, 255, 256, 257, rng.randrange(2000)]))
    return values


def write(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        name, fields = rng.choice([("Req", REQ), ("Resp", RESP)])
        values = random_fields(rng, fields)
        encoding = rng.choice(["gob", "gob", "json"])
        frame = write_gob(rng, fields, values) if encoding == "gob" else write_json(rng, fields, values)
        packed = rng.random() < 0.4
        print(json.dumps({
            "struct": name, "encoding": encoding, "gzip": packed,
            "hex": (write_gzip(rng, frame) if packed else frame).hex(),
            "fields": {k: v.hex() if isinstance(v, bytes) else str(v) for k, v in values.items()}}))


def read():
    for line in sys.stdin:
        given = json.loads(line)
        data = bytes.fromhex(given["hex"])
        if given["gzip"]:
            data = gzip.decompress(data)
        if given["encoding"] == "gob":
            values = read_gob(data)
        else:
            parsed = json.loads(data)
            assert list(parsed) == [KEYS[name] for name, _ in REQ], "its keys are not the struct's"
            values = {}
            for name, kind in REQ:
                value = parsed[KEYS[name]]
                if name == "Data":
                    values[name] = base64.b64decode(value, validate=True) if value is not None else b""
                else:
                    values[name] = value if kind == INT else value.encode()
        print(json.dumps({name: str(values.get(name, 0)) if kind == INT else values.get(name, b"").hex()
                          for name, kind in REQ}))


if sys.argv[1] == "write":
    write(int(sys.argv[2]), int(sys.argv[3]))
else:
    read()
