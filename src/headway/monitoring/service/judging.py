"""Judging a deployment: its days since they were last judged, what became known of them, and the alerts that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import catalog, registry, serving
from headway.kernel import clock
from headway.kernel.listing import ListQuery
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.monitoring import store
from headway.monitoring.dating import LONGEST
from headway.monitoring.drift import Watched, judge_day, level_of
from headway.monitoring.entities import AlertKind, Expected, RunReport
from headway.monitoring.findings import findings_of, line_of
from headway.monitoring.performance import concept_finding, performance_finding
from headway.monitoring.service.following import REPLACED, RETIRED, Followed, end
from headway.monitoring.service.proving import prove
from headway.monitoring.store import Where
from headway.numerics import Profile
from headway.serving import Deployment, DeploymentState, ReleaseReference

DRIFT = (AlertKind.inputs, AlertKind.scores, AlertKind.missing, AlertKind.unseen)
REALISED = (AlertKind.performance, AlertKind.concept)
ANEW = timedelta(days=3)
"""Days judged before that get their figures anew, because a node may ship late."""
OUTCOMES_BACK = timedelta(days=180)
NO_REFERENCE = "no reference: the bundle of {version} was made before there were references; train it again to watch it"
NOTHING_DECIDED = "nothing to judge: no decision with a score was taken in"


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run over a deployment."""

    session: Session
    storage: Storage
    deployment: Deployment
    today: date
    days: int = 0
    opened: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def where(self, release: str) -> Where:
        """A release here."""
        return Where(environment=self.deployment.environment, deployment=self.deployment.name, release=release)

    def followed(self, where: Where, version: str) -> Followed:
        """The alerts of a release, to be carried on."""
        rows = store.followed_alerts(self.session, where)
        return Followed(session=self.session, where=where, usecase=self.deployment.usecase, version=version, rows=rows)

    def take(self, followed: Followed) -> None:
        """Keep what came of alerts."""
        self.opened += followed.opened
        self.ended += followed.ended


def judge(session: Session, storage: Storage, lake: catalog.Lake, *, name: str, environment: Environment) -> RunReport:
    """Judge every day of a deployment that was not judged yet, today as far as it goes, and what became known by now.

    Days are judged in their order, so that a run after a pause opens and ends the alerts that daily runs would have.
    Safe to repeat. Raises: serving.UnknownDeployment.
    """
    store.lock_deployment(session, environment, name)
    run = _Run(session=session, storage=storage, deployment=find(session, name, environment), today=clock.now().date())
    spans = [
        one for one in serving.profiled_releases(session) if (one.environment, one.deployment) == (environment, name)
    ]
    for span in sorted(spans, key=lambda one: one.first):
        _judge_release(run, span)
    _judge_outcomes(run, lake)
    _end_replaced(run)
    if not spans:
        run.notes.append(_why_nothing(run))
    prove(session, run.deployment, spans)
    return RunReport(
        deployment=name,
        environment=environment,
        days=run.days,
        opened=tuple(run.opened),
        ended=tuple(run.ended),
        note="; ".join(dict.fromkeys(run.notes)) or None,
    )


def find(session: Session, name: str, environment: str) -> Deployment:
    """The newest deployment that has or had a name; raises serving.UnknownDeployment."""
    asked = ListQuery(filters={"name": (name,), "environment": (environment,)}, limit=1)
    found = serving.find_deployments(session, asked).items
    if not found:
        raise serving.UnknownDeployment(f"there never was a deployment {name!r} in {environment}")
    return found[0]


def watched_of(found: ReleaseReference) -> Watched | None:
    """A release as its drift is judged; None without a reference."""
    if found.reference is None:
        return None
    calendar = frozenset(feature.name for feature in found.release.features if feature.kind == "date_part")
    return Watched(reference=found.reference, calendar=calendar)


def version_of(found: ReleaseReference) -> str:
    """The version that a release is of."""
    return f"model:{found.release.model.name}@{found.release.model.version}"


def _why_nothing(run: _Run) -> str:
    found = serving.reference_of(run.storage, run.deployment.release)
    if found is not None and found.reference is None:
        return NO_REFERENCE.format(version=run.deployment.version)
    return NOTHING_DECIDED


# --- drift -------------------------------------------------------------------------------------------------------


def _judge_release(run: _Run, span: serving.ProfiledRelease) -> None:
    found = serving.reference_of(run.storage, span.release)
    watched = watched_of(found) if found is not None else None
    if found is None or watched is None:
        return
    where = run.where(span.release)
    judged = store.last_whole_day(run.session, where)
    begin = (judged if judged is not None else span.first) - timedelta(days=LONGEST)
    days: dict[date, Profile] = {
        one.day: one.profile
        for one in serving.day_profiles(
            run.session,
            name=where.deployment,
            environment=run.deployment.environment,
            release=where.release,
            since=begin,
            until=run.today,
        )
    }
    followed = run.followed(where, version_of(found))
    for day, is_new in _due(days, judged):
        figures = judge_day(watched, days, day, is_whole=day < run.today)
        store.put_day(run.session, where, figures, line_of(figures), clock.now())
        if is_new:
            found_kinds = {one.kind: one for one in findings_of(figures, watched, days)}
            followed.day(DRIFT, found_kinds, day, is_whole=figures.is_whole)
            run.days += 1
    run.take(followed)


def _due(days: Mapping[date, Profile], judged: date | None) -> Iterator[tuple[date, bool]]:
    """The days to judge in their order, and whether each is judged for the first time as a whole."""
    for day in sorted(days):
        if judged is None or day > judged:
            yield day, True
        elif day > judged - ANEW:
            yield day, False


# --- outcomes ----------------------------------------------------------------------------------------------------


def _judge_outcomes(run: _Run, lake: catalog.Lake) -> None:
    deployment = run.deployment
    version = registry.find_version(run.session, deployment.release)
    found = serving.outcomes_by_score(
        lake,
        name=deployment.name,
        environment=deployment.environment,
        since=run.today - OUTCOMES_BACK,
        positive=positive_of(version),
    )
    store.put_outcomes(run.session, deployment.environment, deployment.name, found)
    days = store.outcome_days(run.session, run.where(deployment.release))
    if not any(day.known for day in days):
        return
    reference = serving.reference_of(run.storage, deployment.release)
    level = level_of(len(reference.release.features)) if reference is not None else level_of(1)
    findings = (
        performance_finding(days, expected_of(version), run.today, level),
        concept_finding(days, run.today, level),
    )
    followed = run.followed(run.where(deployment.release), deployment.version)
    told = {one.kind: one for one in findings if one is not None}
    followed.day(REALISED, told, run.today - timedelta(days=1), is_whole=True)
    run.take(followed)


def positive_of(version: registry.ModelVersion | None) -> str | None:
    """The outcome that a model learnt to foresee."""
    label = version.report.get("label") if version is not None else None
    told = label.get("positive") if isinstance(label, Mapping) else None
    return str(told) if told is not None else None


def expected_of(version: registry.ModelVersion | None) -> Expected | None:
    """What the test at training said of a version; None where it is not known."""
    told = version.report.get("metrics") if version is not None else None
    if not isinstance(told, Mapping):
        return None
    intervals = told.get("intervals")
    low, high = (intervals.get("roc_auc") if isinstance(intervals, Mapping) else None) or (None, None)
    return Expected(
        auc=told.get("roc_auc"),
        auc_low=low,
        auc_high=high,
        brier=told.get("brier"),
        rows=int(told.get("n_test") or 0),
        positives=int(told.get("positives") or 0),
    )


# --- the end of a release ----------------------------------------------------------------------------------------


def _end_replaced(run: _Run) -> None:
    """End the alerts of releases that decide nothing here any more."""
    deployment = run.deployment
    is_retired = deployment.state is DeploymentState.retired
    at_work = frozenset() if is_retired else {arm.release for arm in deployment.arms if arm.release is not None}
    for row in store.running_alerts(run.session, deployment.environment, deployment.name):
        if row.release not in at_work:
            end(run.session, row, RETIRED if is_retired else REPLACED.format(version=deployment.version))
            run.ended.append(row.id)
