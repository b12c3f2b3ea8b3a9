"""A file of what happened, cut at a day: the contract of what lies before, and what lies after held to it row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from headway.catalog import inference, profile, roles
from headway.catalog.adapters import duck, files
from headway.catalog.checks import compile_contract
from headway.catalog.entities import BrokenRule, History
from headway.catalog.errors import UnreadableFile
from headway.kernel.errors import Fault

FEWEST_DAYS = 2


def read_history(
    source: Path,
    filename: str,
    *,
    label: str,
    time: str,
    positive: str | None = None,
    subject: str | None = None,
    exclude: tuple[str, ...] = (),
    share: float,
    places: tuple[str, ...] = (),
) -> History:
    """Read a file, infer a contract from its first days, and hold the rows of the later ones to it. Nothing is kept.

    Args: share: of the rows with a time, in (0, 1), that the first part holds; it ends with a day. places: other columns
        that must be there.
    Raises: UnreadableFile, UnknownColumn: also where the times cannot be read, or are of a single day.
    """
    asked = roles.AskedRoles(label=label, positive=positive, time=time, subject=subject, exclude=exclude)
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        staged = files.stage(source, filename, work)
        roles.need_columns(replace(asked, exclude=(*exclude, *places)), list(staged.kinds))
        rows = pl.read_parquet(staged.path)
        rows = (
            rows.with_columns(_days(rows[time], filename)).filter(pl.col("*day").is_not_null()).sort("*day", files.ROW)
        )
        begins = _cut(rows["*day"], share, filename, time)
        first, later = (rows.filter(pl.col("*day") < begins), rows.filter(pl.col("*day") >= begins))
        contract = _contract(first, staged, asked, filename)
        broken = _held_to(contract, later, staged, work)
    return History(
        contract=contract,
        first=first.drop(files.ROW, "*day"),
        first_days=(first["*day"].min(), begins),  # type: ignore[arg-type]  # a column of dates
        later=later.drop(files.ROW, "*day"),
        days=later["*day"],
        broken=broken,
        without_time=staged.rows - rows.height,
    )


def _days(times: pl.Series, filename: str) -> pl.Series:
    if times.dtype == pl.Date:
        return times.alias("*day")
    if isinstance(times.dtype, pl.Datetime):
        return times.dt.date().alias("*day")
    bad = times.drop_nulls()
    words = f"the column {times.name!r} of {filename} holds no times" + (
        f", for example {bad[0]!r}" if len(bad) else ""
    )
    raise UnreadableFile(
        words,
        hint="write times as 2026-03-31 or 2026-03-31T14:05:00Z",
        faults=[Fault(rule="time", column=times.name, message="not a time")],
    )


def _cut(days: pl.Series, share: float, filename: str, name: str) -> date:
    """The first day of the later part."""
    known: list[date] = days.unique().sort().to_list()
    if len(known) < FEWEST_DAYS:
        words = f"{name!r} of {filename} names {len(known)} day(s): a history needs many"
        raise UnreadableFile(words, faults=[Fault(rule="time", column=name, message="too few days")])
    wanted: date = days[min(int(len(days) * share), len(days) - 1)]
    return max(wanted, known[1])


def _contract(first: pl.DataFrame, staged: files.Staged, asked: roles.AskedRoles, filename: str) -> dict[str, object]:
    rows = first.drop("*day").lazy()
    wanted = roles.alone(asked, staged.kinds)
    roles.need_outcomes(rows, wanted)
    profiles = profile.profile(rows, staged.kinds, first.height)
    if wanted.positive is None:
        found = next(one for one in profiles if one.name == wanted.label)
        wanted = replace(wanted, positive=inference.positive_of(found))
    name = Path(filename).stem
    origin = inference.Origin(slug=f"replay.{name}", name=name, department="replay", filename=filename, location=name)
    return inference.infer(profiles, wanted, origin, staged.read_as)


def _held_to(
    contract: dict[str, object], later: pl.DataFrame, staged: files.Staged, work: Path
) -> tuple[BrokenRule, ...]:
    """Every rule that rows of the later part break, with the days on which they do."""
    path = work / "later.parquet"
    later.drop("*day").write_parquet(path)
    plan = compile_contract(contract)
    misfits = staged.misfits.filter(pl.col("row").is_in(later[files.ROW].to_list()))
    found = duck.run(plan, path, misfits, work)
    if found.faults is None:
        return ()
    day_of = later.select(pl.col(files.ROW).cast(pl.Int64).alias("row"), pl.col("*day").alias("day"))
    faults = pl.read_parquet(found.faults).join(day_of, on="row", how="inner")
    counted = faults.group_by("rule", "day").agg(pl.col("row").n_unique().alias("rows")).sort("rule", "day")
    broken = []
    for (at,), group in counted.group_by("rule", maintain_order=True):
        rule = plan.rules[int(str(at))]
        days = dict(zip(group["day"].to_list(), group["rows"].to_list(), strict=True))
        broken.append(BrokenRule(rule=rule.rule, column=rule.column, days=days))
    return tuple(broken)
