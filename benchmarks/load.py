"""A load generator small enough not to be the bottleneck: raw sockets, requests made beforehand, answers only counted.

``python benchmarks/load.py FILE`` reads a JSON job {host, port, requests: [text], connections, seconds} and prints
{requests, errors, seconds, p50_ms, p99_ms}. It runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, requests: Iterator[bytes], until: float, over: asyncio.Future[None]) -> None:
        self.requests, self.until, self.over = requests, until, over
        self.seconds: list[float] = []
        self.errors = 0
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer = self.buffer + data if self.buffer else data
        head = buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = buffer.lower().find(b"content-length: ", 0, head)
        length = int(buffer[at + 16 : buffer.find(b"\r", at + 16)])
        if len(buffer) < head + 4 + length:
            return
        self.seconds.append(time.perf_counter() - self.began)
        self.errors += buffer[9:12] != b"200"
        self.buffer = b""
        if time.perf_counter() < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.errors += error is not None or time.perf_counter() < self.until
        if not self.over.done():
            self.over.set_result(None)


def _itself(caller: Caller) -> Caller:
    return caller


async def drive(job: dict[str, object]) -> dict[str, float]:
    """Run one job."""
    loop = asyncio.get_running_loop()
    requests = [text.encode() for text in cast("list[str]", job["requests"])]
    began = time.perf_counter()
    until = began + cast(float, job["seconds"])
    callers = []
    for number in range(cast(int, job["connections"])):
        turned = cycle(requests[number % len(requests) :] + requests[: number % len(requests)])
        caller = Caller(turned, until, loop.create_future())
        callers.append(caller)
        await loop.create_connection(partial(_itself, caller), cast(str, job["host"]), cast(int, job["port"]))
    await asyncio.gather(*(caller.over for caller in callers))
    seconds = sorted(second for caller in callers for second in caller.seconds)
    return {
        "requests": len(seconds),
        "errors": sum(caller.errors for caller in callers),
        "seconds": time.perf_counter() - began,
        "p50_ms": seconds[len(seconds) // 2] * 1e3,
        "p99_ms": seconds[int(len(seconds) * 0.99)] * 1e3,
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(drive(json.loads(Path(sys.argv[1]).read_text())))))
