"""Alerts reach those who answer for the use case and those who watch the deployment: once, and when they end."""

from __future__ import annotations

from datetime import UTC, datetime

from headway import collaboration, ledger, monitoring
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.collaboration import colleague, ruled
from tests.factories.watched import Company, watched


def look(here: Parts) -> None:
    trusted = {here.signer.key_id: here.signer.public}
    ledger.sequence(here.database, here.storage, here.signer, trusted=trusted)
    for _ in range(10):
        with here.database.session() as session:
            if not collaboration.tell(session, here.subjects, has_mail=False):
                return


def told(here: Parts, actor: Actor) -> list[tuple[str, str, str]]:
    with here.database.session() as session:
        found = collaboration.list_inbox(session, actor).items
    return [(one.type, one.subject, one.sentence) for one in found if one.type.startswith("alert.")]


def test_owner_and_watchers_are_told_once(parts: Parts) -> None:
    here = ruled(parts)
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        company: Company = watched(here, held)
        owner = colleague(here.database, "Olga Owner".replace(" ", ""), Role.department_head)
        watcher = colleague(here.database, "Wim", Role.operator)
        stranger = colleague(here.database, "Sven", Role.operator)
        with here.database.session() as session:
            collaboration.watch(session, watcher, Ref("deployment", "sandbox/leads"))
        for _ in range(9):
            company.day(nurses=0.9)
            company.judge()
        look(here)
        [alert] = company.alerts(kind="inputs")
        about = f"alert:{alert.id}"
        mine = [one for one in told(here, watcher) if one[1] == about]
        assert [one[0] for one in mine] == ["alert.opened"], "once, though it lasts for days"
        assert "An alert about sandbox/leads: inputs have drifted, since" in mine[0][2]
        assert told(here, stranger) == []
        assert told(here, owner) == [], "the use case names somebody else"
        with here.database.session() as session:
            monitoring.close(session, stranger, alert.id, "it is meant to be so")
        look(here)
        assert ("alert.closed", about) in [one[:2] for one in told(here, watcher)]


def test_who_opened_the_use_case_answers_for_its_alerts(parts: Parts) -> None:
    here = ruled(parts)
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        company = watched(here, held)
        for _ in range(7):
            company.day(nurses=0.9)
        company.judge()
        [alert] = company.alerts(kind="inputs")
        with here.database.session() as session:
            assert here.subjects.describe(session, f"alert:{alert.id}").href == f"/alerts/{alert.id}"
            deployment = here.subjects.responsible(session, "deployment:sandbox/leads")
            assert here.subjects.responsible(session, f"alert:{alert.id}") == deployment
