"""The rule for drift: when a column has moved so far, on so many rows, that somebody should be told. Pure.

An alarm needs both: *certainty*, Pearson's chi-square of homogeneity below a level that a whole year of looks shares, and
*size*, a stability index that passes what chance gives by the usual limit. The first keeps small samples from crying wolf,
the second keeps large ones from telling what nobody needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from headway import numerics
from headway.monitoring.entities import SCORES, WEEK, ColumnFigures, DayFigures, Distance, Rate
from headway.numerics import Profile, Reference, Ruler, Tally

FALSE_ALARMS_A_YEAR = 0.05
"""Expected at most for one deployment where nothing changes: the bound of Bonferroni (1936) over all looks of a year."""
DAYS_A_YEAR = 365
FEWEST = 50
"""Rows with a value below which no span is judged."""
FOUR_WEEKS = 28
SPANS = ((1, 0.5), (WEEK, 0.1), (FOUR_WEEKS, 0.1))
"""Days up to the one judged, and the index beyond chance that counts. One day alone must differ much, since days of the
week differ by nature; whole weeks hold each of them as often. 0.1 is the usual limit (Siddiqi, 2006)."""
LASTING = 0.05
"""An index beyond chance below which a week shows that what four weeks show is over."""
RATE_SPANS = (1, WEEK)
MISSING_CHANGE, UNSEEN_RISE = 0.05, 0.01
"""Changes of shares of rows that count."""
_LOOKS_A_COLUMN = len(SPANS) + 2 * len(RATE_SPANS)
_OTHER_LOOKS = len(SPANS) + 3  # scores; performance and both of concept


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A release as its drift is judged: its reference, and the inputs that are parts of a date."""

    reference: Reference
    calendar: frozenset[str] = frozenset()

    @property
    def level(self) -> float:
        """The p value below which one look is an alarm."""
        return level_of(len(self.reference.rulers))


def level_of(columns: int) -> float:
    """The share of a year's false alarms that one look may have, for a release with so many inputs.

    >>> round(level_of(10) * 1e6, 2)
    1.8
    """
    return FALSE_ALARMS_A_YEAR / (DAYS_A_YEAR * (_LOOKS_A_COLUMN * columns + _OTHER_LOOKS))


def judge_day(watched: Watched, days: Mapping[date, Profile], day: date, *, is_whole: bool = True) -> DayFigures:
    """Judge each input and the scores of a day, over the spans that end with it.

    Args: days: profiles by day, at least the four weeks up to ``day`` as far as there are any.
    """
    reference, level = watched.reference, watched.level
    spans = {length: _span(days, day, length) for length, _ in SPANS}
    columns = []
    for name, ruler in reference.rulers.items():
        tallies = {length: [one.inputs[name] for one in found] for length, found in spans.items()}
        is_calendar = name in watched.calendar
        columns.append(_column(name, ruler, reference.profile.inputs[name], tallies, level, is_calendar))
    scores = {length: [one.scores for one in found] for length, found in spans.items()}
    return DayFigures(
        day=day,
        decisions=days[day].rows if day in days else 0,
        is_whole=is_whole,
        columns=tuple(columns),
        scores=_column(SCORES, reference.score_ruler, reference.profile.scores, scores, level, is_calendar=False),
    )


def _span(days: Mapping[date, Profile], day: date, length: int) -> list[Profile]:
    wanted = (day - timedelta(days=back) for back in range(length))
    return [days[one] for one in wanted if one in days]


def _column(  # noqa: PLR0917  what a column is judged by
    name: str, ruler: Ruler, reference: Tally, spans: Mapping[int, Sequence[Tally]], level: float, is_calendar: bool
) -> ColumnFigures:
    summed = {length: sum_tallies(ruler, found) for length, found in spans.items()}
    drift = [] if is_calendar else [distance(ruler, reference, summed[n], n, level=level, size=s) for n, s in SPANS]
    found = [one for one in drift if one is not None]
    is_category = ruler.kind == "category"
    return ColumnFigures(
        column=name,
        is_calendar=is_calendar,
        drift=tuple(_still(found)),
        missing=_rates(
            reference.nulls, reference.rows, {n: (summed[n].nulls, summed[n].rows) for n in RATE_SPANS}, level
        ),
        unseen=_unseen(reference, {n: summed[n] for n in RATE_SPANS}, level) if is_category else (),
    )


def _still(found: Sequence[Distance]) -> Iterator[Distance]:
    """Take back the alarm of four weeks where the last week shows that it is over."""
    week = next((one for one in found if one.days == WEEK), None)
    for one in found:
        is_over = one.days == FOUR_WEEKS and week is not None and week.excess < LASTING
        yield replace(one, is_alarm=False) if is_over else one


def sum_tallies(ruler: Ruler, found: Sequence[Tally]) -> Tally:
    """Merge tallies of one ruler."""
    whole = numerics.empty_tally(ruler)
    for one in found:
        whole = numerics.merge_tallies(whole, one)
    return whole


def distance(
    ruler: Ruler, reference: Tally, current: Tally, days: int, *, level: float, size: float
) -> Distance | None:
    """Measure how far some days lie from the reference; None below FEWEST rows, or where the reference has none.

    Args: level: the p value below which it is certain. size: the index beyond chance that counts.
    """
    seen = (
        len(ruler.labels) + 1 if ruler.kind == "category" else ruler.bins
    )  # what was never seen has a rule of its own
    before, now = reference.counts[:seen], current.counts[:seen]
    n, m = sum(now), sum(before)
    if n < FEWEST or m < FEWEST:
        return None
    used = sum(1 for a, b in zip(before, now, strict=True) if a or b)
    index, noise = numerics.psi(before, now), numerics.psi_noise(used, n, m)
    _, degrees, p = numerics.homogeneity(before, now)
    chance = numerics.chi_square_quantile(level, degrees) * (1 / n + 1 / m) if degrees else 0.0
    return Distance(
        days=days,
        n=n,
        m=m,
        psi=index,
        noise=noise,
        limit=max(noise + size, chance),
        js=numerics.jensen_shannon(before, now),
        p=p,
        is_alarm=p < level and index - noise >= size,
    )


def _rates(nulls: int, rows: int, spans: Mapping[int, tuple[int, int]], level: float) -> tuple[Rate, ...]:
    """Judge how often values are missing, more or less than in the reference."""
    made = []
    for days, (found, n) in spans.items():
        if n < FEWEST or rows < FEWEST:
            continue
        rate, reference = found / n, nulls / rows
        more = numerics.hypergeometric_tail(found, n, found + nulls, n + rows)
        less = numerics.hypergeometric_tail(nulls, rows, found + nulls, n + rows)
        p = min(1.0, 2.0 * min(more, less))
        is_alarm = p < level and abs(rate - reference) >= MISSING_CHANGE
        made.append(Rate(days=days, n=n, rate=rate, reference=reference, p=p, is_alarm=is_alarm))
    return tuple(made)


def _unseen(reference: Tally, spans: Mapping[int, Tally], level: float) -> tuple[Rate, ...]:
    """Judge how often categories come that training never saw."""
    made = []
    for days, current in spans.items():
        n, m = current.known, reference.known
        if n < FEWEST or m < FEWEST:
            continue
        found, before = current.counts[-1], reference.counts[-1]
        p = numerics.hypergeometric_tail(found, n, found + before, n + m)
        is_alarm = p < level and found / n - before / m >= UNSEEN_RISE
        made.append(Rate(days=days, n=n, rate=found / n, reference=before / m, p=p, is_alarm=is_alarm))
    return tuple(made)
