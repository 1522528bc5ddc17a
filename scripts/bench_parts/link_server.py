"""The receiving end of `bench link`, a process of its own: `node FOLDER` or `pipe FOLDER NODE_ID PUBLIC_KEY`.

Credentials come in three lines on standard input; the port goes out in one; the end of the input ends it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from federation.ports import LinkPort
from federation.transport import tls
from federation.transport.server import LinkServer
from node.app import SystemClock, assemble
from node.machine import oslayer
from scripts.bench_parts.link import Pipe


def receiver(arguments: list[str]) -> LinkPort:
    if arguments[0] == "node":
        return assemble(Path(arguments[1]), SystemClock()).inbound
    return Pipe(bytes.fromhex(arguments[2]), Path(arguments[1]) / "up.db", [], bytes.fromhex(arguments[3]))


async def main() -> None:
    own = tls.Credentials(*(sys.stdin.readline().replace("|", "\n").encode() for _ in range(3)))
    server = LinkServer(receiver(sys.argv[1:]), own, compress=False)
    port = await server.start("127.0.0.1:0")
    oslayer.calm_collector()  # as `tongban run` does
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
