"""Snapshots follow the rows, whatever happened between a change and its publication."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from headway import governance, identity, runtime, serving
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.serving.service import publication
from tests.factories.serving import ACTOR, deployed, granted, published, released


@pytest.fixture
def live(parts: Parts) -> Parts:
    """A deployment with a grant, published."""
    deployed(parts, released(parts))
    granted(parts)
    published(parts)
    return parts


def suspend(parts: Parts, reason: str = "a test") -> None:
    with parts.database.session() as session:
        serving.suspend(session, ACTOR, name="leads", environment="sandbox", reason=reason)


def test_the_node_of_a_new_home_is_told_that_nothing_is_deployed(parts: Parts) -> None:
    snapshot = published(parts)
    assert (snapshot.epoch, snapshot.deployments, snapshot.grants) == (1, {}, {})


def test_a_snapshot_says_what_the_rows_say(live: Parts) -> None:
    snapshot = published(live)
    deployment = snapshot.deployments["leads"]
    assert [(arm.name, arm.share) for arm in deployment.arms] == [("champion", 0.75), ("hold_out", 0.25)]
    assert deployment.arms[1].release is None
    assert len(bytes.fromhex(deployment.salt)) == 16
    assert deployment.limits.decisions_per_day == 1000
    assert deployment.limits.expires_at is not None
    [(token_hash, grants)] = snapshot.grants.items()
    assert token_hash == identity.token_hash("hwy_a_secret")
    assert [(grant.deployment, grant.scope, grant.principal) for grant in grants] == [
        ("leads", "decide", "service:crm"),
        ("leads", "outcome", "service:crm"),
    ]


def test_nothing_is_published_while_nothing_changes(live: Parts) -> None:
    before = published(live)
    assert serving.publish_due(live) == []
    assert published(live).epoch == before.epoch


@pytest.mark.parametrize("change", ["suspend", "revoke_release", "revoke_token", "revoke_grant", "redeploy", "limit"])
def test_every_change_raises_the_epoch_and_reaches_the_snapshot(live: Parts, change: str) -> None:
    before = published(live)
    if change == "suspend":
        suspend(live)
    elif change == "redeploy":
        deployed(live, released(live, version="4"))
    else:
        with live.database.session() as session:
            if change == "revoke_release":
                governance.revoke(session, ACTOR, before.deployments["leads"].arms[0].release or "", "found wanting")
            elif change == "revoke_token":
                token = identity.create_token(
                    session, ACTOR, owner=Ref.parse("service:erp"), name="erp", scopes=("decide",)
                )
                serving.grant(
                    session, ACTOR, name="leads", environment="sandbox", token_hash=token.hash, principal="service:erp",
                    scopes=[serving.Scope.decide], expires_at=before.fresh_until,
                )  # fmt: skip
                identity.revoke_token(session, ACTOR, token.id)
            elif change == "revoke_grant":
                for grant in serving.list_grants(session)[0]:
                    serving.revoke_grant(session, ACTOR, grant.id, "left the company")
            else:
                serving.limit(session, ACTOR, name="leads", environment="sandbox", decisions_per_day=500)
    after = published(live)
    assert after.epoch == before.epoch + (0 if change == "revoke_token" else 1)
    expected = {
        "suspend": after.deployments["leads"].state == "suspended",
        "redeploy": after.deployments["leads"].arms[0].release != before.deployments["leads"].arms[0].release
        and after.deployments["leads"].salt == before.deployments["leads"].salt,
        "revoke_release": before.deployments["leads"].arms[0].release in after.revoked,
        "revoke_token": list(after.grants) == [identity.token_hash("hwy_a_secret")],
        "revoke_grant": after.grants == {},
        "limit": after.deployments["leads"].limits.decisions_per_day == 500,
    }
    assert expected[change]


def test_a_token_revoked_later_loses_its_grants_without_anybody_publishing(live: Parts) -> None:
    with live.database.session() as session:
        token = identity.create_token(session, ACTOR, owner=Ref.parse("service:erp"), name="erp", scopes=("decide",))
        serving.grant(
            session, ACTOR, name="leads", environment="sandbox", token_hash=token.hash, principal="service:erp",
            scopes=[serving.Scope.decide], expires_at=published(live).fresh_until,
        )  # fmt: skip
    assert token.hash in published(live).grants
    with live.database.session() as session:
        identity.revoke_token(session, ACTOR, token.id)
    assert token.hash not in published(live).grants


def test_a_snapshot_is_refreshed_long_before_it_runs_out(fixed_clock: FixedClock, live: Parts) -> None:
    before = published(live)
    fixed_clock.advance(timedelta(hours=11))
    assert published(live).epoch == before.epoch
    fixed_clock.advance(timedelta(hours=2))
    after = published(live)
    assert after.epoch == before.epoch + 1
    assert after.fresh_until - after.issued_at == timedelta(hours=24)


def test_a_sandbox_deployment_ends_after_fourteen_days(fixed_clock: FixedClock, live: Parts) -> None:
    fixed_clock.advance(timedelta(days=14, seconds=1))
    snapshot = published(live)
    assert snapshot.deployments["leads"].state == "suspended"
    assert snapshot.deployments["leads"].reason == "expired"
    assert snapshot.grants == {}
    with live.database.session() as session, pytest.raises(Conflict):
        serving.resume(session, ACTOR, name="leads", environment="sandbox", reason="more time")


def test_a_crash_between_object_and_commit_is_healed_with_a_higher_epoch(
    live: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(live)
    suspend(live)
    with pytest.raises(RuntimeError, match="died"), live.database.session() as session:
        publication.publish(session, live.storage, live.signer, "sandbox")
        raise RuntimeError("died before the commit")
    assert live.storage.exists(runtime.snapshot_key("sandbox", before.epoch + 1))
    after = published(live)
    assert after.epoch == before.epoch + 2
    assert after.deployments["leads"].state == "suspended"


def test_a_database_restored_from_an_old_backup_never_repeats_an_epoch(live: Parts) -> None:
    from sqlalchemy import text

    before = published(live)
    with live.database.session() as session:
        session.execute(text("update serving.publications set epoch = 0, content_digest = ''"))
    assert published(live).epoch > before.epoch


def test_publishers_at_once_make_one_epoch(live: Parts) -> None:
    before = published(live)
    suspend(live)
    found: list[int] = []

    def publish() -> None:
        with live.database.session() as session:
            found.append(serving.publish(session, live.storage, live.signer, "sandbox").epoch)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [before.epoch + 1] * 4
    assert not live.storage.exists(runtime.snapshot_key("sandbox", before.epoch + 2))


def test_a_sandbox_limit_is_never_lifted(live: Parts) -> None:
    with live.database.session() as session:
        for wished in (None, 1001):
            with pytest.raises(Conflict, match="1000 decisions a day"):
                serving.limit(session, ACTOR, name="leads", environment="sandbox", decisions_per_day=wished)
