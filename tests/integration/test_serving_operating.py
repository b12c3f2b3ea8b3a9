"""The operate gate over what is at work: it warns, holds, lets go, and nothing but it lifts or makes its own hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from headway import governance, ledger, runtime, serving
from headway.governance import FindingState, OperateSuspended
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.serving.errors import WrongState
from headway.serving.service import operating as served
from tests.factories.governance import ANA
from tests.factories.operated import Operated, operated, put_to_work, released_to

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BECAUSE = "no longer wanted"


@pytest.fixture
def company(parts: Parts) -> Iterator[Operated]:
    with clock.fixed(NOON) as held:
        made = operated(parts, held)
        held.advance(timedelta(hours=2))
        yield made


def events(company: Operated, kind: str) -> list[ledger.Event]:
    with company.parts.database.session() as session:
        return list(ledger.find(session, type=kind).items)


def published(company: Operated) -> runtime.Deployment:
    """What a node of production would follow."""
    parts = company.parts
    serving.publish_due(parts)
    with parts.database.session() as session:
        made = serving.get_publication(session, "production")
    assert made is not None
    envelope = parts.storage.get(runtime.snapshot_key("production", made.epoch))
    return runtime.open_snapshot(envelope, {parts.signer.key_id: parts.signer.public}, "production").deployments[
        "leads"
    ]


def test_what_is_monitored_each_day_is_let_be_for_a_year(company: Operated) -> None:
    for _ in range(13):
        for _ in range(4):
            company.days(7)
            company.monitor()
            made = company.run()
            assert (made.asked, made.warned, made.suspended, made.findings) == (1, (), (), ())
    assert company.deployment().state == "active" and company.deployment().held is None


def test_stale_evidence_warns_then_holds_then_lets_go(company: Operated) -> None:
    assert company.run().findings == ()
    company.days(31)
    made = company.run()
    [finding] = made.findings
    assert (finding.control, finding.state) == ("HW-OP-MONITORED", FindingState.warned)
    assert made.warned == (finding.id,) and finding.suspends_at == finding.since + timedelta(days=14)
    assert company.deployment().state == "active" and published(company).state == "active"
    [told] = events(company, "operate.warned")
    assert told.subject == "usecase:lead-scoring" and told.payload is not None
    assert told.payload["control"] == "HW-OP-MONITORED" and told.payload["suspends_at"] is not None

    company.days(13.9)
    assert company.run().suspended == ()
    company.days(0.2)
    made = company.run()
    assert made.suspended == (finding.id,) and made.findings[0].since == finding.since
    held = company.deployment()
    assert held.state == "suspended"
    assert held.reason == "suspended by the operate gate: HW-OP-MONITORED, no evidence that counts: monitoring_report"
    assert published(company).state == "suspended" and published(company).reason == held.reason
    [event] = events(company, "deployment.held")
    assert event.payload is not None and event.payload["state"] == "suspended"
    assert company.run().suspended == ()  # told once

    with company.parts.database.session() as session, pytest.raises(OperateSuspended, match="HW-OP-MONITORED"):
        serving.resume(session, ANA, name="leads", environment="production", reason="I want it")
    with pytest.raises(OperateSuspended):
        put_to_work(company.parts, company.release)

    company.monitor()
    made = company.run()
    assert made.cleared == (finding.id,) and made.findings == ()
    assert company.deployment().state == "active" and company.deployment().held is None
    assert published(company).state == "active"
    assert len(events(company, "deployment.let_go")) == 1
    with company.parts.database.session() as session, pytest.raises(WrongState, match="active already"):
        serving.resume(session, ANA, name="leads", environment="production", reason="again")


@pytest.mark.parametrize("when", ["before", "while"])
def test_what_a_person_stopped_stays_stopped(company: Operated, when: str) -> None:
    def by_hand() -> None:
        with company.parts.database.session() as session:
            if when == "before":
                serving.suspend(session, ANA, name="leads", environment="production", reason=BECAUSE)
            else:
                serving.stop(session, ANA, usecase="lead-scoring", reason=BECAUSE)

    if when == "before":
        by_hand()
    company.days(31)
    company.run()
    company.days(14)
    company.run()
    assert company.deployment().held is not None
    if when == "while":
        by_hand()
    with company.parts.database.session() as session, pytest.raises(OperateSuspended):
        serving.resume(session, ANA, name="leads", environment="production", reason="I want it")
    company.monitor()
    company.run()
    left = company.deployment()
    assert (left.state, left.reason, left.held) == ("suspended", BECAUSE, None)
    assert published(company).state == "suspended"
    with company.parts.database.session() as session:
        serving.resume(session, ANA, name="leads", environment="production", reason="mended")
    assert company.deployment().state == "active"


def test_a_prohibited_or_revoked_use_is_held_at_once(company: Operated) -> None:
    with company.parts.database.session() as session:
        governance.decide_tier(
            session, ANA, "lead-scoring", tier=governance.Tier.prohibited, reasons="it turned out to be scoring"
        )
    made = company.run()
    assert {one.control: one.state.value for one in made.findings} == {"PROHIBITED": "suspended"}
    assert company.deployment().state == "suspended"
    with company.parts.database.session() as session:
        governance.decide_tier(
            session, ANA, "lead-scoring", tier=governance.Tier.minimal, reasons="no: it ranks calls alone"
        )
    company.run()
    assert company.deployment().state == "active"
    with company.parts.database.session() as session:
        governance.revoke(session, ANA, company.release, "a flaw")
    made = company.run()
    assert {one.control for one in made.findings} == {"HW-OP-REVOKED"} and len(made.suspended) == 1


def test_a_use_case_that_changed_is_given_a_fortnight_to_decide_its_tier(company: Operated) -> None:
    with company.parts.database.session() as session:
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"prohibited_hits": None})
    made = company.run()
    assert {one.control: (one.state.value, one.grace_days) for one in made.findings} == {"HW-OP-TIER": ("warned", 14)}
    with company.parts.database.session() as session:
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"prohibited_hits": []})
        governance.classify(session, ANA, "lead-scoring")
    assert len(company.run().cleared) == 1


def test_nobody_to_answer_for_it_is_warned_about_for_thirty_days(company: Operated) -> None:
    with company.parts.database.session() as session:
        governance.update_usecase(session, ANA, "lead-scoring", changes={"owner": None})
        governance.classify(session, ANA, "lead-scoring")
    made = company.run()
    assert {one.control: one.grace_days for one in made.findings} == {"HW-OP-OWNER": 30}


def test_findings_end_with_the_release_they_are_about_and_a_return_wins_nothing(company: Operated) -> None:
    company.days(31)
    company.run()
    company.days(10)
    newer = released_to(company.parts, version="4")
    put_to_work(company.parts, newer, version="4")
    made = company.run()
    assert made.findings == () and len(made.cleared) == 1
    [told] = events(company, "operate.cleared")
    assert told.payload is not None and told.payload["because"] == "gone"
    put_to_work(company.parts, company.release)  # the old release comes back, as stale as it was
    company.days(4)
    made = company.run()
    assert [one.state.value for one in made.findings] == ["suspended"]
    assert company.deployment().state == "suspended"


def test_another_environments_report_says_nothing_here(company: Operated) -> None:
    with company.parts.database.session() as session:
        facts = {"runs": 1, "open_alerts": 0, "days_since": 0, "environment": "pilot"}
        company.days(31)
        governance.record_evidence(
            session,
            type="monitoring_report",
            subject=Ref("model", "lead-scoring", "3"),
            subject_digest=company.release,
            facts=facts,
            producer=SYSTEM,
        )
    assert [one.control for one in company.run().findings] == ["HW-OP-MONITORED"]


def test_an_approval_is_written_down_and_stays_valid_while_the_platform_writes(company: Operated) -> None:
    with company.parts.database.session() as session:
        [record] = governance.list_evidence(session, subject_digest=company.release, type="approval_record").items
        assert record.facts["votes"] == 1 and record.producer == SYSTEM.ref
        result = governance.evaluate_gate(
            session,
            environment="production",
            subject=Ref("model", "lead-scoring", "3"),
            subject_digest=company.release,
            usecase="lead-scoring",
        )
    assert result.result == "pass" and len(result.approvals) == 1


def test_the_database_keeps_findings(company: Operated) -> None:
    company.days(31)
    [finding] = company.run().findings
    for wish in (
        "delete from governance.operate_findings",
        "update governance.operate_findings set since = since - interval '1 day'",
        "update governance.operate_findings set state = 'suspended', suspended_at = seen_at",  # before its day
        "update governance.operate_findings set state = 'cleared'",
    ):
        with pytest.raises(IntegrityError), company.parts.database.session() as session:
            session.execute(text(wish))
    company.monitor()
    company.run()
    with pytest.raises(IntegrityError), company.parts.database.session() as session:
        session.execute(text(f"update governance.operate_findings set state = 'warned' where id = '{finding.id}'"))  # noqa: S608


def test_the_worker_asks_on_time_and_at_news(company: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, ticks = company.parts, [0.0]
    monkeypatch.setattr(served.time, "monotonic", lambda: ticks[0])
    served._watches.clear()
    assert serving.operate_due(parts) == 0  # what comes up lets its jobs go first
    ticks[0] = 121.0
    assert serving.operate_due(parts) == 1
    ticks[0] = 122.0
    assert serving.operate_due(parts) == 0
    with parts.database.session() as session:
        governance.decide_tier(
            session, ANA, "lead-scoring", tier=governance.Tier.prohibited, reasons="it turned out to be scoring"
        )
    ticks[0] = 123.0
    assert serving.operate_due(parts) == 1  # at once
    assert company.deployment().state == "suspended"
    ticks[0] = 124.0
    assert serving.operate_due(parts) == 0
    ticks[0] = 302.0
    assert serving.operate_due(parts) == 1


def test_a_thousand_releases_are_asked_about_in_seconds(parts: Parts) -> None:
    with clock.fixed(NOON) as held:
        company = operated(parts, held)
        at_work = []
        with parts.database.session() as session:
            for number in range(1000):
                digest = f"sha256-{number:064x}"
                governance.record_evidence(
                    session,
                    type="log_config",
                    subject=Ref("model", "lead-scoring", "3"),
                    subject_digest=digest,
                    facts={"decisions_logged": True, "environment": "production"},
                    producer=SYSTEM,
                )
                at_work.append(
                    governance.Operated(
                        usecase=company.usecase,
                        environment="production",
                        subject="model:lead-scoring@3",
                        subject_digest=digest,
                        begun=NOON - timedelta(days=1),
                    )
                )
        with parts.database.session() as session:
            begun = time.perf_counter()
            run = governance.ask_operate(session, SYSTEM, at_work)
            first = time.perf_counter() - begun
            begun = time.perf_counter()
            again = governance.ask_operate(session, SYSTEM, at_work)
            second = time.perf_counter() - begun
    assert (run.asked, len(run.warned), len(again.warned), len(again.findings)) == (1000, 1000, 0, 1000)
    print(f"1,000 releases: {first:.1f} s with 1,000 new findings, {second:.1f} s after")
    assert first < 30 and second < 15
