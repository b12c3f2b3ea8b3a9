"""What the platform proves of its own work for the operate gate, and whom a finding reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headway import collaboration, governance, ledger, monitoring, serving
from headway.governance import Evidence
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.jobs import Jobs
from headway.kernel.web import Parts
from headway.monitoring.service.proving import prove
from tests.factories.collaboration import colleague, ruled
from tests.factories.governance import ANA
from tests.factories.operated import Operated, operated, put_to_work, released_to

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def proofs(company: Operated, type_: str) -> list[Evidence]:
    """The newest first."""
    with company.parts.database.session() as session:
        return list(governance.list_evidence(session, subject_digest=company.release, type=type_).items)


def told(here: Parts, actor: Actor) -> list[str]:
    trusted = {here.signer.key_id: here.signer.public}
    ledger.sequence(here.database, here.storage, here.signer, trusted=trusted)
    for _ in range(10):
        with here.database.session() as session:
            if not collaboration.tell(session, here.subjects, has_mail=False):
                break
    with here.database.session() as session:
        found = collaboration.list_inbox(session, actor).items
    return [one.type for one in reversed(found) if one.type.startswith("operate.")]


def test_monitoring_writes_a_report_a_day_and_anew_when_it_changes(parts: Parts) -> None:
    with clock.fixed(NOON) as held:
        company = operated(parts, held)
        [first] = proofs(company, "monitoring_report")
        assert first.producer == SYSTEM.ref and first.subject == "model:lead-scoring@3"
        assert {name: first.facts[name] for name in ("runs", "open_alerts", "days_since", "environment")} == {
            "runs": 1,
            "open_alerts": 0,
            "days_since": 0,
            "environment": "production",
        }
        company.monitor()
        assert len(proofs(company, "monitoring_report")) == 1, "the same day, the same report"
        company.days(1)
        company.monitor()
        assert [one.facts["runs"] for one in proofs(company, "monitoring_report")] == [2, 1]
        with parts.database.session() as session:
            serving.retire(session, ANA, name="leads", environment="production", reason="over")
        company.days(1)
        company.monitor()
        assert len(proofs(company, "monitoring_report")) == 2, "nothing is proved of what is retired"


def test_days_that_decided_and_were_not_judged_are_counted(parts: Parts) -> None:
    with clock.fixed(NOON) as held:
        company = operated(parts, held)
        company.days(12)
        first = (NOON + timedelta(days=1)).date()
        span = serving.ProfiledRelease(
            environment="production",
            deployment="leads",
            release=company.release,
            first=first,
            last=held.at.date(),
            changed_at=held.at,
        )
        with parts.database.session() as session:
            prove(session, serving.get_deployment(session, "leads", "production"), [span])
        assert proofs(company, "monitoring_report")[0].facts["days_since"] == 11, "today is not over yet"
        assert [one.control for one in company.run().findings] == ["HW-OP-MONITORED"]


def test_what_is_at_work_is_looked_at_each_day_though_nothing_was_decided(parts: Parts) -> None:
    jobs = Jobs(parts.database)
    jobs.define(monitoring.JOB, monitoring.monitoring_job)

    def due() -> int:
        with parts.database.session() as session:
            return monitoring.due(session, jobs)

    with clock.fixed(NOON) as held:
        company = operated(parts, held)
        assert due() == 0, "it has its report of today"
        company.days(1)
        assert due() == 1
        with parts.database.session() as session:
            [job] = jobs.list(session).items
        newer = released_to(parts, version="4")
        put_to_work(parts, newer, version="4")
        assert due() == 1
        with parts.database.session() as session:
            assert len({one.id for one in jobs.list(session).items} - {job.id}) == 1, (
                "a new release has a job of its own"
            )
        company.monitor()
        assert due() == 0


def test_serving_proves_its_log_at_deployment_and_each_week(parts: Parts) -> None:
    with clock.fixed(NOON) as held:
        company = operated(parts, held)
        [config] = proofs(company, "log_config")
        [kept] = proofs(company, "log_retention_proof")
        assert config.facts["decisions_logged"] is True and kept.facts["days"] == 36_500
        for days, count in ((6, 1), (1, 2), (1, 2), (7, 3)):
            company.days(days)
            company.run()
            assert len(proofs(company, "log_config")) == len(proofs(company, "log_retention_proof")) == count
        with parts.database.session() as session:
            renewed = ledger.find(session, type="evidence.renewed").items
        assert {one.actor for one in renewed} == {SYSTEM.ref}


def test_a_finding_reaches_owner_sponsor_and_operators_of_its_place(parts: Parts) -> None:
    here = ruled(parts)
    with clock.fixed(NOON) as held:
        company = operated(here, held)
        people = {
            name: colleague(here.database, name, role, place)
            for name, role, place in (
                ("Olga", Role.department_head, "sales"),
                ("Sam", Role.sponsor, "sales"),
                ("Opal", Role.operator, "sales"),
                ("Fynn", Role.operator, "finance"),
                ("Eva", Role.employee, "sales"),
            )
        }
        with here.database.session() as session:
            governance.update_usecase(
                session, ANA, "lead-scoring", changes={"owner": people["Olga"].ref, "sponsor": people["Sam"].ref}
            )
        company.days(31)
        company.run()
        company.days(14)
        company.run()
        company.run()
        company.monitor()
        company.run()
        way = ["operate.warned", "operate.suspended", "operate.cleared"]
        assert {name: told(here, one) for name, one in people.items()} == {
            "Olga": way,
            "Sam": way,
            "Opal": way,
            "Fynn": [],
            "Eva": [],
        }


@pytest.mark.parametrize("hours", [0.9, 1.1])
def test_what_is_new_at_work_is_not_warned_about_before_its_jobs_could_run(parts: Parts, hours: float) -> None:
    with clock.fixed(NOON) as held:
        release = released_to(parts)
        put_to_work(parts, release)
        company = Operated(parts, held, release)
        held.advance(timedelta(hours=hours))
        assert [one.control for one in company.run().findings] == ([] if hours < 1 else ["HW-OP-MONITORED"])
