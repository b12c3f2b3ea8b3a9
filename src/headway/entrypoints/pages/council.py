"""The council's work: what waits and for how long, and one page for each case with everything that a member does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, registry
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.approvals import question, titles_of
from headway.entrypoints.pages.council_stakes import stakes
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import council
from headway.governance.council import Choice, Item, ItemState, Standing
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("state", "lane", "department", "usecase", "council")
MOST = 200
_REF = re.compile(r"person:per_\w+|service:headway")
SEATS = {
    "business": N_("Business"),
    "compliance": N_("Compliance"),
    "data": N_("Data"),
    "ethics": N_("Ethics"),
    "finance": N_("Finance"),
    "hr": N_("Human resources"),
    "it": N_("IT"),
    "legal": N_("Legal"),
    "privacy": N_("Privacy"),
    "risk": N_("Risk"),
    "security": N_("Security"),
    "validator": N_("Independent validator"),
    "works_council": N_("Works council"),
    "owner": N_("Owner of the use case"),
}
CAPACITIES = {"holder": N_("holder"), "delegate": N_("delegate"), "deputy": N_("deputy")}
CHOICES = {"yes": N_("Yes"), "no": N_("No"), "abstain": N_("Abstain")}
LANES = {"automatic": N_("By rules alone"), "council": N_("Council")}


def seat_words(viewer: Viewer) -> dict[str, str]:
    """The seats in the language of whoever looks."""
    return {name: viewer.gettext(word) for name, word in SEATS.items()}


@router.get("/council")
def show_queue(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """What waits for one's own part, how the council works, and everything that is or was before it."""
    within = govern.need_somewhere(viewer, tx, "council:read")
    query = query_of(request, sort="opened_at", descending=True, filters=FILTERS, within=within)
    found = council.find_items(tx, query)
    if exports.is_wanted(request):
        return exports.download(viewer, _view(request, viewer, tx, found), _cells(tx, found))
    waiting = _waiting_for(viewer, tx, within)
    owed = [one for one in council.list_conditions(tx) if one.owner == viewer.actor.ref]
    listed = (
        {one.usecase for one in found.items} | {one.item.usecase for one in waiting} | {one.usecase for one in owed}
    )
    return viewer.page(
        "council/list.html",
        title=viewer.gettext("Council"),
        table=_view(request, viewer, tx, found),
        waiting=waiting,
        owed=owed,
        figures=council.figures(tx) if within is None else None,
        lanes=council.intake_lanes(tx) if within is None else None,
        bodies=[one for one in council.list_bodies(tx) if viewer.may("council:read", of_body(one))],
        may_manage=viewer.may_somewhere("council:manage"),
        titles=titles_of(tx, listed),
        seats=seat_words(viewer),
        now=clock.now(),
        people=names(tx, [one.requested_by for one in found.items]),
    )


def _waiting_for(viewer: Viewer, tx: Session, within: frozenset[str] | None) -> list[Standing]:
    """The open items in which somebody has a part that is not done."""
    undecided = {"state": (ItemState.open.value, ItemState.escalated.value)}
    query = ListQuery(filters=undecided, sort="closes_at", limit=MOST, within=within)
    found = [council.standing_of(tx, viewer.actor, one.id) for one in council.find_items(tx, query).items]
    return [one for one in found if one.own_seats or one.own_reviews or one.may_extend]


def of_body(body: council.Body) -> Resource:
    """What is asked about when a council is to be seen or changed."""
    return Resource(kind="council", id=body.slug, department=body.department)


def _cells(tx: Session, found: Found[Item]) -> Iterator[Sequence[documents.Value]]:
    rows = exports.all_rows(found, lambda query: council.find_items(tx, query))
    people = names(tx, [one.requested_by for one in rows])
    titles = titles_of(tx, {one.usecase for one in rows})
    for one in rows:
        counts = {choice: sum(vote.choice is choice for vote in one.votes) for choice in Choice}
        yield (
            titles.get(one.usecase, one.usecase),
            one.environment,
            one.state.value,
            one.lane.value,
            f"{counts[Choice.yes]}/{counts[Choice.no]}/{counts[Choice.abstain]}",
            people[one.requested_by],
            one.opened_at,
            one.closes_at,
            one.decided_at,
            "; ".join(one.why),
        )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Item]) -> TableView:
    said = viewer.gettext
    states = {
        "open": said("Open"),
        "escalated": said("Escalated"),
        "approved": said("Approved"),
        "rejected": said("Rejected"),
        "lapsed": said("Lapsed"),
    }
    return view_of(
        request,
        found,
        name="council",
        caption=said("Before the council"),
        columns=(
            Column(name="usecase", label=said("Use case")),
            Column(name="environment", label=said("Environment")),
            Column(name="state", label=said("State")),
            Column(name="lane", label=said("Lane")),
            Column(name="votes", label=said("Yes/no/abstain"), is_sortable=False),
            Column(name="requested_by", label=said("Asked by"), is_sortable=False, is_wide=True),
            Column(name="opened_at", label=said("Opened"), kind="date"),
            Column(name="closes_at", label=said("Until"), kind="date"),
            Column(name="decided_at", label=said("Decided"), kind="date"),
            Column(name="why", label=said("Why"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(name="state", label=said("All states"), choices=tuple(states.items())),
            Filter(name="lane", label=said("All lanes"), choices=tuple((k, said(word)) for k, word in LANES.items())),
            Filter(
                name="department",
                label=said("All departments"),
                choices=tuple(govern.department_choices(viewer, tx, "council:read")),
            ),
        ),
        empty={
            "title": said("Nothing is or was before the council"),
            "text": said(
                "Once a council is set up, each approval of a high-risk use case comes here by itself. Intake of minimal risk "
                "under an approved pattern is decided by rules and shown here too."
            ),
            "href": "/usecases",
            "action": said("Use cases"),
            "icon": "users",
        },
    )


# --- one item ----------------------------------------------------------------------------------------------------


@router.get("/council/{item_id}")
def show_item(item_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A case with its papers, reviews, votes and conditions."""
    viewer.permit("council:read", council.resource_of(tx, council.get_item(tx, item_id)))
    return _page(viewer, tx, item_id)


@router.post("/council/{item_id}/review")
def review(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say what the others should know before they vote."""
    form = Form.of(data)

    def do() -> object:
        supports = form.text("supports") == "yes"
        return council.review(
            tx, viewer.actor, item_id, part=form.text("part"), supports=supports, text=form.text("text")
        )

    return _done(viewer, tx, item_id, "council:review", form, do, N_("Reviewed. The others see it before they vote"))


@router.post("/council/{item_id}/recuse")
def recuse(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Step back for a conflict of interest."""
    form = Form.of(data)
    said = N_("You take no part in this; a deputy of your seat can")
    return _done(
        viewer, tx, item_id, "council:act", form,
        lambda: council.recuse(tx, viewer.actor, item_id, form.text("reason")), said,
    )  # fmt: skip


@router.post("/council/{item_id}/condition")
def propose_condition(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Propose what must be done after a yes."""
    form = Form.of(data)

    def do() -> object:
        owner = govern.person_meant(viewer, tx, form.text("owner")) or ""
        days = int(form.text("days")) if form.text("days").isdecimal() and len(form.text("days")) < 5 else -1
        return council.propose_condition(tx, viewer.actor, item_id, text=form.text("text"), owner=owner, days=days)

    return _done(viewer, tx, item_id, "council:act", form, do, N_("Proposed. It is part of what is voted on"))


@router.post("/council/{item_id}/vote")
def vote(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Cast the vote of a seat; a yes that decides releases what was asked for when the gate lets it in."""
    form, here = Form.of(data), viewer.parts

    def do() -> object:
        choice = Choice(form.text("choice")) if form.text("choice") in CHOICES else Choice.abstain
        done = council.vote(
            tx, viewer.actor, item_id, choice=choice, reason=form.text("reason"), seat=form.maybe("seat")
        )
        registry.follow_approvals(tx, here.storage, here.signer)
        return done

    return _done(viewer, tx, item_id, "council:vote", form, do, N_("Your vote is kept with your reason"))


@router.post("/council/{item_id}/close")
def close_vote(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Close a vote that is certain, as the chair."""
    form, here = Form.of(data), viewer.parts

    def do() -> object:
        done = council.close_vote(tx, viewer.actor, item_id)
        registry.follow_approvals(tx, here.storage, here.signer)
        return done

    return _done(viewer, tx, item_id, "council:vote", form, do, N_("Closed and decided"))


@router.post("/council/{item_id}/extend")
def extend(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give an escalated item more time."""
    form = Form.of(data)

    def do() -> object:
        days = int(form.text("days")) if form.text("days").isdecimal() and len(form.text("days")) < 5 else 0
        return council.extend(tx, viewer.actor, item_id, days=days, reason=form.text("reason"))

    return _done(viewer, tx, item_id, "council:act", form, do, N_("It is open again"))


@router.post("/council/{item_id}/give-up")
def give_up(item_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give an escalated item up."""
    form = Form.of(data)
    return _done(
        viewer, tx, item_id, "council:act", form,
        lambda: council.take_back(tx, viewer.actor, item_id, form.text("reason")), N_("Given up"),
    )  # fmt: skip


@router.post("/council/{item_id}/conditions/{condition_id}/met")
def meet_condition(item_id: str, condition_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Show that a condition is met."""
    form = Form.of(data)
    said = N_("Shown. Somebody of the council looks at it now")
    return _done(
        viewer, tx, item_id, "council:act", form,
        lambda: council.meet_condition(tx, viewer.actor, _own(tx, item_id, condition_id), form.text("reason")), said,
    )  # fmt: skip


@router.post("/council/{item_id}/conditions/{condition_id}/give")
def give_condition(item_id: str, condition_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give a condition to somebody else."""
    form = Form.of(data)

    def do() -> object:
        own, owner = _own(tx, item_id, condition_id), govern.person_meant(viewer, tx, form.text("owner")) or ""
        return council.give_condition(tx, viewer.actor, own, owner, form.text("reason"))

    return _done(viewer, tx, item_id, "council:vote", form, do, N_("Given. Who has it now is told"))


@router.post("/council/{item_id}/conditions/{condition_id}/accept")
def accept_condition(item_id: str, condition_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Accept what was shown."""
    form = Form.of(data)
    said = N_("Accepted; it blocks nothing any more")
    return _done(
        viewer, tx, item_id, "council:vote", form,
        lambda: council.accept_condition(tx, viewer.actor, _own(tx, item_id, condition_id), form.text("reason")), said,
    )  # fmt: skip


@router.post("/council/{item_id}/conditions/{condition_id}/return")
def return_condition(item_id: str, condition_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say that what was shown is not enough."""
    form = Form.of(data)
    said = N_("Sent back with your reason")
    return _done(
        viewer, tx, item_id, "council:vote", form,
        lambda: council.return_condition(tx, viewer.actor, _own(tx, item_id, condition_id), form.text("reason")), said,
    )  # fmt: skip


def _own(tx: Session, item_id: str, condition_id: str) -> str:
    """A condition, which must be one of the item on whose page it stands."""
    found = council.get_condition(tx, condition_id)
    if found.item != item_id:
        raise council.ConditionUnknown(f"{item_id} has no condition {condition_id}")
    return condition_id


def _done(  # noqa: PLR0917  what every step on this page has
    viewer: Viewer, tx: Session, item_id: str, action: str, form: Form, do: Callable[[], object], said: str
) -> Response:
    viewer.permit(action, council.resource_of(tx, council.get_item(tx, item_id), viewer.actor.ref))
    try:
        with tx.begin_nested():
            do()
    except HeadwayError as error:
        return _page(viewer, tx, item_id, form.take(error), status=error.status)
    return viewer.go(f"/council/{item_id}", viewer.gettext(said))


def _page(viewer: Viewer, tx: Session, item_id: str, form: Form | None = None, *, status: int = 200) -> Response:
    told = council.standing_of(tx, viewer.actor, item_id)
    item, case = told.item, governance.get_usecase(tx, told.item.usecase)
    approval = governance.get_approval(tx, item.approval) if item.approval else None
    papers: dict[str, Any] = {"version": None, "figures": [], "cautions": [], "gate": None, "proofs": []}
    if approval is not None and viewer.may("release:read", govern.about(case)):
        papers |= question(
            viewer, tx, case, subject=item.subject, digest=approval.subject_digest, environment=approval.environment
        )
    here = council.resource_of(tx, item, viewer.actor.ref)
    body = council.get_body(tx, item.body)
    refs = [
        item.requested_by, item.decided_by, *(one.person for one in item.votes), *(one.person for one in item.reviews),
        *item.rules.makers, *(one.person for one in item.recusals), *(voice.person for held in told.voices.values() for voice in held),
        *(who for one in item.conditions for who in (one.owner, one.proposed_by, one.met_by, one.accepted_by)),
        *(one.evidence.producer for one in papers["proofs"]),
    ]  # fmt: skip
    story = council.retold(tx, item_id)
    known = names(tx, [*refs, *_REF.findall(" ".join(story.lines))])
    total = (item.closes_at - item.opened_at) or timedelta(days=1)
    return viewer.page(
        "council/show.html",
        status=status,
        title=viewer.gettext("%(title)s before the council", title=case.title),
        crumbs=[(viewer.gettext("Council"), "/council")],
        told=told,
        item=item,
        case=case,
        body=body,
        form=form or Form(),
        approval=approval,
        may={
            "vote": viewer.may("council:vote", here) and bool(told.own_seats),
            "act": viewer.may("council:act", here),
            "review": viewer.may("council:review", here),
            "accept": viewer.may("council:vote", here) and told.may_accept,
        },
        seats=seat_words(viewer),
        choices=[(name, viewer.gettext(word)) for name, word in CHOICES.items()],
        capacities={name: viewer.gettext(word) for name, word in CAPACITIES.items()},
        story=story,
        stakes=stakes(viewer, tx, case),
        lines=[_REF.sub(lambda found: known[found.group()], line) for line in story.lines],
        people=known,
        proposed=govern.people_names(viewer, tx),
        share=min(100, int(100 * (clock.now() - item.opened_at) / total)),
        now=clock.now(),
        **papers,
    )
