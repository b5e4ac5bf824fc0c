#!/usr/bin/env python3
"""Each mode of broken_peer.py, looked at through a raw socket. Run it with `python3 -m unittest` in this folder."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import time
import unittest

import broken_peer
import websocket_bytes as wire

PROGRAM = pathlib.Path(__file__).with_name("broken_peer.py")
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 §1.3
REQUEST = (f"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()  # fmt: skip
MASK = b"\x01\x02\x03\x04"
MESSAGE = wire.frame(wire.TEXT, b"hello", mask=MASK)
ECHO = wire.frame(wire.TEXT, b"hello")
CLOSE = wire.frame(wire.CLOSE, b"\x03\xe8", mask=MASK)
CLOSE_ECHO = wire.frame(wire.CLOSE, b"\x03\xe8")
#: For an answer that has to come.
PATIENCE_S = 10
#: For one that must not come; what has to come before it is there by then.
QUIET_S = 1


@contextlib.contextmanager
def peer(mode: str, *options: str):
    """(port, function that ends the peer and returns its counts)"""
    process = subprocess.Popen([sys.executable, str(PROGRAM), "--mode", mode, *options], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip

    def finish() -> dict:
        process.terminate()
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 0, process.returncode
        return json.loads(output)

    try:
        yield int(process.stdout.readline().split()[1]), finish
    finally:
        process.kill()
        process.communicate()


class Client:
    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.received = b""

    def read_until(self, text: bytes) -> bytes:
        """What comes up to and with `text`; the end of the stream or a reset fails."""
        while text not in self.received:
            chunk = self.socket.recv(1 << 20)
            assert chunk, f"end of stream; before it {self.received[-200:]!r}"
            self.received += chunk
        head, _, self.received = self.received.partition(text)
        return head + text

    def read(self, size: int) -> bytes:
        while len(self.received) < size:
            chunk = self.socket.recv(1 << 20)
            assert chunk, f"end of stream after {len(self.received)} of {size} bytes"
            self.received += chunk
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def upgrade(self) -> bytes:
        self.socket.sendall(REQUEST)
        return self.read_until(b"\r\n\r\n")

    def rest(self, patience_s: float = PATIENCE_S) -> tuple[bytes, str]:
        """What comes until nothing does: and then `quiet`, `end` (FIN) or `reset`."""
        self.socket.settimeout(patience_s)
        data, self.received = self.received, b""
        try:
            while chunk := self.socket.recv(1 << 20):
                data += chunk
            return data, "end"
        except TimeoutError:
            return data, "quiet"
        except ConnectionResetError:
            return data, "reset"


class BrokenPeerTests(unittest.TestCase):
    def open(self, mode: str):
        port, self.finish = self.enterContext(peer(mode))
        client = Client(port)
        self.addCleanup(client.socket.close)
        return client

    def upgraded(self, mode: str) -> Client:
        client = self.open(mode)
        head = client.upgrade()
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
        self.assertIn(b"Upgrade: websocket\r\n", head)
        self.assertIn(ACCEPT, head)
        return client

    def close_cleanly(self, client: Client, messages: int = 1) -> None:
        client.socket.sendall(CLOSE)
        self.assertEqual(client.rest(), (CLOSE_ECHO, "end"))
        self.assertEqual(self.finish(), {"connections": 1, "messages": messages, "closes_clean": 1, "closes_other": 0,
                                         "accepted": 1, "close_codes": {"1000": 1}})  # fmt: skip

    def test_echo_and_drip(self):
        for mode in ("echo", "drip"):
            with self.subTest(mode):
                client = self.upgraded(mode)
                client.socket.sendall(MESSAGE + wire.frame(wire.PING, b"p", mask=MASK))
                self.assertEqual(client.read(len(ECHO)), ECHO)
                self.assertEqual(client.read(3), wire.frame(wire.PONG, b"p"))
                self.close_cleanly(client)

    def test_mute(self):
        client = self.open("mute-handshake")
        client.socket.sendall(REQUEST)
        self.assertEqual(client.rest(QUIET_S), (b"", "quiet"))
        self.assertEqual(self.finish()["connections"], 0)

        client = self.upgraded("mute-message")
        client.socket.sendall(MESSAGE + wire.frame(wire.PING, b"p", mask=MASK))
        self.assertEqual(client.rest(QUIET_S), (wire.frame(wire.PONG, b"p"), "quiet"))
        self.close_cleanly(client)

        client = self.upgraded("mute-close")
        client.socket.sendall(MESSAGE + CLOSE)
        self.assertEqual(client.rest(QUIET_S), (ECHO, "quiet"))
        client.socket.close()

        client = self.upgraded("mute-pong")
        client.socket.sendall(wire.frame(wire.PING, b"p", mask=MASK) + MESSAGE + CLOSE)
        self.assertEqual(client.rest(QUIET_S), (b"", "quiet"))

    def test_refusals(self):
        expected = {
            "not-found": (b"HTTP/1.1 404 ", "end"),
            "bad-request-long-body": (b"HTTP/1.1 403 ", "end"),
            "not-websocket": (b"HTTP/1.1 200 ", "end"),
            "wrong-accept": (b"HTTP/1.1 101 ", "quiet"),
            "no-upgrade-header": (b"HTTP/1.1 101 ", "quiet"),
            "extension-unasked": (b"HTTP/1.1 101 ", "quiet"),
            "subprotocol-unasked": (b"HTTP/1.1 101 ", "quiet"),
        }
        self.assertEqual(expected.keys(), broken_peer.REFUSALS.keys())
        for mode, (start, then) in expected.items():
            with self.subTest(mode):
                client = self.open(mode)
                client.socket.sendall(REQUEST)
                data, end = client.rest(QUIET_S if then == "quiet" else PATIENCE_S)
                self.assertTrue(data.startswith(start), data[:80])
                self.assertEqual(end, then)
                self.assertEqual(ACCEPT in data, mode in ("no-upgrade-header", "extension-unasked", "subprotocol-unasked"))
                self.assertEqual(b"Upgrade: websocket" in data, data[9:12] == b"101" and mode != "no-upgrade-header")
                self.assertEqual(len(data) > 100_000, mode == "bad-request-long-body")

    def test_banner(self):
        self.assertEqual(self.open("ssh-banner").rest(QUIET_S), (b"SSH-2.0-OpenSSH_9.2p1\r\n", "quiet"))

    def test_behind_the_101_in_one_segment(self):
        for mode, behind in broken_peer.BEHIND_101.items():
            with self.subTest(mode):
                client = self.open(mode)
                client.socket.sendall(REQUEST)
                self.assertTrue(client.socket.recv(65536).endswith(b"\r\n\r\n" + behind))

    def test_frame_faults(self):
        for name, fault in wire.FRAME_FAULTS.items():
            with self.subTest(name):
                client = self.upgraded(f"fault:{name}")
                client.socket.sendall(MESSAGE)
                self.assertEqual(client.read(len(fault)), fault)
                self.close_cleanly(client)

    def test_resets(self):
        for moment, sent, received in (
            ("handshake", REQUEST, b""), ("message", REQUEST + MESSAGE, b"101"), ("close", REQUEST + MESSAGE + CLOSE, ECHO),
            ("idle", REQUEST, b"101"), ("accept", b"", b""),
        ):  # fmt: skip
            with self.subTest(moment):
                client = self.open(f"rst:{moment}")
                client.socket.sendall(sent)
                data, end = client.rest()
                self.assertEqual(end, "reset")
                self.assertIn(received, data)
                self.assertEqual(self.finish()["closes_clean"], 0)

    def test_half_closes(self):
        for moment, sent, received in (
            ("accept", b"", b""), ("handshake", REQUEST, b""), ("message", REQUEST + MESSAGE, b"101"),
            ("close", REQUEST + MESSAGE + CLOSE, ECHO),
        ):  # fmt: skip
            with self.subTest(moment):
                client = self.open(f"fin:{moment}")
                client.socket.sendall(sent)
                data, end = client.rest()
                self.assertEqual(end, "end")
                self.assertIn(received, data)
                # It goes on reading: nothing comes back, no reset either.
                client.socket.sendall(MESSAGE)
                time.sleep(0.05)
                client.socket.sendall(MESSAGE)

    def test_large_answers(self):
        client = self.upgraded("huge-message")
        client.socket.sendall(MESSAGE)
        whole = wire.frame(wire.TEXT, b"x" * (1 << 20))
        self.assertEqual(client.read(len(whole)), whole)
        self.close_cleanly(client)

        client = self.upgraded("many-fragments")
        client.socket.sendall(MESSAGE)
        whole = broken_peer.many_fragments(wire.TEXT, b"hello")
        self.assertEqual(client.read(len(whole)), whole)
        self.assertEqual(whole.count(wire.frame(wire.PING, b"between")), 10)
        self.close_cleanly(client)

        client = self.upgraded("announce-1gb")
        client.socket.sendall(MESSAGE)
        data, end = client.rest(QUIET_S)
        self.assertEqual((data[:10], end), (b"\x81\x7f\0\0\0\0\x40\0\0\0", "quiet"))

    def test_pushes(self):
        client = self.upgraded("pushes")
        arrival, push = wire.frame(wire.TEXT, b"push on arrival"), wire.frame(wire.TEXT, b"push")
        client.socket.sendall(MESSAGE)
        expected = arrival + push + ECHO + push
        self.assertEqual(client.read(len(expected)), expected)
        client.socket.sendall(CLOSE)
        self.assertEqual(client.rest(), (wire.frame(wire.TEXT, b"push on departure") + CLOSE_ECHO, "end"))

    def test_close_first(self):
        client = self.upgraded("close-first")
        client.socket.sendall(MESSAGE)
        expected = ECHO + wire.close_frame(1001)
        self.assertEqual(client.read(len(expected)), expected)
        client.socket.sendall(wire.frame(wire.CLOSE, b"\x03\xe9", mask=MASK))
        self.assertEqual(client.rest(), (b"", "end"))
        self.assertEqual(self.finish()["closes_clean"], 1)

    def test_slow_read_takes_no_more_than_the_buffers(self):
        client = self.upgraded("slow-read")
        client.socket.settimeout(QUIET_S)
        with self.assertRaises(TimeoutError):
            for _ in range(1000):
                client.socket.sendall(bytes(1 << 20))
        client.socket.close()

    def test_many_connections_at_once(self):
        port, finish = self.enterContext(peer("echo"))
        clients = [Client(port) for _ in range(300)]
        for client in clients:
            client.socket.sendall(REQUEST + MESSAGE + CLOSE)
        for client in clients:
            data, end = client.rest()
            self.assertTrue(data.endswith(ECHO + CLOSE_ECHO) and end == "end")
            client.socket.close()
        counts = finish()
        self.assertEqual((counts["connections"], counts["messages"], counts["closes_clean"]), (300, 300, 300))

    def test_ends_by_itself(self):
        process = subprocess.Popen([sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output, _ = process.communicate(timeout=10)  # closes its standard input
        self.assertEqual((process.returncode, output.count(b"\n")), (0, 2))
        process = subprocess.Popen([sys.executable, str(PROGRAM), "--max-seconds", "0.2"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)  # fmt: skip
        self.assertEqual(process.wait(timeout=10), 0)
        process.communicate()

    def test_every_mode_is_known(self):
        self.assertEqual(len(set(broken_peer.MODES)), len(broken_peer.MODES))
        output = subprocess.run([sys.executable, str(PROGRAM), "--mode", "nonsense"], capture_output=True, text=True)
        self.assertEqual(output.returncode, 2)


if __name__ == "__main__":
    unittest.main()
