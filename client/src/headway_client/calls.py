"""One request before it is sent: where its values go, and how files are attached."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from headway_client.answer import Answer
from headway_client.errors import Invalid
from headway_client.retries import Repeat

File = str | os.PathLike[str] | tuple[str, bytes]
"""A file to send: its path, or a name and the bytes."""
FileFields = Mapping[str, File]
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request. Of ``json`` and ``form`` at most one is given; ``files`` go with the form."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: object = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, File] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: Repeat | None = None
    """How freely it may be repeated; None leaves that to the method and the Idempotency-Key."""

    @contextmanager
    def options(self) -> Iterator[dict[str, Any]]:
        """What httpx is told; files are open meanwhile."""
        made: dict[str, Any] = {"headers": dict(self.headers), "params": texts(self.params)}
        with ExitStack() as stack:
            if self.form is not None and not self.files:
                made["files"] = _parts(texts(self.form))
            elif self.files:
                made["data"] = texts(self.form or {})
                made["files"] = {name: _opened(stack, file) for name, file in self.files.items()}
            elif self.json is not None:
                made["json"] = plain(self.json)
            yield made


def _parts(form: Mapping[str, Any]) -> list[tuple[str, tuple[None, str]]]:
    """A form without a file, written as one with files is: the server reads it in the same way."""
    return [
        (name, (None, str(value)))
        for name, values in form.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _opened(stack: ExitStack, file: File) -> tuple[str, Any]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, stack.enter_context(path.open("rb"))


def posting(
    path: str,
    json: object,
    files: FileFields | None,
    data: Mapping[str, object] | None,
    headers: Mapping[str, str] | None,
) -> Call:
    """A POST as the plain methods of the clients take it: JSON, or files with a form beside them."""
    if files is None:
        return Call(method="POST", path=path, json=json, headers=headers or {})
    return Call(method="POST", path=path, form=data or {}, files=files, headers=headers or {})


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put values into the places of a path; raises Invalid for one that would lead elsewhere."""

    def place(match: re.Match[str]) -> str:
        name = match.group(1)
        value = str(plain(values[name]))
        if value in ("", ".", ".."):
            detail = f"{name} is {value!r}, which names nothing"
            raise Invalid({"detail": detail, "code": "client.empty_name", "values": {"name": name}}, 422)
        return quote(value, safe="")

    return _PLACE.sub(place, template)


def places(template: str) -> list[str]:
    """The names of the places of a path."""
    return _PLACE.findall(template)


def plain(value: object) -> Any:  # noqa: ANN401  any JSON value
    """A value as JSON has it: times in ISO 8601, money as text, answers as they came."""
    if isinstance(value, Answer):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal | os.PathLike) else value


def texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a query or form; None is left out, true and false are written so."""
    made = {name: plain(value) for name, value in values.items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in made.items()}
