"""Which columns play which part: what people ask for, held against what the file has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog.entities import Roles
from headway.catalog.errors import UnknownColumn, UnreadableFile
from headway.kernel.errors import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRoles:
    """The roles asked for; None leaves to a known contract what it says."""

    label: str | None
    positive: str | None
    time: str | None
    subject: str | None
    exclude: tuple[str, ...] | None


def merged(contract: odcs.Contract, asked: AskedRoles) -> Roles:
    """The roles asked for, and for what was not asked those of the contract."""
    has = odcs.roles_of(contract)
    label = asked.label or has.label
    exclude = has.exclude if asked.exclude is None else asked.exclude
    return Roles(
        label=label,
        positive=asked.positive or (has.positive if label == has.label else None),
        time=asked.time or has.time,
        subject=asked.subject or has.subject,
        exclude=tuple(name for name in odcs.kinds_of(contract) if name in exclude),
    )


def alone(asked: AskedRoles, names: Iterable[str]) -> Roles:
    """The roles asked for where there is no contract yet."""
    excluded = asked.exclude or ()
    return Roles(
        label=asked.label,
        positive=asked.positive,
        time=asked.time,
        subject=asked.subject,
        exclude=tuple(name for name in names if name in excluded),
    )


def need_columns(asked: AskedRoles, names: list[str]) -> None:
    """Refuse roles of columns that are not there, and two roles of one column; raises UnknownColumn."""
    wanted = [("label", asked.label), ("time", asked.time), ("subject", asked.subject)]
    wanted += [("exclude", name) for name in asked.exclude or ()]
    faults = [_unknown(role, name, names) for role, name in wanted if name is not None and name not in names]
    if faults:
        raise UnknownColumn(faults[0].message, hint="names are case-sensitive; the first row holds them", faults=faults)
    named = [name for _, name in wanted if name is not None]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise UnknownColumn(f"column {twice[0]!r} cannot have two roles", values={"column": twice[0]})


def need_outcomes(rows: pl.LazyFrame, roles: Roles) -> None:
    """Refuse a label without values or with one value only, and a positive value that it never has."""
    if roles.label is None:
        if roles.positive is not None:
            raise UnknownColumn("--positive needs --label")
        return
    values = rows.select(pl.col(roles.label).drop_nulls().unique().sort().head(1_000)).collect().to_series()
    texts = [odcs.text_of(value) for value in values]
    if len(texts) < 2:
        words = f"the label {roles.label!r} holds {'no value' if not texts else f'one value only, {texts[0]!r}'}"
        fault = Fault(rule="label_constant", column=roles.label, message=words)
        raise UnreadableFile(words, hint="a label needs rows of at least two outcomes", faults=[fault])
    if roles.positive is not None and roles.positive not in texts:
        words = f"the label {roles.label!r} never is {roles.positive!r}; it is {', '.join(texts[:10])}"
        fault = Fault(rule="unknown_value", column=roles.label, value=roles.positive, message=words)
        raise UnknownColumn(words, faults=[fault])


def _unknown(role: str, name: str, names: list[str]) -> Fault:
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    help_with = f"did you mean {' or '.join(close)}?" if close else "the file has " + ", ".join(names[:30])
    words = f"there is no column {name!r} for --{role}: {help_with}"
    return Fault(rule="unknown_column", column=name, message=words)
