"""Tests of the OpenIM peer itself: python3 -B -m unittest, in this folder. The library `websockets` is used where it is installed."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import gob
import openim_wire as wire
import protobuf_bodies as bodies
import recorded_vectors
from openim_accounts import Tokens
from openim_connection import Failed
from openim_world import ANDROID, World, text_message

try:
    import websockets.asyncio.client as websockets_client
except ImportError:
    websockets_client = None

_HERE = Path(__file__).parent
_VECTORS = os.environ.get(
    "OPENIM_VECTORS", str(_HERE.parent.parent.parent / "DialectsTests/Vectors/openim-vectors.json")
)
_SEED = int(os.environ.get("PEER_SEED", time.time_ns() & 0xFFFF_FFFF))


class Server:
    """A running openim_server.py."""

    def __init__(self, *options: str):
        command = [sys.executable, "-B", str(_HERE / "openim_server.py"), "--max-seconds", "120", *options]
        self._worlds: list[World] = []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ports = json.loads(self._process.stdout.readline())
        self.gateway, self.api = f"ws://127.0.0.1:{ports['gateway']}/", f"http://127.0.0.1:{ports['api']}"

    def record(self) -> dict:
        """Ends it by closing its standard input."""
        output, _ = self._process.communicate(timeout=20)
        return json.loads(output)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for world in self._worlds:
            world.close()
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def world(self, version: str = "3.5.1") -> World:
        options = SimpleNamespace(version=version, json=False, gzip=False, secret="openIM123", policy=1, settle=0)
        self._worlds.append(World(self.gateway, self.api, options))
        return self._worlds[-1]


class Wire(unittest.TestCase):
    def test_agrees_with_recorded_bytes(self):
        with open(_VECTORS, encoding="utf-8") as file:
            check = recorded_vectors.run(json.load(file))
        self.assertEqual(check.failures, [])
        self.assertGreater(check.passed, 700)

    def test_numbers(self):
        for number, wanted in ((1001, "fe07d2"), (-1, "01"), (64, "ff80"), (-64, "7f"), (65, "ff82"), (-65, "ff81")):
            self.assertEqual(gob.signed(number).hex(), wanted)

    def test_protobuf_samples(self):
        message = text_message("u1", "u2", "c1") | {
            "senderPlatformID": 1,
            "content": b'{"content":"hi"}',
            "createTime": 1_700_000_000_000,
        }
        for body, values, wanted in (
            (
                bodies.MSG_DATA,
                message,
                (
                    "0a0275311202753222026331300148015064586562107b22636f6e74656e74223a226869227d"
                    "800180d095ffbc31"
                ),
            ),
            (
                bodies.SEND_MSG_RESP,
                {"serverMsgID": "srv1", "clientMsgID": "c1", "sendTime": 1_700_000_000_001},
                "0a0473727631120263311881d095ffbc31",
            ),
            (bodies.GET_MAX_SEQ_RESP, {"maxSeqs": {"si_u1_u2": 7}}, "0a0c0a0873695f75315f75321007"),
            (bodies.MSG_DATA, {"options": {"history": False}}, "9a010b0a07686973746f72791000"),
            (bodies.CONVERSATION_SEQS, {"conversationID": "c", "seqs": [1, 300]}, "120163" + "1a0301ac02"),
        ):
            self.assertEqual(bodies.encode(body, values).hex(), wanted)
            self.assertEqual(bodies.decode(body, bytes.fromhex(wanted)), values)

    def test_hostile_bytes_are_refused_or_read_and_nothing_else(self):
        """Recorded frames with bytes changed, cut and doubled."""
        print(f"PEER_SEED={_SEED}", file=sys.stderr)
        generator = random.Random(_SEED)
        with open(_VECTORS, encoding="utf-8") as file:
            document = json.load(file)
        samples = [bytes.fromhex(each["gobHex"]) for each in document["vectors"] + document["foreign"] if "gobHex" in each]
        samples += [bytes.fromhex(each["hex"]) for each in document["capturedFrames"]]
        for _ in range(20_000):
            data = bytearray(generator.choice(samples))
            for _ in range(generator.randrange(1, 6)):
                at = generator.randrange(len(data) + 1)
                if generator.random() < 0.3:
                    del data[at : at + generator.randrange(1, 20)]
                elif data and at < len(data):
                    data[at] = generator.choice((0, 1, 127, 128, 255, generator.randrange(256)))
            codec = wire.Codec(generator.random() < 0.3, generator.random() < 0.3)
            for of in (wire.Request, wire.Response):
                try:
                    found = codec.decode(bytes(data), of)
                except wire.WireError:
                    continue
                try:
                    bodies.decode(bodies.PUSH_MESSAGES, found.data or b"")
                except bodies.ProtobufError:
                    pass

    def test_nested_too_deeply(self):
        with self.assertRaises(wire.WireError):
            wire.decode_json(b'{"x":' + b"[" * 100_000, wire.Request)
        nested = gob.definition("Req", [("ReqIdentifier", gob.INT), ("Me", 64)], 64)
        value = gob.signed(64) + b"\x02" * 5_000
        with self.assertRaises(wire.WireError):
            wire.decode_gob(nested + gob.unsigned(len(value)) + value, wire.Request)

    def test_tokens(self):
        tokens = Tokens("openIM123")
        token = tokens.make("u1", 2, not_before=True, now=time.time())
        self.assertEqual(tokens.read(token)[:2], ("u1", 2))
        for bad, code in ((token[:-3] + "abc", 1505), ("a.b.c", 1503), ("", 1503), (token + "ä", 1505)):
            with self.assertRaises(Exception) as caught:
                tokens.read(bad)
            self.assertEqual(caught.exception.code, code, bad)


class Behaviours(unittest.TestCase):
    """What the tests of gatecrash ask the server to do wrong."""

    def test_a_frozen_server_accepts_and_serves_the_old_ones(self):
        with Server("--freeze-after", "2") as server:
            world = server.world()
            online = [world.login(world.new_user()) for _ in range(2)]
            user = world.new_user()
            with world.dial(user=user) as late:
                self.assertEqual(late.handshake(world.target(user, ANDROID, world.token(user))).status, 101)
                late.send_request(wire.NEWEST_SEQ)
                with self.assertRaises(Failed):
                    late.next(0.5)
                for connection in online:
                    connection.alive()
                self.assertEqual(world.sessions(user), [])
            record = server.record()
            self.assertEqual((record["handshakes"], record["frozen"]), (3, 1))

    def test_pushes_before_the_ack_or_never(self):
        for option, wanted in (("--push-before-ack", 1), ("--drop-pushes", 0)):
            with Server(option) as server:
                world = server.world()
                user = world.new_user()
                connection = world.login(user)
                connection.ask_well(wire.SEND, text_message(user, user, "m"))
                self.assertEqual(len(connection.pushes), wanted)
                connection.alive()
                self.assertEqual(len(connection.pushes), wanted)
                record = server.record()
                self.assertEqual((record["pushes"], record["dropped_pushes"]), (wanted, 1 - wanted))

    def test_refusals_and_failures_of_the_api(self):
        with Server("--refuse", "1601", "--fail-register-times", "2", "--slow-api", "50") as server:
            world = server.world()
            name = world.new_name()
            begun = time.monotonic()
            self.assertEqual([world.register(name).status for _ in range(3)], [500, 500, 200])
            self.assertGreaterEqual(time.monotonic() - begun, 0.15)
            self.assertEqual(world.try_login(name, ANDROID, world.token(name)).code, 1601)
            self.assertEqual(server.record()["refused"], {"1601": 1})

    def test_records_what_it_saw_and_ends_when_told(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "record.json"
            with Server("--version", "3.8.3", "--record", str(file)) as server:
                world = server.world("3.8.3")
                sender, receiver = world.login(world.new_user()), world.login(world.new_user())
                for number in range(5):
                    sender.ask_well(wire.SEND, text_message(sender.user, receiver.user, f"m{number}"))
                sender.ask_well(wire.LOGOUT, {"userID": sender.user, "platformID": ANDROID})
                sender.expect_end()
                server.signal(signal.SIGTERM)
                printed = server.record()
            found = json.loads(file.read_text())
        self.assertEqual(found, printed)
        wanted = {"handshakes": 2, "messages": 5, "acks": 5, "pushes": 5, "own_pushes": 5, "logouts": 1, "online": 1}
        self.assertEqual({name: found[name] for name in wanted}, wanted)
        self.assertEqual(found["requests"], {"1001": 2, "1003": 5, "2003": 1})


@unittest.skipUnless(websockets_client, "tools/install-python installs the library")
class ThirdParty(unittest.TestCase):
    """The library `websockets` and Python's HTTP client on the same server: nobody here wrote them."""

    def test_the_library_logs_in_sends_and_is_kicked(self):
        for version in ("3.5.1", "3.8.3"):
            with self.subTest(version), Server("--version", version) as server:
                asyncio.run(asyncio.wait_for(self._session(server, version), 30))

    async def _session(self, server: Server, version: str) -> None:
        world = server.world(version)
        user = world.new_user()
        target = server.gateway.rstrip("/") + world.target(user, ANDROID, world.token(user))
        async with websockets_client.connect(target, compression="deflate") as first:
            latency = first.ping(b"abc" if version == "3.8.3" else b"")
            await asyncio.wait_for(await latency, 10)
            body = bodies.encode(bodies.MSG_DATA, text_message(user, user, "m", "x" * 20_000))
            await first.send(wire.encode_gob(wire.Request(wire.SEND, "", user, "o", "1", body), 64))
            found = [wire.decode_gob(await first.recv(), wire.Response).identifier for _ in range(2)]
            self.assertEqual(sorted(found), [wire.SEND, wire.PUSH])
            async with websockets_client.connect(target) as second:
                self.assertEqual(wire.decode_gob(await first.recv(), wire.Response), wire.Response(wire.KICK))
                await first.wait_closed()
                self.assertEqual(first.close_code, 1006)
                await second.close(4000, "bye")
                self.assertEqual(second.close_code, 4000)

    def test_python_reads_the_api(self):
        with Server() as server:
            request = urllib.request.Request(
                f"{server.api}/auth/user_token",
                json.dumps({"secret": "openIM123", "platformID": 1, "userID": "openIMAdmin"}).encode(),
                {"operationID": "o"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                self.assertEqual(json.load(answer)["errCode"], 0)


if __name__ == "__main__":
    unittest.main()
