"""What may stand where a gateway should: answers every connection in the way its argument says. Ends with standard input.

status N: an HTTP answer; silence: nothing at all; garbage: no HTTP; end: FIN at once; reset: 101, then RST (a proxy whose
upstream refuses); pong: 101, PONGs, and no answer to anything else; deaf: 101, and neither.
"""
import base64
import hashlib
import json
import socket
import struct
import sys
import threading

way, number = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
listener = socket.create_server(("127.0.0.1", 0), backlog=64)


def head(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        part = connection.recv(4096)
        if not part:
            return None
        text += part
    return text.decode()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def frames(connection):
    while True:
        first, second = exactly(connection, 2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(exactly(connection, 2), "big")
        key = exactly(connection, 4)
        payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(exactly(connection, length)))
        yield first & 15, payload


def serve(connection):
    if way == "silence":
        connection.recv(65536)
        connection.recv(1)
        return
    if way == "end":
        connection.close()
        return
    text = head(connection)
    if text is None:
        return
    if way == "garbage":
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        connection.recv(1)
        return
    if way == "status" or ("token=" not in text and way != "reset"):
        body = b"<html>sorry</html>" if way == "status" else b'{"errCode":1602,"errMsg":"args err","errDlt":""}'
        status = number if way == "status" else "200"
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.close()
        return
    key = [line.split(": ")[1] for line in text.split("\r\n") if line.lower().startswith("sec-websocket-key")][0]
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    connection.sendall(
        f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    if way == "reset":
        reset(connection)
        return
    for opcode, payload in frames(connection):
        if way == "pong" and opcode == 9:
            connection.sendall(bytes([0x8A, len(payload)]) + payload)


def guarded(connection):
    try:
        serve(connection)
    except OSError:
        pass


def accept_all():
    while True:
        threading.Thread(target=guarded, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept_all, daemon=True).start()
print(json.dumps({"gateway": listener.getsockname()[1], "api": 0}), flush=True)
sys.stdin.read()
