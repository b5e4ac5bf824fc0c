"""RFC 6455 from the server's side, as bytes; nothing here keeps a rule that a broken peer must break."""

import base64
import hashlib
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_value(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()


def request_header(head: bytes, name: str) -> str | None:
    for line in head.decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.strip().lower() == name.lower():
            return value.strip()
    return None


def switching_protocols(head: bytes, *, accept: str | None = None, upgrade: bool = True, extra: str = "") -> bytes:
    value = accept or accept_value(request_header(head, "Sec-WebSocket-Key") or "")
    lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", f"Sec-WebSocket-Accept: {value}"]
    if upgrade:
        lines.insert(1, "Upgrade: websocket")
    if extra:
        lines.append(extra)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def response(status: str, body: bytes, content_type: str = "text/plain") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = None,
          length_bytes: int | None = None) -> bytes:  # fmt: skip
    """One frame. `rsv` is three bits, RSV1 the highest; `length_bytes` 0, 2 or 8 forces a form of the length."""
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65536 else 8
    masked = 0x80 if mask else 0
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if length_bytes == 0:
        head += bytes([masked | size])
    elif length_bytes == 2:
        head += bytes([masked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([masked | 127]) + struct.pack("!Q", size)
    if mask:
        head += mask
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + payload


def close_frame(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


#: Each of these is sent in place of the reply; a client must fail the connection on every one (RFC 6455 §5, §7.1.7, §8.1).
FRAME_FAULTS: dict[str, bytes] = {
    "rsv1": frame(TEXT, b"rsv1", rsv=4),
    "rsv2": frame(TEXT, b"rsv2", rsv=2),
    "rsv3": frame(TEXT, b"rsv3", rsv=1),
    "control-rsv1": frame(PING, b"rsv1", rsv=4),
    **{f"opcode{n}": frame(n, b"reserved") for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "masked": frame(TEXT, b"masked", mask=b"\x37\xfa\x21\x3d"),
    "nonminimal16": frame(TEXT, b"short", length_bytes=2),
    "nonminimal64": frame(TEXT, b"x" * 200, length_bytes=8),
    "length63": b"\x81\x7f" + struct.pack("!Q", 1 << 63 | 5) + b"hello",
    "control-fragmented": frame(PING, b"part", fin=False),
    "control-long": frame(PING, b"x" * 126),
    "continuation-first": frame(CONTINUATION, b"of nothing"),
    "text-in-fragment": frame(TEXT, b"one ", fin=False) + frame(TEXT, b"two"),
    "bad-utf8": frame(TEXT, b"\xff\xfe"),
    "bad-utf8-split": frame(TEXT, b"\xf0\x9f", fin=False) + frame(CONTINUATION, b"\x28\x80"),
    "bad-utf8-truncated": frame(TEXT, b"\xf0\x9f\x98"),
    "bad-utf8-surrogate": frame(TEXT, b"\xed\xa0\x80"),
    "close-length1": frame(CLOSE, b"\x03"),
    "close-code999": close_frame(999),
    "close-code1005": close_frame(1005),
    "close-code1006": close_frame(1006),
    "close-code1015": close_frame(1015),
    "close-code2999": close_frame(2999),
    "close-bad-utf8": close_frame(1000, b"\xff"),
}
