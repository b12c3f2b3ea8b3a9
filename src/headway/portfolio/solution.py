"""What a department solution is: a frozen manifest that says what to decide, how, and at what risk.

A solution is data. It reaches lower packages as their own specifications; no lower package sees a ``Solution``.
Plug-in code never runs on a decision node.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from headway.kernel.errors import Fault, Scalar

API = 1
"""The version of this shape; a solution made for another one is refused by name."""

_ID = re.compile(r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$")
_FIELD = re.compile(r"^[^\s].{0,119}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractExpectations:
    """What a file must offer before it is worth training on."""

    min_rows: int = 200
    min_per_class: int = 20
    """Rows of the rarer label value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRules:
    """Columns a solution never learns from, by name without regard to case, and why."""

    never: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDefaults:
    """What the training run starts from; the same seed and data give the same model."""

    seed: int = 20260101


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A part of the ranking, best first, and the action recommended for it."""

    name: str
    action: str
    share: float
    """Part of the population that falls into the band, above 0; all shares sum to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRules:
    """How a score becomes an action, and how large the control group is."""

    bands: tuple[Band, ...]
    default_action: str
    """What happens without the model: the action of the hold-out arm."""
    holdout_share: float
    subject: str = "subject"
    """Field that names whom a decision is about, when the file does not say."""
    unit: str = "decision"
    """What one decision is about, for people: a lead, an invoice."""
    success: str = "success"
    """What the positive label means, for people: a sale, a fraud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A number that the use case is to move, and how it is computed from decisions and outcomes."""

    id: str
    title: str
    unit: str
    formula: str
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPath:
    """What people of a role must know before they work with the decisions."""

    role: str
    title: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """One department solution; see ``headway solutions list`` for those that loaded."""

    id: str
    """``department.name``, for example ``sales.lead-scoring``; unique among all installed."""
    title: str
    department: str
    purpose: str
    """What the solution is made for; the use case's own purpose stays empty until its owner writes it."""
    contract: ContractExpectations
    features: FeatureRules
    training: TrainingDefaults
    decision: DecisionRules
    risk: Mapping[str, Scalar | tuple[str, ...]]
    """Risk facts proposed for the assessment, in the words of the policy packs; people confirm or change them."""
    indicators: tuple[Indicator, ...]
    learning: tuple[LearningPath, ...] = ()
    edges: tuple[str, ...] = ()
    """``module:router`` of routes that the solution adds to the control plane."""
    api: int = API

    @property
    def slug(self) -> str:
        """The id as a name of use cases, models and deployments: ``lead-scoring``."""
        return self.id.rpartition(".")[2]


def check(found: object) -> tuple[Fault, ...]:
    """Tell everything that is wrong with what an entry point handed over; nothing when it may load."""
    if not isinstance(found, Solution):
        kind = type(found).__name__
        return (Fault(rule="type", message=f"the entry point gives a {kind}, expected headway.portfolio.Solution"),)
    if found.api != API:
        return (
            Fault(rule="api", message=f"made for version {found.api} of the solution shape, this Headway has {API}"),
        )
    return (*_names(found), *_decision(found.decision), *_indicators(found.indicators))


def _names(solution: Solution) -> list[Fault]:
    faults: list[Fault] = []
    if not _ID.match(solution.id):
        faults.append(
            Fault(rule="id", value=solution.id, message=f"{solution.id!r} is not of the form department.name")
        )
    elif solution.id.partition(".")[0] != solution.department:
        faults.append(
            Fault(rule="department", message=f"{solution.id} starts with another department than {solution.department}")
        )
    faults.extend(
        Fault(rule="text", column=name, message=f"{name} is empty")
        for name, text in (("title", solution.title), ("purpose", solution.purpose))
        if not text.strip()
    )
    faults.extend(
        Fault(rule="edges", value=edge, message=f"{edge!r} is not of the form module:name")
        for edge in solution.edges
        if edge.count(":") != 1
    )
    return faults


def _decision(rules: DecisionRules) -> list[Fault]:
    faults: list[Fault] = []
    names = [band.name for band in rules.bands]
    if not names:
        faults.append(Fault(rule="bands", message="there is no band"))
    elif abs(sum(band.share for band in rules.bands) - 1) > 1e-9 or any(band.share <= 0 for band in rules.bands):
        faults.append(Fault(rule="bands", message="the bands' shares must be above 0 and sum to 1"))
    if len(set(names)) != len(names):
        faults.append(Fault(rule="bands", message="two bands have the same name"))
    if not 0 <= rules.holdout_share < 1:
        faults.append(Fault(rule="holdout_share", message=f"the hold-out share {rules.holdout_share} is not in [0, 1)"))
    if not rules.default_action.strip():
        faults.append(Fault(rule="default_action", message="the hold-out arm needs a default action"))
    if not _FIELD.match(rules.subject):
        faults.append(Fault(rule="subject", message="the subject field has no name"))
    return faults


def _indicators(indicators: tuple[Indicator, ...]) -> list[Fault]:
    ids = [indicator.id for indicator in indicators]
    if len(set(ids)) != len(ids):
        return [Fault(rule="indicators", message="two indicators have the same id")]
    return []
