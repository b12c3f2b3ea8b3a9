"""One version of a model: how good it is, what it looks at, what is suspicious, where it was released, what it was made of."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, portfolio, registry
from headway.entrypoints.pages.figures import metric_rows
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.models import about
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilot_report import cleared
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx
from headway.registry import ModelRelease, ModelVersion, Run

router = APIRouter(include_in_schema=False)


@router.get("/models/{name}/versions/{number}")
def show_version(name: str, number: int, viewer: CurrentViewer, tx: Tx) -> Response:
    """The version with everything its card says."""
    return _page(viewer, tx, _readable(viewer, tx, name, number), Form())


@router.get("/models/{name}/versions/{number}/card")
def download_card(name: str, number: int, viewer: CurrentViewer, tx: Tx) -> Response:
    """The model card as Markdown, as it lies in the bundle."""
    version = _readable(viewer, tx, name, number)
    text = registry.read_card(tx, viewer.parts.storage, version.ref)
    headers = {
        "content-disposition": f'attachment; filename="{name}-{number}-card.md"',
        "cache-control": "no-store",
    }
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


@router.post("/models/{name}/versions/{number}/clear")
def clear_suspect(name: str, number: int, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Clear a suspicious column in person, with a reason."""
    version, form = _readable(viewer, tx, name, number), Form.of(data)
    viewer.permit("evidence:record", about(tx, "model", version.ref, version.usecase))
    try:
        with tx.begin_nested():
            registry.clear_suspect(
                tx, viewer.actor, version=version.ref, column=form.text("column"), reason=form.text("reason")
            )
    except HeadwayError as error:
        form.failure, form.hint = error.message, error.hint
        return _page(viewer, tx, version, form, status=error.status)
    told = viewer.gettext("%(column)s is cleared in your name", column=form.text("column"))
    return viewer.go(f"/models/{name}/versions/{number}", told)


def _readable(viewer: Viewer, session: Session, name: str, number: int) -> ModelVersion:
    version = registry.get_version(session, Ref("model", name, str(number)))
    viewer.permit("model:read", about(session, "model", version.ref, version.usecase))
    return version


def _page(viewer: Viewer, session: Session, version: ModelVersion, form: Form, *, status: int = 200) -> Response:
    card: dict[str, Any] = dict(version.report)
    facts = {
        **card,
        "bands": card["policy"]["bands"],
        "unit": viewer.gettext("row"),
        "success": viewer.gettext("success"),
    }
    releases = _releases(viewer, session, version)
    spoken = cleared(session, version.ref)
    run = _run(viewer, session, version)
    return viewer.page(
        "models/version.html",
        status=status,
        title=viewer.gettext("%(name)s, version %(number)s", name=version.model, number=version.version),
        crumbs=[(viewer.gettext("Models"), "/models"), (version.model, f"/models/{version.model}")],
        version=version,
        card=card,
        charts=portfolio.figures_of(facts, viewer.looks.language),
        figures=metric_rows(viewer, card["metrics"]),
        form=form,
        suspects=_suspects(card),
        cleared=spoken,
        releases=releases,
        run=run,
        names=names(session, [version.made_by, *(one.producer for one in spoken.values())]),
        **_next(viewer, session, version),
    )


def _next(viewer: Viewer, session: Session, version: ModelVersion) -> dict[str, Any]:
    of_release = about(session, "release", version.ref, version.usecase, environment="production", requested_by="")
    return {
        "may_ask": version.usecase is not None and viewer.may("release:request", of_release),
        "may_clear": viewer.may("evidence:record", about(session, "model", version.ref, version.usecase)),
        "title_of_case": governance.get_usecase(session, version.usecase).title if version.usecase else None,
    }


def _suspects(card: dict[str, Any]) -> list[dict[str, str]]:
    """Each suspicious column once, with its gravest severity and every reason."""
    order = ("strong", "warning", "note")
    found: dict[str, dict[str, str]] = {}
    for one in sorted(card["suspects"], key=lambda one: order.index(one["severity"])):
        known = found.setdefault(one["column"], {"column": one["column"], "severity": one["severity"], "reason": ""})
        known["reason"] = "; ".join(filter(None, (known["reason"], one["reason"])))
    return list(found.values())


def _releases(viewer: Viewer, session: Session, version: ModelVersion) -> tuple[ModelRelease, ...]:
    if not viewer.may("release:read", about(session, "release", version.ref, version.usecase)):
        return ()
    asked = ListQuery(filters={"digest": (version.digest,)}, limit=100)
    return registry.find_releases(session, asked).items


def _run(viewer: Viewer, session: Session, version: ModelVersion) -> Run | None:
    if not viewer.may("run:read", about(session, "run", version.run, version.usecase)):
        return None
    return registry.get_run(session, version.run)
