"""The log of a gateway as counts of tools by department: who used them is looked at while reading, and never kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from headway.kernel.errors import Fault

MOST_BYTES = 50_000_000
MOST_LINES = 500_000
MOST_FAULTS = 200
LONGEST_NAME = 100
TIME = ("time", "timestamp", "date", "at", "zeit")
HOST = ("host", "domain", "hostname", "url")
TOOL = ("tool", "application", "app", "name")
USER = ("user", "username", "email", "person", "benutzer")
DEPARTMENT = ("department", "abteilung", "group")
COUNT = ("count", "requests", "hits", "anzahl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One tool in one department, as a log shows it."""

    tool: str
    host: str | None
    department: str | None
    uses: int
    users: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLog:
    """What a log says, or everything that is wrong with it."""

    lines: int
    seen: tuple[Seen, ...]
    unknown_hosts: tuple[str, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Known tools by host, and by their name in small letters."""

    hosts: Mapping[str, str]
    names: Mapping[str, str]

    def tool_of(self, host: str) -> str | None:
        """The tool that a host, or one above it, belongs to."""
        parts = host.split(".")
        return next((found for at in range(len(parts)) if (found := self.hosts.get(".".join(parts[at:])))), None)


@dataclass(slots=True)
class _Count:
    host: str | None
    uses: int
    users: set[bytes]
    first: datetime
    last: datetime


def known_tools(tools: Mapping[str, list[str]]) -> Known:
    """Lay out the table of known hosts."""
    hosts = {host.casefold(): tool for tool, told in tools.items() for host in told}
    return Known(hosts, {tool.casefold(): tool for tool in tools})


def named(known: Known, text: str) -> tuple[str, str | None]:
    """Tell which tool is meant by a name, an address or a host: the tool, and the host where one was written.

    A tool that is not known keeps its name, a host that is not known is the name.
    """
    plain = " ".join(text.split())[:LONGEST_NAME]
    host = host_of(plain)
    if host is not None:
        return known.tool_of(host) or host, host
    return known.names.get(plain.casefold(), plain), None


def host_of(text: str) -> str | None:
    """The host of an address or a host itself, in small letters; None when a text is neither."""
    plain = text.strip().casefold()
    plain = plain.partition("://")[2] or plain
    host = (
        plain.partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0].removeprefix("www.").strip(".")
    )
    is_host = (
        "." in host and " " not in host and all(part and part.replace("-", "").isalnum() for part in host.split("."))
    )
    return host if is_host else None


def read_log(
    data: bytes,
    known: Known,
    *,
    hashed: Callable[[str], bytes],
    department_of: Callable[[str], str | None],
    departments: Mapping[str, str],
) -> GatewayLog:
    """Read CSV with a header, or JSON lines: time, host or tool, user or department, count.

    Args: hashed: a salted hash, so that users are counted without being kept; department_of: the one department of a user,
        where that is known; departments: their short names by names and short names in small letters.
    """
    counts: dict[tuple[str, str | None], _Count] = {}
    unknown: dict[str, None] = {}
    faults: list[Fault] = []
    lines = 0
    for number, row in _rows(data, faults):
        lines += 1
        wrong = _take(row, counts, unknown, known, (hashed, department_of, departments))
        faults += [
            Fault(rule="gateway.line", column=f"line {number}", value=value[:200], message=told)
            for told, value in wrong
        ]
        if len(faults) >= MOST_FAULTS or lines > MOST_LINES:
            break
    if lines > MOST_LINES:
        faults.append(
            Fault(
                rule="gateway.lines", column="file", message=f"a log has at most {MOST_LINES} lines; send it in parts"
            )
        )
    if not lines and not faults:
        faults.append(Fault(rule="gateway.empty", column="file", message="the log holds no line"))
    seen = tuple(
        Seen(
            tool=tool,
            host=one.host,
            department=place,
            uses=one.uses,
            users=len(one.users),
            first_seen=one.first,
            last_seen=one.last,
        )
        for (tool, place), one in sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    )
    return GatewayLog(lines=lines, seen=seen, unknown_hosts=tuple(sorted(unknown)), faults=tuple(faults))


Ways = tuple[Callable[[str], bytes], Callable[[str], "str | None"], Mapping[str, str]]


def _take(
    row: Mapping[str, str],
    counts: dict[tuple[str, str | None], _Count],
    unknown: dict[str, None],
    known: Known,
    ways: Ways,
) -> list[tuple[str, str]]:
    hashed, department_of, departments = ways
    wrong: list[tuple[str, str]] = []
    moment, count = _moment(_of(row, TIME)), _count(_of(row, COUNT))
    if moment is None:
        wrong.append(("write the time as 2026-03-31T14:30:00Z", _of(row, TIME)))
    if count is None:
        wrong.append(("the count is a whole number of 1 or more", _of(row, COUNT)))
    told_host, told_tool = _of(row, HOST), _of(row, TOOL)
    host = host_of(told_host) if told_host else None
    if told_host and host is None:
        wrong.append(("this is no host", told_host))
    if not told_host and not told_tool:
        wrong.append(("name a host or a tool", ""))
    user, place = _of(row, USER), _of(row, DEPARTMENT)
    department = departments.get(place.casefold()) if place else department_of(user) if user else None
    if place and department is None:
        wrong.append(("there is no such department", place))
    if wrong or moment is None or count is None:
        return wrong
    tool, own_host = named(known, told_tool or host or "")
    host = host or own_host
    if host and not told_tool and known.tool_of(host) is None:
        unknown[host] = None
    found = counts.setdefault((tool, department), _Count(host, 0, set(), moment, moment))
    found.uses, found.host = found.uses + count, found.host or host
    found.first, found.last = min(found.first, moment), max(found.last, moment)
    if user:
        found.users.add(hashed(user.casefold()))
    return []


def _rows(data: bytes, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines of a log by their number, columns in small letters; what is no line of a log becomes a fault."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(Fault(rule="gateway.text", column="file", message="the log is not UTF-8 text"))
        return
    if text.lstrip().startswith("{"):
        yield from _json_lines(text, faults)
        return
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if not set(header) & {*HOST, *TOOL} or not set(header) & set(TIME):
            told = "the first line names the columns: time, host or tool, user or department, count"
            faults.append(Fault(rule="gateway.header", column="line 1", value=head[:200], message=told))
            return
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        faults.append(Fault(rule="gateway.csv", column=f"line {reader.line_num}", message=f"not CSV: {error}"))


def _json_lines(text: str, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            faults.append(
                Fault(rule="gateway.json", column=f"line {number}", value=line[:200], message="this is no JSON object")
            )
            if len(faults) >= MOST_FAULTS:
                return
            continue
        yield number, {str(name).casefold(): "" if value is None else str(value) for name, value in told.items()}


def _of(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := (row.get(name) or "").strip())), "")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _count(text: str) -> int | None:
    if not text:
        return 1
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**9 else None
