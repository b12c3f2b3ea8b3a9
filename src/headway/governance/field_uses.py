"""What each field of a form of governance is for, beside the rules and controls that read it: the place that uses it, by name.

A place is a function or a table of names (``module:name``) or the address of a page. Who adds a field adds a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

UseKind = Literal[
    "gate",
    "tier",
    "similarity",
    "search",
    "page",
    "pitfall",
    "ledger",
    "stop",
    "notice",
    "rights",
    "queue",
    "check",
    "document",
]
USE_KINDS = get_args(UseKind)
Named = tuple[tuple[UseKind, str], ...]

_SERVICE = "headway.governance.service"
_CASE = "/usecases/{slug}"
_SETTLED = f"{_SERVICE}.sightings:settle_sighting"
_ASKED = f"{_SERVICE}.admitting:admit"

USECASE: Mapping[str, Named] = {
    "slug": (("document", f"{_SERVICE}.usecases:ref"),),
    "title": (
        ("similarity", f"{_SERVICE}.proposing:find_similar"),
        ("search", "headway.governance.store.lists:_USECASES"),
    ),
    "department": (
        ("tier", "headway.governance.inventory:MATERIAL"),
        ("rights", "headway.entrypoints.pages.govern:about"),
        ("stop", "headway.serving.service.stopping:stop"),
    ),
    "solution": (("tier", "headway.governance.inventory:MATERIAL"), ("similarity", "headway.governance.twins:shared")),
    "purpose": (
        ("tier", "headway.governance.inventory:MATERIAL"),
        ("gate", "headway.governance.inventory:WORDS"),
        ("similarity", f"{_SERVICE}.proposing:find_similar"),
    ),
    "people_affected": (
        ("tier", "headway.governance.inventory:MATERIAL"),
        ("gate", "headway.governance.inventory:WORDS"),
    ),
    "success_measure": (
        ("gate", "headway.governance.inventory:WORDS"),
        ("pitfall", "headway.portfolio.pitfalls:_measure"),
    ),
    "owner": (
        ("gate", "headway.governance.inventory:WORDS"),
        ("search", "headway.governance.store.lists:_USECASES"),
        ("notice", "headway.entrypoints.named_people:_of_case"),
    ),
    "sponsor": (("gate", "headway.governance.inventory:WORDS"), ("pitfall", "headway.portfolio.pitfalls:_sponsor")),
    "risk": (("tier", f"{_SERVICE}.usecases:update_usecase"),),
    "products": (("similarity", f"{_SERVICE}.proposing:find_similar"),),
    "different": (("ledger", f"{_SERVICE}.proposing:propose_usecase"), ("page", _CASE)),
    "sighting": (("queue", "headway.entrypoints.pages.usecase_new:_made"),),
    "usecase": (("similarity", "headway.governance.routes.intake:find_similar"),),
}
TIER: Mapping[str, Named] = {
    "tier": (("gate", f"{_SERVICE}.usecases:decide_tier"),),
    "reasons": (("ledger", f"{_SERVICE}.usecases:_record"), ("page", _CASE + "/risk")),
}
EXCEPTION: Mapping[str, Named] = {
    "condition": (("ledger", f"{_SERVICE}.excepting:_tell"), ("page", _CASE + "/risk")),
    "reasons": (("check", f"{_SERVICE}.excepting:_faults"), ("document", f"{_SERVICE}.excepting:assess_exception")),
    "days": (("tier", f"{_SERVICE}.excepting:answer_exception"),),
    "reason": (("ledger", f"{_SERVICE}.excepting:_tell"),),
}
ENDED: Mapping[str, Named] = {
    "reason": (("ledger", f"{_SERVICE}.retiring:retire_usecase"), ("page", _CASE + "/retire"))
}
JOIN: Mapping[str, Named] = {
    "department": (("page", _CASE), ("ledger", f"{_SERVICE}.proposing:join_usecase")),
    "what_for": (("page", _CASE), ("ledger", f"{_SERVICE}.proposing:join_usecase")),
}
ATTESTATION: Mapping[str, Named] = {
    "type": (("gate", "headway.governance.facts:evidence"),),
    "subject": (("page", _CASE + "/evidence"),),
    "subject_digest": (("gate", f"{_SERVICE}.gating:gather"),),
    "facts": (("gate", "headway.governance.facts:evidence"), ("page", _CASE + "/evidence")),
    "payload_digest": (("ledger", f"{_SERVICE}.evidence:record_evidence"),),
    "document": (("document", "headway.entrypoints.pages.attest:attest"),),
}
SYSTEM: Mapping[str, Named] = {
    "slug": (("document", f"{_SERVICE}.systems:ref"),),
    "title": (("search", "headway.governance.store.systems:_SYSTEM_LIST"), ("page", "/systems")),
    "kind": (("tier", "headway.governance.derived:derive"), ("check", f"{_SERVICE}.systems:_kind_faults")),
    "vendor": (("tier", "headway.governance.derived:derive"), ("stop", "headway.serving.service.stopping:stop")),
    "description": (("search", "headway.governance.store.systems:_SYSTEM_LIST"), ("page", "/systems/{slug}")),
    "usecase": (("tier", f"{_SERVICE}.systems:link_system"),),
    "usecases": (("tier", f"{_SERVICE}.systems:open_system"),),
    "system": (("tier", "headway.entrypoints.pages.systems:link"),),
    "reason": (("ledger", f"{_SERVICE}.systems:retire_system"), ("page", "/systems/{slug}")),
}
VENDOR: Mapping[str, Named] = {
    "slug": (("document", f"{_SERVICE}.vendors:ref"),),
    "name": (
        ("gate", "headway.governance.inventory:ASSESSED"),
        ("search", "headway.governance.store.systems:_VENDOR_LIST"),
    ),
    "supplies": (
        ("gate", "headway.governance.inventory:ASSESSED"),
        ("search", "headway.governance.store.systems:_VENDOR_LIST"),
    ),
    "contact": (("page", "/vendors/{slug}"), ("check", "headway.governance.inventory:VENDOR_WORDS")),
    "contract_ends": (
        ("gate", "headway.governance.inventory:ASSESSED"),
        ("check", "headway.governance.inventory:vendor_missing"),
    ),
    "exit_plan": (("gate", "headway.governance.inventory:ASSESSED"), ("page", "/vendors/{slug}")),
    "document": (("document", "headway.entrypoints.pages.vendors:assess"),),
    "reason": (("ledger", f"{_SERVICE}.vendors:retire_vendor"), ("page", "/vendors/{slug}")),
}
UMBRELLA: Mapping[str, Named] = {
    "conditions": (("page", "/umbrellas/{umbrella_id}"), ("similarity", f"{_SERVICE}.proposing:_alike")),
    "tier": (("check", f"{_SERVICE}.umbrellas:_need_tier#allowed"),),
    "valid_until": (("check", "headway.governance.intake:umbrella_state"),),
    "department": (("page", "/umbrellas/{umbrella_id}"),),
    "what_for": (("page", "/umbrellas/{umbrella_id}"), ("ledger", f"{_SERVICE}.umbrellas:register_use")),
    "reason": (("ledger", f"{_SERVICE}.umbrellas:end_umbrella"),),
}
SIGHTING: Mapping[str, Named] = {
    "tool": (("queue", f"{_SERVICE}.sightings:report_sighting"), ("similarity", f"{_SERVICE}.sightings:_Naming")),
    "what_for": (("page", "/shadow/{sighting_id}"), ("ledger", f"{_SERVICE}.sightings:report_sighting")),
    "department": (
        ("queue", f"{_SERVICE}.sightings:_place"),
        ("rights", "headway.governance.store.sightings:list_sightings"),
    ),
    "unnamed": (("rights", f"{_SERVICE}.sightings:report_sighting"),),
    "file": (("queue", "headway.entrypoints.pages.shadow:read_log"),),
    "outcome": (("queue", _SETTLED),),
    "usecase": (("queue", _SETTLED),),
    "umbrella": (("queue", _SETTLED),),
    "reason": (("ledger", _SETTLED), ("page", "/shadow")),
}
WAIVER: Mapping[str, Named] = {
    "usecase": (("gate", f"{_SERVICE}.waiving:_refuse_what_must_hold"),),
    "environment": (("gate", "headway.governance.waivers:counting"),),
    "pack": (("gate", "headway.governance.waivers:excused"),),
    "control": (("gate", "headway.governance.waivers:excused"),),
    "subject_digest": (("gate", "headway.governance.waivers:counting"),),
    "reason": (("page", "/waivers/{waiver_id}"), ("ledger", f"{_SERVICE}.waiving:_tell")),
    "compensation": (("page", _CASE), ("page", "/waivers/{waiver_id}")),
    "days": (("gate", "headway.governance.waivers:ends_at"),),
}
BREAK_GLASS: Mapping[str, Named] = {
    "usecase": (("gate", f"{_SERVICE}.breaking:request_break_glass"),),
    "environment": (("gate", f"{_SERVICE}.breaking:request_break_glass"),),
    "subject": (("gate", f"{_SERVICE}.breaking:request_break_glass"),),
    "subject_digest": (("gate", f"{_SERVICE}.breaking:request_break_glass"),),
    "reason": (("ledger", f"{_SERVICE}.breaking:request_break_glass"), ("page", "/break-glass/{glass_id}")),
    "finding": (
        ("gate", "headway.serving.service.reviewing:review_break_glass"),
        ("ledger", f"{_SERVICE}.breaking:review_break_glass"),
    ),
    "review": (("ledger", f"{_SERVICE}.breaking:review_break_glass"), ("page", "/break-glass/{glass_id}")),
}
PACK: Mapping[str, Named] = {
    "pack": (("gate", "headway.governance.routes.packs:publish_pack"),),
    "version": (("gate", f"{_SERVICE}.switching:switch_pack"),),
    "is_on": (("gate", f"{_SERVICE}.switching:switch_pack"),),
    "reason": (("ledger", f"{_SERVICE}.switching:switch_pack"), ("page", "/policies/{pack_id}/switch")),
    "new": (("check", f"{_SERVICE}.impact:diff_pack"),),
    "old": (("check", f"{_SERVICE}.impact:diff_pack"),),
    "old_version": (("check", f"{_SERVICE}.impact:diff_pack"),),
    "published": (("check", f"{_SERVICE}.impact:pack_impact"),),
    "without": (("check", f"{_SERVICE}.impact:pack_impact"),),
    "on": (("check", f"{_SERVICE}.impact:pack_impact"),),
}
QUORUM: Mapping[str, Named] = {
    "needed": (("gate", "headway.governance.quorum:is_reached"),),
    "pilot": (("gate", "headway.kernel.settings:ENVIRONMENTS"),),
    "production": (("gate", "headway.kernel.settings:ENVIRONMENTS"),),
    "reason": (("ledger", f"{_SERVICE}.quorums:set_quorum"),),
}
APPROVAL: Mapping[str, Named] = {
    "subject": (("gate", f"{_SERVICE}.approving:request_approval"), ("page", "/approvals")),
    "subject_digest": (("gate", f"{_SERVICE}.approving:request_approval"),),
    "environment": (("gate", f"{_SERVICE}.approving:request_approval"),),
    "usecase": (("gate", f"{_SERVICE}.approving:request_approval"),),
    "reason": (("ledger", f"{_SERVICE}.approving:_tell"), ("page", "/approvals/{approval_id}")),
}
ADMISSION: Mapping[str, Named] = {
    "subject": (("gate", _ASKED),),
    "environment": (("gate", _ASKED),),
    "gate": (("gate", f"{_SERVICE}.admitting:_objections"),),
    "problems": (("gate", f"{_SERVICE}.admitting:_objections"),),
    "image": (("gate", f"{_SERVICE}.binding:bind_image"),),
    "bundle": (("gate", f"{_SERVICE}.binding:bind_image"),),
}
IMPORT: Mapping[str, Named] = {
    "file": (("check", "headway.entrypoints.pages.imports:serve"),),
    "digest": (("check", f"{_SERVICE}.importing:apply_import"),),
}
STOP: Mapping[str, Named] = {
    "usecase": (("stop", "headway.serving.service.stopping:stop"),),
    "department": (("stop", "headway.serving.service.stopping:stop"),),
    "vendor": (("stop", "headway.serving.service.stopping:stop"),),
    "reason": (("ledger", "headway.serving.service.stopping:stop"),),
}
_MANDATES = "headway.governance.mandates"
PROGRAMME: Mapping[str, Named] = {
    "slug": (("document", f"{_MANDATES}.service.programmes:ref"),),
    "title": (("page", "/programmes/{slug}"), ("gate", f"{_MANDATES}.standing:_why")),
    "sponsor": (("rights", f"{_MANDATES}.service.mandates:sign_mandate"), ("gate", f"{_MANDATES}.standing:intake_of")),
    "departments": (("gate", f"{_MANDATES}.standing:nearest"),),
}
MANDATE: Mapping[str, Named] = {
    "purpose": (("document", f"{_MANDATES}.standing:_SIGNED"), ("page", "/programmes/{slug}")),
    "budget_minor": (("document", f"{_MANDATES}.standing:_SIGNED"),),
    "budget": (("document", "headway.entrypoints.pages.programmes:_wanted"),),
    "currency": (("document", f"{_MANDATES}.standing:_SIGNED"), ("page", "/programmes/{slug}")),
    "people": (("document", f"{_MANDATES}.standing:_SIGNED"), ("page", "/programmes/{slug}")),
    "valid_from": (("gate", f"{_MANDATES}.standing:state_of"),),
    "valid_until": (
        ("gate", f"{_MANDATES}.standing:state_of"),
        ("notice", f"{_MANDATES}.store.programmes:due_mandates"),
    ),
    "digest": (("check", f"{_MANDATES}.service.mandates:sign_mandate"),),
    "reason": (("ledger", f"{_MANDATES}.service.mandates:withdraw_mandate"),),
}
_LIMITS = "headway.entrypoints.pages.appetite:_limits"
APPETITE: Mapping[str, Named] = {
    "limits": (("gate", f"{_MANDATES}.appetite:breaches"),),
    "departments": (("gate", _LIMITS),),
    "people": (("gate", _LIMITS),),
    "money": (("gate", _LIMITS),),
    "reason": (("ledger", f"{_MANDATES}.service.appetites:_tell"), ("page", "/appetite")),
    "digest": (("check", f"{_MANDATES}.service.appetites:confirm_appetite"),),
}
STAKES: Mapping[str, Named] = {
    "people": (("gate", f"{_MANDATES}.appetite:value_of"),),
    "money_minor": (("gate", f"{_MANDATES}.appetite:value_of"),),
    "money": (("gate", "headway.entrypoints.pages.appetite:estimate"),),
    "currency": (("gate", f"{_MANDATES}.appetite:value_of"),),
}
_INCIDENTS = "headway.incidents"
_REGISTER = f"{_INCIDENTS}.service.registering"
_FACTS: Named = (("notice", f"{_INCIDENTS}.saying:facts_of"), ("document", f"{_INCIDENTS}.noticefile:KINDS"))
_SENT: Named = (
    ("ledger", f"{_INCIDENTS}.service.noticing:mark_sent"),
    ("page", "/incidents/{incident_id}/notices/{notice_id}"),
)
INCIDENT: Mapping[str, Named] = {
    "title": (("search", f"{_INCIDENTS}.store:_listing"), ("document", f"{_INCIDENTS}.noticefile:KINDS")),
    "what": (("search", f"{_INCIDENTS}.store:_listing"), ("document", f"{_INCIDENTS}.noticefile:KINDS")),
    "department": (("rights", f"{_REGISTER}:resource_of"),),
    "concerns": (("stop", f"{_INCIDENTS}.service.affecting:scope_of"),),
    "usecase": (("stop", "headway.entrypoints.pages.incident_forms:read"),),
    "alert": (("stop", f"{_REGISTER}:open_incident"),),
    "severity": _FACTS,
    "harm": _FACTS,
    "widespread": _FACTS,
    "personal_data_breach": _FACTS,
    "risk_to_persons": _FACTS,
    "found_by": (("document", f"{_INCIDENTS}.noticefile:KINDS"), ("page", "/incidents/{incident_id}")),
    "found_at": (("document", f"{_INCIDENTS}.noticefile:KINDS"),),
    "aware_at": (("notice", f"{_INCIDENTS}.service.timing:read"),),
    "started_at": (
        ("notice", f"{_INCIDENTS}.service.timing:read"),
        ("stop", f"{_INCIDENTS}.service.affecting:scope_of"),
    ),
    "ended_at": (("stop", f"{_INCIDENTS}.service.affecting:scope_of"),),
    "cause": (("check", f"{_INCIDENTS}.saying:before_closing"), ("document", f"{_INCIDENTS}.noticefile:KINDS")),
    "jurisdiction": (("notice", f"{_REGISTER}:place_incident"),),
    "is_in": (("notice", f"{_REGISTER}:place_incident"),),
    "text": (("notice", f"{_INCIDENTS}.service.timing:publish_clocks"),),
    "clock": (("document", f"{_INCIDENTS}.service.noticing:draft_notices#clock_id"),),
    "to": _SENT,
    "sent_at": _SENT,
    "reference": _SENT,
    "file": _SENT,
    "reason": (("ledger", f"{_REGISTER}:_move"), ("page", "/incidents/{incident_id}")),
}
_POLICY: Named = (("rights", f"{_MANDATES}.rights:_policy"),)
DECISION_RIGHTS: Mapping[str, Named] = {
    "rows": (("rights", f"{_MANDATES}.rights:compiled"), ("notice", f"{_MANDATES}.holding:told")),
    "stage": _POLICY,
    "lane": _POLICY,
    "file": (("rights", f"{_MANDATES}.service.rights:rows_of"),),
    "reason": (("ledger", f"{_MANDATES}.service.rights:_tell"), ("page", "/decision-rights")),
    "digest": (("check", f"{_MANDATES}.service.rights:confirm_rights"),),
}
FORMS: Mapping[str, Mapping[str, Named]] = {
    "usecase": USECASE,
    "tier": TIER,
    "exception": EXCEPTION,
    "retire": ENDED,
    "join": JOIN,
    "attestation": ATTESTATION,
    "system": SYSTEM,
    "vendor": VENDOR,
    "umbrella": UMBRELLA,
    "sighting": SIGHTING,
    "waiver": WAIVER,
    "break_glass": BREAK_GLASS,
    "pack": PACK,
    "quorum": QUORUM,
    "approval": APPROVAL,
    "admission": ADMISSION,
    "import": IMPORT,
    "stop": STOP,
    "programme": PROGRAMME,
    "mandate": MANDATE,
    "appetite": APPETITE,
    "stakes": STAKES,
    "incident": INCIDENT,
    "rights": DECISION_RIGHTS,
}
