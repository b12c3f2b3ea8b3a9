"""What the pages about systems and vendors share: the use cases that rest on them, the versions proved for these, what runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from headway import governance, serving
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import SystemKind, UseCase, VerdictRecord
from headway.kernel.errors import Invalid
from headway.kernel.ids import slug as make_slug
from headway.kernel.listing import ListQuery
from headway.serving import Deployment

MOST = 200
OFFERED = 500
KINDS = {
    SystemKind.own: N_("own"),
    SystemKind.vendor_supplied: N_("from a vendor"),
    SystemKind.generative: N_("generative"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """The use cases that rest on something, as far as somebody may see them, and how many they may not."""

    seen: tuple[UseCase, ...]
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version by its digest, with what the gate said of it last in each environment."""

    subject: str
    digest: str
    usecase: str
    verdicts: tuple[VerdictRecord, ...]


def resting(viewer: Viewer, tx: Session, slugs: Collection[str]) -> Resting:
    """The use cases of these names that somebody may read."""
    cases = [governance.get_usecase(tx, slug) for slug in sorted(slugs)]
    seen = tuple(case for case in cases if viewer.may("usecase:read", govern.about(case)))
    return Resting(seen=seen, hidden=len(cases) - len(seen))


def versions(viewer: Viewer, tx: Session, cases: Collection[UseCase]) -> tuple[Version, ...]:
    """What gates were asked about for these use cases, the newest first, as far as somebody may see it."""
    found: dict[str, Version] = {}
    told: dict[str, dict[str, VerdictRecord]] = {}
    for case in cases:
        if viewer.may("gate:read", govern.about(case)):
            for one in governance.list_verdicts(tx, usecase=case.slug, limit=MOST).items:
                told.setdefault(one.subject_digest, {}).setdefault(one.environment, one)
                found.setdefault(
                    one.subject_digest,
                    Version(subject=one.subject, digest=one.subject_digest, usecase=case.slug, verdicts=()),
                )
    made = (
        Version(
            subject=one.subject,
            digest=digest,
            usecase=one.usecase,
            verdicts=tuple(told[digest][name] for name in govern.ENVIRONMENTS if name in told[digest]),
        )
        for digest, one in found.items()
    )
    return tuple(sorted(made, key=lambda one: max(verdict.id for verdict in one.verdicts), reverse=True))


def running(viewer: Viewer, tx: Session, cases: Collection[UseCase]) -> list[tuple[str, tuple[Deployment, ...]]]:
    """What is at work or suspended for these use cases, by environment, as far as somebody may see it."""
    slugs = tuple(case.slug for case in cases if viewer.may("deployment:read", govern.about(case, "deployment")))
    if not slugs:
        return []
    query = ListQuery(filters={"usecase": slugs, "state": ("active", "suspended")}, sort="name", limit=MOST)
    found = serving.find_deployments(tx, query).items
    by = {name: tuple(one for one in found if one.environment == name) for name in reversed(tuple(govern.ENVIRONMENTS))}
    return [(name, some) for name, some in by.items() if some]


def vendor_choices(tx: Session, now: str | None = None) -> list[tuple[str, str]]:
    """Vendors to choose from: those that are not retired, and the one that is chosen now."""
    query = ListQuery(filters={"retired": ("false",)}, limit=OFFERED)
    found = {one.slug: one.name for one in governance.find_vendors(tx, query).items}
    if now and now not in found:
        found[now] = governance.get_vendor(tx, now).name
    return list(found.items())


def system_choices(tx: Session, without: Collection[str]) -> list[tuple[str, str]]:
    """Systems to choose from: those that are not retired, less some."""
    query = ListQuery(filters={"retired": ("false",)}, limit=OFFERED)
    return [(one.slug, one.title) for one in governance.find_systems(tx, query).items if one.slug not in without]


def usecase_choices(viewer: Viewer, tx: Session, without: Collection[str]) -> list[tuple[str, str]]:
    """Use cases to choose from: those that somebody may change, less some."""
    within = viewer.places(tx, "usecase:update")
    query = ListQuery(filters={"retired": ("false",)}, sort="title", limit=OFFERED, within=within)
    found = governance.find_usecases(tx, query).items if within is None or within else ()
    return [(one.slug, one.title) for one in found if one.slug not in without]


def name_of(title: str) -> str:
    """A name for addresses made of a title; empty when none can be made."""
    try:
        return make_slug(title)[:80].strip("-")
    except Invalid:
        return ""
