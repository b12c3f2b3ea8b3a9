"""Profiles of what releases decided, by day, and the references in their bundles that they are counted by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy.orm import Session

from headway import runtime
from headway.kernel.errors import NotFound
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.numerics import Reference
from headway.runtime import DayProfile, Profiler, Release
from headway.serving import store
from headway.serving.entities import ProfiledRelease

KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReference:
    """A release as its profiles need it; ``reference`` is None where its bundle holds none."""

    release: Release
    reference: Reference | None


def reference_of(storage: Storage, release: str) -> ReleaseReference | None:
    """The reference in a release's bundle; None where there is no such bundle.

    Raises: Unavailable: storage cannot be reached.
    """
    try:
        return _read(storage, release)
    except (NotFound, runtime.ReleaseRefused):
        return None


@lru_cache(maxsize=KEPT)
def _read(storage: Storage, release: str) -> ReleaseReference:
    """A bundle never changes, so that what was read once is kept."""
    read = runtime.read_release(storage.get(runtime.object_key(release, "release.json")))
    path = read.profile_ref
    objects = {}
    if path is not None and path in read.files:
        objects[path] = storage.get(runtime.object_key(release, path))
    return ReleaseReference(release=read, reference=runtime.load_reference(read, objects))


def profilers(storage: Storage) -> Callable[[str], Profiler | None]:
    """What counts the decisions of a release, by its subject; None for those without a reference."""

    def profiler_of(release: str) -> Profiler | None:
        found = reference_of(storage, release)
        if found is None or found.reference is None:
            return None
        return Profiler(found.release.features, found.reference)

    return profiler_of


def fit(told: Sequence[DayProfile], records: Sequence[runtime.DecisionRecord]) -> bool:
    """Whether profiles count as many decisions as there are, of each deployment, release and day they name."""
    there = Counter(
        (record.deployment, record.release, record.at[:10])
        for record in records
        if record.kind == "decision" and record.score is not None
    )
    counted = Counter({(one.deployment, one.release, one.day.isoformat()): one.profile.rows for one in told})
    return counted == there


def day_profiles(
    session: Session,
    *,
    name: str,
    environment: Environment,
    since: date,
    until: date,
    release: str | None = None,
) -> list[DayProfile]:
    """The profiles of a deployment's days, the first first; of one release or of all."""
    return store.day_profiles(session, environment, name, release=release, since=since, until=until)


def score_counts(session: Session, *, name: str, environment: str, release: str, since: date) -> tuple[int, ...]:
    """How many scores of a release fell into each bin of its ruler since a day; empty where there are none."""
    days = store.score_counts(session, environment, name, release, since)
    return tuple(map(sum, zip(*days, strict=True)))


def profiled_releases(session: Session) -> list[ProfiledRelease]:
    """Every deployment and release that profiles were made of, with the days they span."""
    return [
        ProfiledRelease(
            environment=environment, deployment=name, release=release, first=first, last=last, changed_at=changed_at
        )
        for environment, name, release, first, last, changed_at in store.profiled_spans(session)
    ]
