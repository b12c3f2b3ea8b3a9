"""Where notifications may be posted to: addresses of the public internet by https, or hosts that the operator named.

A server that posts wherever its users say reaches what they cannot: the database beside it, the metadata service of a
cloud. So an address inside a network is refused unless ``HEADWAY_WEBHOOK_HOSTS`` names its host or network; the check is
made on what the name resolves to, at each sending, and the connection goes to exactly that address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from headway.collaboration.errors import AddressRefused

Address = IPv4Address | IPv6Address
MAX_URL = 2000
HINT = "the operator can allow a host or network in HEADWAY_WEBHOOK_HOSTS"


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect to is decided when its name was resolved."""

    url: str
    host: str
    port: int
    is_secure: bool
    is_named: bool  # the operator named the host


def allowed_of(text: str | None) -> tuple[str, ...]:
    """Read the operator's list: host names, addresses and networks, separated by commas."""
    return tuple(part.strip().lower() for part in (text or "").split(",") if part.strip())


def read_target(url: str, allowed: Iterable[str]) -> Target:
    """Check the form of an address; raises AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError as error:
        raise _refused(f"{url[:80]!r} is no address") from error
    if len(url) > MAX_URL or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url) or "\\" in url:
        raise _refused("the address is too long or holds signs that no address has")
    if parts.scheme not in ("http", "https") or not host:
        raise _refused(f"{url[:80]!r} is no address of the web: write https://...")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("an address for notifications holds no user, password or fragment; messages are signed instead")
    is_secure = parts.scheme == "https"
    is_named = host in tuple(allowed)
    target = Target(url, host, port or (443 if is_secure else 80), is_secure, is_named)
    if (literal := _literal(host)) is not None:
        check_address(target, literal, allowed)
    elif not is_secure and not is_named:
        raise _refused(f"{host} must be reached by https", hint=HINT)
    return target


def check_address(target: Target, address: Address, allowed: Iterable[str]) -> None:
    """Refuse an address inside a network that the operator did not allow; raises AddressRefused."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if target.is_named or any(_covers(entry, plain) for entry in allowed):
        return
    if not plain.is_global or plain.is_multicast or plain.is_reserved or _tunnels(plain):
        raise _refused(f"{target.host} leads into a private network ({plain})", hint=HINT)
    if not target.is_secure:
        raise _refused(f"{target.host} must be reached by https", hint=HINT)


def _covers(entry: str, address: Address) -> bool:
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return False


def _tunnels(address: Address) -> bool:
    """Addresses of IPv6 that carry one of IPv4 inside, which a router may unpack: 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return False
    return address.sixtofour is not None or address.teredo is not None or address in ip_network("64:ff9b::/96")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _refused(message: str, hint: str | None = None) -> AddressRefused:
    return AddressRefused(message, hint=hint)
