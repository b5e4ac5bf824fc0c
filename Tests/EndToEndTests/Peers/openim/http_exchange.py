"""HTTP/1.1 for a server, by hand: requests one after the other on a kept connection, which may turn into something else."""

import asyncio
import time
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

_LARGEST_HEAD, _LARGEST_BODY = 1 << 20, 64 << 20
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
JSON_TYPE = "application/json; charset=utf-8"


class HTTPRequest(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    #: By lower-case name; the first of several.
    headers: dict[str, str]
    body: bytes

    def mentions(self, header: str, word: str) -> bool:
        """Whether one of the comma-separated words of `header` is `word`, in any case."""
        return word in [each.strip().lower() for each in self.headers.get(header, "").split(",")]


class Malformed(Exception):
    pass


def _head(data: bytes) -> HTTPRequest:
    lines = data.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Malformed
        headers.setdefault(name.lower(), value.strip())
    target = urlsplit(words[1])
    query: dict[str, str] = {}
    for name, value in parse_qsl(target.query, keep_blank_values=True):
        query.setdefault(name, value)
    return HTTPRequest(words[0], target.path, query, headers, b"")


def response(status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    lines = [f"HTTP/1.1 {status} {REASONS[status]}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Date: {date}", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class HTTPConnection(asyncio.Protocol):
    """Override `request` and answer with `respond`; the next request waits for that."""

    def __init__(self):
        self.buffer = bytearray()
        self._busy = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def request(self, request: HTTPRequest) -> None:
        raise NotImplementedError

    def respond(self, data: bytes, *, close: bool = False) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if close:
            self.transport.close()
            return
        self._busy = False
        self.take_requests()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.take_requests()

    def take_requests(self) -> None:
        while not self._busy and not self.transport.is_closing():
            try:
                request = self._next()
            except (Malformed, ValueError):
                text = b"400 Bad Request"
                self.transport.write(response(400, [("Content-Type", "text/plain; charset=utf-8")], text))
                self.transport.close()
                return
            if request is None:
                return
            self._busy = True
            self.request(request)

    def _next(self) -> HTTPRequest | None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > _LARGEST_HEAD:
                raise Malformed
            return None
        request = _head(bytes(self.buffer[:end]))
        start = end + 4
        if request.headers.get("transfer-encoding", "").lower() == "chunked":
            body, start = self._chunks(start)
            if body is None:
                return None
        else:
            size = int(request.headers.get("content-length", "0"))
            if not 0 <= size <= _LARGEST_BODY:
                raise Malformed
            if len(self.buffer) < start + size:
                return None
            body, start = bytes(self.buffer[start : start + size]), start + size
        del self.buffer[:start]
        return request._replace(body=body)

    def _chunks(self, at: int) -> tuple[bytes | None, int]:
        body = bytearray()
        while True:
            line = self.buffer.find(b"\r\n", at)
            if line < 0:
                return None, at
            size = int(bytes(self.buffer[at:line]).split(b";")[0], 16)
            if size < 0 or len(body) + size > _LARGEST_BODY:
                raise Malformed
            at = line + 2
            if len(self.buffer) < at + size + 2:
                return None, at
            body += self.buffer[at : at + size]
            at += size + 2
            if size == 0:
                return bytes(body), at
