"""The board pack of a quarter: what the records of the whole organisation say, each figure with its record, every gap named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from headway import dossiers, identity, incidents, ledger, portfolio
from headway.dossiers import DossierKind, DossierState, QuarterInvalid
from headway.governance import council, mandates, risks
from headway.governance.mandates import Limit, LimitKind
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.clock import FixedClock
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.portfolio import Asked, Draft, Limits
from tests.factories.council import OFFICE, before_it, body, high_case, people, reviewed
from tests.factories.governance import NOW, open_usecase
from tests.factories.mandates import programme, signed
from tests.factories.risks import estimate

QUARTER = f"{NOW.year}-Q{(NOW.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class Lived:
    """An organisation in which something happened, and its clock."""

    parts: Parts
    clock: FixedClock
    boss: Actor


@pytest.fixture
def lived(parts: Parts) -> Iterator[Lived]:
    with clock.fixed(NOW) as held:
        parts.jobs.define(dossiers.JOB, dossiers.dossier_job)
        with parts.database.session() as session:
            identity.setup_home(session)
            cast = people(session)
            body(session, cast)
            high_case(session, cast)
            open_usecase(session, slug="churn", title="Churn warning", owner=cast.people["olga"].ref)
            _council(cast, session)
            programme(session, cast.people["sam"], "sales")
            signed(session, cast.people["sam"])
            limits = [Limit(kind=LimitKind.tier, scope="high", most=1, currency="")]
            made = mandates.adopt_appetite(session, OFFICE, limits, "one of high risk at a time is what we can watch")
            mandates.confirm_appetite(session, cast.people["sam"], made.version, digest=made.digest)
            _risk(session, cast.people["olga"])
            _means(session)
            told = incidents.Wanted(title="Calls at night", what="Leads were called late", concerns=("usecase:churn",))
            incidents.open_incident(session, OFFICE, told)
            boss = cast.people["sam"]
        yield Lived(parts, held, boss)


def _council(cast: Any, session: Any) -> None:
    item = before_it(session, cast)
    reviewed(session, cast, item)
    proposed = {"text": "tell the people concerned", "owner": cast.people["olga"].ref, "days": 5}
    council.propose_condition(session, cast.people["ada"], item.id, **proposed)
    for seat, name in (
        ("legal", "ada"),
        ("privacy", "ben"),
        ("risk", "cleo"),
        ("validator", "dan"),
        ("business", "eve"),
    ):
        choice = council.Choice.no if name == "ben" else council.Choice.yes
        council.vote(session, cast.people[name], item.id, seat=seat, choice=choice, reason=f"so says {seat}")


def _risk(session: Any, owner: Actor) -> None:
    made = risks.add_risk(session, owner, usecase="churn", estimate=estimate())
    due = NOW.date() + timedelta(days=3)
    risks.treat_risk(
        session, owner, made.id, action="watch the form", effect="half as often", owner=owner.ref, due_on=due
    )


def _means(session: Any) -> None:
    asked = Asked(budget="100 EUR", value="1000 EUR", reason="two engineers for a year")
    portfolio.request_resources(session, OFFICE, "churn", asked)
    start = NOW.date()
    draft = Draft(title="Winter", starts=start, ends=start + timedelta(days=90), limits=Limits(budget=20_000))
    found = portfolio.draft_allocation(session, OFFICE, draft)
    assert found.best.chosen == ("churn",)


def make(lived: Lived, quarter: str = QUARTER) -> dossiers.Dossier:
    with lived.parts.database.session() as session:
        begun = dossiers.start_board_pack(session, OFFICE, lived.parts.jobs, quarter=quarter)
    assert begun.state is DossierState.running and begun.usecase is None
    lived.parts.jobs.run_now(dossiers.JOB, {"dossier": begun.id}, OFFICE)
    with lived.parts.database.session() as session:
        return dossiers.get_dossier(session, begun.id)


def answers(lived: Lived, pack: dossiers.Dossier) -> dict[str, Any]:
    with lived.parts.database.session() as session:
        content = dossiers.read_content(session, lived.parts.storage, pack.id)
    return {one.id: one for chapter in content.chapters for one in chapter.answers}


def words(answer: Any) -> str:
    return json.dumps([str(one) for one in (*answer.said, *answer.lacks)])


def test_a_pack_says_what_happened_in_the_quarter_and_what_stands(lived: Lived) -> None:
    lived.clock.advance(timedelta(days=6))
    pack = make(lived)
    found = answers(lived, pack)
    assert (pack.state, pack.kind, pack.quarter) == (DossierState.made, DossierKind.board_pack, QUARTER)
    assert pack.requirements == len(found) == 20 and pack.gaps > 0
    assert "The inventory holds 2 use cases" in words(found["1.1"])
    assert "Churn warning" in words(found["1.2"]) and "Olga" in words(found["1.2"])
    assert "nothing is at work above the sandbox" in words(found["2.1"])
    assert "no use case has a projection" in words(found["2.2"])
    assert "Sam" in words(found["3.1"]) and "in force" in words(found["3.1"])
    assert "100.00 EUR" in words(found["3.2"]) and "nobody has decided the round Winter" in words(found["3.2"])
    assert "Use cases of the tier high at work" in words(found["3.3"])
    assert "Leads of a source are ranked too low" in words(found["5.1"])
    assert "watch the form" in words(found["5.2"])
    assert "Calls at night" in words(found["6.1"]) and "nobody has judged how bad" in words(found["6.1"])
    assert "1 case was decided" in words(found["7.1"]) and "so says privacy" in words(found["7.1"])
    assert "tell the people concerned" in words(found["7.3"]) and "missed" in words(found["7.3"])


def test_each_figure_leads_to_its_record_and_absence_to_the_ledger_of_the_quarter(lived: Lived) -> None:
    found = answers(lived, make(lived))
    cites = {cite.ref for answer in found.values() for said in answer.said for cite in said.cites}
    kinds = {ref.partition(":")[0] for ref in cites}
    assert {"usecase", "programme", "allocation", "appetite", "risk", "incident", "council-item", "ledger"} <= kinds
    with lived.parts.database.session() as session:
        for ref in cites:
            if not ref.startswith(("ledger:", "appetite:", "allocation:")):
                assert ledger.find(session, subject=Ref.parse(ref), limit=1).items, f"the ledger knows {ref}"


def test_a_pack_of_before_says_nothing_of_what_came_later(lived: Lived) -> None:
    before = dossiers.quarters()[1]
    found = answers(lived, make(lived, before))
    assert "No use case was opened" in words(found["1.2"]) and "decided nothing" in words(found["7.1"])
    assert "Calls at night" in words(found["6.1"]), "it is still open"


def test_a_pack_is_outdated_when_the_records_say_something_else(lived: Lived) -> None:
    pack = make(lived)
    with lived.parts.database.session() as session:
        assert dossiers.compare(session, lived.parts, pack.id).is_outdated is False
        open_usecase(session, slug="forecast", title="Forecast")
    with lived.parts.database.session() as session:
        now = dossiers.compare(session, lived.parts, pack.id)
    assert now.is_outdated and {"1.1", "1.2"} <= set(now.changed)
    with pytest.raises(DBAPIError, match="cannot be changed"), lived.parts.database.session() as session:
        session.execute(text("update dossiers.dossiers set quarter = '2020-Q1'"))


def test_an_empty_organisation_gets_gaps_and_no_words_to_fill_them(parts: Parts) -> None:
    with clock.fixed(NOW) as held:
        parts.jobs.define(dossiers.JOB, dossiers.dossier_job)
        with parts.database.session() as session:
            identity.setup_home(session)
            for wrong in ("2026", "2026-Q5", "1999-Q1", "2099-Q1", "Q3-2026", ""):
                with pytest.raises(QuarterInvalid):
                    dossiers.start_board_pack(session, OFFICE, parts.jobs, quarter=wrong)
        lived = Lived(parts, held, OFFICE)
        pack = make(lived)
        lacking = [one.id for one in answers(lived, pack).values() if one.lacks]
    assert {"1.1", "2.1", "2.2", "3.1", "3.2", "3.3", "5.1", "6.2", "7.1"} <= set(lacking)
