"""What the records hold of one use case, gathered once; every document is drawn from this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headway.catalog import DataProduct, ProductSnapshot, QualityReport
from headway.dossiers.entities import Cite
from headway.governance import (
    Approval,
    BreakGlass,
    Evidence,
    OperateFinding,
    Pack,
    System,
    TierDecision,
    TierException,
    UseCase,
    Vendor,
    VerdictRecord,
    Waiver,
    assessments,
    risks,
)
from headway.incidents import Incident
from headway.monitoring import Alert, Monitoring
from headway.registry import ModelRelease, ModelVersion, Run
from headway.scaling import ScalePlan
from headway.serving import Deployment
from headway.value import DeploymentValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything about one use case that a document may rest on; lists are newest first."""

    organisation: str
    department: str
    case: UseCase
    decision: TierDecision | None
    packs: tuple[Pack, ...]
    evidence: tuple[Evidence, ...]
    """About the use case, the version, its data, its systems and vendors."""
    version: ModelVersion | None
    """The one at work in the furthest environment, else the newest."""
    versions: tuple[ModelVersion, ...]
    run: Run | None
    cpu_seconds: float | None
    """What the job of the run took, of one core."""
    product: DataProduct | None
    snapshot: ProductSnapshot | None
    quality: QualityReport | None
    releases: tuple[ModelRelease, ...]
    approvals: tuple[Approval, ...]
    verdicts: tuple[VerdictRecord, ...]
    deployments: tuple[Deployment, ...]
    decided: Mapping[str, int]
    """How many decisions each deployment made, by its id."""
    waivers: tuple[Waiver, ...]
    glass: tuple[BreakGlass, ...]
    exceptions: tuple[TierException, ...]
    findings: tuple[OperateFinding, ...]
    systems: tuple[System, ...]
    vendors: tuple[Vendor, ...]
    monitorings: tuple[Monitoring, ...]
    alerts: tuple[Alert, ...]
    values: tuple[DeploymentValue, ...]
    plans: tuple[ScalePlan, ...]
    needs: tuple[assessments.Need, ...]
    """Each assessment: whether it is due and where it stands."""
    assessed: Mapping[str, assessments.Assessment]
    """The newest signed one of each template."""
    questions: Mapping[str, Mapping[str, str]]
    """What each template asks: texts by template and question."""
    register: risks.Register | None
    """None where no risk was ever written down."""
    incidents: tuple[Incident, ...]
    """Those of the register that touch the use case."""
    entries: Mapping[str, str]
    """The newest entry of the ledger about a thing, by its reference."""
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> Mapping[str, Any]:
        """The card of the version; empty without one."""
        return self.version.report if self.version else {}

    @property
    def environment(self) -> str:
        """The furthest environment in which something of it is at work; production where nothing is."""
        order = ("production", "pilot", "sandbox")
        here = {one.environment for one in self.deployments if one.state != "retired"}
        return next((one for one in order if one in here), "production")

    def newest(self, type: str) -> Evidence | None:
        """The newest evidence of a type."""
        return next((one for one in self.evidence if one.type == type), None)

    def of_type(self, type: str) -> tuple[Evidence, ...]:
        """All evidence of a type."""
        return tuple(one for one in self.evidence if one.type == type)

    def fact(self, name: str) -> Any:  # noqa: ANN401  facts are scalars and lists of texts
        """A risk fact of the use case, what systems settle before what people said; None when nobody knows."""
        derived = next((one.value for one in self.case.derived if one.name == name), None)
        return derived if derived is not None else self.case.risk.get(name)

    def need(self, template: str) -> assessments.Need | None:
        """How an assessment stands."""
        return next((one for one in self.needs if one.template == template), None)

    def name(self, ref: str | None) -> str:
        """Who somebody is; a text that names nobody stands for itself."""
        return self.people.get(ref or "", ref or "")

    def of_case(self) -> tuple[Cite, ...]:
        """The use case as it stands, and the newest entry about it."""
        return (
            *self.entry(f"usecase:{self.case.slug}"),
            Cite(ref=f"usecase:{self.case.slug}", digest=self.case.digest),
        )

    def of_version(self) -> tuple[Cite, ...]:
        """The version, by the digest of its bundle."""
        return (Cite(ref=self.version.ref, digest=self.version.digest),) if self.version else ()

    def entry(self, ref: str) -> tuple[Cite, ...]:
        """The newest entry of the ledger about a thing, where there is one."""
        found = self.entries.get(ref)
        return (Cite(ref=f"event:{found}"),) if found else ()

    def pack(self, name: str) -> tuple[Cite, ...]:
        """A pack that is on."""
        return tuple(
            Cite(ref=f"pack:{one.id}@{one.version}", digest=one.digest) for one in self.packs if one.id == name
        )


def by_evidence(evidence: Evidence) -> Cite:
    """Name a piece of evidence; its digest is that of what was attested, else of what it is about."""
    return Cite(ref=f"evidence:{evidence.id}", digest=evidence.payload_digest or evidence.subject_digest)


def by_verdict(verdict: VerdictRecord) -> Cite:
    """Name a verdict by the digest of its signed envelope."""
    return Cite(ref=f"verdict:{verdict.id}", digest=verdict.envelope_digest)
