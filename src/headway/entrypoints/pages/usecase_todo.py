"""What a use case lacks before production, each point with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from headway import governance, registry
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.people_names import named_controls
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import Control, GateResult, Pack, UseCase
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.registry import ModelVersion

OF_THE_MODEL = {"eval_report", "leakage_report", "parity_report", "model_card"}
OF_THE_DATA = {"data_quality_report", "dataset_card"}
TWO_PEOPLE = "HW-TWO-PEOPLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One open point: in plain words, and where it is done."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The page where a point is done, and what one must be allowed to, to do it there."""

    path: str
    action: str


def newest_version(session: Session, slug: str) -> ModelVersion | None:
    """The version of a use case that was made last; None before there is one."""
    query = ListQuery(filters={"usecase": (slug,)}, limit=1)
    return next(iter(registry.find_versions(session, query).items), None)


def versions_of(session: Session, slug: str, limit: int = 50) -> Sequence[ModelVersion]:
    """The versions of a use case, the newest first."""
    return registry.find_versions(session, ListQuery(filters={"usecase": (slug,)}, limit=limit)).items


def ask_gate(session: Session, case: UseCase, version: ModelVersion, environment: str) -> GateResult:
    """What the release gate says of a version now, with people by name."""
    found = governance.evaluate_gate(
        session,
        environment=environment,
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        usecase=case.slug,
    )
    return replace(found, controls=named_controls(session, found.controls))


def todo(viewer: Viewer, session: Session, case: UseCase, version: ModelVersion | None) -> list[Todo]:
    """What is missing before production, as far as somebody may see it: the gate's list, or what the entry leaves open."""
    found = list(_lines(viewer, session, case, version))
    packs = governance.list_packs(session)
    places = [(line, _where(line, case, version, packs)) for line in found]
    if version is None and case.retired_at is None:
        told = viewer.gettext("run a pilot, so that there is a model to look at")
        places.append((told, Place(f"/pilots/new?usecase={case.slug}", "pilot:start")))
    return [
        Todo(text=line, href=place.path if place and _may_do(viewer, case, place) else None) for line, place in places
    ]


def _may_do(viewer: Viewer, case: UseCase, place: Place) -> bool:
    kind, at = place.action.partition(":")[0], {"environment": "production"}
    return viewer.may(place.action, govern.about(case, kind, **(at if kind == "release" else {})))


def _lines(viewer: Viewer, session: Session, case: UseCase, version: ModelVersion | None) -> Sequence[str]:
    if version is not None and viewer.may("gate:evaluate", govern.about(case)):
        return ask_gate(session, case, version, "production").missing
    if viewer.may("gate:read", govern.about(case)):
        last = governance.list_verdicts(session, usecase=case.slug, limit=1).items
        return tuple(dict.fromkeys((*case.missing, *(last[0].missing if last else ()))))
    return case.missing


def _where(line: str, case: UseCase, version: ModelVersion | None, packs: Sequence[Pack]) -> Place | None:
    page = f"/usecases/{case.slug}"
    if field := governance.field_asked(line):
        return Place(f"{page}/edit#f-{field}", "usecase:update")
    if line == "decide the legal tier of the use case":
        return Place(f"{page}/risk", "usecase:read")
    questions = {f"say {fact.question}": fact.name for pack in packs for fact in pack.facts}
    if line in questions:
        return Place(f"{page}/risk#f-{questions[line]}", "usecase:read")
    if case.retired_at:
        return Place(f"{page}/reopen", "usecase:retire")
    return next(
        (_done_at(control, page, version, packs) for control in _controls(packs) if control.missing == line), None
    )


def _controls(packs: Sequence[Pack]) -> Iterator[Control]:
    for pack in packs:
        yield from pack.controls


def _done_at(control: Control, page: str, version: ModelVersion | None, packs: Sequence[Pack]) -> Place:
    """Where a control is fulfilled: by the evidence it asks for, by a second person, else on the evidence page."""
    if control.id == TWO_PEOPLE:
        return Place(f"{page}/promote", "release:request")
    by_people = {kind.name for pack in packs for kind in pack.evidence_types if kind.producer == "human"}
    for name in control.evidence:
        if name in by_people:
            return Place(f"{page}/attest?type={name}", "evidence:record")
        if version is not None and name in OF_THE_MODEL:
            return Place(f"/models/{version.model}/versions/{version.version}", "model:read")
        if version is not None and name in OF_THE_DATA and (product := product_of(version)):
            return Place(f"/products/{product}", "product:read")
    return Place(f"{page}/evidence", "evidence:read")


def product_of(version: ModelVersion) -> str | None:
    """The data product that a version was trained on, as its report says."""
    data = version.report.get("data")
    product = data.get("product") if isinstance(data, Mapping) else None
    return str(product) if product else None
