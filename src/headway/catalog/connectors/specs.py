"""What the settings of each kind of input port say: every fault is found at once, and no secret gets through. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

import sqlglot
from sqlglot import exp

from headway.catalog.connectors.entities import PortKind
from headway.catalog.connectors.errors import PortInvalid
from headway.kernel.errors import Fault

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST_MINUTES: Final = 60 * 24 * 31
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,127}")
_URL_OPTIONS: Final = frozenset(
    {"host", "sslmode", "application_name", "client_encoding", "charset", "driver", "encrypt"}
)
DATABASES: Final[Mapping[str, str]] = {
    "postgresql": "postgres",
    "sqlite": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "tsql",
    "oracle": "oracle",
}
"""Databases that a port may read, as an address names them, with sqlglot's word for their SQL."""
_HINT: Final = "write secret = env:HEADWAY_SECRET_DEPARTMENT_NAME or file:DEPARTMENT-NAME instead"

Pagination = Literal["auto", "none", "page", "offset", "cursor", "link", "header"]
_PAGINATIONS: Final = ("auto", "none", "page", "offset", "cursor", "link", "header")
_AUTHS: Final = ("none", "bearer", "api_key", "basic")

FIELDS: Final[Mapping[PortKind, tuple[str, ...]]] = {
    "sql": ("url", "secret", "table", "schema", "query", "cursor", "lag"),
    "files": ("location", "mode", "key", "secret", "endpoint", "region"),
    "folder": ("path", "settle"),
    "rest": (
        "url", "path", "records", "auth", "secret", "auth_name", "pagination", "page_param", "page_size", "size_param",
        "next_path", "cursor", "cursor_param", "lag",
    ),
    "upload": (),
}  # fmt: skip
"""The settings that each kind knows; all are text."""
_NEEDED: Final[Mapping[PortKind, tuple[str, ...]]] = {
    "sql": ("url",),
    "files": ("location",),
    "folder": ("path",),
    "rest": ("url", "path"),
    "upload": (),
}
_SECRETS: Final = ("secret", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How secrets may be named: ``is_name`` knows the form, ``department`` whose they must be."""

    department: str
    is_name: Callable[[str], bool]

    def fault(self, reference: str) -> str | None:
        """What is wrong with the name of a secret; None: nothing."""
        if not self.is_name(reference):
            return "this names no secret: " + _HINT
        kind, _, name = reference.partition(":")
        own = self.department.replace("-", "_").upper() if kind == "env" else self.department
        begins = (f"HEADWAY_SECRET_{own}_", "HEADWAY_SECRET_SHARED_") if kind == "env" else (f"{own}-", "shared-")
        if name.startswith(begins):
            return None
        return f"the secret belongs to another department: its name begins with {' or '.join(begins)}"


def checked(kind: PortKind, settings: Mapping[str, str], naming: Naming) -> dict[str, str]:
    """The settings without what is empty; raises PortInvalid with every fault."""
    given = {name: text.strip() for name, text in settings.items() if text and text.strip()}
    faults = [
        _fault(name, f"{name!r} is no setting of a port of kind {kind}; it knows {', '.join(FIELDS[kind])}")
        for name in given
        if name not in FIELDS[kind]
    ]
    faults += [_fault(name, f"{name} is needed") for name in _NEEDED[kind] if name not in given]
    for name in _SECRETS:
        if name in given and (words := naming.fault(given[name])):
            given.pop(name)  # what stands there may be a password: it is not told
            faults.append(_fault(name, words))
    faults += {"sql": _sql, "files": _files, "folder": _folder, "rest": _rest, "upload": _nothing}[kind](given)
    if faults:
        words = f"the port cannot be made: {faults[0].message}"
        raise PortInvalid(words, faults=faults, hint="see the how-to about input ports for what each kind needs")
    return given


def port_faults(name: str, every_minutes: int | None) -> list[Fault]:
    """What is wrong with a port's name and rhythm."""
    faults = []
    if not NAME.fullmatch(name) or name == "upload":
        words = "the name of a port has lower-case letters, digits and hyphens, at most 40, and is not 'upload'"
        faults.append(_fault("name", words))
    if every_minutes is not None and not 1 <= every_minutes <= LONGEST_MINUTES:
        faults.append(_fault("every_minutes", f"a port is read every 1 to {LONGEST_MINUTES:,} minutes, or by hand"))
    return faults


def url_faults(url: str, field: str = "url") -> list[Fault]:
    """What is wrong with an address: a password or an unknown option in it, above all. The address is never told back."""
    try:
        parts = urlsplit(url)
        has_password = parts.password is not None or "@" in (parts.username or "")
        _ = parts.port
    except ValueError:
        return [_fault(field, "this is no address")]
    faults = []
    if not parts.scheme:
        faults.append(_fault(field, "an address begins with what it is, as postgresql:// or https://"))
    if has_password or parts.netloc.count("@") > 1:
        faults.append(_fault(field, "a password stands in the address, where everybody could read it: " + _HINT))
    for option, _value in parse_qsl(parts.query, keep_blank_values=True):
        if option.lower() not in _URL_OPTIONS:
            known = ", ".join(sorted(_URL_OPTIONS))
            faults.append(_fault(field, f"{option!r} may not stand in the address; these may: {known}"))
    return faults


def select_faults(query: str, dialect: str) -> list[Fault]:
    """Whether a text is one SELECT and no more."""
    try:
        found = [one for one in sqlglot.parse(query, dialect=dialect) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        line = (str(error).strip().splitlines() or ["it cannot be read"])[0]
        return [_fault("query", f"the query cannot be read: {line[:200]}")]
    if len(found) != 1:
        return [_fault("query", f"the query is {len(found)} statements: write one SELECT")]
    changes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.Lock)
    if not isinstance(found[0], exp.Query) or any(True for _ in found[0].find_all(*changes)):
        return [_fault("query", "the query changes something, or is no SELECT: write one SELECT that only reads")]
    return []


def dialect_of(url: str) -> str:
    """The dialect of an address in sqlglot's words; empty where no port may go."""
    return DATABASES.get(urlsplit(url).scheme.split("+")[0], "")


def hosts_of(url: str) -> list[str]:
    """The hosts, or folders of sockets, that an address may reach."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if name.lower() == "host"]
    return [*((parts.hostname.lower(),) if parts.hostname else ()), *named]


def is_listed(host: str, listed: str | None) -> bool:
    """Whether the operator's list names a host: exactly, or by ``*.example.org``."""
    names = [one.strip().lower() for one in (listed or "").split(",") if one.strip()]
    return any(host.lower() == one or (one.startswith("*.") and host.lower().endswith(one[1:])) for one in names)


def path_faults(path: str, field: str) -> list[Fault]:
    """What is wrong with a path below the department's own folder of sources."""
    pure = PurePosixPath(path)
    if "\0" in path or "\\" in path or pure.is_absolute() or ".." in pure.parts or not pure.parts:
        words = "a path lies below the folder of sources of the department: no leading /, no .., as crm/leads.csv"
        return [_fault(field, words)]
    return []


def is_incremental(kind: PortKind, settings: Mapping[str, str]) -> bool:
    """Whether a port adds what is new to what it read before; else a run reads all there is now."""
    return kind == "folder" or "cursor" in settings or settings.get("mode") == "append"


def _sql(given: Mapping[str, str]) -> list[Fault]:
    url = given.get("url", "")
    faults = url_faults(url) if url else []
    if url and not dialect_of(url):
        faults.append(_fault("url", f"a port reads one of {', '.join(DATABASES)}"))
    if url.startswith("sqlite"):
        path = url.partition("///")[2]
        faults += path_faults(path, "url") if "///" in url else [_fault("url", "write sqlite:///shop.db")]
    if ("table" in given) == ("query" in given):
        faults.append(_fault("table", "name a table, or write a query: one of the two"))
    if "schema" in given and "table" not in given:
        faults.append(_fault("schema", "a schema goes with a table"))
    if "query" in given:
        faults += select_faults(given["query"], dialect_of(url))
    if "cursor" in given and not _PLAIN.fullmatch(given["cursor"]):
        faults.append(_fault("cursor", "cursor is the name of one column whose values only grow"))
    return faults + _number_faults(given, "lag", needs="cursor")


def _files(given: Mapping[str, str]) -> list[Fault]:
    location = given.get("location", "")
    faults: list[Fault] = []
    if location.startswith("s3://"):
        parts = urlsplit(location)
        faults += url_faults(location, "location")
        if not parts.netloc or not parts.path.strip("/"):
            faults.append(_fault("location", "write s3://bucket/folder/leads-*.csv"))
        if ("key" in given) != ("secret" in given):
            faults.append(_fault("key", "key and secret name the two halves of one access key: give both, or neither"))
        faults += url_faults(given["endpoint"], "endpoint") if "endpoint" in given else []
    elif "://" in location:
        faults.append(_fault("location", "files are read from s3:// or from the department's folder of sources"))
    elif location:
        faults += path_faults(location, "location")
    if given.get("mode", "replace") not in ("replace", "append"):
        faults.append(_fault("mode", "mode is replace (what lies there now) or append (each file once)"))
    return faults


def _folder(given: Mapping[str, str]) -> list[Fault]:
    faults = path_faults(given["path"], "path") if "path" in given else []
    return faults + _number_faults(given, "settle")


def _rest(given: Mapping[str, str]) -> list[Fault]:
    url = given.get("url", "")
    faults = url_faults(url) if url else []
    if url and urlsplit(url).scheme not in ("http", "https"):
        faults.append(_fault("url", "the address of an API begins with https:// or http://"))
    if given.get("pagination", "auto") not in _PAGINATIONS:
        faults.append(_fault("pagination", f"pagination is one of {', '.join(_PAGINATIONS)}"))
    if given.get("auth", "none") not in _AUTHS:
        faults.append(_fault("auth", f"auth is one of {', '.join(_AUTHS)}"))
    if (given.get("auth", "none") != "none") != ("secret" in given):
        faults.append(_fault("secret", "auth and secret go together: how the API knows you, and where the secret is"))
    if given.get("auth") == "basic" and "auth_name" not in given:
        faults.append(_fault("auth_name", "basic needs auth_name, the name of the account"))
    if "cursor_param" in given and "cursor" not in given:
        faults.append(_fault("cursor", "cursor_param needs cursor, the field whose values only grow"))
    path = given.get("path", "")
    if "://" in path or path.startswith("//"):
        faults.append(_fault("path", "path is what follows the address, as crm/v3/contacts"))
    return faults + _number_faults(given, "page_size") + _number_faults(given, "lag", needs="cursor")


def _nothing(_given: Mapping[str, str]) -> list[Fault]:
    return []


def _number_faults(given: Mapping[str, str], name: str, needs: str | None = None) -> list[Fault]:
    if name not in given:
        return []
    faults = []
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", given[name]):
        faults.append(_fault(name, f"{name} is a number that is not negative"))
    if needs is not None and needs not in given:
        faults.append(_fault(name, f"{name} goes with {needs}"))
    return faults


def _fault(field: str, message: str) -> Fault:
    return Fault(rule=f"port.{field}", column=field, message=message)
