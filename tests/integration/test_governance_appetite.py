"""The risk appetite for real: adopted by one, confirmed by another, asked at gates; kept by the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance
from headway.governance import mandates
from headway.governance.errors import SamePerson
from headway.governance.mandates import AppetiteClosed, AppetiteInvalid, Limit, LimitKind
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Denied
from tests.factories.governance import ANA, BEN, NOW, approved, ask, bring_evidence, open_usecase

WHY = "more than this we could not watch over"
PEOPLE = Limit(kind=LimitKind.people, scope="", most=1000, currency="")
MINIMAL = Limit(kind=LimitKind.tier, scope="minimal", most=0, currency="")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
def ready(session: Session) -> Session:
    """A use case whose release passes every gate."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    return session


def in_force(session: Session, *limits: Limit) -> mandates.Appetite:
    made = mandates.adopt_appetite(session, ANA, limits, WHY)
    return mandates.confirm_appetite(session, BEN, made.version, digest=made.digest)


def control(session: Session, environment: str = "production") -> governance.ControlResult:
    return next(one for one in ask(session, environment).controls if one.id == "HW-APPETITE")


def test_without_an_appetite_nothing_is_asked(ready: Session) -> None:
    approved(ready)
    assert ask(ready).result == "pass"
    assert control(ready).status.value == "not_applicable"
    mandates.adopt_appetite(ready, ANA, [PEOPLE], WHY)
    assert control(ready).status.value == "not_applicable", "it waits for a sponsor"


def test_a_limit_blocks_with_its_value_and_who_mends_it_until_it_is_kept(ready: Session) -> None:
    approved(ready)
    in_force(ready, PEOPLE)
    found = control(ready)
    assert (ask(ready).result, found.status.value, found.enforce) == ("block", "failed", "block")
    assert "people affected: at most 1,000 for each use case, and nobody estimated" in found.reason
    assert ANA.ref in found.reason
    mandates.estimate_stakes(ready, BEN, "lead-scoring", people=1200)
    assert "here 1,200" in control(ready).reason
    mandates.estimate_stakes(ready, BEN, "lead-scoring", people=900)
    assert (control(ready).status.value, ask(ready).result) == ("passed", "pass")


def test_in_the_sandbox_it_warns(ready: Session) -> None:
    in_force(ready, MINIMAL)
    assert control(ready, "sandbox").enforce == "warn"
    assert "tier minimal: at most 0 live at once, this is number 1" in control(ready).reason
    intake = governance.ask_usecase(ready, gate="intake", usecase="lead-scoring")
    assert [one.status.value for one in intake.controls if one.id == "HW-APPETITE"] == ["failed"]


def test_who_adopts_does_not_confirm_and_a_version_is_confirmed_once(session: Session) -> None:
    made = mandates.adopt_appetite(session, ANA, [PEOPLE], WHY)
    with pytest.raises(SamePerson):
        mandates.confirm_appetite(session, ANA, made.version, digest=made.digest)
    with pytest.raises(Denied):
        mandates.adopt_appetite(session, SYSTEM, [PEOPLE], WHY)
    with pytest.raises(AppetiteInvalid, match="not what was adopted"):
        mandates.confirm_appetite(session, BEN, made.version, digest="sha256-0")
    assert mandates.confirm_appetite(session, BEN, made.version, digest=made.digest).state == "in_force"
    with pytest.raises(AppetiteClosed):
        mandates.confirm_appetite(session, BEN, made.version, digest=made.digest)
    later = in_force(session, MINIMAL)
    assert [(one.version, one.state) for one in mandates.list_appetites(session)] == [
        (later.version, "in_force"),
        (made.version, "superseded"),
    ]
    with pytest.raises(AppetiteInvalid):
        mandates.estimate_stakes(session, ANA, open_usecase(session).slug, people=-1, money_minor=3)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("update governance.appetites set reason = 'another'", "only a confirmation"),
        ("update governance.appetites set confirmed_by = adopted_by, confirmed_at = now()", "two_people"),
        ("delete from governance.appetites", "only a confirmation"),
        ("update governance.stakes set people = 1", "never changed"),
    ],
)
def test_the_database_keeps_what_was_said(session: Session, statement: str, why: str) -> None:
    mandates.adopt_appetite(session, ANA, [PEOPLE], WHY)
    mandates.estimate_stakes(session, ANA, open_usecase(session).slug, people=5)
    with pytest.raises(IntegrityError, match=why), session.begin_nested():
        session.execute(text(statement))
