"""Deploying needs a verdict for the exact digest and environment; names, states and grants keep their rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from headway import governance, ledger, serving
from headway.kernel import clock
from headway.kernel.canonical import sha256
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.serving import ACTOR, deployed, granted, released


def test_a_digest_without_a_verdict_is_not_deployed(parts: Parts) -> None:
    released(parts)
    with pytest.raises(serving.NoVerdict, match="has no verdict for sandbox"):
        deployed(parts, sha256(b"another bundle"))


def test_a_sandbox_verdict_is_worth_nothing_elsewhere(parts: Parts) -> None:
    subject = released(parts)
    with pytest.raises(serving.NoVerdict, match="has no verdict for production"):
        deployed(parts, subject, environment="production")


def test_a_verdict_that_ended_or_was_revoked_deploys_nothing(fixed_clock: FixedClock, parts: Parts) -> None:
    subject = released(parts)
    with parts.database.session() as session:
        until = governance.list_verdicts(session, subject_digest=subject).items[0].serve_until
    fixed_clock.advance(until - clock.now())
    with pytest.raises(serving.NoVerdict, match="ended at"):
        deployed(parts, subject)
    again = released(parts, version="4")
    with parts.database.session() as session:
        governance.revoke(session, ACTOR, again, "found wanting")
    with pytest.raises(serving.NoVerdict, match="was revoked"):
        deployed(parts, again)


def test_a_deployment_takes_over_a_new_release_and_keeps_its_subjects_in_their_arms(parts: Parts) -> None:
    first = deployed(parts, released(parts))
    second = deployed(parts, released(parts, version="4"), version=Ref("model", "lead-scoring", "4"))
    assert (first.id, first.name) == (second.id, second.name)
    assert second.version == "model:lead-scoring@4"
    with parts.database.session() as session:
        kinds = [event.type for event in ledger.find(session, subject=Ref("deployment", "sandbox/leads")).items]
    assert kinds == ["deployment.changed", "deployment.created"]


def test_a_name_belongs_to_one_use_case(parts: Parts) -> None:
    subject = released(parts)
    deployed(parts, subject)
    released(parts, usecase="churn")
    with pytest.raises(serving.NameTaken):
        deployed(parts, subject, usecase="churn")


def test_a_retired_name_is_free_again_and_the_old_row_stays(parts: Parts) -> None:
    subject = released(parts)
    first = deployed(parts, subject)
    with parts.database.session() as session:
        serving.retire(session, ACTOR, name="leads", environment="sandbox", reason="replaced")
        with pytest.raises(serving.UnknownDeployment):
            serving.get_deployment(session, "leads", "sandbox")
    second = deployed(parts, subject)
    assert second.id != first.id
    with parts.database.session() as session:
        found, _ = serving.list_deployments(session)
    assert [(one.id, one.state) for one in found] == [(second.id, "active"), (first.id, "retired")]


def test_suspending_twice_is_refused_and_a_reason_is_needed(parts: Parts) -> None:
    deployed(parts, released(parts))
    with parts.database.session() as session:
        with pytest.raises(Invalid, match="say why"):
            serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason=" ")
        serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason="drift")
        with pytest.raises(serving.WrongState):
            serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason="drift")
        resumed = serving.resume(session, ACTOR, name="leads", environment="sandbox", reason="checked")
    assert resumed.state is serving.DeploymentState.active


@pytest.mark.parametrize(("changes", "rule"), [({"name": "Lead Scoring"}, "name"), ({"holdout_share": 1.0}, "share")])
def test_malformed_deployments_are_refused(parts: Parts, changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        deployed(parts, released(parts), **changes)
    assert [fault.rule for fault in caught.value.faults] == [rule]


def test_granting_again_moves_the_end_and_undoes_a_revocation(parts: Parts) -> None:
    deployed(parts, released(parts))
    granted(parts)
    with parts.database.session() as session:
        before, _ = serving.list_grants(session)
        serving.revoke_grant(session, ACTOR, before[0].id, "by mistake")
    granted(parts)
    with parts.database.session() as session:
        after, _ = serving.list_grants(session)
    assert [one.id for one in after] == [one.id for one in before]
    assert all(one.revoked_at is None for one in after)


def test_a_grant_of_nothing_or_of_the_past_is_refused_with_both_faults(parts: Parts) -> None:
    deployed(parts, released(parts))
    with parts.database.session() as session, pytest.raises(Invalid) as caught:
        serving.grant(
            session, ACTOR, name="leads", environment="sandbox", token_hash=sha256(b"t"), principal="service:crm",
            scopes=[], expires_at=clock.now() - timedelta(seconds=1),
        )  # fmt: skip
    assert {fault.rule for fault in caught.value.faults} == {"required", "future"}


def test_two_deployments_of_one_name_cannot_be_made_at_once(parts: Parts) -> None:
    """The unique index holds where two transactions do not see each other."""
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    deployed(parts, released(parts))
    copy = (
        "insert into serving.deployments select 'dep_2', name, environment, usecase, version, release, state, reason, salt, arms,"
        " subject_field, bands, daily_limit, created_by, created_at, changed_at, expires_at, held, released_at from serving.deployments"
    )
    with pytest.raises(IntegrityError, match="uq_deployments_live_name"), parts.database.session() as session:
        session.execute(text(copy))
    assert issubclass(serving.NameTaken, Conflict)
