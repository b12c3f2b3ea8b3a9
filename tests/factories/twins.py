"""Changes that pages and the API both make: where the form goes and what it holds, and the operation that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories import projections, risks

REASON = {"reason": "because the matrix asks"}
TYPED = {name: text for name, text in risks.BODY.items() if isinstance(text, str)} | {
    f"{name}_{end}": str(risks.BODY[name][end])
    for name in ("inherent_rate", "inherent_impact")
    for end in ("low", "high")
}
TREATED = {"action": "watch it", "effect": "noticed sooner", "owner": "person:{person}", "due_on": "2099-12-31"}
PROJECTED = {
    "title": "First", "d0_name": "gain", "d0_likely": "9", "d1_name": "build", "d1_likely": "2",
    "l0_name": "Gain", "l0_kind": "revenue", "l0_drivers": "gain", "l1_name": "Build", "l1_kind": "cost", "l1_drivers": "build",
}  # fmt: skip
CRITICALITY = {"level": "high", **REASON}
MINIMA_FORM = {"valid_from": "2099-01-01", "high.completeness": "99", **REASON}
MINIMA = {"valid_from": "2099-01-01", "minima": {"high": {"completeness": 0.99}}, **REASON}
ENFORCED = {"port": "upload", "mode": "warn", **REASON}
DATA_WANTED = {
    "purpose": "See which channels bring customers",
    "until": str(datetime.now(UTC).date() + timedelta(days=60)),
}
SOURCE: dict[str, Any] = {"kind": "sql", "settings": {"url": "sqlite:///shop.db", "table": "leads"}}
PORT = {"kind": "sql", "name": "second"}
RHYTHM = {"every_minutes": "60"}
ENDED = {"ends_on": "2020-01-01", **REASON}
CHANGE = "/contract-changes/{contract_change}"
QUARTER = {"quarter": "2026-Q1"}
INCIDENT = {"title": "Wrong salaries", "what": "A batch of salaries was off by a factor of ten"}
OF_CLOCK = {"clock": "OWN-TELL"}
SENT = {"to": "the sponsor", "sent_at": "2026-11-26T16:30:00Z"}
RATES = {"cpu_hour": "0.06 EUR", "thousand_decisions": "0.40 EUR", "month": "90 EUR"}


@dataclass(frozen=True, slots=True)
class Twin:
    """One change by both ways. ``{names}`` in texts stand for the things there are."""

    page: str
    method: str
    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    is_form: bool = False
    """Whether the operation takes a form with files instead of JSON."""


def filled(value: Any, things: Mapping[str, str]) -> Any:
    """The value with the names of things put in."""
    if isinstance(value, str):
        return value.format_map(things)
    if isinstance(value, Mapping):
        return {key: filled(one, things) for key, one in value.items()}
    return [filled(one, things) for one in value] if isinstance(value, list) else value


def _ended(page: str, word: str, *, fields: Mapping[str, str]) -> Twin:
    body = {"environment": "sandbox", **REASON}
    return Twin(f"/deployments/{{deployment}}/{word}", "POST", f"/deployments/{{deployment}}/{page}", fields, body)


SANDBOX = {"environment": "sandbox"}
WAIVED = {**REASON, "compensation": "somebody looks at it each day", "days": "5"}
REVIEWED = {"finding": "justified", "review": "it was as bad as it looked"}
VERSION = "model:{model}@{number}"
ITEM, ITEM_API = "/council/{council_item}", "/council-items/{council_item}"
CONDITION, CONDITION_API = ITEM + "/conditions/{condition}", "/council-conditions/{condition}"
COUNCIL = "/councils/{council}"
MEETING = "/meetings/{meeting}"
LATER = {"day": "2040-01-02", "time": "09:00"}
STRUCK = {"reason": "because the matrix asks", "item": "{council_item}"}
RULED = {
    "title": "AI council",
    "seats": ["legal", "risk"],
    "quorum": "2",
    "reviews": ["owner"],
    "tie": "rejected",
    "days": "9",
}
SET = {**RULED, "quorum": 2, "days": 9, "department": "{department}"}
LEFT = {"seat": "legal", "person": "{person}"}
SEATED = {"seat": "legal", "person": "{person}", "kind": "holder"}
HANDED = {"seat": "risk", "taker": "person:nobody"}
MEANS: dict[str, Any] = {"budget": "1000 EUR", "value": "3000 EUR", "reason": "an engineer"}
ROUND: dict[str, Any] = {"title": "Spring", "starts": "2027-01-01", "ends": "2027-07-01"}
PROGRAMME: dict[str, Any] = {"slug": "more", "title": "More", "sponsor": "sue@example.org"}
MANDATE: dict[str, Any] = {
    "purpose": "Win more deals", "budget_minor": 100, "currency": "EUR", "people": 1.0, "valid_from": "2027-01-01",
    "valid_until": "2027-07-01",
}  # fmt: skip
TWINS = (
    Twin(ITEM + "/vote", "POST", ITEM_API + "/votes", {**REASON, "choice": "yes"}, {**REASON, "choice": "yes"}),
    Twin(ITEM + "/close", "POST", ITEM_API + "/close"),
    Twin(ITEM + "/recuse", "POST", ITEM_API + "/recusals", REASON, REASON),
    Twin(
        ITEM + "/review",
        "POST",
        ITEM_API + "/reviews",
        {"part": "risk", "supports": "yes", "text": "fine by me"},
        {"part": "risk", "supports": True, "text": "fine by me"},
    ),
    Twin(
        ITEM + "/condition",
        "POST",
        ITEM_API + "/conditions",
        {"text": "tell people", "owner": "{person}", "days": "3"},
        {"text": "tell people", "owner": "{person}", "days": 3},
    ),
    Twin(ITEM + "/extend", "POST", ITEM_API + "/extension", {**REASON, "days": "3"}, {**REASON, "days": 3}),
    Twin(ITEM + "/give-up", "POST", ITEM_API + "/give-up", REASON, REASON),
    Twin(CONDITION + "/met", "POST", CONDITION_API + "/met", REASON, {"evidence": "because the matrix asks"}),
    Twin(
        CONDITION + "/give",
        "POST",
        CONDITION_API + "/give",
        {**REASON, "owner": "{person}"},
        {**REASON, "owner": "{person}"},
    ),
    Twin(CONDITION + "/accept", "POST", CONDITION_API + "/accept", REASON, REASON),
    Twin(CONDITION + "/return", "POST", CONDITION_API + "/return", REASON, REASON),
    Twin("/councils/new", "PUT", "/councils/ai-council", {**RULED, "department": "{department}"}, SET),
    Twin(COUNCIL + "/edit", "PUT", COUNCIL, {**RULED, "department": "{department}"}, SET),
    Twin(COUNCIL + "/seat", "POST", COUNCIL + "/seats", SEATED, SEATED),
    Twin(COUNCIL + "/leave", "POST", COUNCIL + "/seats/leave", LEFT, LEFT),
    Twin(
        COUNCIL + "/delegate",
        "POST",
        COUNCIL + "/delegations",
        {**HANDED, "until": "2020-01-01"},
        {**HANDED, "until": "2020-01-01T00:00:00Z"},
    ),
    Twin(COUNCIL + "/delegations/{delegation}/end", "POST", COUNCIL + "/delegations/{delegation}/end"),
    Twin(COUNCIL + "/end", "POST", COUNCIL + "/end", REASON, REASON),
    Twin(COUNCIL + "/meetings", "POST", COUNCIL + "/meetings", LATER, {"starts_at": "2040-01-02T09:00:00Z"}),
    Twin(
        MEETING + "/move",
        "POST",
        MEETING + "/move",
        {**REASON, **LATER},
        {**REASON, "starts_at": "2040-01-02T09:00:00Z"},
    ),
    Twin(MEETING + "/cancel", "POST", MEETING + "/cancel", REASON, REASON),
    Twin(MEETING + "/agenda", "PUT", MEETING + "/agenda", {"item": "{council_item}"}, {"items": ["{council_item}"]}),
    Twin(MEETING + "/strike", "POST", MEETING + "/strike", STRUCK, STRUCK),
    Twin(MEETING + "/open", "POST", MEETING + "/open"),
    Twin(MEETING + "/attend", "POST", MEETING + "/attendance", {}, {}),
    Twin(MEETING + "/close", "POST", MEETING + "/close"),
    Twin(MEETING + "/minutes", "POST", MEETING + "/minutes", {"locale": "en"}, {"locale": "en"}),
    Twin(MEETING + "/minutes/{minutes}/approve", "POST", MEETING + "/minutes/{minutes}/approve"),
    Twin("/calendar", "POST", "/calendar"),
    Twin("/calendar/end", "DELETE", "/calendar"),
    Twin("/approvals/{approval}/approve", "POST", "/approvals/{approval}/approve", REASON, REASON),
    Twin("/approvals/{approval}/reject", "POST", "/approvals/{approval}/reject", REASON, REASON),
    Twin(
        "/departments/new",
        "POST",
        "/departments",
        {"name": "Field", "slug": "field", "parent": "{department}"},
        {"name": "Field", "slug": "field", "parent": "{department}"},
    ),
    Twin("/departments/{department}/edit", "PATCH", "/departments/{department}", {"name": "Sales"}, {"name": "Sales"}),
    Twin(
        "/deployments/new",
        "POST",
        "/deployments",
        {"release": "sandbox " + VERSION, "name": "second", "holdout_percent": "10"},
        {"name": "second", "usecase": "{usecase}", "version": VERSION, **SANDBOX},
    ),
    Twin(
        "/deployments/{deployment}/grants",
        "POST",
        "/grants",
        {**SANDBOX, "service": "erp", "days": "3"},
        {"deployment": "{deployment}", **SANDBOX, "principal": "service:erp"},
    ),
    Twin(
        "/deployments/{deployment}/grants/revoke",
        "POST",
        "/grants/{grant}/revoke",
        {**SANDBOX, **REASON, "grant": "{grant}"},
        REASON,
    ),
    _ended("suspend", "suspend", fields={**SANDBOX, "suspend_reason": "because"}),
    _ended("resume", "resume", fields={**SANDBOX, "resume_reason": "because"}),
    _ended("retire", "retire", fields={**SANDBOX, "retire_reason": "because"}),
    Twin(
        "/deployments/{deployment}/limit",
        "POST",
        "/deployments/{deployment}/limits",
        {**SANDBOX, "decisions_per_day": "7"},
        {**SANDBOX, "decisions_per_day": 7},
    ),
    Twin(
        "/deployments/{deployment}/try",
        "POST",
        "/deployments/{deployment}/try",
        SANDBOX,
        {**SANDBOX, "record": {}},
    ),
    Twin(
        "/policies/quorum",
        "PUT",
        "/quorums/production",
        {"pilot": "1", "production": "2", **REASON},
        {"needed": 2, **REASON},
    ),
    Twin("/policies/new", "POST", "/packs", {}, {"pack": "id: own"}),
    Twin(
        "/policies/{pack}/switch",
        "POST",
        "/packs/{pack}/switch",
        {"version": "off", **REASON},
        {"is_on": False, **REASON},
    ),
    Twin("/usecases/{usecase}/resources", "POST", "/usecases/{usecase}/resources", {**MEANS, "months": "6"}, MEANS),
    Twin("/allocations/new", "POST", "/allocations", {**ROUND, "currency": "EUR"}, ROUND),
    Twin("/allocations/{allocation}/decide", "POST", "/allocations/{allocation}/decide", {}, {"chosen": []}),
    Twin("/programmes/new", "POST", "/programmes", PROGRAMME, PROGRAMME),
    Twin(
        "/data-access/new", "POST", "/products/{product}/access", {"product": "{product}", **DATA_WANTED}, DATA_WANTED
    ),
    Twin(
        "/inputs/new",
        "POST",
        "/products/{product}/ports",
        {"product": "{product}", **PORT, **SOURCE["settings"]},
        {**PORT, **SOURCE},
    ),
    Twin("/products/{product}/inputs/{port}/run", "POST", "/products/{product}/ports/{port}/run", {}, None),
    Twin("/products/{product}/inputs/{port}/schedule", "PATCH", "/products/{product}/ports/{port}", RHYTHM, RHYTHM),
    Twin("/products/{product}/inputs/{port}/remove", "DELETE", "/products/{product}/ports/{port}", {}, None),
    Twin("/data-access/{data_access}/approve", "POST", "/data-access/{data_access}/approve", {}, {}),
    Twin("/data-access/{data_access}/reject", "POST", "/data-access/{data_access}/reject", REASON, REASON),
    Twin("/data-access/{data_access}/withdraw", "POST", "/data-access/{data_access}/withdraw", REASON, REASON),
    Twin("/products/{product}/criticality", "POST", "/products/{product}/criticality", CRITICALITY, CRITICALITY),
    Twin("/quality-minima", "POST", "/quality-minima", MINIMA_FORM, MINIMA),
    Twin("/products/{product}/enforcement", "POST", "/products/{product}/enforcement", ENFORCED, ENFORCED),
    Twin("/products/{product}/quarantine/replay", "POST", "/products/{product}/quarantine/replay", {}, {}),
    Twin(
        "/products/{product}/quarantine/fix",
        "POST",
        "/products/{product}/quarantine/fix",
        {"batch": "bat_1", "row": "1", **REASON},
        {"edits": [{"batch": "bat_1", "row": 1, "values": {}}], **REASON},
    ),
    Twin(
        "/products/{product}/quarantine/dismiss",
        "POST",
        "/products/{product}/quarantine/dismiss",
        {"batch": "bat_1", "row": "1", **REASON},
        {"batch": "bat_1", "rows": [1], **REASON},
    ),
    Twin(
        "/products/{product}/contract",
        "POST",
        "/products/{product}/contract/changes",
        {"do": "propose", "contract": "kind: x", "keep_days": "30", **REASON},
        {"contract": "kind: x", **REASON},
    ),
    Twin("/products/{product}/describe", "PUT", "/products/{product}/descriptor", {"purpose": "x"}, {"purpose": "x"}),
    Twin("/products/{product}/deprecate", "POST", "/products/{product}/deprecate", ENDED, ENDED),
    Twin("/products/{product}/reinstate", "POST", "/products/{product}/reinstate", REASON, REASON),
    Twin(CHANGE + "/accept", "POST", CHANGE + "/accept", REASON, REASON),
    Twin(CHANGE + "/object", "POST", CHANGE + "/object", REASON, REASON),
    Twin(CHANGE + "/hand-on", "POST", CHANGE + "/hand-on", {"to": "x"}, {"to": "x"}),
    Twin(CHANGE + "/withdraw", "POST", CHANGE + "/withdraw", REASON, REASON),
    Twin("/products/{product}/suggestions/look", "POST", "/products/{product}/suggestions"),
    Twin("/products/{product}/suggestions/accept", "POST", "/products/{product}/repairs", REASON, REASON),
    Twin("/products/{product}/suggestions/refuse", "POST", "/products/{product}/suggestions/refuse", REASON, REASON),
    Twin(
        "/products/{product}/repairs/{repair}/undo", "POST", "/products/{product}/repairs/{repair}/undo", REASON, REASON
    ),
    Twin("/products/{product}/labels", "POST", "/products/{product}/labels", {}, {"rows": []}),
    Twin("/products/{product}/retention", "PUT", "/products/{product}/retention", {}, {}),
    Twin("/products/{product}/compact", "POST", "/products/{product}/compact", {}, {}),
    Twin("/products/{product}/expire", "POST", "/products/{product}/expire"),
    Twin("/queries", "POST", "/sql", {"sql": "SELECT 1", "form": "page"}, {"sql": "SELECT 1"}),
    Twin(
        "/programmes/{programme}/edit",
        "PATCH",
        "/programmes/{programme}",
        {"title": "More growth"},
        {"title": "More growth"},
    ),
    Twin("/programmes/{programme}/draft", "POST", "/programmes/{programme}/mandates", {}, MANDATE),
    Twin("/mandates/{mandate}/sign", "POST", "/mandates/{mandate}/sign", {"digest": "x"}, {"digest": "x"}),
    Twin("/mandates/{mandate}/withdraw", "POST", "/mandates/{mandate}/withdraw", REASON, REASON),
    Twin("/appetite/adopt", "POST", "/appetites", REASON, {"limits": [], **REASON}),
    Twin("/appetite/{appetite}/confirm", "POST", "/appetites/{appetite}/confirm", {"digest": "x"}, {"digest": "x"}),
    Twin("/decision-rights/draft/row", "PUT", "/decision-rights/draft", {"stage": "scaling"}, {"rows": []}),
    Twin("/decision-rights/draft/adopt", "POST", "/decision-rights", REASON, REASON),
    Twin(
        "/decision-rights/{rights}/confirm",
        "POST",
        "/decision-rights/{rights}/confirm",
        {"digest": "x"},
        {"digest": "x"},
    ),
    Twin("/usecases/{usecase}/stakes", "PUT", "/usecases/{usecase}/stakes", {"people": "5"}, {"people": 5}),
    Twin("/operate", "POST", "/operate", {"usecase": "{usecase}"}, {"usecase": "{usecase}"}),
    Twin(
        "/waivers/new",
        "POST",
        "/waivers",
        {**WAIVED, "usecase": "{usecase}", "control": "headway-core/HW-OWNER", **SANDBOX},
        {**WAIVED, "usecase": "{usecase}", "pack": "headway-core", "control": "HW-OWNER", **SANDBOX},
    ),
    Twin(
        "/break-glass/new",
        "POST",
        "/break-glass",
        {"usecase": "{usecase}", "environment": "production", "subject": VERSION + " {version_digest}", **REASON},
        {
            "usecase": "{usecase}",
            "environment": "production",
            "subject": VERSION,
            "subject_digest": "{version_digest}",
            **REASON,
        },
    ),
    Twin("/break-glass/{glass}/confirm", "POST", "/break-glass/{glass}/confirm", REASON, REASON),
    Twin("/break-glass/{glass}/reject", "POST", "/break-glass/{glass}/reject", REASON, REASON),
    Twin("/break-glass/{glass}/review", "POST", "/break-glass/{glass}/review", REVIEWED, REVIEWED),
    Twin("/waivers/{waiver}/grant", "POST", "/waivers/{waiver}/grant", REASON, REASON),
    Twin("/waivers/{waiver}/reject", "POST", "/waivers/{waiver}/reject", REASON, REASON),
    Twin("/waivers/{waiver}/end", "POST", "/waivers/{waiver}/end", REASON, REASON),
    Twin(
        "/gate",
        "POST",
        "/admissions",
        {"subject": "{usecase}", "environment": "sandbox"},
        {"subject": "{usecase}", "environment": "sandbox"},
    ),
    Twin(
        "/kill-switch",
        "POST",
        "/kill-switch",
        {"usecase": "{usecase}", **REASON},
        {"usecase": "{usecase}", **REASON},
    ),
    Twin("/vendors/new", "POST", "/vendors", {"name": "Another"}, {"slug": "another", "name": "Another"}),
    Twin("/vendors/{vendor}/edit", "PATCH", "/vendors/{vendor}", {"name": "Acme"}, {"name": "Acme"}),
    Twin("/vendors/{vendor}/retire", "POST", "/vendors/{vendor}/retire", REASON, REASON),
    Twin("/vendors/{vendor}/reopen", "POST", "/vendors/{vendor}/reopen", REASON, REASON),
    Twin(
        "/vendors/{vendor}/assess",
        "POST",
        "/evidence",
        {},
        {"type": "vendor_assessment", "subject": "vendor:{vendor}", "subject_digest": "{digest}"},
    ),
    Twin(
        "/systems/new",
        "POST",
        "/systems",
        {"title": "Another", "kind": "own"},
        {"slug": "another", "title": "Another", "kind": "own"},
    ),
    Twin(
        "/systems/{system}/edit", "PATCH", "/systems/{system}", {"title": "Scorer", "kind": "own"}, {"title": "Scorer"}
    ),
    Twin("/systems/{system}/retire", "POST", "/systems/{system}/retire", REASON, REASON),
    Twin("/systems/{system}/reopen", "POST", "/systems/{system}/reopen", REASON, REASON),
    Twin(
        "/systems/link",
        "POST",
        "/systems/{system}/usecases",
        {"system": "{system}", "usecase": "{usecase}"},
        {"usecase": "{usecase}"},
    ),
    Twin(
        "/systems/unlink",
        "DELETE",
        "/systems/{system}/usecases/{usecase}",
        {"system": "{system}", "usecase": "{usecase}"},
    ),
    Twin(
        "/replays/new",
        "POST",
        "/replays",
        {"usecase": "{usecase}"},
        {"usecase": "{usecase}", "time": "created_at", "outcome": "converted"},
        is_form=True,
    ),
    Twin(
        "/usecases/{usecase}/scale",
        "POST",
        "/usecases/{usecase}/scale-plans",
        {"department": "hr"},
        {"department": "hr"},
        is_form=True,
    ),
    Twin(
        "/usecases/{usecase}/documents",
        "POST",
        "/usecases/{usecase}/dossiers",
        {"kind": "model_risk"},
        {"kind": "model_risk"},
    ),
    Twin("/board-packs", "POST", "/board-packs", QUARTER, QUARTER),
    Twin("/usecases/{usecase}/audit-bundle", "POST", "/usecases/{usecase}/audit-bundle"),
    Twin("/scale-plans/{plan}/labels", "POST", "/scale-plans/{plan}/labels", {}, {}, is_form=True),
    Twin("/alerts/{alert}/acknowledge", "POST", "/alerts/{alert}/acknowledge", REASON, REASON),
    Twin("/alerts/{alert}/close", "POST", "/alerts/{alert}/close", REASON, REASON),
    Twin("/incidents/new", "POST", "/incidents", INCIDENT, INCIDENT),
    Twin("/incidents/{incident}/edit", "PATCH", "/incidents/{incident}", INCIDENT, INCIDENT),
    Twin(
        "/incidents/{incident}/jurisdictions",
        "POST",
        "/incidents/{incident}/jurisdictions",
        {"jurisdiction": "US-CO", "is_in": "yes", **REASON},
        {"jurisdiction": "US-CO", "is_in": True, **REASON},
    ),
    Twin(
        "/incidents/{incident}/clocks/{clock}/judge",
        "POST",
        "/incidents/{incident}/clocks/{clock}/judge",
        REASON,
        REASON,
    ),
    Twin("/incidents/{incident}/affected", "POST", "/incidents/{incident}/affected"),
    Twin("/incidents/{incident}/containment", "POST", "/incidents/{incident}/containment", REASON, REASON),
    Twin("/incidents/{incident}/lifting", "POST", "/incidents/{incident}/lifting", REASON, REASON),
    Twin("/incidents/{incident}/notices", "POST", "/incidents/{incident}/notices", OF_CLOCK, OF_CLOCK),
    Twin(
        "/incidents/{incident}/notices/{notice}/sent",
        "POST",
        "/incidents/{incident}/notices/{notice}/sent",
        SENT,
        SENT,
        is_form=True,
    ),
    Twin("/incidents/{incident}/contained", "POST", "/incidents/{incident}/contained", REASON, REASON),
    Twin("/incidents/{incident}/corrected", "POST", "/incidents/{incident}/corrected", REASON, REASON),
    Twin("/incidents/{incident}/close", "POST", "/incidents/{incident}/close", REASON, REASON),
    Twin("/incidents/{incident}/reopen", "POST", "/incidents/{incident}/reopen", REASON, REASON),
    Twin("/incidents/clocks", "POST", "/incidents/clocks", {"text": "id: x"}, {"text": "id: x"}),
    Twin(
        "/deployments/{deployment}/monitoring/run", "POST", "/deployments/{deployment}/monitoring/run", SANDBOX, SANDBOX
    ),
    Twin("/rates", "POST", "/rates", {**RATES, "valid_from": "2026-12-01", **REASON}, {**RATES, **REASON}),
    Twin(
        "/usecases/{usecase}/assessments",
        "POST",
        "/usecases/{usecase}/assessments",
        {"template": "legal"},
        {"template": "legal"},
    ),
    Twin(
        "/assessments/{assessment}/answers",
        "POST",
        "/assessments/{assessment}/answers",
        {"officer": "go on"},
        {"answers": {"officer": "go on"}},
    ),
    Twin(
        "/assessments/{assessment}/sign",
        "POST",
        "/assessments/{assessment}/sign",
        {"remark": "read"},
        {"remark": "read"},
    ),
    Twin(
        "/assessors",
        "POST",
        "/assessors",
        {"seat": "risk", "person": "person:{person}"},
        {"seat": "risk", "person": "person:{person}"},
    ),
    Twin("/assessment-templates", "POST", "/assessment-templates", {"text": "id: x"}, {"text": "id: x"}),
    Twin(
        "/assessment-templates/{template}/retire",
        "POST",
        "/assessment-templates/{template}/retire",
        REASON,
        REASON,
    ),
    Twin("/assessors/{assessor}/end", "POST", "/assessors/{assessor}/end", {}, {}),
    Twin("/usecases/{usecase}/risks", "POST", "/usecases/{usecase}/risks", TYPED, risks.BODY),
    Twin("/risks/{risk}/estimate", "POST", "/risks/{risk}/estimates", TYPED, risks.BODY),
    Twin("/risks/{risk}/treat", "POST", "/risks/{risk}/treatments", TREATED, TREATED),
    Twin(
        "/treatments/{treatment}/done",
        "POST",
        "/treatments/{treatment}/done",
        {"note": "it is done"},
        {"note": "it is done"},
    ),
    Twin("/risks/{risk}/close", "POST", "/risks/{risk}/close", {"close_reason": "it is gone"}, REASON),
    Twin("/discount-rates", "POST", "/discount-rates", {"percent": "8", **REASON}, {"percent": "8", **REASON}),
    Twin("/usecases/{usecase}/projection", "POST", "/usecases/{usecase}/projections", PROJECTED, projections.body()),
    Twin("/jobs/{job}/cancel", "POST", "/jobs/{job}/cancel"),
    Twin("/ledger/verify", "POST", "/ledger/verify"),
    Twin("/ledger/{event}/erase", "POST", "/ledger/events/{event}/erase", REASON, REASON),
    Twin(
        "/models/{model}/aliases",
        "PUT",
        "/models/{model}/aliases/champion",
        {"alias": "champion", "version": "{number}"},
        {"version": 1},
    ),
    Twin("/models/{model}/train", "POST", "/runs", {}, {"product": "{product}", "usecase": "{usecase}"}),
    Twin(
        "/models/{model}/versions/{number}/clear",
        "POST",
        "/models/{model}/versions/{number}/clearances",
        {"column": "channel", **REASON},
        {"column": "channel", **REASON},
    ),
    Twin(
        "/people/new",
        "POST",
        "/people",
        {"name": "New One", "email": "new.one@example.org"},
        {"name": "New One", "email": "new.one@example.org"},
    ),
    Twin("/people/{person}/deactivate", "POST", "/people/{person}/deactivate"),
    Twin("/people/{person}/invite", "POST", "/people/{person}/invite"),
    Twin("/people/{person}/link", "POST", "/people/{person}/link"),
    Twin(
        "/people/{person}/roles",
        "POST",
        "/roles",
        {"role": "employee", "department": "{department}"},
        {"principal": "person:{person}", "role": "employee", "department": "{department}"},
    ),
    Twin(
        "/people/{person}/roles",
        "POST",
        "/roles",
        {"role": "employee"},
        {"principal": "person:{person}", "role": "employee"},
    ),
    Twin("/people/{person}/roles/{role}/revoke", "DELETE", "/roles/{role}"),
    Twin("/people/{person}/sessions/end", "DELETE", "/sessions?person=person:{person}"),
    Twin(
        "/pilots/new",
        "POST",
        "/pilots",
        {"upload": "{upload}", "solution": "sales.lead-scoring", "label": "converted"},
        {
            "upload": "{upload}",
            "solution": "sales.lead-scoring",
            "label": "converted",
            "department": "{department}",
            "name": "x",
        },
        is_form=True,
    ),
    Twin("/pilots/{pilot}/retry", "POST", "/pilots/{pilot}/retry"),
    Twin("/pilots/{pilot}/repeat", "POST", "/pilots/{pilot}/repeat", {}, {"exclude": []}),
    Twin(
        "/releases/{release}/approvals",
        "POST",
        "/releases/{release}/approvals",
        REASON,
        REASON,
    ),
    Twin("/releases/{release}/rejection", "POST", "/releases/{release}/rejection", REASON, REASON),
    Twin("/releases/{release}/revocation", "POST", "/releases/{release}/revocation", REASON, REASON),
    Twin(
        "/settings/sign-in/new",
        "POST",
        "/identity-providers",
        {"id": "two", "label": "Two", "issuer": "https://two.example.org", "client_id": "headway"},
        {"id": "two", "label": "Two", "issuer": "https://two.example.org", "client_id": "headway"},
    ),
    Twin("/settings/sign-in/{provider}/remove", "DELETE", "/identity-providers/{provider}"),
    Twin("/settings/sign-in/{provider}/test", "POST", "/identity-providers/{provider}/test"),
    Twin("/tasks/{task}", "PATCH", "/tasks/{task}", {"title": "Read it"}, {"title": "Read it"}),
    Twin("/tasks/{task}/state", "POST", "/tasks/{task}/state", {"state": "done"}, {"state": "done"}),
    Twin(
        "/together/comments",
        "POST",
        "/comments",
        {"subject": "usecase:{usecase}", "text": "Yes."},
        {"subject": "usecase:{usecase}", "text": "Yes."},
    ),
    Twin("/together/comments/{comment}/resolve", "POST", "/comments/{comment}/resolve"),
    Twin(
        "/together/tasks",
        "POST",
        "/tasks",
        {"subject": "usecase:{usecase}", "title": "Do"},
        {"subject": "usecase:{usecase}", "title": "Do"},
    ),
    Twin(
        "/together/watch",
        "PUT",
        "/watches",
        {"subject": "usecase:{usecase}", "watch": "true"},
        {"subject": "usecase:{usecase}", "is_watching": True},
    ),
    Twin("/tokens/new", "POST", "/tokens", {"name": "mine"}, {"name": "mine"}),
    Twin(
        "/tokens/new",
        "POST",
        "/tokens",
        {"name": "theirs", "service": "erp", "department": "{department}"},
        {"name": "theirs", "service": "erp", "department": "{department}"},
    ),
    Twin("/tokens/{token}/revoke", "DELETE", "/tokens/{token}"),
    Twin(
        "/usecases/new",
        "POST",
        "/usecases",
        {"title": "Another", "department": "{department}"},
        {"slug": "another", "title": "Another", "department": "{department}"},
    ),
    Twin(
        "/usecases/{usecase}/edit",
        "PATCH",
        "/usecases/{usecase}",
        {"title": "Lead scoring", "department": "{department}"},
        {"title": "Lead scoring"},
    ),
    Twin("/usecases/{usecase}/retire", "POST", "/usecases/{usecase}/retire", REASON, REASON),
    Twin("/usecases/{usecase}/reopen", "POST", "/usecases/{usecase}/reopen", REASON, REASON),
    Twin(
        "/usecases/{usecase}/tier",
        "POST",
        "/usecases/{usecase}/tier",
        {"tier": "minimal", "reasons": "because"},
        {"tier": "minimal", "reasons": "because"},
    ),
    Twin(
        "/usecases/{usecase}/exceptions",
        "POST",
        "/usecases/{usecase}/exceptions",
        {"condition": "narrow_task", "reasons": "because", "days": "30"},
        {"condition": "narrow_task", "reasons": "because", "days": 30},
    ),
    Twin("/exceptions/{exception}/accept", "POST", "/exceptions/{exception}/accept", REASON, REASON),
    Twin("/exceptions/{exception}/refuse", "POST", "/exceptions/{exception}/refuse", REASON, REASON),
    Twin("/exceptions/{exception}/end", "POST", "/exceptions/{exception}/end", REASON, REASON),
    Twin("/usecases/{usecase}/risk", "PATCH", "/usecases/{usecase}", {}, {"risk": {}}),
    Twin(
        "/usecases/{usecase}/promote",
        "POST",
        "/releases",
        {"version": VERSION, "environment": "production"},
        {"version": VERSION, "environment": "production"},
    ),
    Twin(
        "/usecases/{usecase}/attest",
        "POST",
        "/evidence",
        {"type": "security_review", "fact-outcome": "passed"},
        {"type": "security_review", "subject": "usecase:{usecase}", "subject_digest": "{digest}", "facts": {}},
    ),
    Twin(
        "/usecases/{usecase}/join",
        "POST",
        "/usecases/{usecase}/join",
        {"department": "{department}", "what_for": "letters"},
        {"department": "{department}", "what_for": "letters"},
    ),
    Twin(
        "/usecases/{usecase}/umbrella",
        "POST",
        "/usecases/{usecase}/umbrella",
        {"conditions": "no names", "tier": "minimal", "valid_until": "2027-01-01"},
        {"conditions": "no names", "tier": "minimal", "valid_until": "2027-01-01"},
    ),
    Twin(
        "/umbrellas/{umbrella}/register",
        "POST",
        "/umbrellas/{umbrella}/registrations",
        {"department": "{department}", "what_for": "letters"},
        {"department": "{department}", "what_for": "letters"},
    ),
    Twin("/umbrellas/{umbrella}/approve", "POST", "/umbrellas/{umbrella}/approve"),
    Twin("/umbrellas/{umbrella}/end", "POST", "/umbrellas/{umbrella}/end", REASON, REASON),
    Twin(
        "/shadow",
        "POST",
        "/sightings",
        {"tool": "ChatGPT", "what_for": "letters", "department": "{department}"},
        {"tool": "ChatGPT", "what_for": "letters", "department": "{department}"},
    ),
    Twin(
        "/shadow/{sighting}/settle",
        "POST",
        "/sightings/{sighting}/settle",
        {"outcome": "dismissed", **REASON},
        {"outcome": "dismissed", **REASON},
    ),
)
