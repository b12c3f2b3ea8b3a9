"""No dead fields: every field of every form of governance has a use, and every use that is named exists."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from headway.entrypoints import pages
from headway.governance import field_uses, routes, uses
from headway.governance.adapters import IN_FORCE, built_in_packs
from headway.governance.entities import Pack
from headway.governance.mandates import routes as mandates
from headway.incidents import routes as incidents
from headway.serving.routes import routers as serving

PACKS = [file.pack for file in built_in_packs()]
ON = [pack for pack in PACKS if pack.id in IN_FORCE]
TEMPLATES = Path(pages.__file__).parent / "templates"
FOLDERS = (
    "appetite",
    "approvals",
    "break_glass",
    "gates",
    "imports",
    "incidents",
    "policies",
    "programmes",
    "rights",
    "shadow",
    "systems",
    "umbrellas",
    "usecases",
    "vendors",
    "waivers",
)
NOT_OURS = {
    "usecases/scale.html",
    "usecases/projection.html",
    "usecases/risks.html",
    "usecases/assessments.html",
}  # portfolio's and value's
NO_FIELDS = {"csrf", "dialog", "then"}
"""Not typed by anybody: the mark against forged requests, which dialog was sent, which button was pressed."""
VIEWS = {"policies/crosswalk.html", "usecases/coverage.html"}
"""Choose what a page shows; nothing is kept."""
OF_TEMPLATE: Mapping[str, tuple[str, ...]] = {
    "appetite/show.html": ("appetite",),
    "appetite/stakes.html": ("stakes",),
    "approvals/show.html": ("approval",),
    "break_glass/new.html": ("break_glass",),
    "break_glass/show.html": ("break_glass",),
    "deployments/kill_switch.html": ("stop",),
    "gates/ask.html": ("admission",),
    "imports/preview.html": ("import",),
    "imports/start.html": ("import",),
    "incidents/clocks.html": ("incident",),
    "incidents/containment.html": ("incident",),
    "incidents/edit.html": ("incident",),
    "incidents/lifting.html": ("incident",),
    "incidents/new.html": ("incident",),
    "incidents/notice.html": ("incident",),
    "incidents/parts.html": ("incident",),
    "incidents/show.html": ("incident",),
    "policies/_quorum.html": ("quorum",),
    "policies/impact.html": ("pack",),
    "policies/new.html": ("pack",),
    "policies/switch.html": ("pack",),
    "programmes/edit.html": ("programme",),
    "programmes/show.html": ("mandate",),
    "rights/draft.html": ("rights",),
    "rights/row.html": ("rights",),
    "shadow/list.html": ("sighting",),
    "shadow/show.html": ("sighting",),
    "systems/_fields.html": ("system",),
    "systems/new.html": ("system",),
    "systems/show.html": ("system",),
    "umbrellas/ask.html": ("umbrella",),
    "umbrellas/show.html": ("umbrella",),
    "usecases/_fields.html": ("usecase",),
    "usecases/attest.html": ("attestation",),
    "usecases/end.html": ("retire",),
    "usecases/join.html": ("join",),
    "usecases/new.html": ("usecase",),
    "usecases/risk.html": ("tier", "exception"),
    "usecases/show.html": ("system",),
    "usecases/similar.html": ("usecase",),
    "vendors/_fields.html": ("vendor",),
    "vendors/new.html": ("vendor",),
    "vendors/show.html": ("vendor",),
    "waivers/new.html": ("waiver",),
    "waivers/show.html": ("waiver",),
}
OF_BODY: Mapping[str, str] = {
    "AdmissionWanted": "admission",
    "Answer": "approval",
    "AppetiteWanted": "appetite",
    "ApprovalWanted": "approval",
    "Assessment": "exception",
    "Attestation": "attestation",
    "BindingWanted": "admission",
    "BreakGlassAnswer": "break_glass",
    "BreakGlassReview": "break_glass",
    "BreakGlassWanted": "break_glass",
    "Because": "incident",
    "Changes": "incident",
    "ClockFile": "incident",
    "Confirmation": "appetite",
    "Ended": "retire",
    "Estimate": "stakes",
    "Ending": "umbrella",
    "ExceptionAnswer": "exception",
    "Joining": "join",
    "KillSwitch": "stop",
    "MandateWanted": "mandate",
    "NewPack": "pack",
    "NewProgramme": "programme",
    "NewSystem": "system",
    "NewUseCase": "usecase",
    "NewVendor": "vendor",
    "PackTexts": "pack",
    "ProgrammeChange": "programme",
    "QuorumWanted": "quorum",
    "Reason": "incident",
    "Report": "sighting",
    "Reported": "incident",
    "Said": "incident",
    "RightsConfirmation": "rights",
    "RightsReason": "rights",
    "RightsWanted": "rights",
    "Seen": "import",
    "Served": "system",
    "Settlement": "sighting",
    "Signature": "mandate",
    "Sketch": "usecase",
    "SwitchWanted": "pack",
    "SystemChange": "system",
    "TierChoice": "tier",
    "UmbrellaWanted": "umbrella",
    "UseCaseChange": "usecase",
    "VendorChange": "vendor",
    "WaiverAnswer": "waiver",
    "WaiverGrant": "waiver",
    "WaiverWanted": "waiver",
    "WhatIf": "pack",
    "Wish": "incident",
    "Withdrawal": "mandate",
}
_FIELD = re.compile(r'ui\.field\((?:[^,"]|"[^"]*"\))+,\s*"([a-z_]+)"|(?<![\w-])name="([a-z_]+)"')
_REASON = re.compile(r"ui\.reason\(")


def fields_of(template: str) -> set[str]:
    """The names of all fields that a template lets somebody fill in."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    found = {one or other for one, other in _FIELD.findall(text)}
    return (found | ({"reason"} if _REASON.search(text) else set())) - NO_FIELDS


def templates() -> list[str]:
    found = [path for folder in FOLDERS for path in (TEMPLATES / folder).glob("*.html")]
    return sorted(str(path.relative_to(TEMPLATES)) for path in [*found, TEMPLATES / "deployments/kill_switch.html"])


def bodies() -> dict[str, type[BaseModel]]:
    """What the API of governance takes, and who stops what is at work, by name."""
    found: dict[str, type[BaseModel]] = {}
    for router in (*routes.routers, *mandates.routers, *incidents.routers, *serving):
        for route in router.routes:
            if isinstance(route, APIRoute) and (body := _body(route)) is not None and _is_ours(body):
                found[body.__name__] = body
    return found


def _body(route: APIRoute) -> type[BaseModel] | None:
    taken = inspect.signature(route.endpoint, eval_str=True).parameters.get("body")
    if taken is None or not inspect.isclass(taken.annotation) or not issubclass(taken.annotation, BaseModel):
        return None
    return taken.annotation


def _is_ours(kind: type[BaseModel]) -> bool:
    return kind.__module__.startswith(("headway.governance.", "headway.incidents.")) or kind.__name__ in OF_BODY


@pytest.mark.parametrize("template", [one for one in templates() if one not in NOT_OURS | VIEWS])
def test_each_field_of_each_page_has_a_use(template: str) -> None:
    forms = OF_TEMPLATE.get(template, ())
    known = {name for form in forms for name in field_uses.FORMS[form]}
    assert fields_of(template) <= known, f"{template}: say in field_uses.py what uses these"


def test_the_walk_finds_fields() -> None:
    assert fields_of("usecases/_fields.html") >= set(field_uses.USECASE) - {
        "slug",
        "risk",
        "products",
        "different",
        "sighting",
        "usecase",
    }
    assert fields_of("waivers/show.html") == {"days", "reason"}
    assert fields_of("shadow/show.html") == {"outcome", "umbrella", "usecase", "reason"}
    assert {one for one in OF_TEMPLATE if not fields_of(one)} == set()


def test_each_field_of_each_body_of_the_api_has_a_use() -> None:
    found = bodies()
    assert len(found) > 20
    assert {name for name in found if name not in OF_BODY} == set()
    lacking = {
        f"{name}.{field}"
        for name, body in found.items()
        for field in body.model_fields
        if field not in field_uses.FORMS[OF_BODY[name]]
    }
    assert lacking == set()


def test_no_use_is_named_for_a_field_that_nobody_can_fill_in() -> None:
    asked = {(form, name) for template, forms in OF_TEMPLATE.items() for form in forms for name in fields_of(template)}
    asked |= {(OF_BODY[name], field) for name, body in bodies().items() for field in body.model_fields}
    assert {(form, name) for form, fields in field_uses.FORMS.items() for name in fields} - asked == set()


@pytest.mark.parametrize("packs", [ON, PACKS], ids=["as-a-home-starts", "every-pack-on"])
def test_no_field_is_dead(packs: list[Pack]) -> None:
    found = uses.find_uses(packs)
    assert uses.dead(found) == ()
    assert {one.field for one in found if one.form == uses.RISK} == uses.asked_facts(packs) - {"tier"}


def test_a_fact_that_no_rule_reads_is_not_asked() -> None:
    (core,) = [pack for pack in ON if pack.tier_rules]
    silent = replace(
        core, tier_rules=(), controls=tuple(one for one in core.controls if "profiling" not in one.applies_when)
    )
    assert "profiling" in uses.asked_facts([core]) and "profiling" not in uses.asked_facts([silent])
    assert "materiality" not in uses.asked_facts(ON) and "materiality" in uses.asked_facts(PACKS)


def test_a_use_names_rules_and_controls_of_the_packs() -> None:
    found = {(one.form, one.field): one for one in uses.find_uses(PACKS)}
    known = {f"{pack.id}/{one.id}" for pack in PACKS for one in (*pack.tier_rules, *pack.controls)}
    assert {name for one in found.values() for name in one.asked_by} <= known
    assert "headway-core/HW-OWNER" in found["usecase", "owner"].asked_by
    assert any(name.startswith("sr-26-2/") for name in found["risk", "materiality"].asked_by)


def named() -> Iterator[tuple[str, str, str, str]]:
    for form, fields in field_uses.FORMS.items():
        for name, places in fields.items():
            yield from ((form, name, kind, where) for kind, where in places)


@pytest.mark.parametrize(("form", "name", "kind", "where"), list(named()))
def test_each_named_use_exists_and_uses_the_field(form: str, name: str, kind: str, where: str) -> None:
    assert kind in field_uses.USE_KINDS
    if kind == "page":
        assert _shows(where, name), f"no template of {where} shows {name}"
        return
    place, _, other = where.partition("#")
    module, _, attribute = place.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    text = inspect.getsource(found) if callable(found) else repr(found)
    assert re.search(rf"\b{other or name}\b", text), f"{where} does not name {form}.{name}"
    if kind == "ledger":
        assert "ledger.record(" in inspect.getsource(importlib.import_module(module))


def _shows(address: str, name: str) -> bool:
    endpoints = [
        r.endpoint for router in pages.ROUTERS for r in router.routes if isinstance(r, APIRoute) and r.path == address
    ]
    source = "".join(inspect.getsource(inspect.getmodule(one)) for one in endpoints)  # type: ignore[arg-type]
    files = [TEMPLATES / one for one in re.findall(r'"(\w+/\w+\.html)"', source)]
    texts = "".join(one.read_text(encoding="utf-8") for one in [*files, *_included(files)])
    return bool(re.search(rf"\b{name}\b|_because\b" if name == "reason" else rf"\b{name}\b", texts + source))


def _included(files: list[Path]) -> list[Path]:
    told = "".join(one.read_text(encoding="utf-8") for one in files)
    return [TEMPLATES / one for one in re.findall(r'include "(\w+/\w+\.html)"', told)]
