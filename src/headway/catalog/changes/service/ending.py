"""The end of a version or a product, told to everybody who depends on it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import access, versions
from headway.catalog.changes import standing
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.versions import Deprecation
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.subjects import Subjects


def end_version(
    session: Session,
    actor: Actor,
    subjects: Subjects,
    slug: str,
    *,
    ends_on: date,
    reason: str,
    version: str | None = None,
    successor: str | None = None,
) -> Deprecation:
    """Deprecate a version, or the whole product, and tell those who answer for its consumers; raises what ``deprecate`` raises.

    Holders of grants are told at their grant, since they may not see the product's page.
    """
    consumers = consumers_of(session, subjects, slug)
    people = sorted(standing.asked_people([one for one in consumers if one.kind != "grant"], actor.ref))
    made = versions.deprecate(
        session, actor, slug, ends_on=ends_on, reason=reason, version=version, successor=successor, people=people
    )
    for one in consumers:
        if one.kind == "grant":
            ref = Ref.parse(one.ref)
            held = access.get_access(session, ref.slug)
            payload = {
                "product": made.product,
                "version": made.version,
                "until": ends_on.isoformat(),
                "successor": made.successor,
                "requested_by": held.requested_by,
                "reason": made.reason,
            }
            ledger.record(session, actor=actor, type="data.version_ending", subject=ref, payload=payload)
    return made
