"""What is known of a use case, gathered for the radar of pitfalls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from headway import governance, identity, ledger, registry, serving
from headway.governance import GateResult, Status, Tier, UseCase
from headway.identity import Person
from headway.kernel import clock
from headway.kernel.ids import Ref
from headway.kernel.listing import LARGEST_PAGE, LONGEST_SEARCH, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.portfolio import pitfalls as rules
from headway.portfolio.entities import Pitfall
from headway.portfolio.pitfalls import Data, Held, Known
from headway.portfolio.service.standing import stages
from headway.registry import ModelVersion

QUALITY = "data_quality_report"


def find_pitfalls(session: Session, slug: str) -> tuple[Pitfall, ...]:
    """Look for what makes pilots stall; raises governance.UseCaseUnknown."""
    case = governance.get_usecase(session, slug)
    decision = governance.get_decision(session, slug)
    version = next(iter(_newest(session, slug)), None)
    person = _person(session, case)
    now = clock.now()
    return rules.pitfalls(
        Known(
            stage=stages(session, [slug])[slug],
            success_measure=case.success_measure,
            sponsor=person.name if person else case.sponsor,
            sponsor_has_account=person is not None,
            sponsor_seen=_seen(session, person.ref) if person else None,
            tier=case.tier,
            is_tier_by_person=decision is not None and decision.method == "person",
            built_at=version.created_at if version else None,
            data=_data(session, version) if version else None,
            held=tuple(_held(session, slug)),
            sandbox_ended=_ended(session, slug, now),
            now=now,
        )
    )


def _newest(session: Session, slug: str) -> tuple[ModelVersion, ...]:
    asked = ListQuery(filters={"usecase": (slug,)}, sort="created_at", descending=True, limit=1)
    return tuple(registry.find_versions(session, asked).items)


def _person(session: Session, case: UseCase) -> Person | None:
    """The sponsor, who is named by a reference, a name or a mail address; None where nobody fits."""
    named = (case.sponsor or "").strip()
    if not named or len(named) > LONGEST_SEARCH:
        return None
    kind, _, id = named.partition(":")
    narrow = {"search": named} if kind != "person" else {"filters": {"id": (id,)}}
    found = identity.find_people(session, ListQuery(limit=LARGEST_PAGE, **narrow)).items
    fits = (one for one in found if named.casefold() in (one.ref, one.name.casefold(), (one.email or "").casefold()))
    return next((one for one in fits if one.is_active), None)


def _seen(session: Session, person: str) -> datetime | None:
    asked = ListQuery(filters={"actor": (person,)}, sort="id", descending=True, limit=1)
    return next((one.at for one in ledger.find_events(session, asked).items), None)


def _data(session: Session, version: ModelVersion) -> Data | None:
    """The newest quality report about the data that a version learnt from."""
    cards = governance.list_evidence(session, subject_digest=version.digest, type="dataset_card", limit=1).items
    digest = cards[0].facts.get("data_digest") if cards else None
    if not isinstance(digest, str):
        return None
    for report in governance.list_evidence(session, subject_digest=digest, type=QUALITY, limit=1).items:
        checked, rows, failed = (report.facts.get(name) for name in ("contract_checked", "rows", "failed_rows"))
        return Data(
            contract_checked=checked if isinstance(checked, bool) else None,
            rows=int(rows) if isinstance(rows, int | float) else None,
            failed_rows=int(failed) if isinstance(failed, int | float) else None,
            made_at=report.made_at,
        )
    return None


def _held(session: Session, slug: str) -> Iterator[Held]:
    """The deployments above the sandbox that decide, though what their gate asks for plainly does not hold today."""
    above = ENVIRONMENTS[1:]
    filters = {"usecase": (slug,), "state": ("active",), "environment": above}
    for one in serving.find_deployments(session, ListQuery(filters=filters, limit=LARGEST_PAGE)).items:
        gate = governance.evaluate_gate(
            session,
            environment=one.environment,
            subject=Ref.parse(one.version),
            subject_digest=one.release,
            usecase=slug,
        )
        if why := _breaches(gate):
            yield Held(deployment=one.name, environment=one.environment, reasons=why)


def _breaches(gate: GateResult) -> tuple[str, ...]:
    """What plainly does not hold. Evidence that has grown old, and approvals that rested on it, are the age of a release."""
    prohibited = ("the use is prohibited",) if gate.tier is Tier.prohibited else ()
    failed = (c for c in gate.controls if c.enforce == "block" and c.status is Status.failed)
    return (*prohibited, *(one.title for one in failed if "approvals." not in one.reason))


def _ended(session: Session, slug: str, now: datetime) -> datetime | None:
    """When the newest sandbox reached its end; None where one is at work or there never was any."""
    filters = {"usecase": (slug,), "environment": ("sandbox",)}
    asked = ListQuery(filters=filters, sort="created_at", descending=True, limit=LARGEST_PAGE)
    ends = [one.expires_at for one in serving.find_deployments(session, asked).items if one.expires_at is not None]
    newest = max(ends, default=None)
    return newest if newest is not None and newest <= now else None
