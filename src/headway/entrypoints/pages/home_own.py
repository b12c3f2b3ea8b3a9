"""What is yours: the sections of the home page that look at one person and what they can do next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from headway import catalog, collaboration, governance, identity, portfolio
from headway.entrypoints.pages import quorum
from headway.entrypoints.pages.approvals import titles_of
from headway.entrypoints.pages.home_parts import ROWS, Row, Section, roles_of
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import Approval
from headway.kernel.listing import ListQuery
from headway.portfolio import Standing


def first_steps(viewer: Viewer, tx: Session) -> Section | None:
    """The first steps of a new home, until all are done."""
    _ = viewer.gettext
    departments = [one for one in identity.list_departments(tx) if one.slug != identity.ROOT]
    people = identity.find_people(tx, ListQuery(filters={"active": ("true",)}, limit=1)).total
    products = catalog.find_products(tx, ListQuery(limit=1)).total
    pilots = portfolio.find_pilots(tx, ListQuery(limit=1)).total
    done = (
        (_("Set up departments"), "", bool(departments), "/departments"),
        (_("Add a second person"), _("Nobody approves what they asked for."), people > 2, "/people"),
        (_("Register a data product"), "", products > 0, "/products"),
        (_("Start a first pilot"), _("It takes a file to a first model in minutes."), pilots > 0, "/pilots/new"),
    )
    if all(is_done for _title, _note, is_done, _href in done):
        return None
    following = next(index for index, step in enumerate(done) if not step[2])
    return Section(
        id="first",
        title=_("First steps"),
        note=_("Until these are done, little can be governed."),
        steps=tuple(
            (title, "done" if is_done else "now" if index == following else "later", note)
            for index, (title, note, is_done, _href) in enumerate(done)
        ),
        action=(done[following][0], done[following][3]),
        more="/setup/next",
        more_label=_("Go on with the set-up"),
    )


def approvals(viewer: Viewer, tx: Session, waiting: Sequence[Approval]) -> Section | None:
    """What waits for one's own answer, the oldest first."""
    _ = viewer.gettext
    waiting = waiting[:ROWS]
    if not waiting and not roles_of(viewer) & {"council", "ai_office"}:
        return None
    people = names(tx, [one.requested_by for one in waiting])
    titles = titles_of(tx, {one.usecase for one in waiting}) if waiting else {}
    rows = tuple(
        Row(
            text=titles.get(one.usecase, one.usecase),
            href=f"/approvals/{one.id}",
            state=one.environment,
            note=_("asked for by %(who)s", who=people[one.requested_by])
            + (f", {quorum.votes_said(viewer, one)}" if one.needed > 1 else ""),
            at=one.requested_at,
        )
        for one in waiting
    )
    return Section(
        id="approvals",
        title=_("Waiting for your answer"),
        note=_("The oldest first."),
        rows=rows,
        more="/approvals",
        more_label=_("All approvals"),
        empty=_("Nothing waits for you. You are told when somebody asks."),
    )


def tasks(viewer: Viewer, tx: Session) -> Section | None:
    """One's own open tasks; nothing when there are none."""
    found = collaboration.list_tasks(tx, assignee=viewer.actor.ref, limit=ROWS).items
    _ = viewer.gettext
    rows = tuple(
        Row(
            text=one.title,
            href=f"/tasks/{one.id}",
            state="overdue" if one.is_overdue else None,
            note=_("due on %(day)s", day=one.due_on) if one.due_on else "",
        )
        for one in found
    )
    return (
        Section(id="tasks", title=_("Your tasks"), rows=rows, more="/tasks", more_label=_("All tasks"))
        if rows
        else None
    )


def own_usecases(viewer: Viewer, tx: Session) -> Section | None:
    """Use cases that one owns or sponsors, and where they stand."""
    found: dict[str, Standing] = {}
    for field in ("owner", "sponsor"):
        query = ListQuery(filters={field: (viewer.actor.ref,), "retired": ("false",)}, limit=ROWS)
        if not governance.find_usecases(tx, query).total:
            continue
        found |= {one.usecase.slug: one for one in portfolio.find_usecases(tx, query).items}
    if not found:
        return None
    _ = viewer.gettext
    return Section(
        id="own",
        title=_("Your use cases"),
        rows=tuple(_standing(viewer, one) for one in found.values()),
        more=f"/usecases?owner={viewer.actor.ref}",
        more_label=_("All of yours"),
    )


def _standing(viewer: Viewer, one: Standing) -> Row:
    missing = len(one.usecase.missing)
    note = viewer.gettext("%(count)s things are missing", count=missing) if missing else ""
    return Row(text=one.usecase.title, href=f"/usecases/{one.usecase.slug}", state=one.stage.value, note=note)


def pilots(viewer: Viewer, tx: Session) -> Section | None:
    """One's own pilots, and what is suspicious in them."""
    _ = viewer.gettext
    query = ListQuery(filters={"started_by": (viewer.actor.ref,)}, limit=ROWS)
    rows = []
    for one in portfolio.find_pilots(tx, query).items:
        suspects = (one.result or {}).get("suspects") or ()
        note = _("%(count)s suspicious columns to clear", count=len(suspects)) if suspects else one.filename
        rows.append(Row(text=one.name, href=f"/pilots/{one.id}", state=one.state.value, note=note, at=one.started_at))
    return Section(
        id="pilots",
        title=_("Your pilots"),
        rows=tuple(rows),
        more="/pilots",
        more_label=_("All pilots"),
        empty=_("A pilot takes a file to a first model in minutes, in the sandbox."),
        action=(_("Start a pilot"), "/pilots/new"),
    )


def jobs(viewer: Viewer, tx: Session) -> Section | None:
    """One's own newest jobs; nothing when there are none."""
    found = viewer.parts.jobs.list(tx, ROWS, actor=viewer.actor.ref).items
    _ = viewer.gettext
    rows = tuple(
        Row(text=one.name, href=f"/jobs/{one.id}", state=one.status.value, note=one.message, at=one.created_at)
        for one in found
    )
    return Section(id="jobs", title=_("Your jobs"), rows=rows, more="/jobs", more_label=_("All jobs")) if rows else None


def around(viewer: Viewer, tx: Session) -> Section | None:
    """The AI that is at work where one is, and how to propose more."""
    within = viewer.places(tx, "usecase:read")
    if within is not None and not within:
        return None
    _ = viewer.gettext
    found = portfolio.find_usecases(tx, ListQuery(filters={"stage": ("live",)}, limit=ROWS, within=within))
    rows = tuple(
        Row(text=one.usecase.title, href=f"/usecases/{one.usecase.slug}", state="live", note=one.usecase.purpose or "")
        for one in found.items
    )
    may_propose = viewer.may_somewhere("usecase:open")
    return Section(
        id="around",
        title=_("AI at work in your departments"),
        rows=rows,
        more="/usecases?stage=live",
        more_label=_("All that is live"),
        empty=_("Nothing is live yet. Whoever sees work that a model could help with may propose it."),
        action=(_("Propose a use case"), "/usecases/new") if may_propose else None,
    )
