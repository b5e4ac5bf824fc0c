#!/usr/bin/env python3
"""The PyPI library `websockets` as an echo server, wrapped so that it falls ill: it leaks descriptors, or freezes.

Nothing of it knows of gatecrash: it stands for a server that is watched from outside, by pid or by port. See README.md beside it.
"""

import asyncio
import logging
import os
import select
import socket
import stat
import threading
import time

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import peer_contract

LEAKS = {
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "pipe": os.pipe,
    "unix": socket.socketpair,
    "file": lambda: open("/etc/hostname", "rb"),
}


def end_even_if_frozen(max_seconds: float) -> None:
    """Leaves when the parent has gone or the time is over; the event loop can no longer see either."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        time.sleep(max_seconds)
        os._exit(0)
    deadline = time.monotonic() + max_seconds
    while time.monotonic() < deadline:
        readable, _, _ = select.select([0], [], [], 1)
        if readable and not os.read(0, 4096):
            break
    os._exit(0)


async def main() -> None:
    parser = peer_contract.parser(__doc__)
    parser.add_argument("--leak-every", type=int, default=0, help="leave something open every so many messages")
    parser.add_argument("--leak", choices=sorted(LEAKS), default="netlink", help="what is left open")
    parser.add_argument("--freeze-after", type=int, default=0, help="lock up at this connection")
    options = parser.parse_args()

    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    peer_contract.raise_descriptor_limit()
    counts = peer_contract.Counts()
    left_open: list[object] = []
    loop = asyncio.get_running_loop()
    directory = threading.Lock()
    threading.Thread(target=end_even_if_frozen, args=(options.max_seconds,), daemon=True).start()

    def update_directory() -> None:
        """Holds the lock and waits for the event loop, which waits for the lock: neither can go on."""
        with directory:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()

    async def echo(connection: ServerConnection) -> None:
        counts.connections += 1
        if counts.connections == options.freeze_after:
            threading.Thread(target=update_directory, name="directory", daemon=True).start()
            while not directory.locked():
                pass
            directory.acquire()
        try:
            async for message in connection:
                counts.messages += 1
                if options.leak_every and counts.messages % options.leak_every == 0:
                    left_open.append(LEAKS[options.leak]())
                await connection.send(message)
        except ConnectionClosed:
            pass
        finally:
            protocol = connection.protocol
            counts.closed(clean=protocol.close_rcvd is not None and protocol.close_sent is not None)

    async with serve(echo, options.host, options.port, backlog=4096) as server:
        peer_contract.announce(server.sockets[0].getsockname()[1])
        await peer_contract.until_told_to_end(options.max_seconds)
        peer_contract.end(counts)


if __name__ == "__main__":
    asyncio.run(main())
