"""Where use cases stand: stages for a page or the whole inventory in a handful of queries, and what blocks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from headway import governance, registry, serving
from headway.kernel import listing
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref
from headway.kernel.listing import LARGEST_PAGE, Beside, Found, ListQuery
from headway.portfolio import stages as rules
from headway.portfolio import store
from headway.portfolio.entities import Blocker, BlockerKind, Stage, Standing
from headway.portfolio.errors import StillAtWork
from headway.portfolio.stages import ABOVE_SANDBOX, NOTHING_YET, Happened

ORDER = tuple(BlockerKind)


def stages(session: Session, slugs: Collection[str] | None = None) -> Mapping[str, Stage]:
    """Tell the stages of use cases by name: of these, or of all."""
    known = _happened(session)
    names = governance.usecase_departments(session) if slugs is None else slugs
    return {slug: rules.stage_of(known.get(slug, NOTHING_YET)) for slug in names}


def find_usecases(session: Session, asked: ListQuery) -> Found[Standing]:
    """Search the inventory like ``governance.find_usecases``, also by ``stage`` and by what is ``blocked`` by what.

    Raises: BadListing.
    """
    known = _happened(session)
    return _find(session, asked, known, _beside(known))


def survey(
    session: Session, asked: ListQuery, *, counted: ListQuery | None = None
) -> tuple[Found[Standing], Mapping[Stage, int]]:
    """Give what ``find_usecases`` and ``count_stages`` give, for a page that shows both; raises BadListing.

    Args: counted: what to count stages of, where it is something else than what is searched for.
    """
    known = _happened(session)
    beside = _beside(known)
    return _find(session, asked, known, beside), _count(session, counted or asked, beside)


def _find(
    session: Session, asked: ListQuery, known: Mapping[str, Happened], beside: Mapping[str, Beside]
) -> Found[Standing]:
    found = governance.find_usecases(session, asked, beside=beside)
    blockers = _blockers(session, found.items)
    return listing.found_as(
        found,
        (
            Standing(
                usecase=case,
                stage=rules.stage_of(known.get(case.slug, NOTHING_YET)),
                blockers=blockers[case.slug],
            )
            for case in found.items
        ),
    )


def count_stages(session: Session, asked: ListQuery) -> Mapping[Stage, int]:
    """Count what ``find_usecases`` would find in each stage, whatever the filter on stages says."""
    return _count(session, asked, _beside(_happened(session)))


def _count(session: Session, asked: ListQuery, beside: Mapping[str, Beside]) -> Mapping[Stage, int]:
    counted = governance.count_usecases(session, asked, by="stage", beside=beside)
    return {stage: counted.get(stage.value, 0) for stage in Stage}


def board(session: Session, asked: ListQuery) -> Mapping[Stage, Found[Standing]]:
    """Give every stage with its first use cases: ``asked.limit`` a stage, in the order asked for."""
    known = _happened(session)
    beside = _beside(known)
    return {stage: _find(session, replace(_with(asked, stage=stage.value), offset=0), known, beside) for stage in Stage}


def get_standing(session: Session, slug: str) -> Standing:
    """Tell where one use case stands; raises governance.UseCaseUnknown."""
    case = governance.get_usecase(session, slug)
    return Standing(usecase=case, stage=stages(session, [slug])[slug], blockers=_blockers(session, [case])[slug])


def retire_usecase(session: Session, actor: Actor, slug: str, reason: str) -> governance.UseCase:
    """Retire a use case that is no longer at work; what still decides for it has to be retired first.

    The retire gate is passed: a job's evidence says that nothing runs, and packs may ask for more, such as where records go.

    Raises: StillAtWork with every deployment; GateBlocked; and as ``governance.retire_usecase``.
    """
    made = governance.retire_usecase(session, actor, slug, reason)  # holds the use case: nothing new is deployed
    _refuse_at_work(session, slug)
    governance.record_proof(
        session,
        type="deployment_state",
        subject=Ref("usecase", slug),
        subject_digest=made.digest,
        facts={"running": 0},
        producer=SYSTEM,
    )
    governance.pass_gate(session, actor, gate="retire", usecase=slug)
    return made


def _refuse_at_work(session: Session, slug: str) -> None:
    working = ListQuery(filters={"usecase": (slug,), "state": ("active", "suspended")}, limit=LARGEST_PAGE)
    found = serving.find_deployments(session, working).items
    if found:
        faults = [
            Fault(
                rule="usecase.at_work",
                column="deployment",
                value=f"{one.environment}/{one.name}",
                message=f"{one.name} in {one.environment} is {one.state}: headway deployment retire {one.name}",
            )
            for one in found
        ]
        raise StillAtWork(f"{slug} still has {len(found)} deployments", hint="retire them first", faults=faults)


def _happened(session: Session) -> dict[str, Happened]:
    """What happened to the use cases that anything happened to."""
    deployments, releases = serving.deployed_states(session), registry.release_states(session)
    retired, waiting = governance.retired_usecases(session), governance.waiting_approvals(session)
    piloted = store.piloted(session)
    return {
        slug: Happened(
            is_retired=slug in retired,
            is_piloted=slug in piloted,
            deployments=deployments.get(slug, ()),
            releases=releases.get(slug, ()),
            waiting=waiting.get(slug, 0),
        )
        for slug in {*deployments, *releases, *retired, *waiting, *piloted}
    }


def _beside(known: Mapping[str, Happened]) -> Mapping[str, Beside]:
    told = {slug: rules.stage_of(happened) for slug, happened in known.items()}
    kept = {slug: kind for slug, happened in known.items() if (kind := rules.pressing_of(happened))}
    return {
        "stage": Beside(values=told, choices=tuple(Stage), default=rules.stage_of(NOTHING_YET)),
        "blocked": Beside(values=kept, choices=tuple(kind for kind in BlockerKind if kind is not BlockerKind.missing)),
    }


def _blockers(session: Session, cases: Collection[governance.UseCase]) -> dict[str, tuple[Blocker, ...]]:
    """What keeps these use cases where they stand."""
    open_ones = tuple(case.slug for case in cases if case.retired_at is None)
    found: dict[str, list[Blocker]] = {case.slug: [] for case in cases}
    if open_ones:
        asked = ListQuery(filters={"usecase": open_ones}, limit=LARGEST_PAGE)
        for slug, blocker in (*_waiting(session, asked), *_at_the_gate(session, asked), *_stopped(session, asked)):
            found[slug].append(blocker)
    for case in cases:
        if case.missing and case.retired_at is None:
            found[case.slug].append(
                Blocker(kind=BlockerKind.missing, ref=None, count=len(case.missing), who=None, since=None)
            )
    return {slug: tuple(sorted(kept, key=lambda one: ORDER.index(one.kind))) for slug, kept in found.items()}


def _waiting(session: Session, asked: ListQuery) -> list[tuple[str, Blocker]]:
    found = governance.find_approvals(session, _with(asked, state="requested")).items
    return [(one.usecase, _blocker(BlockerKind.approval, one.id, one.requested_by, one.requested_at)) for one in found]


def _at_the_gate(session: Session, asked: ListQuery) -> list[tuple[str, Blocker]]:
    found = registry.find_releases(session, _with(asked, status="approved")).items
    return [(one.usecase, _blocker(BlockerKind.gate, one.id, one.requested_by, one.decided_at)) for one in found]


def _stopped(session: Session, asked: ListQuery) -> list[tuple[str, Blocker]]:
    query = replace(asked, filters={**asked.filters, "state": ("suspended",), "environment": ABOVE_SANDBOX})
    found = serving.find_deployments(session, query).items
    return [
        (
            one.usecase,
            _blocker(BlockerKind.suspended, f"deployment:{one.environment}/{one.name}", None, one.changed_at),
        )
        for one in found
    ]


def _with(asked: ListQuery, **filters: str) -> ListQuery:
    return replace(asked, filters={**asked.filters, **{name: (value,) for name, value in filters.items()}})


def _blocker(kind: BlockerKind, ref: str, who: str | None, since: datetime | None) -> Blocker:
    return Blocker(kind=kind, ref=ref, count=1, who=who, since=since)
