"""Log lines: JSON on standard error, libraries included."""

from __future__ import annotations

import json
import logging

import pytest

from headway.kernel import logs
from headway.kernel.clock import FixedClock


def lines(captured: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_line_is_one_json_object_with_source_and_time(
    capsys: pytest.CaptureFixture[str], fixed_clock: FixedClock
) -> None:
    logs.configure("info")
    log = logs.logger("serving")
    log.debug("left.out")
    log.info("deployment.suspended", deployment="leads", reason="line\nbreak")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert lines(captured.err) == [
        {
            "source": "serving",
            "event": "deployment.suspended",
            "level": "info",
            "deployment": "leads",
            "reason": "line\nbreak",
            "at": "2026-03-02T12:00:00.000000Z",
        }
    ]


def test_warnings_of_libraries_come_as_our_lines_and_chatter_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("the pool of %s is full", "x")
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("some.library").exception("broke")
    first, second = lines(capsys.readouterr().err)
    assert (first["source"], first["detail"], first["level"]) == ("some.library", "the pool of x is full", "warning")
    assert "ValueError: inside" in str(second["exception"])


def test_configuring_twice_doubles_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    logs.configure("warning")
    logging.getLogger("some.library").warning("once")
    logs.logger("x").info("left.out")
    assert len(lines(capsys.readouterr().err)) == 1
