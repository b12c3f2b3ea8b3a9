"""Whether a department is ready for a use case: what is in order, what is in doubt, what stands in the way, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from headway.scaling.mapping import Pair

State = Literal["ok", "doubt", "bad"]
LEAST_ROWS: Final = 200
GOOD_ROWS: Final = 2_000
LEAST_QUALITY: Final = 0.8
GOOD_QUALITY: Final = 0.95
LEAST_OVERLAP: Final = 0.1
GOOD_OVERLAP: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be in order, what was found, and what to do where it is not."""

    name: str
    state: State
    found: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when readiness is judged."""

    pairs: Sequence[Pair]
    rows: int
    usable: float | None
    """Share of rows without a fault of the contract; None where no column could be checked."""
    broken: Sequence[tuple[str, int]]
    labelled: int
    labels_needed: int | None
    overlap: float | None
    """Effective share of the source's rows once they are weighted to look like the target's."""
    from_department: str
    to_department: str
    tier: str
    approved_in: Sequence[str]
    """Environments above the sandbox into which the version is released."""
    is_believable: bool
    missing_weight: float
    """Share of the model's reasons that rest on columns nobody found."""


def judge(known: Known) -> tuple[Item, ...]:
    """Judge everything, in the order in which it is put right."""
    return (
        _columns(known),
        _values(known),
        _quality(known),
        _volume(known),
        _overlap(known),
        _labels(known),
        *_roles(known),
        *_governance(known),
    )


def _columns(known: Known) -> Item:
    lost = [pair for pair in known.pairs if pair.role == "feature" and pair.theirs is None]
    if not lost:
        return Item(name="columns", state="ok", found="every column that the model looks at was found", todo="")
    names = ", ".join(pair.ours for pair in lost)
    hints = ", ".join(f"{pair.candidate}={pair.ours}" for pair in lost if pair.candidate)
    return Item(
        name="columns",
        state="bad" if any(pair.is_required for pair in lost) or known.missing_weight > 0.02 else "doubt",
        found=f"not found: {names}; {known.missing_weight:.0%} of the model's reasons rest on them",
        todo=f"say which they are (perhaps --map {hints})"
        if hints
        else "bring these columns, or say with --map which they are",
    )


def _values(known: Known) -> Item:
    worst = [(pair, pair.coding) for pair in known.pairs if pair.coding is not None and pair.coding.unknown]
    told = [f"{pair.ours}: {', '.join(coding.unknown[:5])}" for pair, coding in worst if pair.role == "feature"]
    if not told:
        return Item(name="values", state="ok", found="every value is one that the model knows", todo="")
    least = min(coding.known_share for _, coding in worst)
    return Item(
        name="values",
        state="doubt" if least >= LEAST_QUALITY else "bad",
        found="values that the model does not know count as missing: " + "; ".join(told),
        todo="say which of ours they are (--value COLUMN:THEIRS=OURS), or leave them as new",
    )


def _quality(known: Known) -> Item:
    if known.usable is None:
        return Item(name="quality", state="bad", found="no row could be checked", todo="map the columns first")
    state: State = "ok" if known.usable >= GOOD_QUALITY else "doubt" if known.usable >= LEAST_QUALITY else "bad"
    broken = ", ".join(f"{rule} ({rows:,} rows)" for rule, rows in known.broken[:4])
    return Item(
        name="quality",
        state=state,
        found=f"{known.usable:.1%} of {known.rows:,} rows keep the contract"
        + (f"; broken: {broken}" if broken else ""),
        todo=""
        if state == "ok"
        else "put right what breaks these rules, or agree on another contract with the department",
    )


def _volume(known: Known) -> Item:
    state: State = "ok" if known.rows >= GOOD_ROWS else "doubt" if known.rows >= LEAST_ROWS else "bad"
    todo = "" if state == "ok" else f"bring more cases: a forecast is firm from about {GOOD_ROWS:,} rows on"
    return Item(name="volume", state=state, found=f"{known.rows:,} rows", todo=todo)


def _overlap(known: Known) -> Item:
    if known.overlap is None:
        return Item(name="overlap", state="doubt", found="not measured", todo="map the columns first")
    state: State = "ok" if known.overlap >= GOOD_OVERLAP else "doubt" if known.overlap >= LEAST_OVERLAP else "bad"
    return Item(
        name="overlap",
        state=state,
        found=f"weighted to look like {known.to_department}, the rows the model was judged on count as {known.overlap:.0%} of themselves",
        todo=""
        if state == "ok"
        else "few known cases are like these: trust labels of this department rather than the forecast",
    )


def _labels(known: Known) -> Item:
    if known.labelled:
        return Item(name="labels", state="ok", found=f"{known.labelled:,} rows have a known outcome", todo="")
    needed = f"about {known.labels_needed}" if known.labels_needed else "some hundred"
    return Item(
        name="labels",
        state="doubt",
        found="no row has a known outcome: nobody can see whether the concept is the same here",
        todo=f"find out {needed} outcomes (headway scale to-label names the rows) and bring them: headway scale labels",
    )


def _roles(known: Known) -> Iterator[Item]:
    by_role = {pair.role: pair for pair in known.pairs}
    for role, words in (("subject", "whom a case is about"), ("time", "when a case happened")):
        pair = by_role.get(role)  # type: ignore[call-overload]  # a plain text is looked up
        if pair is not None and pair.theirs is None:
            yield Item(
                name=role,
                state="doubt",
                found=f"no column tells {words}",
                todo=f"name it with --map COLUMN={pair.ours}; labels are matched and the roll-out is timed by it",
            )


def _governance(known: Known) -> Iterator[Item]:
    if known.from_department == known.to_department:
        yield Item(
            name="department",
            state="doubt",
            found=f"the use case is of {known.to_department} already",
            todo="a plan says most for another department; for the same one, read it as a check of new data",
        )
    yield _approved(known)
    yield _tier(known)
    if not known.is_believable:
        yield Item(
            name="believable",
            state="bad",
            found="strong suspects are among the model's columns, so that its figures are not to be believed",
            todo="clear them with a reason or train without them before anything is taken to another department",
        )


def _approved(known: Known) -> Item:
    if known.approved_in:
        return Item(
            name="approved",
            state="ok",
            found="the version was approved and released into " + ", ".join(known.approved_in),
            todo="",
        )
    return Item(
        name="approved",
        state="doubt",
        found=f"the version has not been released above the sandbox in {known.from_department}",
        todo="let it prove itself at home first, or plan as another sandbox",
    )


def _tier(known: Known) -> Item:
    if known.tier in ("prohibited", "undecided"):
        todo = "decide the legal tier first" if known.tier == "undecided" else "do not scale it"
        return Item(name="tier", state="bad", found=f"the legal tier is {known.tier}", todo=todo)
    if known.tier == "high":
        return Item(
            name="tier",
            state="doubt",
            found="the legal tier is high",
            todo=f"assess the people affected in {known.to_department} anew; approvals of {known.from_department} do not carry over",
        )
    return Item(name="tier", state="ok", found=f"the legal tier is {known.tier}", todo="")
