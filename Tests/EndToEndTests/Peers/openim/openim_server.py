#!/usr/bin/env python3
"""An OpenIM deployment in one process, for tests: REST API, tokens, WebSocket gateway, pushes; see README.md beside it."""

import asyncio
import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import peer_contract

from openim_accounts import Accounts
from openim_api import API, APIBehaviour, APIConnection
from openim_gateway import Behaviour, Gateway, GatewayConnection
from openim_messages import Messages
from openim_record import Record


def _options():
    parser = peer_contract.parser(__doc__)
    parser.add_argument("--api-port", type=int, default=0, help="of the REST API; 0, the default: the kernel chooses")
    parser.add_argument("--version", choices=("3.5.1", "3.8.3"), default="3.5.1")
    parser.add_argument("--secret", default="openIM123")
    parser.add_argument("--policy", type=int, choices=(0, 1, 4, 5), default=1, help="who is kicked by a second login")
    parser.add_argument("--most-connections", type=int, default=100_000, help="answer 1601 beyond")
    parser.add_argument("--read-deadline", type=float, default=30, metavar="SECONDS", help="of silence")
    parser.add_argument("--record", metavar="FILE", help="write what was seen, as JSON, when it ends")
    wrong = parser.add_argument_group("misbehaviour")
    wrong.add_argument("--freeze-after", type=int, metavar="N", help="connections; those behind get a 101 and nothing more")
    wrong.add_argument("--push-before-ack", action="store_true")
    wrong.add_argument("--drop-pushes", action="store_true")
    wrong.add_argument("--refuse", type=int, default=0, metavar="CODE", help="every handshake")
    wrong.add_argument("--slow-api", type=float, default=0, metavar="MS", help="before each answer")
    wrong.add_argument("--fail-register-times", type=int, default=0, metavar="N", help="HTTP 500")
    return parser.parse_args()


async def main() -> None:
    options = _options()
    peer_contract.raise_descriptor_limit()
    record = Record()
    accounts = Accounts(options.version, options.secret, options.policy)
    behaviour = Behaviour(
        options.version,
        options.most_connections,
        options.read_deadline,
        options.freeze_after,
        options.push_before_ack,
        options.drop_pushes,
        options.refuse,
    )
    gateway = Gateway(behaviour, accounts, Messages(accounts), record)
    api = API(gateway, APIBehaviour(options.slow_api / 1000, options.fail_register_times))
    loop = asyncio.get_running_loop()
    served = [
        await loop.create_server(lambda: GatewayConnection(gateway), options.host, options.port, backlog=4096),
        await loop.create_server(lambda: APIConnection(api), options.host, options.api_port, backlog=4096),
    ]
    ports = [server.sockets[0].getsockname()[1] for server in served]
    print(json.dumps({"gateway": ports[0], "api": ports[1], "version": options.version}), flush=True)

    await peer_contract.until_told_to_end(options.max_seconds)
    record.online = gateway.registered
    if options.record:
        with open(options.record, "w", encoding="utf-8") as file:
            file.write(f"{record}\n")
    print(record, flush=True)
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
