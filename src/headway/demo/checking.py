"""Whether the parts of a spec fit each other: tables, columns, values, days and shares."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from headway.demo import fitting, planting
from headway.demo.columns import Number
from headway.demo.kinds import KINDS
from headway.demo.spec import Department, Region, Spec
from headway.kernel.errors import Fault


def check(spec: Spec) -> list[Fault]:
    """Tell everything that does not fit; fields that were unreadable have been told before and may be told again."""
    faults: list[Fault] = []
    if not spec.departments:
        faults.append(fitting.fault("departments", "a company needs at least one department"))
    faults += fitting.repeated("departments", (department.name for department in spec.departments))
    for index, department in enumerate(spec.departments):
        faults += _department(f"departments[{index}]", department)
    faults += fitting.weights("leads.weights", spec.leads.weights, KINDS["leads"].weights)
    for table, own in spec.weights.items():
        if table == "leads" or table not in KINDS or not KINDS[table].weights:
            tables = ", ".join(name for name, kind in KINDS.items() if kind.weights and name != "leads")
            faults.append(fitting.fault(f"weights.{table}", f"has no weights here; the tables that have are {tables}"))
        else:
            faults += fitting.weights(f"weights.{table}", own, KINDS[table].weights)
    if any("leads" in department.tables for department in spec.departments) and "intercept" not in spec.leads.weights:
        faults.append(fitting.fault("leads.weights", "needs an intercept"))
    if spec.leads.delay_least_days > spec.leads.window_days:
        faults.append(fitting.fault("leads.window_days", "must not be shorter than delay_least_days"))
    faults += fitting.repeated("events", (event.name for event in spec.events))
    end = spec.start + timedelta(days=spec.days)
    for index, event in enumerate(spec.events):
        faults += planting.check(f"events[{index}]", spec, event, end)
    return faults


def _department(where: str, department: Department) -> Iterator[Fault]:
    for table in department.tables:
        if table not in KINDS:
            yield fitting.fault(f"{where}.tables.{table}", "there is no such table; the tables are " + ", ".join(KINDS))
        elif (needed := KINDS[table].needs) is not None and needed not in department.tables:
            yield fitting.fault(f"{where}.tables.{table}", f"needs the table {needed} in the same department")
    if not department.tables:
        yield fitting.fault(f"{where}.tables", "a department needs at least one table")
    if not department.regions:
        yield fitting.fault(f"{where}.regions", "a department needs at least one region")
    elif not math.isclose(sum(region.share for region in department.regions), 1, abs_tol=1e-6):
        yield fitting.fault(f"{where}.regions", "the shares of the regions must sum to 1")
    yield from fitting.repeated(f"{where}.regions", (region.name for region in department.regions))
    for index, region in enumerate(department.regions):
        yield from _region(f"{where}.regions[{index}]", department, region)


def _region(where: str, department: Department, region: Region) -> Iterator[Fault]:
    for field, names in {"factor": region.factor, "trend": region.trend}.items():
        for key in names:
            if not isinstance(fitting.column_of(department, key), Number):
                yield fitting.fault(
                    f"{where}.{field}.{key}", "is no number of a table of this department (TABLE.COLUMN)"
                )
    for key, shares in region.mix.items():
        yield from fitting.mix(f"{where}.mix.{key}", department, key, shares)
    for key, codes in region.codes.items():
        yield from fitting.coded(f"{where}.codes.{key}", department, key, codes)
    yield from fitting.weights(f"{where}.weights", region.weights, KINDS["leads"].weights)
    files = fitting.files_of(department)
    for file, own in region.columns.items():
        if file not in files:
            yield fitting.fault(
                f"{where}.columns.{file}", "is no file of this department; the files are " + ", ".join(files)
            )
            continue
        for column in own:
            if column not in files[file]:
                yield fitting.fault(
                    f"{where}.columns.{file}.{column}", "is no column; they are " + ", ".join(files[file])
                )
        yield from fitting.repeated(f"{where}.columns.{file}", (own.get(column, column) for column in files[file]))
