"""Log lines: one JSON object a line on standard error; standard output belongs to results.

``logger("serving").info("deployment.suspended", deployment=name)``: an event is a stable name, its values are fields.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Literal, cast

import structlog

from headway.kernel import clock

Level = Literal["debug", "info", "warning", "error"]
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _Bridge(logging.Handler):
    """Passes what libraries log on as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, object] = {"detail": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            fields["exc_info"] = record.exc_info
        logger(record.name).log(record.levelno, "library.message", **fields)


def configure(level: Level = "info") -> None:
    """Set the least severe level; lines of libraries below ``warning`` are left out unless the level is ``debug``."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *args: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [_Bridge()]
    root.setLevel(_LEVELS["debug"] if level == "debug" else _LEVELS["warning"])


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Get a logger whose lines carry ``source: name``."""
    if not structlog.is_configured():
        configure("warning")
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(source=name))


def _stamp(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    event["at"] = clock.iso(clock.now())
    return event
