"""From what an incident concerns to what decided: through versions, runs, snapshots and contracts to releases and deployments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from headway import catalog, governance, monitoring, registry, runtime, serving
from headway.incidents.errors import IncidentInvalid
from headway.kernel.errors import Fault, HeadwayError, Invalid, NotFound
from headway.kernel.ids import Ref
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.storage import Storage

Way = tuple[str, ...]
"""The references that lead from what an incident concerns to what decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A name in an environment while one deployment had it; an end that is None is open."""

    environment: str
    deployment: str
    usecase: str
    since: datetime | None
    until: datetime | None


@dataclass(slots=True, kw_only=True)
class Reach:
    """What an incident reaches, each with the way there: releases wherever they decide, names with all their arms, single decisions."""

    releases: dict[str, Way] = field(default_factory=dict)
    windows: dict[Window, Way] = field(default_factory=dict)
    decisions: dict[str, Way] = field(default_factory=dict)
    usecases: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Trail:
    """Follows references in one transaction; ``storage`` is needed for contracts and columns, which lie in bundles."""

    session: Session
    storage: Storage | None
    deployments: tuple[serving.Deployment, ...]

    @staticmethod
    def begin(session: Session, storage: Storage | None = None) -> Trail:
        """Read all deployments there are or were, once."""
        found: list[serving.Deployment] = []
        while True:
            page = serving.find_deployments(session, ListQuery(limit=LARGEST_PAGE, offset=len(found)))
            found += page.items
            if len(page.items) < LARGEST_PAGE:
                return Trail(session, storage, tuple(found))

    def windows(self) -> Iterator[Window]:
        """Every name with the time in which a deployment had it, so that the times of one name leave no gap between them."""
        named: dict[tuple[str, str], list[serving.Deployment]] = defaultdict(list)
        for one in self.deployments:
            named[one.environment, one.name].append(one)
        for (environment, name), held in named.items():
            held.sort(key=lambda one: one.created_at)
            begins = [None, *(one.created_at for one in held[1:])]
            ends = [*begins[1:], None]
            for one, since, until in zip(held, begins, ends, strict=True):
                yield Window(environment=environment, deployment=name, usecase=one.usecase, since=since, until=until)

    def versions(self) -> Iterator[registry.ModelVersion]:
        """Every version of every model."""
        offset = 0
        while True:
            page = registry.find_versions(self.session, ListQuery(limit=LARGEST_PAGE, offset=offset))
            yield from page.items
            offset += len(page.items)
            if len(page.items) < LARGEST_PAGE:
                return

    def runs(self, product: str) -> Iterator[registry.Run]:
        """Every run that learnt from a data product."""
        cursor = None
        while True:
            page = registry.list_runs(self.session, product=product, limit=LARGEST_PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def release_of(self, digest: str) -> runtime.Release | None:
        """What a bundle says of itself; None when its file is not there."""
        if self.storage is None:
            return None
        try:
            return runtime.read_release(self.storage.get(runtime.object_key(digest, "release.json")))
        except HeadwayError:
            return None


def reach_of(session: Session, concerns: Iterable[str], storage: Storage | None = None) -> Reach:
    """Follow everything that an incident concerns; raises IncidentInvalid with every reference that leads nowhere."""
    trail, reach, faults = Trail.begin(session, storage), Reach(), []
    for text in concerns:
        try:
            _follow(trail, reach, Ref.parse(text))
        except (NotFound, Invalid) as error:
            faults.append(
                Fault(rule="incident.concerns", column="concerns", value=text, message=f"{text}: {error.message}")
            )
    if faults:
        raise IncidentInvalid("; ".join(one.message for one in faults), faults=faults)
    working = set(reach.releases)
    reach.usecases |= {one.usecase for one in trail.deployments if working & {arm.release for arm in one.arms}}
    return reach


def _follow(trail: Trail, reach: Reach, ref: Ref) -> None:
    known = _KINDS.get(ref.kind)
    if known is None:
        raise Invalid(f"an incident concerns one of {', '.join(_KINDS)}, and no {ref.kind}")
    known(trail, reach, ref)


def _usecase(trail: Trail, reach: Reach, ref: Ref) -> None:
    slug = governance.get_usecase(trail.session, ref.slug).slug
    _of_usecases(trail, reach, {slug}, (str(ref),))


def _of_usecases(trail: Trail, reach: Reach, slugs: Iterable[str], way: Way) -> None:
    wanted = set(slugs)
    reach.usecases |= wanted
    for window in trail.windows():
        if window.usecase in wanted:
            reach.windows[window] = (*way, f"deployment:{window.environment}/{window.deployment}")


def _deployment(trail: Trail, reach: Reach, ref: Ref) -> None:
    environment, _, name = ref.slug.partition("/")
    found = [one for one in trail.windows() if (one.environment, one.deployment) == (environment, name)]
    if not found:
        raise NotFound(f"there never was a deployment {name!r} in {environment!r}; write deployment:ENVIRONMENT/NAME")
    for window in found:
        reach.windows[window] = (str(ref),)
        reach.usecases.add(window.usecase)


def _model(trail: Trail, reach: Reach, ref: Ref) -> None:
    if ref.mark is not None:
        _version(reach, registry.get_version(trail.session, ref), ())
        return
    name = registry.get_model(trail.session, ref.slug).name
    for version in trail.versions():
        if version.model == name:
            _version(reach, version, (str(ref),))


def _version(reach: Reach, version: registry.ModelVersion, way: Way) -> None:
    reach.releases.setdefault(version.digest, (*way, version.ref))
    if version.usecase:
        reach.usecases.add(version.usecase)


def _run(trail: Trail, reach: Reach, ref: Ref) -> None:
    _of_run(trail, reach, registry.get_run(trail.session, ref.slug), ())


def _of_run(trail: Trail, reach: Reach, run: registry.Run, way: Way) -> None:
    version = registry.get_version(trail.session, Ref("model", run.model, str(run.version)))
    _version(reach, version, (*way, f"run:{run.id}"))


def _product(trail: Trail, reach: Reach, ref: Ref) -> None:
    product = catalog.get_product(trail.session, ref.slug)
    for run in trail.runs(product.slug):
        if ref.mark is None or (run.snapshot and catalog.get_snapshot(trail.session, run.snapshot).digest == ref.mark):
            _of_run(trail, reach, run, (str(ref),))


def _snapshot(trail: Trail, reach: Reach, ref: Ref) -> None:
    snapshot = catalog.get_snapshot(trail.session, ref.slug)
    for run in trail.runs(snapshot.product):
        if run.snapshot == snapshot.id:
            _of_run(trail, reach, run, (str(ref),))


def _column(trail: Trail, reach: Reach, ref: Ref) -> None:
    """A column of a data product, ``column:PRODUCT/NAME``: the versions whose models read it."""
    slug, _, name = ref.slug.partition("/")
    product = catalog.get_product(trail.session, slug)
    if name not in product.columns:
        raise NotFound(f"{slug} has no column {name!r}; write column:PRODUCT/NAME")
    for run in trail.runs(product.slug):
        version = registry.get_version(trail.session, Ref("model", run.model, str(run.version)))
        release = trail.release_of(version.digest)
        if release is None or name in {feature.column for feature in release.features}:  # unread: never assume not
            _version(reach, version, (str(ref), f"run:{run.id}"))


def _contract(trail: Trail, reach: Reach, ref: Ref) -> None:
    for version in trail.versions():
        release = trail.release_of(version.digest)
        if release is not None and release.contract_digest == ref.slug:
            _version(reach, version, (str(ref),))


def _release(trail: Trail, reach: Reach, ref: Ref) -> None:
    found = registry.get_release(trail.session, ref.slug)
    _version(reach, registry.get_version(trail.session, found.version), (str(ref),))
    reach.usecases.add(found.usecase)


def _alert(trail: Trail, reach: Reach, ref: Ref) -> None:
    """An alert is about one release at work in one deployment; its release is followed wherever it decides."""
    found = monitoring.get_alert(trail.session, ref.slug)
    reach.releases.setdefault(found.release, (str(ref), found.version))
    reach.usecases.add(found.usecase)


def _decision(trail: Trail, reach: Reach, ref: Ref) -> None:
    """A decision that was taken in, or will be: only itself. Its use case is found when it is counted."""
    if not ref.slug.startswith("dec_"):
        raise NotFound(f"no decision {ref.slug!r}")
    reach.decisions[ref.slug] = (str(ref),)


def _vendor(trail: Trail, reach: Reach, ref: Ref) -> None:
    slug = governance.get_vendor(trail.session, ref.slug).slug
    _of_usecases(trail, reach, governance.usecases_of_vendor(trail.session, slug), (str(ref),))


_KINDS: Mapping[str, Callable[[Trail, Reach, Ref], None]] = {
    "usecase": _usecase,
    "deployment": _deployment,
    "model": _model,
    "release": _release,
    "run": _run,
    "product": _product,
    "snapshot": _snapshot,
    "column": _column,
    "contract": _contract,
    "vendor": _vendor,
    "alert": _alert,
    "decision": _decision,
}
KINDS = tuple(_KINDS)
