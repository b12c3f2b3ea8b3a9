"""A mail server and a receiver of webhooks, real ones on this machine, that keep what they get."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailBox:
    """Mails that arrived; ``answers`` are given first, one a mail, before mails are taken."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail, or answer as told."""
        if self.answers:
            return self.answers.pop(0)
        read = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        self.to.append(list(envelope.rcpt_tos))
        return "250 OK"

    def text(self, place: int = -1) -> str:
        """The plain text of a mail."""
        part = self.mails[place].get_body(preferencelist=("plain",))
        assert part is not None
        return str(part.get_content())


@contextmanager
def mail_server(*, password: str | None = None) -> Iterator[MailBox]:
    """A mail server; with a password it takes mails of the user ``headway`` only."""
    box = MailBox()

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        box.users.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == password, handled=False)

    secured = {"authenticator": check, "auth_required": True, "auth_require_tls": False} if password else {}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **secured)
    controller.start()
    try:
        box.url = f"smtp://127.0.0.1:{controller.port}"
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """Requests that arrived; ``answers`` are the statuses given first, one a request, before 204."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def told(self, place: int = -1) -> dict[str, Any]:
        """A body as JSON."""
        return dict(json.loads(self.bodies[place]))


@contextmanager
def webhook_receiver() -> Iterator[Hook]:
    """A receiver of webhooks."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            hook.headers.append({name.lower(): value for name, value in self.headers.items()})
            status = hook.answers.pop(0) if hook.answers else 204
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("location", hook.url + "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        hook.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
