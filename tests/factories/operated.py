"""A release of the small model at work in production as two people put it there, under a clock that is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from headway import catalog, governance, monitoring, runtime, serving
from headway.governance import OperateRun
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref
from headway.kernel.settings import Environment
from headway.kernel.web import Parts
from tests.factories.governance import ANA, BEN, DATA_DIGEST, GOOD_FACTS, GOOD_QUALITY, JOB, open_usecase
from tests.factories.releases import DRAFT, make_files
from tests.factories.serving import prepare_keys


@dataclass(slots=True)
class Operated:
    """What is at work, and the steps of its days."""

    parts: Parts
    clock: clock.FixedClock
    release: str
    usecase: str = "lead-scoring"
    name: str = "leads"
    environment: Environment = "production"

    def days(self, days: float) -> None:
        """Let days pass in which nothing is done."""
        self.clock.advance(timedelta(days=days))

    def monitor(self) -> None:
        """Let monitoring run, as it does each day."""
        with self.parts.database.session() as session:
            monitoring.judge(
                session,
                self.parts.storage,
                catalog.lake_of(self.parts),
                name=self.name,
                environment=self.environment,
            )

    def run(self) -> OperateRun:
        """Ask the operate gate about everything, as the worker does each few minutes."""
        with self.parts.database.session() as session:
            return serving.operate(session, SYSTEM)

    def deployment(self) -> serving.Deployment:
        """As people see it."""
        with self.parts.database.session() as session:
            return serving.get_deployment(session, self.name, self.environment)

    def findings(self) -> dict[str, governance.OperateFinding]:
        """What stands open, by control."""
        with self.parts.database.session() as session:
            return {one.control: one for one in governance.open_findings(session)}


def released_to(
    parts: Parts, environment: Environment = "production", *, version: str = "3", usecase: str = "lead-scoring"
) -> str:
    """Pack the small model, bring all evidence, let a second person approve and the gate sign; returns the digest."""
    draft = replace(DRAFT, model=replace(DRAFT.model, version=version))
    subject_digest = runtime.write_bundle(parts.storage, runtime.pack_bundle(make_files(), draft))
    subject = Ref("model", "lead-scoring", version)
    with parts.database.session() as session:
        if usecase not in {found.slug for found in governance.list_usecases(session).items}:
            open_usecase(session, slug=usecase)
            governance.classify(session, ANA, usecase)
        for type_, facts in GOOD_FACTS.items():
            governance.record_evidence(
                session, type=type_, subject=subject, subject_digest=subject_digest, facts=facts, producer=JOB
            )
        governance.record_evidence(
            session,
            type="data_quality_report",
            subject=Ref("product", "sales.leads"),
            subject_digest=DATA_DIGEST,
            facts=GOOD_QUALITY,
            producer=JOB,
        )
        asked = governance.request_approval(
            session, ANA, subject=subject, subject_digest=subject_digest, environment=environment, usecase=usecase
        )
        governance.approve(session, BEN, asked.id, "read the evaluation and the card")
        governance.issue_verdict(
            session,
            parts.signer,
            parts.storage,
            actor=ANA,
            environment=environment,
            subject=subject,
            subject_digest=subject_digest,
            usecase=usecase,
        )
    return subject_digest


def put_to_work(
    parts: Parts, release: str, *, version: str = "3", name: str = "leads", usecase: str = "lead-scoring"
) -> None:
    """Deploy a release to production."""
    with parts.database.session() as session:
        serving.deploy(
            session,
            ANA,
            name=name,
            usecase=usecase,
            version=Ref("model", "lead-scoring", version),
            subject_digest=release,
            environment="production",
            holdout_share=0.1,
            subject_field="customer",
        )


def operated(parts: Parts, held: clock.FixedClock) -> Operated:
    """Put a release to work in production, and let monitoring look at it once."""
    prepare_keys(parts)
    release = released_to(parts)
    put_to_work(parts, release)
    made = Operated(parts, held, release)
    made.monitor()
    return made
