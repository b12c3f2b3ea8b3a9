"""Replays: the form that starts one, and what one tells of a past time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, portfolio
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilot_start import MONEY
from headway.entrypoints.pages.streams import draw, follow, stream
from headway.entrypoints.pages.usecase_value import money
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase
from headway.kernel.auth import Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import HeadwayError
from headway.kernel.money import Money
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx
from headway.portfolio import Replay, ReplayRequest

router = APIRouter(include_in_schema=False)
NEEDED = ("time", "outcome")
PERCENT_FIELDS = {"learn_share": 33.3, "hold_out_share": 10.0}


@router.get("/replays/new")
def show_start(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form of a replay for a use case."""
    case = governance.get_usecase(tx, request.query_params.get("usecase", ""))
    return _form(viewer, case, Form.filled({"delay_days": 0, **PERCENT_FIELDS}))


@router.post("/replays/new")
def start_replay(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Start a replay, or tell every fault at its field."""
    form, sent = Form.of(data), upload(data, "file")
    case = governance.get_usecase(tx, form.text("usecase"))
    viewer.permit("pilot:start", _about(case.department, "new"))
    form.require(NEEDED, viewer.gettext("This is needed"))
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
    numbers = {name: _number(viewer, form, name) for name in (*PERCENT_FIELDS, "delay_days")}
    if form.faults or sent is None:
        return _form(viewer, case, form, status=422)
    parts = viewer.parts
    try:
        with received(sent.file, parts.settings.max_upload_bytes) as path, tx.begin_nested():
            digest = file_digest(path)
            asked = ReplayRequest(
                usecase=case.slug,
                department=case.department,
                time=form.text("time"),
                outcome=form.text("outcome"),
                positive=form.maybe("positive"),
                subject=form.maybe("subject"),
                exclude=tuple(one.strip() for one in form.text("exclude").split(",") if one.strip()),
                told=form.maybe("told"),
                delay_days=int(numbers["delay_days"]),
                learn_share=numbers["learn_share"] / 100,
                hold_out_share=numbers["hold_out_share"] / 100,
                **{name: _money(form.maybe(name), parts.settings.currency) for name in MONEY},
                filename=sent_name(sent.filename),
                file_key="uploads/" + digest.removeprefix("sha256-"),
                file_digest=digest,
            )
            made = portfolio.start_replay(tx, viewer.actor, parts.jobs, request=asked)
            parts.storage.ensure(asked.file_key, path)
    except HeadwayError as error:
        return _form(viewer, case, form.take(error), status=error.status)
    return viewer.go(f"/replays/{made.id}", viewer.gettext("The replay has begun; you may close this page"))


@router.get("/replays/{replay_id}")
def show_replay(replay_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What a replay tells, why it failed, or how far it is."""
    replay = readable(viewer, tx, replay_id)
    case = governance.get_usecase(tx, replay.usecase)
    report = replay.report
    return viewer.page(
        "replays/replay.html",
        title=viewer.gettext("Replay of %(file)s", file=replay.filename),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        replay=replay,
        case=case,
        report=report,
        job=viewer.parts.jobs.get(tx, replay.job),
        chart=performance_chart(viewer, report) if report else None,
        kinds=alert_words(viewer),
        money=lambda text: money(viewer, text),
        day=date.fromisoformat,
        people=names(tx, [replay.started_by]),
        may_start=viewer.may("pilot:start", _about(case.department, "new")) and case.retired_at is None,
    )


@router.get("/replays/{replay_id}/stream")
async def stream_replay(replay_id: str, viewer: CurrentViewer) -> Response:
    """Send how far a replay is until it has ended."""

    def part() -> tuple[str, bool]:
        with viewer.parts.database.session() as session:
            replay = readable(viewer, session, replay_id)
            job = viewer.parts.jobs.get(session, replay.job)
        return draw(viewer, "jobs/steps.html", job=job), replay.state == "running"

    return stream(follow(viewer, "replay", part))


@router.get("/replays/{replay_id}/ended")
def show_ended(replay_id: str, viewer: CurrentViewer) -> Response:
    """Send a page that followed a replay to its end to the page of what it is now."""
    return viewer.go(f"/replays/{replay_id}")


def readable(viewer: Viewer, session: Session, replay_id: str) -> Replay:
    """A replay that the viewer may see; raises UnknownReplay, Denied."""
    replay = portfolio.get_replay(session, replay_id)
    viewer.permit("pilot:read", _about(replay.department, replay_id))
    return replay


def alert_words(viewer: Viewer) -> dict[str, str]:
    """What an alert of each kind says."""
    _ = viewer.gettext
    return {
        "inputs": _("inputs have drifted"),
        "scores": _("scores have drifted"),
        "missing": _("values are missing otherwise than before"),
        "unseen": _("categories come that were never seen"),
        "performance": _("it ranks worse than its test said"),
        "concept": _("the same inputs lead to other outcomes"),
    }


def performance_chart(viewer: Viewer, report: Mapping[str, Any]) -> documents.Figure | None:
    """The ranking by month, with what the test said and the days on which alerts were told."""
    months = report["months"]
    kinds = alert_words(viewer)
    chart = documents.LineChart(
        title=viewer.gettext("How well it ranks, by month"),
        x=tuple(date.fromisoformat(one["first"]) for one in months),
        series=(
            documents.Series(
                name=viewer.gettext("ROC AUC"),
                values=tuple(one["auc"] for one in months),
                low=tuple(one["auc_low"] for one in months),
                high=tuple(one["auc_high"] for one in months),
            ),
        ),
        y_label=viewer.gettext("ROC AUC with its interval"),
        rules=(documents.Rule(name=viewer.gettext("Test at training"), value=report["learned"]["auc"]),),
        events=tuple(
            documents.Event(name=kinds[one["kind"]], at=date.fromisoformat(one["noticed_on"]))
            for one in report["alerts"]
        ),
    )
    return None if chart.is_empty else documents.figure(chart, locale=viewer.looks.language, name="replay")


def _form(viewer: Viewer, case: UseCase, form: Form, status: int = 200) -> Response:
    viewer.permit("pilot:start", _about(case.department, "new"))
    return viewer.page(
        "replays/new.html",
        status=status,
        title=viewer.gettext("Replay a past time"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
    )


def _number(viewer: Viewer, form: Form, name: str) -> float:
    text = form.text(name).replace(",", ".")
    try:
        return float(int(text)) if name == "delay_days" else float(text)
    except ValueError:
        form.faults[name] = viewer.gettext("Write a number")
        return 0.0


def _money(text: str | None, currency: str) -> str | None:
    return str(Money.parse(text, currency)) if text else None


def _about(department: str, name: str) -> Resource:
    return Resource(kind="pilot", id=name, department=department)
