"""The log of a gateway: what is counted, what is refused by its line, and that nobody's name stays."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.governance.adapters import known_tools
from headway.governance.gateway import GatewayLog, host_of, named, read_log

PLACES = {"sales": "sales", "human resources": "hr", "hr": "hr"}
PEOPLE = {"ann@example.org": "sales"}


def read(data: str | bytes) -> GatewayLog:
    return read_log(
        data.encode() if isinstance(data, str) else data,
        known_tools(),
        hashed=lambda user: f"#{hash(user)}".encode(),
        department_of=PEOPLE.get,
        departments=PLACES,
    )


def test_one_tool_in_one_department_is_one_item_with_counts() -> None:
    log = read(
        "time,host,user,department,count\n"
        "2026-03-02T08:00:00Z,chatgpt.com,ann@example.org,,3\n"
        "2026-03-01T08:00:00+01:00,www.chatgpt.com,bob@example.org,Sales,2\n"
        "2026-03-03,cdn.oaiusercontent.com,ANN@example.org,sales,\n"
        "2026-03-03,chatgpt.com,,Human Resources,1\n"
        "2026-03-03,chatgpt.com,nobody@example.org,,1\n"
        "2026-03-03,Tools.Example.COM:443,,,7\n"
    )
    assert (log.lines, log.faults, log.unknown_hosts) == (6, (), ("tools.example.com",))
    found = {(one.tool, one.department): (one.uses, one.users, one.host) for one in log.seen}
    assert found == {
        ("ChatGPT", "sales"): (6, 2, "chatgpt.com"),
        ("ChatGPT", "hr"): (1, 0, "chatgpt.com"),
        ("ChatGPT", None): (1, 1, "chatgpt.com"),
        ("tools.example.com", None): (7, 0, "tools.example.com"),
    }
    sales = next(one for one in log.seen if one.department == "sales")
    assert (sales.first_seen, sales.last_seen) == (
        datetime(2026, 3, 1, 7, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC),
    )


def test_json_lines_and_semicolons_say_the_same() -> None:
    rows = [
        {"time": "2026-03-02", "tool": "deepl", "department": "hr", "count": 4},
        {"Time": "2026-03-02", "Host": "deepl.com"},
    ]
    lines = read("\n".join(json.dumps(row) for row in rows))
    table = read(
        "Zeit;Tool;Host;Abteilung;Anzahl\n2026-03-02;deepl;;hr;4\n2026-03-02;;deepl.com;;1\n".replace("Tool", "tool")
    )
    assert lines.seen == table.seen
    assert [(one.tool, one.department, one.uses) for one in lines.seen] == [("DeepL", None, 1), ("DeepL", "hr", 4)]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("time,host\nyesterday,chatgpt.com\n", "line 2", "write the time"),
        ("time,host,count\n2026-03-02,chatgpt.com,0\n", "line 2", "count"),
        ("time,host\n2026-03-02,not a host\n", "line 2", "no host"),
        ("time,host\n2026-03-02,\n", "line 2", "name a host"),
        ("time,host,department\n2026-03-02,chatgpt.com,nowhere\n", "line 2", "no such department"),
        ('{"time": "2026-03-02", "host": "x.de"}\n[1]\n', "line 2", "no JSON object"),
        ("when,what\n1,2\n", "line 1", "names the columns"),
        ("time,host\n", "file", "no line"),
        ("", "line 1", "names the columns"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(text: str, line: str, told: str) -> None:
    [fault] = read(text).faults
    assert fault.column == line and told in fault.message


def test_all_faults_are_told_and_no_bytes_break_it() -> None:
    log = read("time,host,count\nx,chatgpt.com,1\n2026-03-02,chatgpt.com,2\ny,,z\n")
    assert [fault.column for fault in log.faults] == ["line 2", "line 4", "line 4", "line 4"]
    assert read(b"\xff\xfe").faults[0].column == "file"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_log_or_faults(data: bytes) -> None:
    log = read(data)
    assert log.faults or log.seen


@given(st.lists(st.tuples(st.sampled_from(["chatgpt.com", "deepl.com", "x.example"]), st.integers(1, 9)), min_size=1))
def test_every_use_is_counted_once(rows: Iterable[tuple[str, int]]) -> None:
    told = list(rows)
    text = "time,host,count\n" + "".join(f"2026-03-02,{host},{count}\n" for host, count in told)
    assert sum(one.uses for one in read(text).seen) == sum(count for _, count in told)


def test_hosts_and_names_are_known_as_people_write_them() -> None:
    known = known_tools()
    assert named(known, "https://www.deepl.com/translator?x=1") == ("DeepL", "www.deepl.com".removeprefix("www."))
    assert named(known, " chatgpt ") == ("ChatGPT", None)
    assert named(known, "Our own bot") == ("Our own bot", None)
    assert host_of("http://user@a.b.example:8080/x") == "a.b.example" and host_of("no") is None
    assert known.tool_of("eu.api.mistral.ai") == "Mistral" and known.tool_of("mistral.example") is None
