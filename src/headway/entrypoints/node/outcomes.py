"""Outcomes: what became of a decision, as the caller learns it later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from headway.entrypoints.node.errors import OutcomeBroken, TooManyRecords
from headway.kernel import clock
from headway.kernel.errors import Fault

MOST = 1000
_FIELDS = ("deployment", "decision", "subject", "outcome", "value", "at", "name")
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome: of a decision or, when its id was not kept, of a subject."""

    deployment: str
    decision: str | None
    subject: str | None
    outcome: str | float | bool
    value: float | None  # a number beside it, for example an amount
    at: str | None  # RFC 3339, when it came about
    name: str  # which outcome, where there are several

    def as_json(self) -> bytes:
        """The payload that is logged."""
        return _encoder.encode(self)


def read_outcomes(body: bytes) -> tuple[list[Outcome], bool]:
    """Read one outcome or a list; the second value tells whether it was a list.

    Raises: OutcomeBroken: with every fault of every outcome. TooManyRecords.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"the body is not JSON: {error}"
        raise OutcomeBroken(message, faults=[Fault(rule="json", message=message)]) from error
    many = isinstance(document, list)
    found = document if isinstance(document, list) else [document]
    if len(found) > MOST:
        raise TooManyRecords(f"{len(found)} outcomes in one request, at most {MOST} are allowed")
    faults = [fault for row, item in enumerate(found, start=1) for fault in _faults(item, row)]
    if not found:
        faults.append(Fault(rule="shape", message="the list is empty"))
    if faults:
        raise OutcomeBroken(f"{len(faults)} fault(s) in {len(found)} outcome(s)", faults=faults)
    return [_outcome(item) for item in found], many


def _outcome(item: dict[str, object]) -> Outcome:
    told, value = item["outcome"], item.get("value")
    return Outcome(
        deployment=str(item["deployment"]),
        decision=_text(item.get("decision")),
        subject=_text(item.get("subject")),
        outcome=told if isinstance(told, str | bool) else float(told),  # type: ignore[arg-type]  # checked by _faults
        value=None if value is None else float(value),  # type: ignore[arg-type]  # checked by _faults
        at=_text(item.get("at")),
        name=_text(item.get("name")) or "outcome",
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _faults(item: object, row: int) -> Iterator[Fault]:
    if not isinstance(item, dict):
        yield Fault(rule="shape", row=row, message="an outcome must be an object")
        return
    for name in item:
        if name not in _FIELDS:
            shown = str(name)[:100]
            yield Fault(rule="unknown_field", row=row, column=shown, message=f"{shown} is not known")
    for name in ("deployment", "decision", "subject", "at", "name"):
        value = item.get(name)
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= 500):
            yield Fault(rule="type", row=row, column=name, message=f"{name} must be a text of 1 to 500 characters")
    if item.get("deployment") is None:
        yield Fault(rule="required", row=row, column="deployment", message="deployment is required")
    if item.get("decision") is None and item.get("subject") is None:
        yield Fault(rule="required", row=row, column="decision", message="decision is required, or else subject")
    yield from _outcome_faults(item.get("outcome"), row)
    if item.get("value") is not None and not _is_number(item["value"]):
        yield Fault(rule="type", row=row, column="value", message="value must be a number")
    if isinstance(item.get("at"), str) and not _is_moment(item["at"]):
        yield Fault(rule="type", row=row, column="at", message="at must be a time as YYYY-MM-DDThh:mm:ssZ")


def _outcome_faults(told: object, row: int) -> Iterator[Fault]:
    if told is None:
        yield Fault(rule="required", row=row, column="outcome", message="outcome is required")
    elif isinstance(told, str):
        if len(told) > 500:
            yield Fault(rule="max_length", row=row, column="outcome", message="outcome has more than 500 characters")
    elif not isinstance(told, bool) and not _is_number(told):
        yield Fault(rule="type", row=row, column="outcome", message="outcome must be a number, a text, true or false")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_moment(text: str) -> bool:
    try:
        clock.parse(text)
    except ValueError:
        return False
    return True
