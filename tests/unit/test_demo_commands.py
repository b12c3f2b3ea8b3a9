"""``headway demo generate`` and ``spec``; plain ``headway demo`` shows the simulated company."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from headway.entrypoints.cli import company, demo, program


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Call the program; its exit code."""
    monkeypatch.setattr(sys, "argv", ["headway", "demo", *arguments])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_company_is_generated_from_the_printed_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "spec") == 0
    spec = tmp_path / "own.yaml"
    spec.write_text(capsys.readouterr().out)
    digests = []
    for name, source in (("own", ["--spec", str(spec)]), ("northwind", [])):
        options = ["--rows", "2000", "--seed", "5", "--format", "csv", "--output", "json"]
        assert call(monkeypatch, "generate", "--out", str(tmp_path / name), *source, *options) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["rows"], told["seed"], told["name"]) == (2000, 5, "Northwind Group")
        assert (tmp_path / name / "data" / "sales" / "north" / "leads.csv").exists()
        digests.append(told["digest"])
    assert digests[0] == digests[1]


def test_faults_and_a_taken_folder_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "own.yaml"
    spec.write_text("name: x\nstart: 2025-01-01\ncolour: red\n")
    assert call(monkeypatch, "generate", "--spec", str(spec), "--out", str(tmp_path / "c")) == 2
    told = capsys.readouterr().err
    assert "colour: is not a field here" in told
    assert "departments: a company needs at least one department" in told
    assert not (tmp_path / "c").exists()
    assert call(monkeypatch, "generate", "--out", str(tmp_path)) == 5
    assert "is not empty" in capsys.readouterr().err


def test_plain_demo_shows_the_company_and_the_spine_has_a_command_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[tuple[int, int]] = []
    shown: list[company.Wanted] = []
    monkeypatch.setattr(demo, "_spine", lambda rows, seed: walks.append((rows, seed)))
    monkeypatch.setattr(company, "show", shown.append)
    assert call(monkeypatch) == 0
    assert call(monkeypatch, "--seed", "3", "--until", "2026-05-01", "--scale", "0.5") == 0
    assert call(monkeypatch, "spine", "--rows", "2000", "--seed", "3") == 0
    assert call(monkeypatch, "generate", "--out", str(tmp_path / "c"), "--rows", "1000") == 0
    assert walks == [(2000, 3)]
    assert [(one.seed, one.until, one.scale, one.usecases) for one in shown] == [
        (7, None, 1.0, 40),
        (3, date(2026, 5, 1), 0.5, 40),
    ]
