"""The quorum on pages: how many must say yes, where too few hold the right to, and the votes of one approval in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from headway import governance, identity
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import Approval, ApprovalState, Quorum, QuorumInvalid
from headway.identity import ROOT, Department, Role
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault
from headway.kernel.listing import LARGEST_PAGE

DECIDING = (Role.council, Role.ai_office)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Departments in which fewer people may decide than an environment needs."""

    departments: tuple[str, ...]
    deciding: int
    environment: str
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the card of the quorum shows."""

    quorums: tuple[Quorum, ...]
    gaps: tuple[Gap, ...]  # only for whoever may close them
    may_set: bool
    least: int = governance.LEAST_QUORUM
    most: int = governance.MOST_QUORUM


def shown(viewer: Viewer, tx: Session) -> Shown:
    """Look at the quorum, and for whoever may change it at where it cannot be reached."""
    quorums, may_set = governance.list_quorums(tx), viewer.may("quorum:set", _resource())
    found = gaps(quorums, deciders(tx), identity.list_departments(tx)) if may_set else ()
    return Shown(quorums=quorums, gaps=found, may_set=may_set)


def filled(tx: Session) -> Form:
    """The form as it stands before somebody changes it."""
    return Form.filled({one.environment: one.needed for one in governance.list_quorums(tx)})


def save(viewer: Viewer, tx: Session, form: Form) -> int:
    """Change every number that differs, all or none; gives how many did. Raises QuorumInvalid with every fault."""
    viewer.permit("quorum:set", _resource())
    faults: list[Fault] = []
    changed = 0
    with tx.begin_nested():
        for one in governance.list_quorums(tx):
            text = form.text(one.environment)
            needed = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
            try:
                made = governance.set_quorum(
                    tx, viewer.actor, one.environment, needed=needed, reason=form.text("reason")
                )
            except QuorumInvalid as error:
                at = {"needed": one.environment}
                faults += [replace(fault, column=at.get(fault.column or "", fault.column)) for fault in error.faults]
                continue
            changed += made.needed != one.needed
        if faults:
            raise QuorumInvalid("; ".join(dict.fromkeys(fault.message for fault in faults)), faults=faults)
    return changed


def changed_said(viewer: Viewer, changed: int) -> str:
    """What to say after the form was sent."""
    return viewer.gettext("The quorum is set") if changed else viewer.gettext("The quorum is as it was")


def deciders(tx: Session) -> Mapping[str | None, frozenset[str]]:
    """The active people who may decide, by the department that they hold the right in; None is everywhere."""
    held = [one for role in DECIDING for one in identity.list_roles(tx, role=role, limit=LARGEST_PAGE).items]
    people = identity.people_of(tx, {one.principal for one in held})
    found: dict[str | None, set[str]] = {}
    for one in held:
        person = people.get(one.principal)
        if person is not None and person.is_active and person.email is not None:
            found.setdefault(one.department, set()).add(one.principal)
    return {department: frozenset(refs) for department, refs in found.items()}


def gaps(
    quorums: Iterable[Quorum], deciding: Mapping[str | None, frozenset[str]], tree: Iterable[Department]
) -> tuple[Gap, ...]:
    """Find where fewer people may decide than are needed; a department below one that is told with as many is left out.

    Args: tree: parents before children.
    """
    able: dict[str | None, frozenset[str]] = {None: deciding.get(None, frozenset())}
    parents: dict[str, str | None] = {}
    names: dict[str, str] = {}
    for one in tree:
        parents[one.slug], names[one.slug] = one.parent, one.name
        able[one.slug] = able[one.parent] | deciding.get(one.slug, frozenset())
    places = [slug for slug in names if slug != ROOT] or list(names)
    found = []
    for quorum in quorums:
        by_count: dict[int, list[str]] = {}
        short = {slug: len(able[slug]) for slug in places if len(able[slug]) < quorum.needed}
        for slug, count in short.items():
            if short.get(parents[slug] or "") != count:
                by_count.setdefault(count, []).append(names[slug])
        found += [
            Gap(departments=tuple(told), deciding=count, environment=quorum.environment, needed=quorum.needed)
            for count, told in sorted(by_count.items())
        ]
    return tuple(found)


def has_voted(approval: Approval, person: str) -> bool:
    """Whether somebody said yes to an approval already."""
    return any(vote.person == person for vote in approval.votes)


def votes_said(viewer: Viewer, approval: Approval) -> str:
    """How many said yes of how many are needed."""
    said, needed = len(approval.votes), approval.needed
    return viewer.gettext("%(said)s of %(needed)s said yes", said=said, needed=needed)


def voted_said(viewer: Viewer, approval: Approval) -> str:
    """What to say to somebody who said yes."""
    if approval.state is ApprovalState.approved:
        return viewer.gettext("Approved")
    return viewer.gettext(
        "Your yes is kept: %(said)s of %(needed)s. It counts once the others said yes too",
        said=len(approval.votes),
        needed=approval.needed,
    )


def _resource() -> Resource:
    return Resource(kind="quorum", id="all")
