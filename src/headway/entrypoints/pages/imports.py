"""Tables that come back from Excel: a template to fill in, the file sent, the differences looked at, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import documents, governance, identity
from headway.documents import About, ImportPreview, Sheet
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import HeadwayError, Invalid, TooLarge
from headway.kernel.storage import Storage
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
Language = Literal["en", "de"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = documents.Limits().bytes
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A table that can be sent: where its pages are, its words, and the services behind it."""

    path: str  # of the list that it fills
    name: str
    title: str
    actions: tuple[str, ...]  # any of them, somewhere, opens the page; what a file needs is asked for each department
    template: Callable[[Session, Language], Sequence[Sheet]]
    stage: Callable[..., ImportPreview]
    get: Callable[[Session, Storage, Actor, str], ImportPreview]
    apply: Callable[..., ImportPreview]
    scope: Callable[[Session, ImportPreview], Sequence[tuple[str, str | None]]]
    words: Mapping[str, str]
    """Of its fields, for people."""
    tables: Mapping[str, str]
    """What rows of each of its tables are called."""
    accept: str = ".xlsx,.csv"
    """Endings of the files that it takes."""


USECASES = Kind(
    path="/usecases",
    name=N_("Use cases"),
    title=N_("Import use cases"),
    actions=("usecase:open", "usecase:update"),
    template=lambda session, language: [governance.usecase_template(session, language)],
    stage=governance.stage_import,
    get=governance.get_import,
    apply=governance.apply_import,
    scope=governance.import_scope,
    words={
        "title": N_("Title"),
        "department": N_("Department"),
        "solution": N_("Solution"),
        "purpose": N_("Purpose"),
        "owner": N_("Owner"),
        "sponsor": N_("Sponsor"),
        "success_measure": N_("Success measure"),
        "people_affected": N_("People affected"),
    },
    tables={"usecase": N_("use case")},
    accept=".xlsx,.csv,.yaml,.yml",
)
PEOPLE = Kind(
    path="/people",
    name=N_("People"),
    title=N_("Import people and departments"),
    actions=("person:manage", "department:manage", "role:grant"),
    template=lambda session, language: identity.people_template(language),
    stage=identity.stage_import,
    get=identity.get_import,
    apply=identity.apply_import,
    scope=identity.import_scope,
    words={
        "slug": N_("Department"),
        "name": N_("Name"),
        "parent": N_("Below"),
        "region": N_("Region"),
        "email": N_("Mail address"),
        "roles": N_("Roles"),
    },
    tables={"person": N_("person"), "department": N_("department")},
)
KINDS = (USECASES, PEOPLE)


def serve(kind: Kind) -> None:
    """Put the pages of one table on the router."""

    @router.get(f"{kind.path}/import")
    def show_start(viewer: CurrentViewer, tx: Tx) -> Response:
        _need_some(viewer, tx, kind)
        return _start_page(viewer, kind, Form())

    @router.get(f"{kind.path}/import/template.xlsx")
    def give_template(viewer: CurrentViewer, tx: Tx) -> Response:
        _need_some(viewer, tx, kind)
        language: Language = "de" if viewer.looks.language == "de" else "en"
        about = About(by=viewer.actor.name, at=clock.now(), source=str(viewer.request.url), language=language)
        name = f"{kind.path.strip('/')}-template.xlsx"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(documents.write_xlsx(kind.template(tx, language), about), media_type=XLSX, headers=headers)

    @router.post(f"{kind.path}/import")
    def send(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
        _need_some(viewer, tx, kind)
        form, file = Form.of(data), upload(data, "file")
        try:
            if file is None:
                raise Invalid(viewer.gettext("Choose a file first"))
            content = file.file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise TooLarge(viewer.gettext("The file is too large: at most %(count)s bytes", count=MOST_BYTES))
            with tx.begin_nested():
                storage = viewer.parts.storage
                made = kind.stage(tx, storage, viewer.actor, filename=file.filename or "file", data=content)
        except HeadwayError as error:
            return _start_page(viewer, kind, form.take(error), status=error.status)
        _permit(viewer, tx, kind, made)
        return viewer.go(f"{kind.path}/import/{made.id}")

    @router.get(f"{kind.path}/import/{{import_id}}")
    def show_preview(import_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
        _need_some(viewer, tx, kind)
        found = kind.get(tx, viewer.parts.storage, viewer.actor, import_id)
        _permit(viewer, tx, kind, found)
        return _preview_page(viewer, kind, found, Form())

    @router.post(f"{kind.path}/import/{{import_id}}/apply")
    def apply(import_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
        _need_some(viewer, tx, kind)
        form, storage = Form.of(data), viewer.parts.storage
        _permit(viewer, tx, kind, kind.get(tx, storage, viewer.actor, import_id))
        try:
            with tx.begin_nested():
                kind.apply(tx, storage, viewer.actor, import_id, preview_digest=form.text("digest"))
        except HeadwayError as error:
            found = kind.get(tx, storage, viewer.actor, import_id)
            return _preview_page(viewer, kind, found, form.take(error), status=error.status)
        return viewer.go(f"{kind.path}/import/{import_id}", viewer.gettext("Done: every row was applied"))


for each in KINDS:
    serve(each)


def _need_some(viewer: Viewer, session: Session, kind: Kind) -> None:
    """Refuse whoever may write such rows nowhere."""
    for action in kind.actions:
        places = viewer.places(session, action)
        if places is None or places:
            return
    viewer.permit(kind.actions[0], _resource(kind.actions[0], None))


def _permit(viewer: Viewer, session: Session, kind: Kind, preview: ImportPreview) -> None:
    for action, department in kind.scope(session, preview):
        viewer.permit(action, _resource(action, department))


def _resource(action: str, department: str | None) -> Resource:
    return Resource(kind=action.partition(":")[0], id="import", department=department)


def _start_page(viewer: Viewer, kind: Kind, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "imports/start.html",
        status=status,
        title=viewer.gettext(kind.title),
        crumbs=[(viewer.gettext(kind.name), kind.path)],
        kind=kind,
        form=form,
        most=MOST_BYTES // 1_000_000,
    )


def _preview_page(viewer: Viewer, kind: Kind, found: ImportPreview, form: Form, *, status: int = 200) -> Response:
    words = {name: viewer.gettext(word) for name, word in kind.words.items()}
    return viewer.page(
        "imports/preview.html",
        status=status,
        title=found.filename,
        crumbs=[(viewer.gettext(kind.name), kind.path), (viewer.gettext(kind.title), f"{kind.path}/import")],
        kind=kind,
        form=form,
        found=found,
        words=words,
        tables={table: viewer.gettext(word) for table, word in kind.tables.items()},
        added=sum(one.change == "added" for one in found.changes),
        changed=sum(one.change == "changed" for one in found.changes),
        shown=[(one, _fields(one, words)) for one in found.changes[:MOST_SHOWN]],
        hidden=max(0, len(found.changes) - MOST_SHOWN),
    )


def _fields(row: documents.RowChange, words: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The fields of a row that say something, before and after, in words."""
    return [
        (
            words.get(one.field, one.field.rpartition(".")[2].replace("_", " ")),
            told_value(one.before),
            told_value(one.after),
        )
        for one in row.fields
        if row.change == "changed" or one.after not in (None, "")
    ]


def told_value(value: documents.Told) -> str:
    """A value of a field in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return ", ".join(value) or "[ ]" if isinstance(value, list) else str(value)
