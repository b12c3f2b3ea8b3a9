"""No way around the gate: whoever does whatever in whichever order, nothing serves in production without two people and a fresh verdict.

A state machine drives the real services on a real database, storage and clock. After each step it looks as a node does: it
publishes the snapshot and loads every release that the snapshot names, and every bundle that lies in storage. What loads must
have been asked for by one person and approved by another, as the machine itself remembers, under a verdict that is not over,
of a subject that nobody revoked, for a use that is not prohibited.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from headway import governance, identity, registry, runtime, serving
from headway.governance import Tier
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    DATA_DIGEST,
    GOOD_FACTS,
    GOOD_QUALITY,
    JOB,
    MINIMAL_RISK,
    NOW,
    open_usecase,
)
from tests.factories.releases import DRAFT, make_files

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
IS_FULL = os.environ.get("HEADWAY_PROVE_DOSE", "small") == "full"
CASE = "lead-scoring"
CLEO = Actor(ref="person:cleo", name="Cleo")
PIPELINE = Actor(ref="service:pipeline", name="Pipeline")
PEOPLE = (ANA, BEN, CLEO)
ACTORS = st.sampled_from([*PEOPLE, PIPELINE, JOB, SYSTEM])
ENVIRONMENTS = st.sampled_from(["pilot", "production", "production", "sandbox"])
BUNDLES = tuple(
    runtime.pack_bundle(make_files(), replace(DRAFT, model=replace(DRAFT.model, version=number)))
    for number in ("1", "2")
)
WHICH = st.integers(0, len(BUNDLES) - 1)
seen: Counter[str] = Counter()


class Way(RuleBasedStateMachine):
    """People and services at the gates of one use case with two versions."""

    database: Database
    signer: Signer

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.storage = Storage((folder / "storage").as_uri())
        self.clock = self.stack.enter_context(clock.fixed(NOW))
        connection = self.stack.enter_context(self.database.engine.connect())
        outer = connection.begin()
        self.stack.callback(outer.rollback)
        self.session = self.stack.enter_context(
            Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        )
        self.digests = [runtime.write_bundle(self.storage, bundle) for bundle in BUNDLES]
        self.asked_by: dict[str, str] = {}
        self.yes_of: dict[str, set[str]] = {}
        self.revoked: set[str] = set()
        self.glass_by: dict[str, str] = {}
        self.broken_by: dict[str, str] = {}

    def teardown(self) -> None:
        self.stack.close()

    @contextmanager
    def trying(self) -> Iterator[Session]:
        """An attempt that may be refused; then nothing of it stays."""
        point = self.session.begin_nested()
        try:
            yield self.session
            self.session.flush()
            point.commit()
        except (HeadwayError, DBAPIError):
            point.rollback()
            self.session.expire_all()

    @initialize()
    def begin(self) -> None:
        identity.ensure_department(self.session, ANA, "sales")
        open_usecase(self.session)

    def subject(self, which: int) -> dict[str, Any]:
        return {"subject": Ref("model", CASE, str(which + 1)), "subject_digest": self.digests[which]}

    # --- what happens to the use case -------------------------------------------------------------------------

    @rule(which=WHICH, without=st.sampled_from([None, None, *GOOD_FACTS]))
    def jobs_measure(self, which: int, without: str | None) -> None:
        with self.trying() as session:
            for name, facts in GOOD_FACTS.items():
                if name != without:
                    governance.record_evidence(session, type=name, facts=facts, producer=JOB, **self.subject(which))
            governance.record_evidence(
                session,
                type="data_quality_report",
                subject=Ref("product", "sales.leads"),
                subject_digest=DATA_DIGEST,
                facts=GOOD_QUALITY,
                producer=JOB,
            )

    @rule(actor=ACTORS, which=WHICH, name=st.sampled_from([*GOOD_FACTS]))
    def somebody_types_what_jobs_measure(self, actor: Actor, which: int, name: str) -> None:
        with pytest.raises(governance.EvidenceRefused):
            governance.attest(self.session, actor, type=name, facts=GOOD_FACTS[name], **self.subject(which))

    @rule(actor=ACTORS, prohibited=st.booleans())
    def risk_is_told(self, actor: Actor, prohibited: bool) -> None:
        with self.trying() as session:
            hits = {**MINIMAL_RISK, "prohibited_hits": ["5-1-f"] if prohibited else []}
            governance.update_usecase(session, actor, CASE, changes={}, risk=hits)

    @rule(actor=ACTORS, by_hand=st.booleans(), tier=st.sampled_from([Tier.minimal, Tier.high, Tier.prohibited]))
    def tier_is_decided(self, actor: Actor, by_hand: bool, tier: Tier) -> None:
        with self.trying() as session:
            if by_hand:
                governance.decide_tier(session, actor, CASE, tier=tier, reasons="read by two lawyers with care")
            else:
                governance.classify(session, actor, CASE)

    @rule(actor=ACTORS, again=st.booleans())
    def usecase_is_retired(self, actor: Actor, again: bool) -> None:
        with self.trying() as session:
            act: Callable[..., Any] = governance.reopen_usecase if again else governance.retire_usecase
            act(session, actor, CASE, "because")

    @rule(actor=ACTORS, needed=st.integers(0, 3))
    def quorum_is_set(self, actor: Actor, needed: int) -> None:
        with self.trying() as session:
            governance.set_quorum(session, actor, "production", needed=needed, reason="to see")

    @rule(
        actor=ACTORS, name=st.sampled_from(["headway-core", "eu-ai-act-core", "gdpr", "nist-ai-rmf"]), on=st.booleans()
    )
    def pack_is_switched(self, actor: Actor, name: str, on: bool) -> None:
        with self.trying() as session:
            governance.switch_pack(session, self.signer, actor, name, is_on=on, reason="to see")

    @rule(days=st.sampled_from([1, 20, 40, 200, 400]))
    def time_passes(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    # --- approval and release ---------------------------------------------------------------------------------

    @rule(actor=ACTORS, which=WHICH, environment=ENVIRONMENTS)
    def approval_is_asked_for(self, actor: Actor, which: int, environment: str) -> None:
        with self.trying() as session:
            made = governance.request_approval(
                session, actor, environment=environment, usecase=CASE, **self.subject(which)
            )
            self.asked_by.setdefault(made.id, actor.ref)

    @rule(actor=ACTORS, choice=st.integers(0, 9))
    def somebody_says_yes(self, actor: Actor, choice: int) -> None:
        if self.asked_by:
            name = sorted(self.asked_by)[choice % len(self.asked_by)]
            with self.trying() as session:
                governance.approve(session, actor, name, "read it")
                self.yes_of.setdefault(name, set()).add(actor.ref)

    @rule(actor=ACTORS, choice=st.integers(0, 9))
    def somebody_says_no(self, actor: Actor, choice: int) -> None:
        if self.asked_by:
            with self.trying() as session:
                governance.reject(session, actor, sorted(self.asked_by)[choice % len(self.asked_by)], "not yet")

    @rule(person=st.sampled_from(PEOPLE), choice=st.integers(0, 9))
    def somebody_writes_into_the_database(self, person: Actor, choice: int) -> None:
        """The service bypassed: one's own request is marked as approved by hand."""
        if self.asked_by:
            name = sorted(self.asked_by)[choice % len(self.asked_by)]
            with self.trying() as session:
                session.execute(
                    text(
                        "update governance.approvals set state = 'approved', approved_by = :by, decided_at = now(),"
                        " reason = 'x' where id = :id"
                    ),
                    {"by": person.ref, "id": name},
                )

    @rule(actor=ACTORS, which=WHICH, environment=ENVIRONMENTS)
    def gate_is_asked_to_sign(self, actor: Actor, which: int, environment: str) -> None:
        with self.trying() as session:
            governance.issue_verdict(
                session,
                self.signer,
                self.storage,
                actor=actor,
                environment=environment,
                usecase=CASE,
                **self.subject(which),
            )

    # --- exceptions -------------------------------------------------------------------------------------------

    @rule(actor=ACTORS, control=st.sampled_from(["HW-TWO-PEOPLE", "HW-PARITY", "HW-REVOKED", "HW-TIER", "HW-LEAKS"]))
    def waiver_is_asked_for(self, actor: Actor, control: str) -> None:
        with self.trying() as session:
            governance.request_waiver(
                session,
                actor,
                usecase=CASE,
                environment="production",
                pack="headway-core",
                control=control,
                reason="it comes on Friday",
                compensation="a person looks at each of them",
                days=20,
            )

    @rule(actor=ACTORS, choice=st.integers(0, 9))
    def waiver_is_granted(self, actor: Actor, choice: int) -> None:
        wanted = governance.list_waivers(self.session, usecase=CASE).items
        if wanted:
            with self.trying() as session:
                governance.grant_waiver(session, actor, wanted[choice % len(wanted)].id, "until Friday")

    @rule(actor=ACTORS, which=WHICH)
    def glass_is_asked_for(self, actor: Actor, which: int) -> None:
        with self.trying() as session:
            made = governance.request_break_glass(
                session,
                actor,
                usecase=CASE,
                environment="production",
                reason="the shop decides nothing any more",
                **self.subject(which),
            )
            self.glass_by.setdefault(made.id, actor.ref)

    @rule(actor=ACTORS, choice=st.integers(0, 9))
    def glass_is_confirmed(self, actor: Actor, choice: int) -> None:
        if self.glass_by:
            name = sorted(self.glass_by)[choice % len(self.glass_by)]
            with self.trying() as session:
                registry.confirm_break_glass(
                    session, self.storage, self.signer, actor, name, reason="customers stand at closed doors"
                )
                self.broken_by[name] = actor.ref

    @rule(actor=ACTORS, choice=st.integers(0, 9), finding=st.sampled_from(["justified", "not_justified"]))
    def glass_is_reviewed(self, actor: Actor, choice: int, finding: str) -> None:
        if self.glass_by:
            with self.trying() as session:
                name = sorted(self.glass_by)[choice % len(self.glass_by)]
                serving.review_break_glass(
                    session, actor, name, finding=governance.ReviewFinding(finding), review="read the whole log"
                )

    @rule(which=WHICH, asker=st.sampled_from([*PEOPLE, PIPELINE]), other=ACTORS)
    def the_glass_is_broken(self, which: int, asker: Actor, other: Actor) -> None:
        """All steps of an emergency in order, by whoever."""
        self.usecase_is_retired(ANA, True)
        self.risk_is_told(ANA, False)
        self.tier_is_decided(ANA, False, Tier.minimal)
        known = set(self.glass_by)
        self.glass_is_asked_for(asker, which)
        for name in set(self.glass_by) - known:
            self.glass_is_confirmed(other, sorted(self.glass_by).index(name))

    @rule(actor=ACTORS, which=WHICH)
    def version_is_revoked(self, actor: Actor, which: int) -> None:
        with self.trying() as session:
            governance.revoke(session, actor, self.digests[which], "it leaks")
            self.revoked.add(self.digests[which])

    @rule(actor=ACTORS, which=WHICH, environment=st.sampled_from(["production", "pilot"]))
    def somebody_deploys(self, actor: Actor, which: int, environment: Literal["production", "pilot"]) -> None:
        with self.trying() as session:
            serving.deploy(
                session,
                actor,
                name="leads",
                usecase=CASE,
                version=Ref("model", CASE, str(which + 1)),
                subject_digest=self.digests[which],
                environment=environment,
                holdout_share=0.0,
                subject_field="customer",
            )

    @rule(actor=ACTORS, on=st.booleans())
    def deployment_is_suspended_or_resumed(self, actor: Actor, on: bool) -> None:
        with self.trying() as session:
            act: Callable[..., Any] = serving.resume if on else serving.suspend
            act(session, actor, name="leads", environment="production", reason="because")

    @rule(which=WHICH, asker=st.sampled_from([*PEOPLE, PIPELINE]), approver=ACTORS, other=st.sampled_from(PEOPLE))
    def the_whole_way(self, which: int, asker: Actor, approver: Actor, other: Actor) -> None:
        """All steps in order, by whoever: most other steps then find something that is at work."""
        self.usecase_is_retired(ANA, True)
        self.risk_is_told(ANA, False)
        self.jobs_measure(which, None)
        self.tier_is_decided(ANA, False, Tier.minimal)
        known = set(self.asked_by)
        self.approval_is_asked_for(asker, which, "production")
        for name in sorted(set(self.asked_by) - known):
            for actor in (approver, other):
                with self.trying() as session:
                    governance.approve(session, actor, name, "read it")
                    self.yes_of.setdefault(name, set()).add(actor.ref)
        self.gate_is_asked_to_sign(asker, which, "production")
        self.somebody_deploys(asker, which, "production")

    # --- what a node would do ---------------------------------------------------------------------------------

    @invariant()
    def nothing_serves_without_two_people_and_a_fresh_verdict(self) -> None:
        if not hasattr(self, "session"):
            return
        trusted = {self.signer.key_id: self.signer.public}
        revoked = [one.subject_digest for one in governance.list_revocations(self.session)]
        for digest in self.digests:  # whatever the control plane says, as if somebody copied the bundle to a node
            try:
                loaded = runtime.load_release(
                    self.storage, digest, "production", trusted, clock.now(), frozenset(revoked)
                )
            except (runtime.ReleaseRefused, HeadwayError):
                seen["refused"] += 1
                continue
            seen["served"] += 1
            self.must_be_right(digest, loaded.verdict)

    def must_be_right(self, digest: str, verdict: runtime.Verdict) -> None:
        assert digest not in self.revoked
        assert verdict.subject_digest == digest and verdict.environment == "production"
        assert verdict.issued_at <= clock.now() < verdict.serve_until <= verdict.issued_at + timedelta(days=365)
        two = [
            name
            for name in verdict.approvals
            if self.asked_by[name].startswith("person:")
            and any(one.startswith("person:") and one != self.asked_by[name] for one in self.yes_of.get(name, ()))
        ]
        broken = [
            name
            for name in verdict.exceptions
            if self.glass_by.get(name, "").startswith("person:")
            and self.broken_by.get(name, "").startswith("person:")
            and self.broken_by[name] != self.glass_by[name]
        ]
        if broken:
            assert verdict.serve_until <= verdict.issued_at + timedelta(days=3)
            seen["broken"] += 1
        assert two or broken, f"served in production by {verdict.approvals}: {self.asked_by} {self.yes_of}"
        kept = governance.get_verdict(self.session, verdict.id)
        assert kept.tier is not Tier.prohibited and kept.facts_digest == verdict.facts_digest


@pytest.fixture(scope="module")
def home(postgres_url: str, migrated_template: str) -> Iterator[Database]:
    from tests.conftest import copied

    with copied(postgres_url, migrated_template) as made:
        yield made


def test_no_sequence_of_calls_reaches_production_without_two_people_and_a_fresh_verdict(
    home: Database, signer: Signer
) -> None:
    """Acceptance 11 of governance."""
    machine = type("BoundWay", (Way,), {"database": home, "signer": signer})
    seen.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=400 if IS_FULL else 15,
            stateful_step_count=30,
            deadline=None,
            derandomize=not IS_FULL,
            suppress_health_check=list(HealthCheck),
        ),
    )
    least = 10 if IS_FULL else 3
    assert seen["served"] > least and seen["refused"] > least and seen["broken"] > (2 if IS_FULL else 0), (
        seen
    )  # else it would have proved nothing
