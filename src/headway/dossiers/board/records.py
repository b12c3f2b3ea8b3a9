"""What the records hold of the whole organisation and one quarter, gathered once; a board pack is drawn from this alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from headway.dossiers.entities import Cite
from headway.dossiers.quarters import Quarter
from headway.governance import BreakGlass, OperateFinding, Pack, UseCase, Waiver, assessments, council, mandates, risks
from headway.incidents import IncidentView
from headway.ledger import Event
from headway.monitoring import Alert
from headway.portfolio import Allocation, ResourceRequest, Stage, Standing
from headway.registry import ModelRelease
from headway.value import DeploymentValue, projections


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecords:
    """Everything that a board pack may rest on. What happened is of the quarter; what stands, as it stands now."""

    organisation: str
    quarter: Quarter
    standings: tuple[Standing, ...]
    """Every use case with its stage and what keeps it there, by name."""
    packs: tuple[Pack, ...]
    values: tuple[DeploymentValue, ...]
    """Of everything that is or was at work, by use case."""
    projected: Mapping[str, projections.Projection]
    """The newest of each use case that has one."""
    needs: tuple[assessments.Need, ...]
    """Assessments that use cases on their way to work, or at work, owe and have not signed."""
    programmes: tuple[mandates.Programme, ...]
    appetite: mandates.Appetite | None
    """The version in force."""
    uses: tuple[mandates.LimitUse, ...]
    requests: tuple[ResourceRequest, ...]
    """The newest of each use case that is not retired."""
    allocations: tuple[Allocation, ...]
    """Rounds that reach into the quarter or were decided in it."""
    releases: tuple[ModelRelease, ...]
    """Asked for, decided or released in the quarter."""
    refusals: tuple[Event, ...]
    """What gates kept out in the quarter, as far as ``are_all_refusals`` says."""
    are_all_refusals: bool
    waivers: tuple[Waiver, ...]
    """In force, or asked for in the quarter."""
    glass: tuple[BreakGlass, ...]
    """Open, overdue, or asked for in the quarter."""
    findings: tuple[OperateFinding, ...]
    registers: tuple[risks.Register, ...]
    """Those that have a risk."""
    incidents: tuple[IncidentView, ...]
    """Opened in the quarter, or not closed."""
    alerts: tuple[Alert, ...]
    """Opened in the quarter, or not closed."""
    bodies: tuple[council.Body, ...]
    items: tuple[council.Item, ...]
    """Decided in the quarter, or not decided yet."""
    conditions: tuple[council.Condition, ...]
    """Those that nobody accepted yet."""
    missed: tuple[council.Condition, ...]
    """Of these, those whose day is over."""
    departments: Mapping[str, str]
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> tuple[UseCase, ...]:
        """Every use case."""
        return tuple(one.usecase for one in self.standings)

    def at_stage(self, *stages: Stage) -> tuple[UseCase, ...]:
        """The use cases that stand at some stages."""
        return tuple(one.usecase for one in self.standings if one.stage in stages)

    def title(self, slug: str) -> str:
        """What a use case is called."""
        return next((one.title for one in self.cases if one.slug == slug), slug)

    def name(self, ref: str | None) -> str:
        """Who somebody is; a text that names nobody stands for itself."""
        return self.people.get(ref or "", ref or "–")

    def of_cases(self, cases: Iterable[UseCase]) -> tuple[Cite, ...]:
        """Use cases as they stand."""
        return tuple(Cite(ref=f"usecase:{one.slug}", digest=one.digest) for one in cases)

    def of_quarter(self) -> tuple[Cite, ...]:
        """The ledger of the quarter: where to look that something did not happen."""
        return (Cite(ref=f"ledger:{self.quarter.days}"),)

    def of_inventory(self) -> tuple[Cite, ...]:
        """The inventory; the ledger of the quarter where it is empty."""
        return self.of_cases(self.cases) or self.of_quarter()

    def happened(self, at: datetime | None) -> bool:
        """Whether a moment lies in the quarter."""
        return self.quarter.holds(at)
