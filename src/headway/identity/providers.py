"""What an identity provider's settings must look like, checked all at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from headway.identity.entities import GroupRole, ProviderConfig, Role
from headway.kernel.errors import Fault, Invalid

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_FIELDS = frozenset(ProviderConfig.__dataclass_fields__)


def is_safe_address(address: str) -> bool:
    """Tell whether an address is encrypted, or of this machine itself."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname is not None and _is_here(parts.hostname)


def local_path(path: str) -> str:
    """Keep a path of this application; what a browser could take for another host becomes the home page.

    >>> local_path("/models/x?a=1"), local_path("//evil.example.org")
    ('/models/x?a=1', '/')
    """
    is_local = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_local else "/"


def check_config(config: ProviderConfig, departments: Collection[str], *, is_secret_named: bool) -> None:
    """Refuse settings that cannot work; raises Invalid with every fault.

    Args: is_secret_named: the client secret is absent, or named as settings name secrets.
    """
    faults = [
        Fault(rule="provider", column=column, message=message)
        for column, is_good, message in _expectations(config, is_secret_named=is_secret_named)
        if not is_good
    ]
    faults += [
        Fault(rule="provider", column="group_roles", value=entry.group, message=f"no department {entry.department}")
        for entry in config.group_roles
        if entry.department is not None and entry.department not in departments
    ]
    faults += [
        Fault(rule="provider", column="mail_domains", value=domain, message=f"{domain} is no domain in lower case")
        for domain in config.mail_domains
        if not _DOMAIN.fullmatch(domain)
    ]
    if faults:
        raise Invalid("the provider cannot be used: " + "; ".join(fault.message for fault in faults), faults=faults)


def read_config(entry: object) -> ProviderConfig:
    """Read one provider of a settings file; raises Invalid."""
    if not isinstance(entry, Mapping):
        raise Invalid("a provider is written as names with values")
    if unknown := sorted(str(name) for name in entry if name not in _FIELDS):
        raise Invalid(
            f"unknown settings of a provider: {', '.join(unknown)}", hint=f"known: {', '.join(sorted(_FIELDS))}"
        )
    if missing := [name for name in ("id", "label", "issuer", "client_id") if not entry.get(name)]:
        raise Invalid(f"a provider lacks {', '.join(missing)}")
    try:
        groups = tuple(_group_role(part) for part in entry.get("group_roles") or ())
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            f"group_roles of {entry['id']}: {error}", hint="write group, role and perhaps department"
        ) from error
    default = ProviderConfig(id="", label="", issuer="", client_id="")
    return ProviderConfig(
        id=str(entry["id"]),
        label=str(entry["label"]),
        issuer=str(entry["issuer"]),
        client_id=str(entry["client_id"]),
        secret_name=None if entry.get("secret_name") is None else str(entry["secret_name"]),
        scopes=tuple(str(scope) for scope in entry.get("scopes") or default.scopes),
        groups_claim=str(entry.get("groups_claim") or default.groups_claim),
        group_roles=groups,
        creates_people=entry.get("creates_people") is True,
        mail_domains=tuple(str(domain) for domain in entry.get("mail_domains") or ()),
        trusts_mail=entry.get("trusts_mail") is True,
    )


def _group_role(part: Mapping[str, object]) -> GroupRole:
    department = part.get("department")
    return GroupRole(
        group=str(part["group"]),
        role=Role(str(part["role"])),
        department=None if department is None else str(department),
    )


def _expectations(config: ProviderConfig, *, is_secret_named: bool) -> list[tuple[str, bool, str]]:
    parts = urlsplit(config.issuer)
    bare = not parts.query and not parts.fragment
    return [
        ("id", bool(_ID.fullmatch(config.id)), "id has 1 to 40 lower-case letters, digits and hyphens"),
        ("label", bool(config.label.strip()), "label is what people read on the button"),
        ("issuer", is_safe_address(config.issuer) and bare, "issuer is an https address without ? and #"),
        ("client_id", bool(config.client_id.strip()), "client_id is missing"),
        ("secret_name", is_secret_named, "secret_name names a secret: env:HEADWAY_SECRET_NAME or file:NAME"),
        ("scopes", "openid" in config.scopes, "scopes must hold openid"),
        ("groups_claim", bool(config.groups_claim.strip()), "groups_claim is missing"),
    ]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
