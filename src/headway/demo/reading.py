"""A spec read from plain data, as YAML or JSON gives it; all faults are told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, cast, get_args

from headway.demo.checking import check
from headway.demo.errors import SpecInvalid
from headway.demo.reader import Reader
from headway.demo.spec import Department, Event, EventKind, LeadModel, RecordModel, Region, Spec, Spoiling
from headway.demo.wordlists import LANGUAGES
from headway.kernel.errors import Fault

MOST_ROWS: Final = 100_000_000
LEAST_ROWS: Final = 1_000
MOST_DAYS: Final = 3_660
MOST_SEED: Final = 2**53 - 1
NO_DAY: Final = date(1970, 1, 2)


def read_spec(data: object, *, rows: int | None = None, seed: int | None = None) -> Spec:
    """Read a spec.

    Args: rows, seed: used in place of the spec's own.
    Raises: SpecInvalid: with every fault and its place in the spec.
    """
    faults: list[Fault] = []
    reader = Reader(data, "", faults)
    spec = Spec(
        name=reader.text("name"),
        seed=reader.whole("seed", 7, least=0, most=MOST_SEED),
        start=reader.day("start") or NO_DAY,
        days=reader.whole("days", 365, least=1, most=MOST_DAYS),
        rows=reader.whole("rows", 60_000, least=LEAST_ROWS, most=MOST_ROWS),
        departments=tuple(_department(one) for one in reader.many("departments")),
        leads=_lead_model(reader.one("leads")),
        records=_record_model(reader.one("records")),
        weights=reader.nested_numbers("weights", least=-50, most=50),
        events=tuple(_event(one) for one in reader.many("events")),
    )
    reader.finish()
    spec = _with(spec, rows, seed, reader)
    faults += check(spec)
    if faults:
        raise SpecInvalid(
            f"the spec of the company has {len(faults)} fault{'s' if len(faults) > 1 else ''}; nothing was written",
            hint="`headway demo spec` prints one that works",
            faults=faults,
        )
    return spec


def _with(spec: Spec, rows: int | None, seed: int | None, reader: Reader) -> Spec:
    if rows is not None and not LEAST_ROWS <= rows <= MOST_ROWS:
        reader.fault("rows", f"must be a whole number from {LEAST_ROWS} to {MOST_ROWS}")
    if seed is not None and not 0 <= seed <= MOST_SEED:
        reader.fault("seed", f"must be a whole number from 0 to {MOST_SEED}")
    return replace(spec, rows=spec.rows if rows is None else rows, seed=spec.seed if seed is None else seed)


def _department(reader: Reader) -> Department:
    name = reader.name()
    department = Department(
        name=name,
        title=reader.text("title", name),
        tables=reader.numbers("tables", least=0.000001, most=1_000_000),
        regions=tuple(_region(one) for one in reader.many("regions")),
    )
    reader.finish()
    return department


def _region(reader: Reader) -> Region:
    name = reader.name()
    region = Region(
        name=name,
        title=reader.text("title", name),
        language=reader.choice("language", LANGUAGES, "en"),
        share=reader.number("share", None, least=0.000001, most=1),
        season=reader.number("season", 0.0, least=0, most=0.95),
        peak_day=reader.whole("peak_day", 1, least=1, most=366),
        weekend=reader.number("weekend", 1.0, least=0.001, most=10),
        growth=reader.number("growth", 0.0, least=-0.9, most=10),
        factor=reader.numbers("factor", least=0.001, most=1000),
        trend=reader.numbers("trend", least=0.01, most=100),
        mix=reader.nested_numbers("mix", least=0, most=1),
        weights=reader.numbers("weights", least=-50, most=50),
        columns=reader.nested_texts("columns"),
        codes=reader.nested_texts("codes"),
    )
    reader.finish()
    return region


def _lead_model(reader: Reader) -> LeadModel:
    delay_least = reader.number("delay_least_days", 2.0, least=0, most=1000)
    model = LeadModel(
        weights=reader.numbers("weights", least=-50, most=50),
        effect_sd=reader.number("effect_sd", 0.0, least=0, most=10),
        action_share=reader.number("action_share", 0.5, least=0.001, most=0.999),
        action_by_score=reader.number("action_by_score", 0.0, least=-5, most=5),
        action_around=reader.number("action_around", -2.0, least=-20, most=20),
        delay_least_days=delay_least,
        delay_mean_days=reader.number("delay_mean_days", 12.0, least=0, most=1000),
        window_days=reader.number("window_days", 60.0, least=0, most=3000),
    )
    reader.finish()
    return model


def _record_model(reader: Reader) -> RecordModel:
    model = RecordModel(
        duplicate_share=reader.number("duplicate_share", 0.08, least=0, most=0.9),
        duplicate_error_share=reader.number("duplicate_error_share", 0.2, least=0, most=1),
        error_share=reader.number("error_share", 0.01, least=0, most=1),
    )
    reader.finish()
    return model


def _event(reader: Reader) -> Event:
    has_share, has_factor = reader.take("share") is not None, reader.take("factor") is not None
    how = reader.choice("how", get_args(Spoiling)) if reader.take("how") is not None else None
    event = Event(
        name=reader.name(),
        kind=cast("EventKind", reader.choice("kind", get_args(EventKind))),
        department=reader.name("department"),
        region=reader.name("region") if reader.take("region") is not None else None,
        table=reader.text("table"),
        start=reader.day("start") or NO_DAY,
        until=reader.day("until", is_needed=False),
        ramp_days=reader.number("ramp_days", 0.0, least=0, most=MOST_DAYS),
        column=reader.text("column") if reader.take("column") is not None else None,
        factor=reader.number("factor", None, least=0.001, most=1000) if has_factor else None,
        mix=reader.shares("mix"),
        weights=reader.numbers("weights", least=-50, most=50),
        share=reader.number("share", None, least=0.000001, most=1) if has_share else None,
        members=reader.whole("members", 0, least=2, most=10_000) if reader.take("members") is not None else None,
        how=cast("Spoiling | None", how),
        rename=reader.texts("rename"),
        drop=reader.names("drop"),
        code=reader.texts("code"),
    )
    reader.finish()
    return event
