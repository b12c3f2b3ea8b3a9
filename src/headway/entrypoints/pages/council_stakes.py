"""What a case is expected to bring, what may go wrong, and what it asks for, beside the question that the council answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from headway import portfolio
from headway.entrypoints.pages import govern, words
from headway.entrypoints.pages.viewer import Viewer
from headway.entrypoints.pages.words import ngettext
from headway.governance import UseCase, risks
from headway.kernel.money import Money
from headway.portfolio import Allocation
from headway.value import projections

PEOPLE = 100
"""Hundredths of a full-time equivalent, as people are counted."""


@dataclass(frozen=True, slots=True)
class Stake:
    """One line: what it is, what the records say, where they stand."""

    label: str
    text: str
    href: str


def stakes(viewer: Viewer, tx: Session, case: UseCase) -> tuple[Stake, ...]:
    """Gather what somebody may see of the worth, the risk and the means of a use case; nothing that nobody wrote down."""
    found = list[Stake]()
    with words.speaking(viewer.looks.language):
        if viewer.may("projection:read", govern.about(case, "projection")):
            found += _worth(viewer, tx, case)
        if viewer.may("risk:read", govern.about(case, "risk")):
            found += _risk(viewer, tx, case)
        if viewer.may("allocation:read", govern.about(case)):
            found += _means(viewer, tx, case)
    return tuple(found)


def _worth(viewer: Viewer, tx: Session, case: UseCase) -> Iterator[Stake]:
    made, _ = projections.newest_projection(tx, case.slug), viewer.gettext
    if made is None:
        return
    npv = made.result.npv
    low, mid, high = (_read(one) for one in (npv.p10, npv.p50, npv.p90))
    text = _("%(mid)s (%(low)s to %(high)s in four of five draws); a loss in %(loss)s of them", mid=mid, low=low, high=high,
             loss=words.percent(made.result.probability_of_loss, 0))  # fmt: skip
    yield Stake(_("Projected net present value"), text, f"/usecases/{case.slug}/projection")


def _read(text: str) -> str:
    found = Money.parse(text)
    return words.money(found.amount, found.currency)


def _risk(viewer: Viewer, tx: Session, case: UseCase) -> Iterator[Stake]:
    register, _ = risks.register_of(tx, case.slug), viewer.gettext
    if not register.risks:
        return
    text = _counted(ngettext("%(num)s open risk", "%(num)s open risks", len(register.risks)), len(register.risks))
    if register.residual is not None and register.currency is not None:
        expected, most = (
            words.money(Decimal(round(one)), register.currency)
            for one in (register.residual.expected, register.residual.p95)
        )
        text += "; " + _(
            "%(expected)s a year expected, below %(most)s in nineteen of twenty", expected=expected, most=most
        )
    if late := len(register.overdue):
        text += "; " + _counted(ngettext("%(num)s treatment overdue", "%(num)s treatments overdue", late), late)
    yield Stake(_("Risk that is left"), text, f"/usecases/{case.slug}/risks")


def _counted(text: str, number: int) -> str:
    return text % {"num": number}


def _means(viewer: Viewer, tx: Session, case: UseCase) -> Iterator[Stake]:
    _, asked = viewer.gettext, next(iter(portfolio.list_requests(tx, case.slug)), None)
    if asked is None:
        return
    budget = words.money(Money(asked.budget, asked.currency).amount, asked.currency)
    text = _("%(budget)s, %(hours)s hours of computing, %(people)s people for %(months)s months", budget=budget,
             hours=asked.compute_hours, people=words.number(asked.people / PEOPLE), months=asked.months)  # fmt: skip
    yield Stake(_("Asks for"), text, f"/usecases/{case.slug}/resources")
    if not viewer.may_everywhere("allocation:read"):  # rounds are about all departments
        return
    for made in portfolio.list_allocations(tx, limit=5).items:
        if any(one.usecase == case.slug for one in made.needs):
            yield from _contended(viewer, made, case.slug)
            return


def _contended(viewer: Viewer, made: Allocation, slug: str) -> Iterator[Stake]:
    """Where more is asked for than there is in the newest round with the case, and who may do the same work."""
    _, place = viewer.gettext, f"/allocations/{made.id}"
    short = [one.resource for one in made.contention if one.available is not None and one.asked > one.available]
    named = {
        "budget": _("budget"),
        "compute_hours": _("hours of computing"),
        "people": _("people"),
        "risk": _("yearly risk"),
    }
    if short:
        text = _("more is asked for than there is of: %(what)s", what=", ".join(named.get(one, one) for one in short))
    else:
        text = _("there is enough for everything that is asked for")
    yield Stake(_("In the round %(title)s", title=made.title), text, place)
    for one in made.overlaps:
        if slug in (one.usecase, one.other):
            other = one.other if one.usecase == slug else one.usecase
            yield Stake(_("May do the same work as %(other)s", other=other), one.why, place)
