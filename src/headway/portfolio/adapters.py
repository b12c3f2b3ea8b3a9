"""Finding installed solutions: the entry-point group ``headway.solutions``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from headway.kernel.errors import Fault, NotFound
from headway.portfolio.entities import LoadedSolution
from headway.portfolio.solution import Solution, check

GROUP = "headway.solutions"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The solutions of this installation: those that loaded, and for each what happened."""

    loaded: tuple[LoadedSolution, ...]
    solutions: dict[str, Solution]

    def get(self, solution_id: str) -> Solution:
        """Take a solution by id; raises NotFound that names what there is and why this one did not load."""
        if solution_id in self.solutions:
            return self.solutions[solution_id]
        broken = [entry.reason for entry in self.loaded if entry.id == solution_id and entry.reason]
        if broken:
            raise NotFound(f"the solution {solution_id} did not load: {broken[0]}", hint="see 'headway solutions list'")
        names = ", ".join(sorted(self.solutions)) or "none"
        raise NotFound(f"there is no solution {solution_id!r}", hint=f"installed: {names}")


def load_solutions(allowed: str | None = None, *, found: Iterable[EntryPoint] | None = None) -> Shelf:
    """Load and check every installed solution.

    Args: allowed: comma-separated ids that may load (the setting ``HEADWAY_SOLUTIONS``); None means all.
    """
    wanted = None if allowed is None else {name.strip() for name in allowed.split(",") if name.strip()}
    entries: list[LoadedSolution] = []
    solutions: dict[str, Solution] = {}
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda point: (point.name, point.value))
    for point in points:
        made, reason = (
            (None, "not among the ids in HEADWAY_SOLUTIONS")
            if wanted is not None and point.name not in wanted
            else _load(point)
        )
        if made is not None and reason is None and made.id in solutions:
            reason = f"another installed package already gives {made.id}"
        if made is not None and reason is None:
            solutions[made.id] = made
        entries.append(_entry(point, made, reason))
    return Shelf(tuple(entries), solutions)


@lru_cache(maxsize=4)
def shelf(allowed: str | None) -> Shelf:
    """The solutions of this process, loaded once; packages do not come and go while it runs."""
    return load_solutions(allowed)


def _load(point: EntryPoint) -> tuple[Solution | None, str | None]:
    try:
        made: object = point.load()
    except Exception as error:  # noqa: BLE001  somebody else's package must not take the platform down
        return None, f"{type(error).__name__}: {error}"
    faults: tuple[Fault, ...] = check(made)
    if isinstance(made, Solution) and not faults and made.id != point.name:
        faults = (Fault(rule="name", message=f"the entry point is called {point.name}, the solution {made.id}"),)
    if not isinstance(made, Solution) or faults:
        return None, "; ".join(fault.message for fault in faults)
    return made, None


def _entry(point: EntryPoint, made: Solution | None, reason: str | None) -> LoadedSolution:
    package = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown package"
    return LoadedSolution(
        id=point.name,
        title=made.title if made else None,
        department=made.department if made else None,
        state="refused" if reason else "loaded",
        package=package,
        target=point.value,
        reason=reason,
    )
