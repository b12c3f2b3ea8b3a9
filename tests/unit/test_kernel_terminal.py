"""What commands print, and ``headway job`` over a client that answers from a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from headway.kernel import terminal
from headway.kernel.cli import app
from headway.kernel.terminal import Output

JOB = {
    "id": "job_1",
    "name": "pilot",
    "status": "running",
    "done": 1,
    "total": 7,
    "message": "training",
    "result": None,
}


class Table:
    """A client whose answers are given beforehand."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Answer a read."""
        self.asked.append(("GET", path, params))
        return {"items": [JOB], "next": None} if path == "/jobs" else JOB

    def post(self, path: str) -> dict[str, Any]:
        """Answer a change."""
        self.asked.append(("POST", path, {}))
        return {**JOB, "status": "cancelled"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Table:
    table = Table()

    @contextmanager
    def connect() -> Iterator[Table]:
        yield table

    monkeypatch.setattr(terminal, "_connector", connect)
    return table


def test_job_list_prints_a_table_or_one_json_object(client: Table) -> None:
    shown = CliRunner().invoke(app, ["list", "--mine"])
    assert shown.exit_code == 0
    assert "job_1" in shown.stdout and "training" in shown.stdout
    assert client.asked == [("GET", "/jobs", {"limit": 20, "mine": "true"})]
    as_json = CliRunner().invoke(app, ["list", "--output", "json"])
    assert json.loads(as_json.stdout)["items"] == [JOB]


def test_job_show_and_cancel_name_the_job(client: Table) -> None:
    shown = CliRunner().invoke(app, ["show", "job_1"])
    assert "status   running" in shown.stdout and "result   -" in shown.stdout
    cancelled = CliRunner().invoke(app, ["cancel", "job_1", "--output", "json"])
    assert json.loads(cancelled.stdout)["status"] == "cancelled"
    assert [asked[:2] for asked in client.asked] == [("GET", "/jobs/job_1"), ("POST", "/jobs/job_1/cancel")]


def test_results_go_to_standard_output_and_words_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("three rows are wrong")
    terminal.emit({"items": []}, Output.table)
    terminal.emit({"name": "ünïcode", "list": [1, 2]}, Output.json)
    captured = capsys.readouterr()
    assert captured.err == "three rows are wrong\nnothing here yet\n"
    assert json.loads(captured.out) == {"name": "ünïcode", "list": [1, 2]}
    assert captured.out.count("\n") == 1


def test_one_thing_is_printed_whole_as_json_and_short_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    thing = {"id": "m_1", "lines": ["first", "second"], "empty": [], "nested": {"deep": [1]}}

    def shorten(whole: Any) -> dict[str, object]:
        return {"name": whole["id"], "lines": whole["lines"], "empty": whole["empty"]}

    terminal.show(thing, Output.table, shorten)
    assert capsys.readouterr().out == "name   m_1\nlines  first\n       second\nempty  []\n"
    terminal.show(thing, Output.json, shorten)
    assert json.loads(capsys.readouterr().out) == thing


def test_command_without_the_program_around_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_connector", None)
    with pytest.raises(RuntimeError, match="headway program"):
        terminal.connect()
