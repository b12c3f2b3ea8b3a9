"""The API on a real socket, and a proxy before it that loses connections as networks and proxies do."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import uvicorn

from headway.entrypoints.http import create_app
from headway.kernel.web import Parts

Fate = Literal["pass", "drop", "lose", "cut", "busy", "abandon"]
"""What becomes of a request: passed; dropped before it reaches the server; answered by the server with the answer lost,
or cut in its middle; refused by the proxy itself; passed on while the client's connection is closed at once."""
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@contextmanager
def listening(parts: Parts, port: int = 0) -> Iterator[int]:
    """Serve the application from a thread, at any free port; gives its port."""
    config = uvicorn.Config(create_app(parts), log_level="warning", access_log=False, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", port)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Proxy:
    """Takes one request a connection and deals with it as the next of ``fates`` says; passes when none is left."""

    target: int
    fates: list[Fate] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    """What clients sent, head and body."""

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._one(connection)

    def _one(self, connection: socket.socket) -> None:
        request = read_message(connection)
        if not request:
            return
        self.requests.append(request)
        fate = self.fates.pop(0) if self.fates else "pass"
        if fate == "busy":
            connection.sendall(BUSY)
        if fate in ("drop", "busy"):
            return
        if fate == "abandon":
            threading.Thread(target=self._ask, args=(request,), daemon=True).start()
            return
        answer = self._ask(request)
        if fate != "lose":
            connection.sendall(answer if fate == "pass" else answer[: len(answer) // 2])

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.target)) as upstream:
            head, _, body = request.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            upstream.sendall(b"\r\n".join([*lines, b"connection: close"]) + b"\r\n\r\n" + body)
            return b"".join(iter(lambda: upstream.recv(65536), b""))


def read_message(connection: socket.socket) -> bytes:
    """Read one HTTP request with the body that its length announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


@contextmanager
def flaky(target: int, *fates: Fate) -> Iterator[tuple[str, Proxy]]:
    """A proxy before a port; gives its address and itself."""
    proxy = Proxy(target, list(fates))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=proxy.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
