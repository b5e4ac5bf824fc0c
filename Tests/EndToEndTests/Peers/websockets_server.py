#!/usr/bin/env python3
"""Echo server on the Python library `websockets`; see README.md beside it."""

import asyncio
import logging
import ssl
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

import peer_contract


async def main() -> None:
    parser = peer_contract.parser(__doc__)
    parser.add_argument("--cert", help="PEM certificate: serve wss")
    parser.add_argument("--key", help="PEM private key of the certificate")
    parser.add_argument("--most-connections", type=int, help="answer 503 to the upgrade of any more at once")
    options = parser.parse_args()
    if bool(options.cert) != bool(options.key):
        parser.error("--cert and --key belong together")
    tls = None
    if options.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.cert, options.key)

    # It logs each handshake that a client gives up on; the tests provoke those.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    peer_contract.raise_descriptor_limit()
    counts = peer_contract.Counts()

    def limit(connection: ServerConnection, _request) -> Response | None:
        if options.most_connections and len(connection.server.connections) >= options.most_connections:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections\n")
        return None

    async def echo(connection: ServerConnection) -> None:
        counts.connections += 1
        try:
            async for message in connection:
                counts.messages += 1
                await connection.send(message)
        except ConnectionClosed:
            pass
        finally:
            protocol = connection.protocol
            counts.closed(clean=protocol.close_rcvd is not None and protocol.close_sent is not None)

    async with serve(
        echo, options.host, options.port, ssl=tls, backlog=4096, process_request=limit
    ) as server:
        peer_contract.announce(server.sockets[0].getsockname()[1])
        await peer_contract.until_told_to_end(options.max_seconds)
        peer_contract.end(counts)


if __name__ == "__main__":
    asyncio.run(main())
