"""A plan to take a use case to another department: its steps live, its failure, or all that it found, and the labels after it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import documents, governance, scaling
from headway.documents import PERCENT
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilots import OPEN
from headway.entrypoints.pages.streams import draw, follow, stream
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.jobs import JobStatus
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx
from headway.scaling import ScalePlan

router = APIRouter(include_in_schema=False)
LIMIT = 2.995732273553991
"""Logarithm of 20: where a bet that is wrong in at most 5 of 100 cases is decided."""


@router.get("/scale-plans/{plan_id}")
def show_plan(plan_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One plan: running, failed or done."""
    return _page(viewer, tx, readable(viewer, tx, plan_id), Form.filled({}))


@router.get("/scale-plans/{plan_id}/stream")
async def stream_plan(plan_id: str, viewer: CurrentViewer) -> Response:
    """Send the steps of a plan until it has ended."""

    def part() -> tuple[str, bool]:
        with viewer.parts.database.session() as session:
            plan = readable(viewer, session, plan_id)
            progress = _progress(viewer, session, plan)
        return draw(viewer, "scaling/steps.html", **progress), plan.state == "running"

    return stream(follow(viewer, "plan", part))


@router.get("/scale-plans/{plan_id}/ended")
def show_ended(plan_id: str, viewer: CurrentViewer) -> Response:
    """Send a page that followed a plan to its end to the page of what it is now."""
    return viewer.go(f"/scale-plans/{plan_id}")


@router.get("/scale-plans/{plan_id}/download")
def download_rows(plan_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The cases whose outcome tells most, as a file to fill in."""
    plan = readable(viewer, tx, plan_id)
    viewer.permit("scale:label", _resource(plan))
    headers = {"content-disposition": f'attachment; filename="{plan.usecase}-{plan.department}-to-label.csv"'}
    text = scaling.csv_to_label(tx, viewer.parts.storage, plan_id)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/scale-plans/{plan_id}/labels")
def bring_labels(plan_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take in a file of outcomes, or tell every fault at the field."""
    plan = readable(viewer, tx, plan_id)
    viewer.permit("scale:label", _resource(plan))
    form, sent = Form.of(data), upload(data, "file")
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
        return _page(viewer, tx, plan, form, status=422)
    parts = viewer.parts
    try:
        with received(sent.file, parts.settings.max_upload_bytes) as path, tx.begin_nested():
            scaling.bring_labels(tx, parts.storage, viewer.actor, plan_id, path=path, filename=sent_name(sent.filename))
    except HeadwayError as error:
        form.faults["file"] = error.message
        form.hint = error.hint
        return _page(viewer, tx, plan, form, status=error.status)
    return viewer.go(f"/scale-plans/{plan_id}#check", viewer.gettext("The labels were taken in"))


def readable(viewer: Viewer, session: Session, plan_id: str) -> ScalePlan:
    """A plan that the viewer may see; raises UnknownPlan, Denied."""
    plan = scaling.get_plan(session, plan_id)
    viewer.permit("scale:read", _resource(plan))
    return plan


def _resource(plan: ScalePlan) -> Resource:
    return Resource(kind="scaleplan", id=plan.id, department=plan.department)


def _page(viewer: Viewer, session: Session, plan: ScalePlan, form: Form, *, status: int = 200) -> Response:
    case, batches = governance.get_usecase(session, plan.usecase), scaling.list_labels(session, plan.id)
    return viewer.page(
        "scaling/plan.html",
        status=status,
        title=viewer.gettext("%(name)s for %(department)s", name=case.title, department=plan.department),
        crumbs=_crumbs(viewer, case),
        plan=plan,
        result=plan.result,
        check=plan.check,
        form=form,
        case=case,
        batches=batches,
        names=names(session, [plan.started_by, *(one.brought_by for one in batches)]),
        may_label=viewer.may("scale:label", _resource(plan)),
        may_plan=viewer.may("scale:plan", _resource(plan)) and viewer.may("usecase:read", govern.about(case)),
        figures=_figures(viewer, plan),
        **_progress(viewer, session, plan),
    )


def _crumbs(viewer: Viewer, case: UseCase) -> list[tuple[str, str]]:
    """The way back, as far as somebody may go it: a plan may be of another department than its use case."""
    made = [(viewer.gettext("Use cases"), "/usecases")]
    if viewer.may("usecase:read", govern.about(case)):
        made.append((case.title, f"/usecases/{case.slug}"))
        made.append((viewer.gettext("Scaling"), f"/usecases/{case.slug}/scale"))
    return made


def _progress(viewer: Viewer, session: Session, plan: ScalePlan) -> dict[str, Any]:
    """All steps of a plan with how each stands."""
    job = viewer.parts.jobs.get(session, plan.job)
    begun = {step.name: step for step in job.steps}
    steps = []
    for name in scaling.STEPS:
        step = begun.get(name)
        state, seconds = "later", None
        if step is not None:
            failed = step.error is not None and job.status == JobStatus.failed
            state = "failed" if failed else "done" if step.ended_at and not step.error else "now"
            seconds = (step.ended_at - step.started_at).total_seconds() if step.ended_at and not failed else None
        steps.append((name, state, seconds))
    done = sum(state == "done" for _, state, _ in steps)
    return {"job": job, "steps": steps, "done": done, "is_open": job.status in OPEN}


def _figures(viewer: Viewer, plan: ScalePlan) -> dict[str, documents.Figure]:
    """The charts of a plan: what differs, the forecast beside home and truth, the check label by label."""
    if plan.result is None:
        return {}
    charts = {"shift": _shift_chart(viewer, plan.result), "forecast": _forecast_chart(viewer, plan.result)}
    if plan.check and plan.check["points"]:
        charts["check"] = _check_chart(viewer, plan.check)
    return {
        name: documents.figure(chart, locale=viewer.looks.language, name=f"plan-{name}")
        for name, chart in charts.items()
    }


def _shift_chart(viewer: Viewer, result: Any) -> documents.Chart:  # noqa: ANN401  plain values of a plan
    _ = viewer.gettext
    columns = result["shift"]["columns"]
    return documents.BarChart(
        title=_("What tells the departments apart"),
        categories=tuple(one["column"] for one in columns),
        series=(
            documents.Bars(name=_("share of what tells them apart"), values=tuple(one["share"] for one in columns)),
            documents.Bars(name=_("distance of the distributions"), values=tuple(one["difference"] for one in columns)),
        ),
        unit=PERCENT,
        horizontal=True,
        category_label=_("Column"),
    )


def _forecast_chart(viewer: Viewer, result: Any) -> documents.Chart:  # noqa: ANN401  plain values of a plan
    _ = viewer.gettext
    shown = [(_("at home, judged"), result["source"]), (_("there, forecast"), result["forecast"])]
    if result["realised"]:
        shown.append((_("there, by labels in the file"), result["realised"]))
    return documents.BarChart(
        title=_("How well it ranks"),
        categories=tuple(name for name, _one in shown),
        series=(
            documents.Bars(
                name=_("ROC AUC"),
                values=tuple(one["auc"] for _name, one in shown),
                low=tuple(one["low"] for _name, one in shown),
                high=tuple(one["high"] for _name, one in shown),
            ),
        ),
        unit=documents.Unit(kind="number", digits=3),
        rules=(documents.Rule(name=_("chance"), value=0.5),),
        category_label=_("Where"),
    )


def _check_chart(viewer: Viewer, check: Any) -> documents.Chart:  # noqa: ANN401  plain values of a plan
    _ = viewer.gettext
    points = check["points"]
    return documents.LineChart(
        title=_("What the labels say"),
        x=tuple(float(one["labels"]) for one in points),
        series=(
            documents.Series(name=_("against the forecast"), values=tuple(one["against"] for one in points)),
            documents.Series(name=_("for the forecast"), values=tuple(one["for_it"] for one in points)),
        ),
        unit=documents.Unit(kind="number", digits=1),
        x_label=_("Labels"),
        y_label=_("evidence, logarithm"),
        zero=True,
        rules=(documents.Rule(name=_("decided"), value=LIMIT),),
    )
