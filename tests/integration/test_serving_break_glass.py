"""A broken glass and what runs on it: deployed as any release, stopped by a review, never deployed on what has lapsed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway import governance, identity, registry, serving
from headway.governance import ReviewFinding
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import BEN, MINIMAL_RISK
from tests.factories.serving import ACTOR, deployed, released

CLEO = Actor(ref="person:cleo", name="Cleo")


@pytest.fixture
def broken(parts: Parts) -> tuple[Parts, str, str]:
    """A bundle that runs in the sandbox, let into the pilot by two people and deployed there."""
    with parts.database.session() as session:
        identity.ensure_department(session, ACTOR, "sales")
        governance.open_usecase(
            session, ACTOR, slug="lead-scoring", title="Leads", department="sales", risk=MINIMAL_RISK
        )
        governance.classify(session, ACTOR, "lead-scoring")
    subject = released(parts)
    deployed(parts, subject)
    with parts.database.session() as session:
        wanted = governance.request_break_glass(
            session, ACTOR, usecase="lead-scoring", environment="pilot", subject=Ref("model", "lead-scoring", "3"),
            subject_digest=subject, reason="the model in place refuses everything",
        )  # fmt: skip
    with pytest.raises(serving.NoVerdict):
        deployed(parts, subject, environment="pilot")
    with parts.database.session() as session:
        registry.confirm_break_glass(session, parts.storage, parts.signer, BEN, wanted.id, reason="it is that bad")
    deployed(parts, subject, environment="pilot")
    return parts, subject, wanted.id


def states(parts: Parts) -> dict[str, str]:
    with parts.database.session() as session:
        return {one.environment: one.state.value for one in serving.list_deployments(session)[0]}


def test_what_was_not_justified_stops_there_and_cannot_be_resumed(broken: tuple[Parts, str, str]) -> None:
    parts, _, glass = broken
    assert states(parts) == {"sandbox": "active", "pilot": "active"}
    with parts.database.session() as session:
        serving.review_break_glass(
            session, CLEO, glass, ReviewFinding.not_justified, review="the old one would have done"
        )
    assert states(parts) == {"sandbox": "active", "pilot": "suspended"}
    with parts.database.session() as session, pytest.raises(serving.NoVerdict, match="rests on what was ended"):
        serving.resume(session, ACTOR, name="leads", environment="pilot", reason="try again")


def test_what_was_justified_runs_on_and_starts_no_more_after_three_days(broken: tuple[Parts, str, str]) -> None:
    parts, _, glass = broken
    with parts.database.session() as session:
        serving.review_break_glass(
            session, CLEO, glass, ReviewFinding.justified, review="nothing else would have helped"
        )
    assert states(parts)["pilot"] == "active"
    with parts.database.session() as session, clock.fixed(clock.now() + timedelta(days=3, minutes=1)):
        serving.suspend(session, ACTOR, name="leads", environment="pilot", reason="a pause")
        with pytest.raises(serving.NoVerdict, match="ended"):
            serving.resume(session, ACTOR, name="leads", environment="pilot", reason="try again")


def test_a_waiver_that_was_ended_early_lets_nothing_start(parts: Parts) -> None:
    with parts.database.session() as session:
        identity.ensure_department(session, ACTOR, "sales")
        governance.open_usecase(
            session, ACTOR, slug="lead-scoring", title="Leads", department="sales", risk=MINIMAL_RISK
        )
        governance.classify(session, ACTOR, "lead-scoring")
        asked = governance.request_waiver(
            session, ACTOR, usecase="lead-scoring", environment="sandbox", pack="headway-core", control="HW-PARITY",
            reason="the parity job is broken", compensation="two people look at each answer",
        )  # fmt: skip
        governance.grant_waiver(session, BEN, asked.id, "for this once")
    subject = released(parts)
    deployed(parts, subject)
    with parts.database.session() as session:
        verdict = governance.issue_verdict(
            session, parts.signer, parts.storage, actor=ACTOR, environment="sandbox", subject=Ref("model", "lead-scoring", "3"),
            subject_digest=subject, usecase="lead-scoring",
        )  # fmt: skip
        assert verdict.exceptions == (asked.id,)
        serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason="a pause")
        serving.resume(session, ACTOR, name="leads", environment="sandbox", reason="and on")
        serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason="a pause")
        governance.end_waiver(session, BEN, asked.id, "the job runs again")
        with pytest.raises(serving.NoVerdict, match="rests on what was ended"):
            serving.resume(session, ACTOR, name="leads", environment="sandbox", reason="and on")
