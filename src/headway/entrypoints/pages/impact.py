"""What would change: a pack held against the one in force, and a day in the calendar of the law, before either comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from headway import governance
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Impact, Pack, PackDiff, PackInvalid, PackUnknown
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
ASKED = (("policy:read", "policy"), ("usecase:read", "usecase"), ("gate:read", "usecase"))
LARGEST = 1_000_000


def may_ask(viewer: Viewer) -> bool:
    """Whether somebody sees all that an impact tells of."""
    return all(viewer.may_everywhere(action) for action, _ in ASKED)


@router.get("/policies/impact")
def show_impact(viewer: CurrentViewer, tx: Tx, on: str = "", published: str = "", without: str = "") -> Response:
    """The days on which something begins; with a day or a pack to switch, what that changes."""
    _permit(viewer)
    form = Form.filled({"on": on, "published": published, "without": without})
    is_asked = any(text.strip() for text in (on, published, without))
    return _answered(viewer, tx, form, None) if is_asked else _page(viewer, tx, form)


@router.post("/policies/impact")
def ask_impact(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """What changes with a pack that was sent, on a day or today; nothing is stored."""
    _permit(viewer)
    form, sent = Form.of(data), upload(data, "pack")
    if sent is None and not any(form.text(name) for name in ("on", "published", "without")):
        form.faults["pack"] = viewer.gettext("Choose a file, name a day, or both")
        return _page(viewer, tx, form, status=422)
    return _answered(viewer, tx, form, sent)


def _permit(viewer: Viewer) -> None:
    for action, kind in ASKED:
        viewer.permit(action, Resource(kind=kind, id="all"))


def _answered(viewer: Viewer, tx: Session, form: Form, sent: UploadFile | None) -> Response:
    try:
        pack = text_of(sent) if sent is not None else None
        impact = governance.pack_impact(
            tx,
            pack=pack,
            published=form.maybe("published"),
            without=form.maybe("without"),
            on=_day(form.text("on")),
        )
        diff = _diff(tx, pack) if pack is not None else None
    except HeadwayError as error:
        if isinstance(error, PackInvalid):
            form.faults["pack"] = "; ".join(fault.message for fault in error.faults) or error.message
        return _page(viewer, tx, form.take(error) if not form.faults else form, status=error.status)
    return _page(viewer, tx, form, impact=impact, diff=diff)


def text_of(sent: UploadFile) -> str:
    """The text of a file that was sent; raises PackInvalid."""
    raw = sent.file.read(LARGEST + 1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackInvalid("the file is no text in UTF-8") from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("a day is written as 2027-12-02") from error


def _diff(tx: Session, pack: str) -> PackDiff | None:
    """What a pack changes; None where no version of it is in force."""
    try:
        return governance.diff_pack(tx, new=pack)
    except PackUnknown:
        return None


def _page(
    viewer: Viewer,
    tx: Session,
    form: Form,
    *,
    impact: Impact | None = None,
    diff: PackDiff | None = None,
    status: int = 200,
) -> Response:
    return viewer.page(
        "policies/impact.html",
        status=status,
        title=viewer.gettext("What would change"),
        crumbs=[(viewer.gettext("Policies"), "/policies")],
        form=form,
        impact=impact,
        stopped=sum(_is_stopped(one) for one in impact.usecases) if impact else 0,
        diff=diff,
        calendar=_calendar(governance.list_packs(tx), clock.now().date()),
        today=clock.now().date(),
        off=[(one.id, one.title) for one in governance.published_packs(tx) if not one.is_on],
        switched_on=[(one.id, one.title) for one in governance.list_packs(tx) if one.id != governance.CORE_PACK],
    )


def _is_stopped(one: governance.UseCaseImpact) -> bool:
    return any(subject.after == "block" != subject.before for subject in one.subjects)


def _calendar(packs: Sequence[Pack], today: date) -> list[tuple[date, int, str]]:
    """The days to come on which controls begin: the day, how many, and of which pack."""
    days = Counter(
        (control.valid_from, pack.title)
        for pack in packs
        for control in pack.controls
        if control.valid_from is not None and control.valid_from > today
    )
    return sorted((day, count, title) for (day, title), count in days.items())
