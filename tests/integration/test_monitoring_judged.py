"""Deployments are judged day by day over real segments: drift opens one alert, people answer it, its end closes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from headway import catalog, monitoring, serving
from headway.collaboration import rules
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.jobs import Jobs
from headway.kernel.web import Parts
from headway.monitoring import AlertState, Severity
from tests.factories.profiled import released_with_reference, run_of
from tests.factories.serving import ACTOR, SmallNode, deployed, granted, prepare_keys, released
from tests.factories.watched import A_DAY, Company, watched

FIRST = date(2026, 3, 2)


@pytest.fixture
def company(parts: Parts) -> Iterator[Company]:
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        yield watched(parts, held)


def test_days_like_the_reference_raise_nothing(company: Company) -> None:
    for _ in range(9):
        company.day()
    report = company.judge()
    assert (report.days, report.opened, report.ended, report.note) == (9, (), (), None)
    shown = company.shown()
    assert shown.has_reference
    assert shown.judged_through == FIRST + timedelta(days=8)
    assert [line.decisions for line in shown.days] == [A_DAY] * 9
    assert shown.latest is not None
    week = next(one for one in shown.latest.columns if one.column == "job").latest
    assert week is not None
    assert (week.n, week.m) == (7 * A_DAY, 2_000)
    assert sum(bin.current for bin in shown.score_bins) == pytest.approx(1.0)
    assert company.judge().days == 0, "what was judged is not judged again"


def test_a_drift_opens_one_alert_that_is_told_answered_and_ended(company: Company) -> None:
    for _ in range(8):
        company.day()
    company.judge()
    planted = company.clock.at.date()
    for _ in range(7):
        company.day(mean=1500.0)
        company.judge()
    [inputs] = company.alerts(kind="inputs")
    assert inputs.columns == ("balance",)
    assert inputs.severity is Severity.serious
    assert abs((inputs.since - planted).days) <= 2
    assert inputs.noticed_on <= planted + timedelta(days=6)
    assert inputs.last_seen == planted + timedelta(days=6), "it is followed while it lasts"
    facts = inputs.evidence["columns"]
    assert isinstance(facts, dict)
    assert facts["balance"]["n"] > 0 and facts["balance"]["psi"] > facts["balance"]["limit"]
    assert len([e for e in company.events("alert.opened") if e.subject == f"alert:{inputs.id}"]) == 1
    [opened] = [e for e in company.events("alert.opened") if e.subject == f"alert:{inputs.id}"]
    assert opened.payload is not None and opened.payload["deployment"] == "sandbox/leads"

    with company.parts.database.session() as session:
        taken = monitoring.acknowledge(session, ACTOR, inputs.id, "the CRM team looks at it")
    assert (taken.state, taken.acknowledged_by) == (AlertState.acknowledged, ACTOR.ref)

    for _ in range(24):
        company.day()
        company.judge()
    [ended] = company.alerts(kind="inputs")
    assert (ended.state, ended.is_over, ended.closed_by) == (AlertState.closed, True, SYSTEM.ref)
    assert len([e for e in company.events("alert.ended") if e.subject == f"alert:{inputs.id}"]) == 1
    assert ended.last_seen < company.clock.at.date() - timedelta(days=3)


def test_days_judged_at_once_tell_what_daily_runs_would_have(company: Company) -> None:
    for _ in range(8):
        company.day()
    for _ in range(5):
        company.day(nurses=0.85)
    report = company.judge()
    assert report.days == 13
    [alert] = company.alerts(kind="inputs")
    assert alert.columns == ("job",)
    assert alert.noticed_on < company.clock.at.date() - timedelta(days=1)


def test_what_a_person_closed_is_not_told_again_while_it_lasts(company: Company) -> None:
    for _ in range(7):
        company.day(mean=1500.0)
    company.judge()
    [alert] = company.alerts(kind="inputs")
    with company.parts.database.session() as session:
        monitoring.close(session, ACTOR, alert.id, "a campaign; it is meant to be so")
    with company.parts.database.session() as session, pytest.raises(monitoring.AlertClosed):
        monitoring.acknowledge(session, ACTOR, alert.id, "late")
    for _ in range(4):
        company.day(mean=1500.0)
        company.judge()
    assert [one.id for one in company.alerts(kind="inputs")] == [alert.id]
    for _ in range(7):
        company.day(mean=1500.0, nurses=0.9)
        company.judge()
    newest, first = company.alerts(kind="inputs")
    assert first.id == alert.id
    assert set(newest.columns) == {"balance", "job"}, "what was not closed is told"


def test_unseen_categories_are_told_the_day_after(company: Company) -> None:
    for _ in range(7):
        company.day(pilots=0.0)
    company.day(pilots=0.5)
    company.judge()
    [alert] = company.alerts(kind="unseen")
    assert alert.columns == ("job",)
    assert "pilot" not in str(alert.evidence), "values that may name people are not kept"


def test_a_new_release_ends_the_alerts_of_the_old_one(company: Company) -> None:
    for _ in range(7):
        company.day(mean=1500.0)
    company.judge()
    assert {one.state for one in company.alerts()} == {AlertState.open}
    deployed(company.parts, released_with_reference(company.parts, version="4"), holdout_share=0.0)
    report = company.judge()
    assert set(report.ended) == {one.id for one in company.alerts()}
    assert all("replaced" in (one.closed_because or "") for one in company.alerts())


def test_a_release_without_a_reference_says_so(parts: Parts) -> None:
    prepare_keys(parts)
    deployed(parts, released(parts))
    with parts.database.session() as session:
        report = monitoring.judge(session, parts.storage, catalog.lake_of(parts), name="leads", environment="sandbox")
        shown = monitoring.overview(session, parts.storage, name="leads", environment="sandbox")
    assert report.note is not None and report.note.startswith("no reference")
    assert not shown.has_reference


def test_nobody_judges_what_is_not_there(parts: Parts) -> None:
    with parts.database.session() as session, pytest.raises(serving.UnknownDeployment):
        monitoring.judge(session, parts.storage, catalog.lake_of(parts), name="nothing", environment="sandbox")


def test_a_day_that_is_over_is_due_once(company: Company) -> None:
    jobs = Jobs(company.parts.database)
    jobs.define(monitoring.JOB, monitoring.monitoring_job)
    company.day()
    with company.parts.database.session() as session:
        assert monitoring.due(session, jobs) == 1
        assert monitoring.due(session, jobs) == 1
        [job] = jobs.list(session).items
        assert job.name == monitoring.JOB
    company.judge()
    with company.parts.database.session() as session:
        assert monitoring.due(session, jobs) == 0
    company.clock.advance(timedelta(days=1))
    with company.parts.database.session() as session:
        assert monitoring.due(session, jobs) == 1, "its outcomes are waited for"
    company.clock.advance(timedelta(days=120))
    with company.parts.database.session() as session:
        assert monitoring.due(session, jobs) == 0


def test_decisions_and_outcomes_of_a_node_become_figures_by_day_and_week(parts: Parts, tmp_path: Path) -> None:
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        prepare_keys(parts)
        deployed(parts, released_with_reference(parts), holdout_share=0.25)
        granted(parts)
        serving.publish_due(parts)
        node = SmallNode(parts, tmp_path / "node")
        made = node.decide("leads", run_of(120))
        scored = {name: one.score for name, one in made if one.score is not None}
        middle = sorted(scored.values())[len(scored) // 2]
        for name, score in scored.items():
            node.tell("leads", name, int(score > middle))
        node.tell("leads", next(iter(scored)), "who knows")
        node.ship()
        serving.take_in(parts.database, parts.storage, catalog.lake_of(parts), node.key)
        held.advance(timedelta(days=1))
        company = Company(parts, held, "")
        assert company.judge().days == 1
        shown = company.shown()
    assert [line.decisions for line in shown.days] == [len(scored)]
    [week] = shown.weeks
    known = [int(score > middle) for score in list(scored.values())[1:]]
    assert (week.decided, week.known, week.successes) == (len(scored), len(known), sum(known))
    assert week.is_settled
    assert week.auc is not None and week.auc > 0.99, "outcomes were told by the scores themselves"
    told = list(scored.values())[1:]
    assert week.expected == pytest.approx(sum(told) / len(told))
    assert week.brier == pytest.approx(sum((s - y) ** 2 for s, y in zip(told, known, strict=True)) / len(told))


def test_opened_alerts_reach_those_who_answer_for_the_use_case() -> None:
    assert [rule.party.value for rule in rules.rules_of("alert.opened")] == ["responsible", "named", "watching"]
