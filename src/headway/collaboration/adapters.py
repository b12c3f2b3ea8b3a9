"""The ways out: a mail server, and addresses of the web."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from headway.collaboration.addresses import Address, Target, check_address, read_target
from headway.collaboration.errors import DeliveryFailed, DeliveryRefused
from headway.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S = 15.0
_GONE = 410


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in; ``repr`` does not show the password."""

    host: str
    port: int
    user: str | None
    password: str | None
    is_tls: bool
    starttls: bool

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


def read_server(url: str) -> MailServer:
    """Read ``smtp(s)://user:password@host:port?starttls=1``; raises Invalid without telling the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_server("it is no address") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise _bad_server("it does not begin with smtp:// or smtps:// and a host")
    asked = parse_qs(parts.query)
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=port or (465 if is_tls else 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=is_tls,
        starttls=not is_tls and asked.get("starttls", ["0"])[-1] not in ("0", "false", ""),
    )


def send_mail(server: MailServer, message: EmailMessage) -> None:
    """Hand a mail in. Raises: DeliveryRefused: this mail will never be taken; DeliveryFailed: perhaps later."""
    try:
        with _connected(server) as smtp:
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        told = "the mail server does not take mail for this address"
        raise (DeliveryRefused if all(code >= 500 for code in codes) else DeliveryFailed)(told) from error
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryFailed("the mail server does not take user and password") from error
    except smtplib.SMTPResponseException as error:
        told = f"the mail server answered {error.smtp_code}"
        is_final = isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and error.smtp_code >= 550
        raise (DeliveryRefused if is_final else DeliveryFailed)(told) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"the mail server cannot be reached: {type(error).__name__}") from error


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    opened = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
        if server.is_tls
        else smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    )
    with opened as smtp:
        if server.starttls:
            smtp.starttls(context=context)
        if server.user is not None:
            smtp.login(server.user, server.password or "")
        yield smtp


def post_webhook(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str]) -> None:
    """Post a body to an address, connecting to exactly the address that was checked; redirects are not followed.

    Raises: AddressRefused; DeliveryRefused: the receiver says that it is gone; DeliveryFailed: anything else.
    """
    import httpx

    target = read_target(url, allowed)
    address = _resolve(target, allowed)
    parts = urlsplit(url)
    literal = f"[{address}]" if address.version == 6 else str(address)
    direct = parts._replace(netloc=f"{literal}:{target.port}").geturl()
    named = {**headers, "host": parts.netloc}
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT_S, follow_redirects=False) as client:
            request = client.build_request("POST", direct, content=body, headers=named)
            request.extensions["sni_hostname"] = target.host
            answer = client.send(request, stream=True)
            answer.close()
    except (httpx.HTTPError, ValueError) as error:
        raise DeliveryFailed(f"{target.host} cannot be reached: {type(error).__name__}") from error
    if answer.status_code == _GONE:
        raise DeliveryRefused(f"{target.host} answered 410: gone")
    if not answer.is_success:
        raise DeliveryFailed(f"{target.host} answered {answer.status_code}")


def _resolve(target: Target, allowed: Sequence[str]) -> Address:
    """Look a name up and check everything it leads to; one address that is refused refuses the name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{target.host} is not known") from error
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        check_address(target, address, allowed)
    return addresses[0]


def _bad_server(why: str) -> Invalid:
    told = f"HEADWAY_SMTP_URL cannot be used: {why}"
    return Invalid(told, faults=[Fault(rule="setting", column="HEADWAY_SMTP_URL", message=told)])
