"""The tables that decision logs become: Arrow schemas, and log records as rows of them. Pure.

What names a person (subject, input, reasons) lies in a table of its own, so that it can be erased while decisions,
outcomes and every proof over them stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from headway import runtime

DECISIONS, INPUTS = "serving.decisions", "serving.decision_inputs"
OUTCOMES, REFUSALS = "serving.outcomes", "serving.refusals"
OUTCOME_NAME = "outcome"
_TIME = pa.timestamp("us", tz="UTC")


def _schema(required: tuple[str, ...], **columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=name not in required) for name, kind in columns.items()])


_PLACE = {"node": pa.string(), "segment": pa.string(), "seq": pa.int64(), "epoch": pa.int64()}

SCHEMAS: Mapping[str, pa.Schema] = {
    DECISIONS: _schema(
        ("id", "at", "environment", "deployment"),
        id=pa.string(),
        at=_TIME,
        environment=pa.string(),
        deployment=pa.string(),
        release=pa.string(),
        verdict=pa.string(),
        arm=pa.string(),
        principal=pa.string(),
        score=pa.float64(),
        band=pa.string(),
        action=pa.string(),
        flags=pa.string(),
        ack=pa.string(),
        payload_commitment=pa.string(),
        **_PLACE,
    ),
    INPUTS: _schema(
        ("id", "at", "environment", "deployment"),
        id=pa.string(),
        at=_TIME,
        environment=pa.string(),
        deployment=pa.string(),
        subject=pa.string(),
        salt=pa.string(),
        input=pa.string(),
        reasons=pa.string(),
    ),
    OUTCOMES: _schema(
        ("id", "recorded_at", "name", "source"),
        id=pa.string(),
        recorded_at=_TIME,
        decision=pa.string(),
        environment=pa.string(),
        deployment=pa.string(),
        name=pa.string(),
        outcome=pa.string(),
        value=pa.float64(),
        at=_TIME,
        principal=pa.string(),
        source=pa.string(),
        **_PLACE,
    ),
    REFUSALS: _schema(
        ("id", "at", "environment"),
        id=pa.string(),
        at=_TIME,
        environment=pa.string(),
        deployment=pa.string(),
        principal=pa.string(),
        why=pa.string(),
        flags=pa.string(),
        **_PLACE,
    ),
}

Row = dict[str, Any]


def table_of(name: str, rows: list[Row]) -> pa.Table:
    """Make an Arrow table of rows."""
    return pa.Table.from_pylist(rows, schema=SCHEMAS[name])


def rows_of(
    environment: str, records: Iterable[runtime.DecisionRecord], sides: Mapping[str, runtime.Sidecar]
) -> dict[str, list[Row]]:
    """Sort a segment's records into rows of the four tables."""
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    for record in records:
        side = sides.get(record.id)
        if record.kind == "decision":
            rows[DECISIONS].append(_decision(environment, record))
        elif record.kind == "outcome":
            rows[OUTCOMES].append(_outcome(environment, record, side))
        else:
            rows[REFUSALS].append(_refusal(environment, record))
        if side is not None:
            rows[INPUTS].append(_input(environment, record, side))
    return rows


def _at(record: runtime.DecisionRecord) -> datetime:
    return datetime.fromisoformat(record.at)


def _place(record: runtime.DecisionRecord) -> Row:
    return {"node": record.node, "segment": record.segment, "seq": record.seq, "epoch": record.epoch}


def _decision(environment: str, record: runtime.DecisionRecord) -> Row:
    return {
        "id": record.id,
        "at": _at(record),
        "environment": environment,
        "deployment": record.deployment,
        "release": record.release,
        "verdict": record.verdict,
        "arm": record.arm,
        "principal": record.principal,
        "score": record.score,
        "band": record.band,
        "action": record.action,
        "flags": json.dumps(list(record.flags)),
        "ack": record.ack,
        "payload_commitment": record.payload_commitment,
        **_place(record),
    }


def _input(environment: str, record: runtime.DecisionRecord, side: runtime.Sidecar) -> Row:
    return {
        "id": record.id,
        "at": _at(record),
        "environment": environment,
        "deployment": record.deployment,
        "subject": side.subject,
        "salt": side.salt,
        "input": bytes(side.input).decode(),
        "reasons": bytes(side.reasons).decode(),
    }


def _outcome(environment: str, record: runtime.DecisionRecord, side: runtime.Sidecar | None) -> Row:
    """An outcome told to a node; one whose payload was erased keeps only that it was told."""
    told: Mapping[str, Any] = json.loads(bytes(side.input)) if side is not None else {}
    text, number = outcome_value(told.get("outcome"))
    return {
        "id": record.id,
        "recorded_at": _at(record),
        "decision": told.get("decision"),
        "environment": environment,
        "deployment": record.deployment,
        "name": told.get("name") or OUTCOME_NAME,
        "outcome": text,
        "value": number if told.get("value") is None else outcome_value(told["value"])[1],
        "at": moment(told.get("at")) or _at(record),
        "principal": record.principal,
        "source": "node",
        **_place(record),
    }


def moment(text: str | None) -> datetime | None:
    """Read an RFC 3339 time; one without zone is UTC."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _refusal(environment: str, record: runtime.DecisionRecord) -> Row:
    return {
        "id": record.id,
        "at": _at(record),
        "environment": environment,
        "deployment": record.deployment,
        "principal": record.principal,
        "why": record.why,
        "flags": json.dumps(list(record.flags)),
        **_place(record),
    }


def outcome_value(told: object) -> tuple[str | None, float | None]:
    """Keep an outcome as text, and as a number when it is one (true is 1, false is 0)."""
    if told is None:
        return None, None
    if isinstance(told, bool):
        return ("true" if told else "false"), float(told)
    if isinstance(told, int | float):
        return str(told), float(told)
    text = str(told).strip()
    try:
        return text, float(text)
    except ValueError:
        return text, {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}.get(text.lower())
