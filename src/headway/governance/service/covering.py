"""The crosswalk of the packs, and how far they are shown for what a use case would release."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from headway.governance import coverage, store, uses
from headway.governance.entities import Coverage, CrosswalkRow, FactDefinition, Pack
from headway.governance.policy import fact_definitions
from headway.governance.service import gating
from headway.governance.service.packs import get_pack, list_packs
from headway.governance.service.usecases import get_usecase, ref
from headway.governance.uses import FieldUses
from headway.kernel import clock
from headway.kernel.ids import Ref


def crosswalk(session: Session, packs: Sequence[str] = ()) -> tuple[CrosswalkRow, ...]:
    """Tell which controls each kind of evidence helps to close, over the packs that are on and others named."""
    return coverage.crosswalk(_asked(session, packs))


def list_uses(session: Session, *, field: str | None = None) -> tuple[FieldUses, ...]:
    """Tell which rules, controls and named places use what people fill in, under the packs that are on.

    Args: field: a name, or ``FORM.NAME``; all of them by itself.
    """
    found = uses.find_uses(list_packs(session))
    return tuple(one for one in found if field in (None, one.field, f"{one.form}.{one.field}"))


def asked_facts(session: Session) -> tuple[FactDefinition, ...]:
    """The risk facts that people are asked for: those of packs that are on which some rule or control reads."""
    packs = list_packs(session)
    asked = uses.asked_facts(packs)
    return tuple(one for one in fact_definitions(packs) if one.name in asked)


def cover_usecase(
    session: Session,
    usecase: str,
    *,
    environment: str = "production",
    subject_digest: str | None = None,
    packs: Sequence[str] = (),
) -> Coverage:
    """Ask every control of every pack that is on, and of others named, about a subject; nothing is stored.

    Args: subject_digest: what would be released; without one, the subject of the use case's last verdict, and where there
    is none the use case itself, for which only evidence that ages counts.
    Raises: UseCaseUnknown, PackUnknown, FactsInvalid.
    """
    subject, digest = _subject(session, usecase, subject_digest)
    gating.check_question(environment, digest)
    at, asked = clock.now(), _asked(session, packs)
    basis = gating.gather(session, subject_digest=digest, usecase=usecase, at=at)
    approvals = gating.valid_approvals(session, basis, environment=environment, at=at)
    wide = gating.gather(session, subject_digest=digest, usecase=usecase, at=at, packs=asked)
    known = gating.facts_of(wide, environment, len(approvals))
    question = gating.question_of(wide, "pre_deploy", environment, known, at)
    on = frozenset(pack.digest for pack in list_packs(session))
    return Coverage(
        usecase=usecase,
        environment=environment,
        subject=subject,
        subject_digest=digest,
        at=at,
        packs=coverage.cover(asked, on, question),
    )


def _asked(session: Session, names: Sequence[str]) -> tuple[Pack, ...]:
    packs = {pack.id: pack for pack in list_packs(session)}
    return tuple((packs | {name: get_pack(session, name) for name in names}).values())


def _subject(session: Session, usecase: str, subject_digest: str | None) -> tuple[str, str]:
    if subject_digest is not None:
        return str(Ref("bundle", subject_digest)), subject_digest
    last = store.list_verdicts(session, usecase=usecase, subject_digest=None, environment=None, before=None, limit=1)
    if last:
        return last[0].subject, last[0].subject_digest
    case = get_usecase(session, usecase)
    return str(ref(usecase)), case.digest
