"""Gathering what a board pack is drawn from, through the front doors of the domains that keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from headway import catalog, governance, identity, incidents, ledger, monitoring, portfolio, registry
from headway.dossiers.board.records import BoardRecords
from headway.dossiers.quarters import Quarter
from headway.governance import BreakGlass, UseCase, Waiver, assessments, council, mandates, risks
from headway.incidents import IncidentView
from headway.kernel.listing import COUNTED, LARGEST_PAGE, Found, ListQuery
from headway.kernel.web import Parts
from headway.ledger import Event
from headway.monitoring import Alert, AlertState
from headway.portfolio import Allocation, Stage, Standing
from headway.registry import ModelRelease
from headway.value import DeploymentValue, projections

T = TypeVar("T")
UNDER_WAY = (Stage.approval, Stage.live)
SIGNED = (assessments.Standing.signed, assessments.Standing.not_due)
WAIVED = (governance.WaiverStanding.in_force, governance.WaiverStanding.ending)
BROKEN = (governance.BreakGlassStanding.open, governance.BreakGlassStanding.overdue)


def survey(session: Session, parts: Parts, quarter: Quarter) -> BoardRecords:
    """Read everything about the organisation and a quarter that a board pack may rest on."""
    standings = tuple(_all(lambda asked: portfolio.find_usecases(session, asked), sort="slug"))
    cases = [one.usecase for one in standings if one.stage is not Stage.retired]
    departments = {one.slug: one.name for one in identity.list_departments(session)}
    appetite = next((one for one in mandates.list_appetites(session) if one.state == "in_force"), None)
    registers = (risks.register_of(session, one.slug) for one in cases)
    requests = (next(iter(portfolio.list_requests(session, one.slug)), None) for one in cases)
    open_conditions = council.list_conditions(session)
    missed = council.missed_of(session, {one.usecase for one in open_conditions})
    refusals = tuple(_refusals(session, quarter))
    records = BoardRecords(
        organisation=departments[identity.ROOT],
        quarter=quarter,
        standings=standings,
        packs=governance.list_packs(session),
        values=tuple(_values(session, parts, (one.usecase for one in standings))),
        projected={one.slug: found for one in cases if (found := projections.newest_projection(session, one.slug))},
        needs=tuple(_needs(session, standings)),
        programmes=mandates.list_programmes(session),
        appetite=appetite,
        uses=mandates.appetite_use(session),
        requests=tuple(one for one in requests if one is not None),
        allocations=tuple(_allocations(session, quarter)),
        releases=_releases(session, quarter),
        refusals=refusals,
        are_all_refusals=len(refusals) < COUNTED,
        waivers=_waivers(session, quarter),
        glass=_glass(session, quarter),
        findings=governance.open_findings(session),
        registers=tuple(one for one in registers if one.risks or one.closed),
        incidents=tuple(_incidents(session, quarter)),
        alerts=_alerts(session, quarter),
        bodies=council.list_bodies(session),
        items=_items(session, quarter),
        conditions=tuple(one for one in open_conditions if one.due_at is not None),
        missed=tuple(one for held in missed.values() for one in held),
        departments=departments,
    )
    return _with_names(session, records)


def _all(find: Callable[[ListQuery], Found[T]], *, sort: str = "", **filters: tuple[str, ...]) -> Iterator[T]:
    """Everything that a list has, leaf by leaf; as far as lists can be leafed through."""
    for offset in range(0, COUNTED, LARGEST_PAGE):
        found = find(ListQuery(filters=filters, sort=sort, offset=offset, limit=LARGEST_PAGE)).items
        yield from found
        if len(found) < LARGEST_PAGE:
            return


def _once(*lists: Iterable[T], key: Callable[[T], str]) -> tuple[T, ...]:
    """What is in any of some lists, each once, the newest first."""
    found = {key(one): one for found in lists for one in found}
    return tuple(found[name] for name in sorted(found, reverse=True))


def _values(session: Session, parts: Parts, cases: Iterable[UseCase]) -> Iterator[DeploymentValue]:
    lake = catalog.lake_of(parts)
    for one in cases:
        if portfolio.valued_deployments(session, one.slug):
            yield from portfolio.usecase_value(session, lake, one.slug).deployments


def _needs(session: Session, standings: Iterable[Standing]) -> Iterator[assessments.Need]:
    for standing in standings:
        if standing.stage in UNDER_WAY:
            found = assessments.of_usecase(session, standing.usecase.slug)
            yield from (one for one in found if one.is_due and one.standing not in SIGNED)


def _allocations(session: Session, quarter: Quarter) -> Iterator[Allocation]:
    cursor: str | None = None
    while True:
        page = portfolio.list_allocations(session, limit=100, cursor=cursor)
        for one in page.items:
            if (one.starts <= quarter.last and one.ends >= quarter.first) or quarter.holds(one.decided_at):
                yield one
        if (cursor := page.next) is None:
            return


def _releases(session: Session, quarter: Quarter) -> tuple[ModelRelease, ...]:
    def find(asked: ListQuery) -> Found[ModelRelease]:
        return registry.find_releases(session, asked)

    days = (quarter.days,)
    asked, decided, released = _all(find, created_at=days), _all(find, decided_at=days), _all(find, released_at=days)
    return _once(asked, decided, released, key=lambda one: one.id)


def _refusals(session: Session, quarter: Quarter) -> Iterator[Event]:
    return _all(lambda asked: ledger.find_events(session, asked), type=("gate.refused",), at=(quarter.days,))


def _waivers(session: Session, quarter: Quarter) -> tuple[Waiver, ...]:
    def find(asked: ListQuery) -> Found[Waiver]:
        return governance.find_waivers(session, asked)

    asked, held = _all(find, requested_at=(quarter.days,)), _all(find, standing=tuple(WAIVED))
    return _once(asked, held, key=lambda one: one.id)


def _glass(session: Session, quarter: Quarter) -> tuple[BreakGlass, ...]:
    def find(asked: ListQuery) -> Found[BreakGlass]:
        return governance.find_break_glass(session, asked)

    asked, held = _all(find, requested_at=(quarter.days,)), _all(find, standing=tuple(BROKEN))
    return _once(asked, held, key=lambda one: one.id)


def _incidents(session: Session, quarter: Quarter) -> Iterator[IncidentView]:
    def find(asked: ListQuery) -> Found[incidents.Incident]:
        return incidents.find_incidents(session, asked)

    unclosed = tuple(one for one in incidents.IncidentState if one is not incidents.IncidentState.closed)
    opened, held = _all(find, opened_at=(quarter.days,)), _all(find, state=unclosed)
    for one in _once(opened, held, key=lambda one: one.id):
        yield incidents.view_incident(session, one.id)


def _alerts(session: Session, quarter: Quarter) -> tuple[Alert, ...]:
    def find(asked: ListQuery) -> Found[Alert]:
        return monitoring.find_alerts(session, asked)

    unclosed = tuple(one for one in AlertState if one is not AlertState.closed)
    opened, held = _all(find, opened_at=(quarter.days,)), _all(find, state=unclosed)
    return _once(opened, held, key=lambda one: one.id)


def _items(session: Session, quarter: Quarter) -> tuple[council.Item, ...]:
    def find(asked: ListQuery) -> Found[council.Item]:
        return council.find_items(session, asked)

    waiting = (council.ItemState.open, council.ItemState.escalated)
    decided, held = _all(find, decided_at=(quarter.days,)), _all(find, state=waiting)
    return _once(decided, held, key=lambda one: one.id)


def _with_names(session: Session, r: BoardRecords) -> BoardRecords:
    refs: set[str | None] = {one.owner for one in r.cases} | {one.sponsor for one in r.programmes}
    refs |= {one.made_by for one in r.projected.values()} | {r.appetite.confirmed_by if r.appetite else None}
    refs |= {person for one in r.releases for person in (one.requested_by, one.decided_by)}
    refs |= {person for one in r.glass for person in (one.requested_by, one.answered_by)}
    refs |= {one.owner for register in r.registers for one in register.overdue}
    refs |= {one.owner for one in r.conditions} | {vote.person for one in r.items for vote in one.votes}
    people = sorted(one for one in refs if one and one.startswith("person:"))
    return replace(r, people=identity.names_of(session, people))
