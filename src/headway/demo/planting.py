"""Whether an event can be planted where the spec wants it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from headway.demo import fitting
from headway.demo.columns import Category, Column, Number
from headway.demo.kinds import KINDS
from headway.demo.spec import Department, Event, Spec
from headway.kernel.errors import Fault

FIELDS: Final = {
    "drift": ("column", "factor", "mix", "ramp_days"),
    "concept_change": ("weights", "ramp_days"),
    "quality_fault": ("column", "share", "how"),
    "schema_break": ("rename", "drop", "column", "code"),
    "outage": (),
    "bias": ("weights", "ramp_days"),
    "fraud_ring": ("share", "members"),
}
"""The fields that each kind of event has besides its place and days."""
ALL: Final = ("column", "factor", "mix", "weights", "share", "members", "how", "rename", "drop", "code", "ramp_days")


def check(where: str, spec: Spec, event: Event, end: date) -> Iterator[Fault]:
    """Tell what is wrong with an event.

    Args: end: the first day after the company's period.
    """
    if not spec.start <= event.start < end:
        yield fitting.fault(f"{where}.start", f"must lie from {spec.start} to before {end}")
    if event.until is not None and event.until <= event.start:
        yield fitting.fault(f"{where}.until", "must be after start; it is the first day without the event")
    for field in ALL:
        if getattr(event, field) and field not in FIELDS[event.kind]:
            yield fitting.fault(f"{where}.{field}", f"means nothing for a {event.kind}")
    department = next((one for one in spec.departments if one.name == event.department), None)
    if department is None:
        yield fitting.fault(f"{where}.department", f"there is no department {event.department!r}")
        return
    if event.region is not None and event.region not in {region.name for region in department.regions}:
        yield fitting.fault(f"{where}.region", f"the department has no region {event.region!r}")
    if event.table not in department.tables or event.table not in KINDS:
        yield fitting.fault(f"{where}.table", f"the department has no table {event.table!r}")
        return
    if event.kind not in KINDS[event.table].events:
        allowed = ", ".join(KINDS[event.table].events)
        yield fitting.fault(f"{where}.kind", f"cannot be planted in {event.table}; what can be is {allowed}")
        return
    yield from _of_kind(where, department, event)


def _of_kind(where: str, department: Department, event: Event) -> Iterator[Fault]:
    key = f"{event.table}.{event.column}"
    column = fitting.column_of(department, key)
    match event.kind:
        case "drift":
            yield from _drift(where, department, event, column)
        case "concept_change":
            yield from _weights(where, event, KINDS[event.table].weights)
        case "bias":
            of_columns = {name for name in KINDS[event.table].weights if name != "intercept"}
            yield from _weights(where, event, frozenset(of_columns))
        case "fraud_ring":
            if event.share is None:
                yield fitting.fault(f"{where}.share", "a fraud ring needs its share of rows")
        case "quality_fault":
            written = event.column in KINDS[event.table].files[event.table]
            yield from _quality(where, event, column if written else None)
        case "schema_break":
            yield from _schema(where, department, event)
        case "outage":
            pass


def _weights(where: str, event: Event, known: frozenset[str]) -> Iterator[Fault]:
    if not event.weights:
        yield fitting.fault(f"{where}.weights", f"a {event.kind.replace('_', ' ')} needs weights")
    yield from fitting.weights(f"{where}.weights", event.weights, known)


def _drift(where: str, department: Department, event: Event, column: Column | None) -> Iterator[Fault]:
    if isinstance(column, Number):
        if event.factor is None:
            yield fitting.fault(f"{where}.factor", "drift of a number needs a factor")
        if event.mix:
            yield fitting.fault(f"{where}.mix", "a number has no shares; give a factor")
    elif isinstance(column, Category):
        yield from fitting.mix(f"{where}.mix", department, f"{event.table}.{event.column}", event.mix)
        if event.factor is not None:
            yield fitting.fault(f"{where}.factor", "a category has no factor; give a mix")
    else:
        yield fitting.fault(f"{where}.column", f"is no column of {event.table} that can drift")


def _quality(where: str, event: Event, column: Column | None) -> Iterator[Fault]:
    if event.share is None:
        yield fitting.fault(f"{where}.share", "a quality fault needs the share of cells")
    allowed: tuple[str, ...] = ("missing",)
    if isinstance(column, Number):
        allowed = ("missing", "scaled", "negative")
    elif isinstance(column, Category) and not column.is_flag:
        allowed = ("missing", "unknown")
    elif column is None:
        yield fitting.fault(f"{where}.column", f"is no column of {event.table} that can be spoiled")
    if event.how not in allowed:
        yield fitting.fault(f"{where}.how", "for this column must be one of " + ", ".join(allowed))


def _schema(where: str, department: Department, event: Event) -> Iterator[Fault]:
    columns = fitting.files_of(department)[event.table]
    if not (event.rename or event.drop or event.code):
        yield fitting.fault(where, "a schema break renames, drops or codes something")
    for field, names in {"rename": tuple(event.rename), "drop": event.drop}.items():
        for name in names:
            if name not in columns:
                yield fitting.fault(f"{where}.{field}", f"{name!r} is no column; they are " + ", ".join(columns))
    if set(event.drop) >= set(columns):
        yield fitting.fault(f"{where}.drop", "leaves no column")
    if event.code and event.column is None:
        yield fitting.fault(f"{where}.column", "new codes need the column they are for")
    for region in department.regions:
        if event.region in (None, region.name):
            own = {**region.columns.get(event.table, {}), **event.rename}
            left = [own.get(column, column) for column in columns if column not in event.drop]
            yield from fitting.repeated(f"{where}.rename", left)
            if event.code and event.column is not None:
                key = f"{event.table}.{event.column}"
                both = {**region.codes.get(key, {}), **event.code}
                yield from fitting.coded(f"{where}.code", department, key, both)
