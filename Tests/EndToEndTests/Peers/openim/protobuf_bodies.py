"""The protobuf bodies inside the frames, read and written by their field tables. Messages are dicts by field name.

Written as proto3 does: in field order, zero values left out, packed numbers. Maps are dicts.
"""



class ProtobufError(Exception):
    pass


STRING, BYTES, INT32, INT64, BOOL = "string", "bytes", "int32", "int64", "bool"


class Repeated:
    def __init__(self, kind: object):
        self.kind = kind


class Map:
    """Repeated entries {1: key, 2: value}."""

    def __init__(self, value: object):
        self.entry = Message({1: ("key", STRING), 2: ("value", value)})


class Message:
    def __init__(self, fields: dict[int, tuple[str, object]]):
        self.fields = fields


OFFLINE_PUSH_INFO = Message(
    {
        1: ("title", STRING),
        2: ("desc", STRING),
        3: ("ex", STRING),
        4: ("iOSPushSound", STRING),
        5: ("iOSBadgeCount", BOOL),
        6: ("signalInfo", STRING),
    }
)
MSG_DATA = Message(
    {
        1: ("sendID", STRING),
        2: ("recvID", STRING),
        3: ("groupID", STRING),
        4: ("clientMsgID", STRING),
        5: ("serverMsgID", STRING),
        6: ("senderPlatformID", INT32),
        7: ("senderNickname", STRING),
        8: ("senderFaceURL", STRING),
        9: ("sessionType", INT32),
        10: ("msgFrom", INT32),
        11: ("contentType", INT32),
        12: ("content", BYTES),
        14: ("seq", INT64),
        15: ("sendTime", INT64),
        16: ("createTime", INT64),
        17: ("status", INT32),
        18: ("isRead", BOOL),
        19: ("options", Map(BOOL)),
        20: ("offlinePushInfo", OFFLINE_PUSH_INFO),
        21: ("atUserIDList", Repeated(STRING)),
        22: ("attachedInfo", STRING),
        23: ("ex", STRING),
    }
)
SEND_MSG_RESP = Message({1: ("serverMsgID", STRING), 2: ("clientMsgID", STRING), 3: ("sendTime", INT64)})
PULL_MSGS = Message({1: ("Msgs", Repeated(MSG_DATA)), 2: ("isEnd", BOOL), 3: ("endSeq", INT64)})
PUSH_MESSAGES = Message({1: ("msgs", Map(PULL_MSGS)), 2: ("notificationMsgs", Map(PULL_MSGS))})
GET_MAX_SEQ_REQ = Message({1: ("userID", STRING)})
GET_MAX_SEQ_RESP = Message({1: ("maxSeqs", Map(INT64)), 2: ("minSeqs", Map(INT64))})
SEQ_RANGE = Message({1: ("conversationID", STRING), 2: ("begin", INT64), 3: ("end", INT64), 4: ("num", INT64)})
PULL_BY_RANGES_REQ = Message({1: ("userID", STRING), 2: ("seqRanges", Repeated(SEQ_RANGE)), 3: ("order", INT32)})
PULLED = PUSH_MESSAGES
CONVERSATION_SEQS = Message({2: ("conversationID", STRING), 3: ("seqs", Repeated(INT64))})
PULL_BY_SEQS_REQ = Message({1: ("userID", STRING), 2: ("conversations", Repeated(CONVERSATION_SEQS)), 3: ("order", INT32)})
CONVERSATIONS_REQ = Message({1: ("userID", STRING), 2: ("conversationIDs", Repeated(STRING))})
SEQS = Message({1: ("maxSeq", INT64), 2: ("hasReadSeq", INT64), 3: ("maxSeqTime", INT64)})
READ_AND_MAX_SEQ_RESP = Message({1: ("seqs", Map(SEQS))})
LAST_MESSAGE_RESP = Message({1: ("msgs", Map(MSG_DATA))})
LOGOUT_REQ = Message({1: ("userID", STRING), 2: ("platformID", INT32)})
BACKGROUND_REQ = Message({1: ("userID", STRING), 2: ("isBackground", BOOL)})
SUBSCRIBE_REQ = Message({1: ("subscribeUserID", Repeated(STRING)), 2: ("unsubscribeUserID", Repeated(STRING))})
ONLINE_STATUS = Message({1: ("userID", STRING), 2: ("onlinePlatformIDs", Repeated(INT32))})
SUBSCRIBE_TIPS = Message({1: ("subscribers", Repeated(ONLINE_STATUS))})


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    if number < 128:
        return bytes((number,))
    out = bytearray()
    while number >= 128:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _counted(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _single(number: int, kind: object, item: object) -> bytes:
    if kind is STRING:
        return _counted(number, item.encode("utf-8", "surrogateescape"))
    if kind is BYTES:
        return _counted(number, item)
    if isinstance(kind, Message):
        return _counted(number, encode(kind, item))
    return _varint(number << 3) + _varint(int(item))


def encode(message: Message, values: dict[str, object]) -> bytes:
    parts = []
    for number, (name, kind) in message.fields.items():
        item = values.get(name)
        if isinstance(kind, Map):
            for key, entry in (item or {}).items():
                parts.append(_counted(number, _entry(kind.entry, key, entry)))
        elif isinstance(kind, Repeated):
            if item and kind.kind in (INT32, INT64):
                parts.append(_counted(number, b"".join(_varint(each) for each in item)))
            else:
                parts.extend(_single(number, kind.kind, each) for each in item or ())
        elif item or (isinstance(kind, Message) and item is not None):
            parts.append(_single(number, kind, item))
    return b"".join(parts)


def _entry(entry: Message, key: str, item: object) -> bytes:
    """Both parts of a map's entry are always written, zero or not."""
    return b"".join(
        _single(number, kind, each) for (number, (_, kind)), each in zip(entry.fields.items(), (key, item))
    )


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    if at < len(data) and data[at] < 128:
        return data[at], at + 1
    number = shift = 0
    while shift < 70:
        if at >= len(data):
            raise ProtobufError("unexpected end")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 128:
            return number & ((1 << 64) - 1), at
        shift += 7
    raise ProtobufError("a number of more than 10 bytes")


def _number(raw: int, kind: object) -> int | bool:
    if kind is BOOL:
        return raw != 0
    bits = 32 if kind is INT32 else 64
    raw &= (1 << bits) - 1
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def _content(data: bytes, kind: object, depth: int) -> object:
    if kind is STRING:
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise ProtobufError("a string that is no UTF-8") from None
    if kind is BYTES:
        return data
    return _decode(kind, data, depth + 1)


def decode(message: Message, data: bytes) -> dict[str, object]:
    """What is set; unknown fields are left out. A field that is absent has no key."""
    return _decode(message, data, 0)


def _decode(message: Message, data: bytes, depth: int) -> dict[str, object]:
    if depth > 32:
        raise ProtobufError("nested too deeply")
    values: dict[str, object] = {}
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ProtobufError("field number 0")
        content, raw = b"", 0
        if wire == 0:
            raw, at = _read_varint(data, at)
        elif wire in (1, 2, 5):
            size = 8 if wire == 1 else 4
            if wire == 2:
                size, at = _read_varint(data, at)
            if size > len(data) - at:
                raise ProtobufError("unexpected end")
            content, at = data[at : at + size], at + size
        else:
            raise ProtobufError(f"wire type {wire}")
        if number in message.fields:
            name, kind = message.fields[number]
            _store(values, name, kind, wire, raw, content, depth)
    return values


def _store(
    values: dict[str, object], name: str, kind: object, wire: int, raw: int, content: bytes, depth: int
) -> None:
    single = kind.kind if isinstance(kind, Repeated) else kind
    is_number = single in (INT32, INT64, BOOL)
    if wire == 0 and is_number:
        item: object = _number(raw, single)
    elif wire == 2 and is_number and isinstance(kind, Repeated):
        at, listed = 0, values.setdefault(name, [])
        while at < len(content):
            raw, at = _read_varint(content, at)
            listed.append(_number(raw, single))
        return
    elif wire == 2 and isinstance(kind, Map):
        entry = _decode(kind.entry, content, depth + 1)
        value = kind.entry.fields[2][1]
        absent = {} if isinstance(value, Message) else "" if value is STRING else 0
        values.setdefault(name, {})[entry.get("key", "")] = entry.get("value", absent)
        return
    elif wire == 2 and not is_number:
        item = _content(content, single, depth)
    else:
        return  # another wire type than the field has: an unknown field, as Go's library takes it
    if isinstance(kind, Repeated):
        values.setdefault(name, []).append(item)
    else:
        values[name] = item


def conversation(first: str, second: str) -> str:
    """The conversation of two users."""
    return "si_" + "_".join(sorted((first, second)))


#: What a frame's data is, by request identifier: (of a request, of a response).
BODIES: dict[int, tuple[Message | None, Message | None]] = {
    1001: (GET_MAX_SEQ_REQ, GET_MAX_SEQ_RESP),
    1002: (PULL_BY_RANGES_REQ, PULLED),
    1003: (MSG_DATA, SEND_MSG_RESP),
    1005: (PULL_BY_SEQS_REQ, PULLED),
    1006: (CONVERSATIONS_REQ, READ_AND_MAX_SEQ_RESP),
    1007: (CONVERSATIONS_REQ, LAST_MESSAGE_RESP),
    2001: (None, PUSH_MESSAGES),
    2003: (LOGOUT_REQ, Message({})),
    2004: (BACKGROUND_REQ, None),
    2005: (SUBSCRIBE_REQ, SUBSCRIBE_TIPS),
}
