"""What the program prints when it was called wrongly: one JSON object where that was asked for, never a traceback."""

from __future__ import annotations

import json
import sys

import pytest

from headway.entrypoints.cli import program


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Call the program; its exit code."""
    monkeypatch.setattr(sys, "argv", ["headway", *arguments])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "No such command"),
        (["ledger", "list"], "No such command"),
        (["job", "list", "--limit", "many"], "--limit"),
        (["gate", "check", "leads"], "Missing option"),
        (["outcomes", "import", "/no/such/file.csv"], "does not exist"),
        (["pilot", "."], "is a directory"),
    ],
)
def test_a_wrong_call_is_told_as_one_object(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(monkeypatch, *arguments, "--output", "json") == 2
    told = capsys.readouterr()
    [line] = told.out.splitlines()
    body = json.loads(line)
    assert (body["code"], body["status"]) == ("invalid", 422)
    assert words in body["detail"]
    assert "Traceback" not in told.err


def test_without_json_only_people_are_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "nope") == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "No such command" in told.err
