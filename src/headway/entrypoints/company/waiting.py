"""What answers at the platform's address while the company is built: which step it is at, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from headway.kernel.settings import Settings

SECONDS = 3
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Being built · Headway</title></head><body><main>
<h1>A simulated company is being built</h1><p>This page looks again every {seconds} seconds. When the company is there, sign in by a
link that the terminal prints.</p><p role="status">{line}</p></main></body></html>"""


@contextmanager
def answering(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Answer 503 with the newest step inside the block; yields what takes a step. Raises OSError: the port is taken."""
    steps = [""]

    class Waiting(BaseHTTPRequestHandler):
        """Says the same at every address."""

        def do_GET(self) -> None:
            body = PAGE.format(seconds=SECONDS, line=escape(steps[-1].strip())).encode()
            self.send_response(503)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.send_header("retry-after", str(SECONDS))
            self.send_header("content-security-policy", "default-src 'none'")
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((settings.host, settings.port), Waiting)
    thread = threading.Thread(target=server.serve_forever, name="waiting", daemon=True)
    thread.start()
    try:
        yield steps.append
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
