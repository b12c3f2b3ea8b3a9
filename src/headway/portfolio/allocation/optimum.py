"""The best choice of use cases under limits: a mixed-integer programme with a yes or no for each. Pure.

Source: Dantzig (1957), "Discrete-variable extremum problems", the knapsack problem; solved by HiGHS (Huangfu and Hall, 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace

from headway.governance import mandates
from headway.kernel.errors import Fault
from headway.portfolio.allocation.entities import Breach, Limits, Need, Plan, Used
from headway.portfolio.errors import AllocationImpossible, AllocationInvalid

RESOURCES: tuple[tuple[str, Callable[[Need], int]], ...] = (
    ("budget", lambda need: need.budget),
    ("compute_hours", lambda need: need.compute_hours),
    ("people", lambda need: need.people),
    ("risk", lambda need: need.risk),
)
SECONDS = 20.0
"""Longest time for the solver; what it found by then is given with how much better another choice could be at most."""
GAP = 1e-3
"""The solver stops when no other choice can be better by more than this share of the value."""
EXACT = 60
"""Up to so many use cases it goes on until none can be better at all."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One linear condition: the sum of weights of the chosen lies within two bounds."""

    weights: tuple[float, ...]
    low: float
    high: float


def optimise(needs: Sequence[Need], limits: Limits) -> Plan:
    """Choose the use cases of the highest expected value that keep every limit, those that must be done among them.

    The answer does not depend on the order of ``needs``. Its ``at_most`` says how much any other choice could bring.
    Raises: AllocationInvalid: needs that cannot be read together. AllocationImpossible: what must be done does not fit, with
    each limit it goes past as a fault.
    """
    check(needs, limits)
    _fit_the_musts(needs, limits)
    ordered = sorted(needs, key=lambda one: one.usecase)
    if not ordered:
        return price(needs, limits, ())
    chosen, at_most = _solve(ordered, _rows(ordered, limits))
    plan = price(needs, limits, [need.usecase for need, is_in in zip(ordered, chosen, strict=True) if is_in])
    return replace(plan, at_most=max(plan.used.value, at_most))


def price(needs: Sequence[Need], limits: Limits, chosen: Iterable[str]) -> Plan:
    """Tell what a choice takes and brings, exactly, and every limit and rule it goes past.

    Raises: AllocationInvalid: a name that nobody asked for.
    """
    names = set(chosen)
    strangers = sorted(names - {need.usecase for need in needs})
    if strangers:
        faults = [
            Fault(rule="unknown", column="chosen", value=one, message=f"{one} asked for nothing") for one in strangers
        ]
        raise AllocationInvalid(f"not in this round: {', '.join(strangers)}", faults=faults)
    picked = [need for need in needs if need.usecase in names]
    used = Used(value=sum(one.value for one in picked), **{name: sum(map(of, picked)) for name, of in RESOURCES})
    return Plan(chosen=tuple(sorted(names)), used=used, breaches=tuple(_breaches(needs, limits, picked)))


def check(needs: Sequence[Need], limits: Limits) -> None:
    """Raise AllocationInvalid with everything that cannot be read: doubles, negative amounts, names outside the round."""
    faults, seen = [], set()
    names = {need.usecase for need in needs}
    for need in needs:
        if need.usecase in seen:
            faults.append(_fault("double", need.usecase, "is there twice"))
        seen.add(need.usecase)
        faults += [
            _fault("negative", need.usecase, f"asks for a negative {name}") for name, of in RESOURCES if of(need) < 0
        ]
        faults += [
            _fault("unknown", need.usecase, f"needs {one}, which is not in this round")
            for one in need.requires
            if one not in names
        ]
    for name, of_limits in _limits(limits):
        if of_limits is not None and of_limits < 0:
            faults.append(
                Fault(rule="negative", column=name, value=str(of_limits), message=f"{name} must not be negative")
            )
    if faults:
        raise AllocationInvalid("; ".join(one.message for one in faults), faults=faults)


def _fault(rule: str, usecase: str, words: str) -> Fault:
    return Fault(rule=rule, column="usecase", value=usecase, message=f"{usecase} {words}")


def _limits(limits: Limits) -> list[tuple[str, int | None]]:
    by_department = [(f"budget of {name}", one) for name, one in (limits.department_budget or {}).items()]
    own: list[tuple[str, int | None]] = [(name, getattr(limits, name)) for name, _ in RESOURCES]
    return [*own, *by_department, ("most_for_one_department", limits.most_for_one_department)]


def _breaches(needs: Sequence[Need], limits: Limits, picked: Sequence[Need]) -> list[Breach]:
    found = []

    def over(limit: str, allowed: int | None, asked: int, whose: Sequence[Need], department: str | None = None) -> None:
        if allowed is not None and asked > allowed:
            names = tuple(sorted(one.usecase for one in whose))
            found.append(Breach(limit=limit, department=department, allowed=allowed, asked=asked, usecases=names))

    for name, of in RESOURCES:
        over(name, getattr(limits, name), sum(map(of, picked)), [one for one in picked if of(one)])
    for department in sorted({one.department for one in needs}):
        own = [one for one in picked if one.department == department]
        given = (limits.department_budget or {}).get(department)
        over("department_budget", given, sum(one.budget for one in own), own, department)
        over("most_for_one_department", limits.most_for_one_department, len(own), own, department)
    chosen = {one.usecase for one in picked}
    for one in picked:
        lacking = [name for name in one.requires if name not in chosen]
        over("requires", 0, len(lacking), [one])
        both = [name for name in one.excludes if name in chosen and one.usecase < name]
        over("excludes", 0, len(both), [one, *(other for other in picked if other.usecase in both)])
    left_out = [one for one in needs if one.is_must and one.usecase not in chosen]
    over("must", 0, len(left_out), left_out)
    return [*found, *(one for each in _ceilings(limits) for one in _past(each, chosen))]


def _ceilings(limits: Limits) -> tuple[mandates.Ceiling, ...]:
    return limits.appetite.ceilings if limits.appetite else ()


def _past(ceiling: mandates.Ceiling, chosen: Container[str]) -> list[Breach]:
    """A limit of the risk appetite that chosen use cases pass, or that they would pass together once they are live."""
    over = tuple(one for one in ceiling.usecases if one in chosen)
    if len(over) <= ceiling.room:
        return []
    is_counted = ceiling.kind in (mandates.LimitKind.tier, mandates.LimitKind.department)
    return [
        Breach(
            limit=f"appetite_{ceiling.kind.value}",
            department=ceiling.scope if ceiling.kind is mandates.LimitKind.department else None,
            tier=ceiling.scope if ceiling.kind is mandates.LimitKind.tier else None,
            allowed=ceiling.most if is_counted else 0,
            asked=ceiling.live + len(over),
            usecases=over,
        )
    ]


def _fit_the_musts(needs: Sequence[Need], limits: Limits) -> None:
    """Raise when what must be done, with all it rests on, goes past a limit by itself."""
    names = {one.usecase for one in needs if one.is_must}
    by_name = {one.usecase: one for one in needs}
    waiting = list(names)
    while waiting:
        more = set(by_name[waiting.pop()].requires) - names
        names |= more
        waiting += more
    breaches = price(needs, limits, names).breaches
    if breaches:
        faults = [
            Fault(
                rule=one.limit,
                column=one.department or one.limit,
                value=str(one.asked),
                message=f"what must be done goes past {_told(one, limits)}: {one.asked} of {one.allowed}, by {', '.join(one.usecases)}",
            )
            for one in breaches
        ]
        raise AllocationImpossible("; ".join(one.message for one in faults), faults=faults)


def _told(breach: Breach, limits: Limits) -> str:
    if limits.appetite is None or not breach.limit.startswith("appetite_"):
        return breach.limit
    scope = breach.tier or breach.department
    named = breach.limit.removeprefix("appetite_") + (f" {scope}" if scope else "")
    return f"the limit of the risk appetite (version {limits.appetite.version}) on {named}"


def _rows(needs: Sequence[Need], limits: Limits) -> list[_Row]:
    """Every limit and rule as a linear condition on the yes or no of each use case."""
    infinite, places = float("inf"), {need.usecase: place for place, need in enumerate(needs)}
    rows = []

    def weigh(weights: Iterable[float], high: float) -> None:
        rows.append(_Row(tuple(weights), -infinite, high))

    for name, of in RESOURCES:
        if (limit := getattr(limits, name)) is not None:
            weigh([float(of(one)) for one in needs], float(limit))
    for department in sorted({one.department for one in needs}):
        own = [float(one.department == department) for one in needs]
        given = (limits.department_budget or {}).get(department)
        if given is not None:
            weigh([here * one.budget for here, one in zip(own, needs, strict=True)], float(given))
        if limits.most_for_one_department is not None:
            weigh(own, float(limits.most_for_one_department))

    for ceiling in _ceilings(limits):
        weigh([float(one.usecase in ceiling.usecases) for one in needs], float(ceiling.room))

    def pair(one: str, first: float, other: str, second: float, high: float) -> None:
        weights = [0.0] * len(needs)
        weights[places[one]], weights[places[other]] = first, second
        weigh(weights, high)

    for need in needs:
        for other in need.requires:
            pair(need.usecase, 1.0, other, -1.0, 0.0)
        for other in need.excludes:
            if other in places and need.usecase != other:
                pair(need.usecase, 1.0, other, 1.0, 1.0)
    return rows


def _solve(needs: Sequence[Need], rows: Sequence[_Row]) -> tuple[list[bool], int]:
    """The best choice, and a bound on the value of every choice.

    Each row is scaled to weights of at most one, since the tolerance of the solver is absolute.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    scale = [max(map(abs, row.weights), default=0.0) or 1.0 for row in rows]
    weights = np.array([[one / by for one in row.weights] for by, row in zip(scale, rows, strict=True)])
    low, high = (
        np.array([getattr(row, end) / by for by, row in zip(scale, rows, strict=True)]) for end in ("low", "high")
    )
    most = float(max((abs(one.value) for one in needs), default=0) or 1)
    found = milp(
        np.array([-one.value / most for one in needs]),
        constraints=[LinearConstraint(weights, low, high)] if rows else [],
        integrality=np.ones(len(needs)),
        bounds=Bounds([float(one.is_must) for one in needs], 1.0),
        options={"time_limit": SECONDS, "mip_rel_gap": 0.0 if len(needs) <= EXACT else GAP},
    )
    if found.x is None:
        raise AllocationImpossible(f"no choice was found: {found.message}")
    return [bool(x > 0.5) for x in found.x], round(-found.mip_dual_bound * most)
