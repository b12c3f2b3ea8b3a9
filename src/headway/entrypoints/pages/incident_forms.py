"""Reporting an incident and telling more of it: what nobody knows is left empty, and the clocks take the strictest reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, incidents
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.incident_words import HARM, RISKS, SEVERITIES, YES_NO
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.incidents import Harm, Incident, RiskToPersons, Severity, Wanted
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
NONE = "none"
MOMENTS = ("aware_at", "started_at", "ended_at")


@router.get("/incidents/new")
def show_form(viewer: CurrentViewer, tx: Tx, about: str = "", alert: str = "") -> Response:
    """The form to report; ``about`` is what it concerns, where somebody came from a page of that."""
    viewer.permit("incident:report", incidents.report_resource(viewer.actor))
    return _report_page(viewer, tx, Form.filled({"concerns": about, "alert": alert}))


@router.post("/incidents/new")
def report(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Open it; everybody may."""
    viewer.permit("incident:report", incidents.report_resource(viewer.actor))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            told = read(form)
            wanted = Wanted(
                **told,
                department=form.maybe("department"),
                alert=form.maybe("alert"),
            )
            _need_readable(viewer, tx, wanted)
            made = incidents.open_incident(tx, viewer.actor, wanted, viewer.parts.storage)
    except HeadwayError as error:
        return _report_page(viewer, tx, form.take(error), error.status)
    said = viewer.gettext("Reported. Clocks that may apply run: %(count)s", count=made.running)
    return viewer.go(f"/incidents/{made.id}", said)


@router.get("/incidents/{incident_id}/edit")
def show_edit(incident_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form to tell more."""
    found = incidents.get_incident(tx, incident_id)
    viewer.permit("incident:manage", incidents.resource_of(found))
    return _edit_page(viewer, tx, found, Form.filled(_filled(found)))


@router.post("/incidents/{incident_id}/edit")
def edit(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take in what is told; clocks follow."""
    found = incidents.get_incident(tx, incident_id)
    viewer.permit("incident:manage", incidents.resource_of(found))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            changes = read(form)
            changes = {name: value for name, value in changes.items() if value != getattr(found, name)}
            if form.text("cause") != (found.cause or ""):
                changes["cause"] = form.maybe("cause")
            incidents.need_readable(tx, viewer.parts.subjects, viewer.permit, changes.get("concerns", ()))
            incidents.update_incident(
                tx, viewer.actor, incident_id, changes, reason=form.text("reason"), storage=viewer.parts.storage
            )
    except HeadwayError as error:
        return _edit_page(viewer, tx, found, form.take(error), error.status)
    return viewer.go(f"/incidents/{incident_id}", viewer.gettext("Noted; the clocks were asked anew"))


def read(form: Form) -> dict[str, Any]:
    """What the form tells of an incident; raises Invalid where a time is no time."""
    faults: list[Fault] = []
    moments = {name: _moment(form, name, faults) for name in MOMENTS}
    if faults:
        raise Invalid("; ".join(one.message for one in faults), faults=faults)
    ticked = form.many("harm")
    lines = form.text("concerns").split()
    usecase = form.maybe("usecase")
    found: dict[str, Any] = {
        "title": form.text("title"),
        "what": form.text("what"),
        "concerns": tuple(dict.fromkeys([*([f"usecase:{usecase}"] if usecase else []), *lines])),
        "severity": _one(Severity, form.maybe("severity")),
        "harm": tuple(Harm(one) for one in ticked if one in HARM) if ticked else None,
        "widespread": _yes(form, "widespread"),
        "personal_data_breach": _yes(form, "personal_data_breach"),
        "risk_to_persons": _one(RiskToPersons, form.maybe("risk_to_persons")),
        **moments,
    }
    if found["aware_at"] is None:
        del found["aware_at"]
    return found


def _one(kind: Any, value: str | None) -> Any:  # noqa: ANN401  an enum
    return kind(value) if value in tuple(kind) else None


def _yes(form: Form, name: str) -> bool | None:
    value = form.maybe(name)
    return None if value is None else value == "yes"


def _moment(form: Form, name: str, faults: list[Fault]) -> datetime | None:
    text = form.maybe(name)
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        faults.append(Fault(rule="incident.time", column=name, value=text, message=f"{text!r} is no time"))
        return None
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _need_readable(viewer: Viewer, tx: Session, wanted: Wanted) -> None:
    named = [*wanted.concerns, *([f"alert:{wanted.alert}"] if wanted.alert else [])]
    incidents.need_readable(tx, viewer.parts.subjects, viewer.permit, named)


def _filled(found: Incident) -> Mapping[str, object]:
    """The form as the incident stands."""

    def yes(value: bool | None) -> str | None:
        return None if value is None else "yes" if value else "no"

    harm = None if found.harm is None else [one.value for one in found.harm] or [NONE]
    moments = {name: _local(getattr(found, name)) for name in MOMENTS}
    return {
        "title": found.title,
        "what": found.what,
        "concerns": "\n".join(found.concerns),
        "severity": found.severity,
        "harm": harm,
        "widespread": yes(found.widespread),
        "personal_data_breach": yes(found.personal_data_breach),
        "risk_to_persons": found.risk_to_persons,
        "cause": found.cause,
        **moments,
    }


def _local(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _choices(viewer: Viewer) -> dict[str, Any]:
    said = viewer.gettext
    return {
        "severities": [(name, said(word)) for name, (_, _, word) in SEVERITIES.items()],
        "harms": [(str(name), said(word)) for name, word in HARM.items()],
        "risks": [(name, said(word)) for name, word in RISKS.items()],
        "yes_no": [(value, said(word)) for value, word in YES_NO],
    }


def _report_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    named = form.text("concerns").split()
    within = viewer.places(tx, "usecase:read")
    listed = governance.find_usecases(tx, ListQuery(limit=LARGEST_PAGE, sort="title", within=within)).items
    return viewer.page(
        "incidents/new.html",
        status=status,
        title=viewer.gettext("Report an incident"),
        crumbs=[(viewer.gettext("Incidents"), "/incidents")],
        form=form,
        named=named,
        titles=viewer.parts.subjects.titles(tx, named),
        cases=[(one.slug, one.title) for one in listed],
        departments=list(govern.department_names(tx).items()),
        **_choices(viewer),
    )


def _edit_page(viewer: Viewer, tx: Session, found: Incident, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "incidents/edit.html",
        status=status,
        title=viewer.gettext("Tell more of %(title)s", title=found.title),
        crumbs=[(viewer.gettext("Incidents"), "/incidents"), (found.title, f"/incidents/{found.id}")],
        form=form,
        incident=found,
        **_choices(viewer),
    )
