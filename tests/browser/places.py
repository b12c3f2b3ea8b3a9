"""Where each page with parameters is looked at: one thing of each kind on the platform that was lived in."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from headway.kernel import clock
from headway_client import Client
from tests.factories.council import HIGH_RISK
from tests.factories.lived_in import LivedIn


@cache
def _things(url: str, email: str, usecase: str) -> dict[str, Any]:
    from tests.factories.lived_in import client_as

    with client_as(url, email) as client:
        verdicts = client.get("/verdicts", limit=1)["items"]
        runs = client.get("/runs", limit=1)["items"]
        events = client.get("/ledger/events", limit=1)["items"]
        approvals = client.get("/approvals", limit=1)["items"]
        packs = client.get("/packs")["items"]
        jobs = client.get("/jobs", limit=1)["items"]
        replays = client.get("/replays", limit=1)["items"]
        client.wait(replays[0]["job"])
        client.post("/vendors", {"slug": "acme", "name": "Acme AG", "supplies": "The words of the phone bot"})
        system = {"slug": "phone-words", "title": "Phone words", "kind": "generative", "vendor": "acme"}
        client.post("/systems", {**system, "description": "Writes what the bot says"})
        client.post("/systems", {"slug": "lead-model", "title": "Lead model", "kind": "own"})
        client.post("/systems/lead-model/usecases", {"usecase": usecase})
        task = client.post("/tasks", {"subject": f"approval:{approvals[0]['id']}", "title": "Read the evidence"})
        client.post("/usecases/churn-warning/tier", {"tier": "minimal", "reasons": "somebody calls, nothing more"})
        body = {
            "conditions": "No names of people in a prompt.",
            "valid_until": str(clock.now().date() + timedelta(days=300)),
        }
        umbrella = client.post("/usecases/churn-warning/umbrella", body)
        meeting, item = _council(client)
        told = {"tool": "chatgpt.com", "what_for": "Letters to customers", "department": "sales"}
        dossier = client.post(f"/usecases/{usecase}/dossiers", {"kind": "annex_iv"})
        sighting = client.post("/sightings", told)
        mandate = _mandate(client, email)
        row = {"stage": "production", "lane": "council", "reviews": ["seat:legal"], "decides": ["council", "ai_office"]}
        client.put("/decision-rights/draft", {"rows": [row]})
        client.post("/decision-rights", {"reason": "who may release has to be plain to everybody"})
        incident = client.post(
            "/incidents",
            {
                "title": "Calls at night",
                "what": "Leads were called late",
                "concerns": [f"usecase:{usecase}", "usecase:order-applications"],
            },
        )
        drafted = client.post(f"/incidents/{incident['id']}/notices", {"clock": "AIA-73-2"})
        return {
            "notice": drafted["items"][0]["id"],
            "mandate": mandate,
            "meeting": meeting,
            "council_item": item,
            "umbrella": umbrella["id"],
            "dossier": dossier["id"],
            "sighting": sighting["id"],
            "incident": incident["id"],
            "verdict": verdicts[0]["id"],
            "run": runs[0]["id"],
            "event": events[0]["id"],
            "approval": approvals[0]["id"],
            "pack": packs[0]["id"],
            "job": jobs[0]["id"],
            "replay": replays[0]["id"],
            "task": task["id"],
            "system": "lead-model",
            "vendor": "acme",
        }


def _mandate(client: Any, drafter: str) -> str:
    """A programme of a department apart, and a mandate that waits for its sponsor."""
    client.post("/departments", {"slug": "labs", "name": "Labs"})
    sponsor = next(one["ref"] for one in client.get("/people", limit=50)["items"] if one["email"] != drafter)
    client.post("/programmes", {"slug": "labs", "title": "Labs", "sponsor": sponsor, "departments": ["labs"]})
    today = clock.now().date()
    body = {
        "purpose": "Find out what is worth a pilot",
        "budget_minor": 5_000_000,
        "currency": "EUR",
        "people": 1.5,
        "valid_from": str(today),
        "valid_until": str(today + timedelta(days=300)),
    }
    return str(client.post("/programmes/labs/mandates", body)["id"])


def _council(client: Client) -> tuple[str, str]:
    """A council of human resources, with empty seats, a meeting of it, and a case of high risk before it."""
    rules = {"title": "HR council", "department": "hr", "seats": ["legal", "works_council"], "quorum": 2}
    client.put("/councils/hr-council", rules)
    starts_at = clock.iso(clock.now() + timedelta(days=3))
    meeting = client.post("/councils/hr-council/meetings", {"starts_at": starts_at})
    case = {"slug": "order-applications", "title": "Order applications", "department": "hr"}
    client.post("/usecases", {**case, "purpose": "Order applications before people read them", "risk": HIGH_RISK})
    client.post("/usecases/order-applications/tier", {})
    asked = {"subject": "usecase:order-applications", "subject_digest": "sha256-" + "1" * 64}
    client.post("/approvals", {**asked, "environment": "production", "usecase": "order-applications"})
    [item] = client.get("/council-items", usecase="order-applications")["items"]
    return str(meeting["id"]), str(item["id"])


def _data_access(lived_in: LivedIn, product: str) -> str:
    """A request for the product of another department."""
    with lived_in.client("felix") as client:
        known = client.get("/data-access")["items"]
        body = {"purpose": "See which channels bring customers", "until": str(clock.now().date() + timedelta(days=60))}
        made = known[0] if known else client.post(f"/products/{product}/access", body)
        return str(made["id"])


def _input_port(lived_in: LivedIn, product: str) -> str:
    """An input port of the product."""
    with lived_in.client("otto") as client:
        known = client.get(f"/products/{product}/ports")["items"]
        source = {"kind": "sql", "settings": {"url": "sqlite:///shop.db", "table": "leads"}}
        made = known[-1] if known else client.post(f"/products/{product}/ports", {"name": "crm", **source})
        return str(made["name"])


def _contract_change(lived_in: LivedIn, product: str) -> str:
    """A change of the product's contract that takes effect at once."""
    with lived_in.client("ada") as client:
        path = f"/products/{product}/contract/changes"
        known = client.get(path)["items"]
        [column, *_] = client.get(f"/products/{product}")["columns"]
        body = {"columns": [{"column": column, "description": "Told apart by it"}], "reason": "Readers ask what it is"}
        made = known[0] if known else client.post(path, body)
        return str(made["id"])


def _repair(lived_in: LivedIn, product: str) -> str:
    """A decision about a suggestion that a label taught."""
    with lived_in.client("otto") as client:
        known = client.get(f"/products/{product}/repairs")["items"]
        if known:
            return str(known[0]["id"])
        column = client.get(f"/products/{product}/labels", count=1)["columns"][0]
        client.post(f"/products/{product}/labels", {"rows": [{"row": 1, "wrong": {column: None}}]})
        body = {"cells": [{"row": 1, "column": column}], "reason": "it is right"}
        return str(client.post(f"/products/{product}/suggestions/refuse", body)["id"])


def places(lived_in: LivedIn) -> dict[str, str | None]:
    """The address for each page with parameters; None where a journey looks at the page instead."""
    pilot = lived_in.pilot
    model, number = pilot["model"]["name"], pilot["model"]["version"]
    slug, deployment, product = pilot["usecase"], pilot["deployment"]["name"], pilot["product"]
    here = _things(lived_in.url, lived_in.people["ada"].email, slug)
    return {
        "/resume/{form_id}": None,
        "/comments/{comment_id}": None,
        "/together": f"/together?subject=usecase:{slug}",
        "/tasks/{task_id}": f"/tasks/{here['task']}",
        "/help/{path:path}": "/help/reference/glossary",
        "/api-reference/{tag}": "/api-reference/usecases",
        "/usecases/{slug}": f"/usecases/{slug}",
        "/usecases/{slug}/edit": f"/usecases/{slug}/edit",
        "/usecases/{slug}/evidence": f"/usecases/{slug}/evidence",
        "/usecases/{slug}/work": f"/usecases/{slug}/work",
        "/usecases/{slug}/value": f"/usecases/{slug}/value",
        "/usecases/{slug}/scale": f"/usecases/{slug}/scale",
        "/usecases/{slug}/projection": f"/usecases/{slug}/projection",
        "/usecases/{slug}/assessments": f"/usecases/{slug}/assessments",
        "/assessments/{assessment_id}": f"/assessments/{lived_in.assessment}",
        "/assessment-templates/{name}": "/assessment-templates/procurement",
        "/usecases/{slug}/risks": f"/usecases/{slug}/risks",
        "/risks/{risk_id}": f"/risks/{lived_in.risk}",
        "/usecases/{slug}/resources": f"/usecases/{slug}/resources",
        "/allocations/{allocation_id}": f"/allocations/{lived_in.allocation}",
        "/projections/{projection}": f"/projections/{lived_in.projection}",
        "/usecases/{slug}/documents": f"/usecases/{slug}/documents",
        "/dossiers/{dossier_id}": f"/dossiers/{here['dossier']}",
        "/dossiers/{dossier_id}/text": f"/dossiers/{here['dossier']}/text",
        "/dossiers/{dossier_id}/files/{file}": None,
        "/usecases/{slug}/oscal/{kind}": None,
        "/policies/{pack_id}/oscal": None,
        "/scale-plans/{plan_id}": f"/scale-plans/{lived_in.plan}",
        "/usecases/{slug}/risk": f"/usecases/{slug}/risk",
        "/usecases/{slug}/retire": f"/usecases/{slug}/retire",
        "/usecases/{slug}/reopen": "/usecases/phone-bot/reopen",
        "/usecases/{slug}/attest": f"/usecases/{slug}/attest",
        "/usecases/{slug}/promote": f"/usecases/{slug}/promote",
        "/usecases/{slug}/join": f"/usecases/{slug}/join",
        "/usecases/{slug}/umbrella": f"/usecases/{slug}/umbrella",
        "/umbrellas/{umbrella_id}": f"/umbrellas/{here['umbrella']}",
        "/shadow/{sighting_id}": f"/shadow/{here['sighting']}",
        "/programmes/{slug}": "/programmes/labs",
        "/programmes/{slug}/edit": "/programmes/labs/edit",
        "/mandates/{mandate_id}/envelope": None,
        "/usecases/{slug}/stakes": f"/usecases/{slug}/stakes",
        "/decision-rights/{version}": "/decision-rights/1",
        "/decision-rights/{version}/envelope": None,
        "/usecases/import/{import_id}": None,
        "/people/import/{import_id}": None,
        "/gate": f"/gate?subject={slug}&environment=sandbox",
        "/kill-switch": f"/kill-switch?usecase={slug}",
        "/systems/{slug}": f"/systems/{here['system']}",
        "/vendors/{slug}": f"/vendors/{here['vendor']}",
        "/pilots/{pilot_id}": f"/pilots/{pilot['pilot']}",
        "/pilots/{pilot_id}/report": f"/pilots/{pilot['pilot']}/report",
        "/replays/new": f"/replays/new?usecase={slug}",
        "/replays/{replay_id}": f"/replays/{here['replay']}",
        "/products/{slug}": f"/products/{product}",
        "/products/{slug}/inputs/{port}": f"/products/{product}/inputs/{_input_port(lived_in, product)}",
        "/inputs/new": f"/inputs/new?kind=sql&product={product}",
        "/products/{slug}/quarantine": f"/products/{product}/quarantine",
        "/products/{slug}/quarantine/row": None,
        "/products/{slug}/contract": f"/products/{product}/contract",
        "/products/{slug}/describe": f"/products/{product}/describe",
        "/contract-changes/{change_id}": f"/contract-changes/{_contract_change(lived_in, product)}",
        "/products/{slug}/suggestions": f"/products/{product}/suggestions",
        "/products/{slug}/labels": f"/products/{product}/labels",
        "/products/{slug}/repairs/{act_id}": f"/products/{product}/repairs/{_repair(lived_in, product)}",
        "/data-access/{access_id}": f"/data-access/{_data_access(lived_in, product)}",
        "/ledger/verifications/{job_id}": None,
        "/sign-in/oidc/{provider_id}": None,
        "/sign-in/oidc/{provider_id}/back": None,
        "/models/{name}": f"/models/{model}",
        "/models/{name}/versions/{number}": f"/models/{model}/versions/{number}",
        "/runs/{run_id}": f"/runs/{here['run']}",
        "/jobs/{job_id}": f"/jobs/{here['job']}",
        "/deployments/{name}": f"/deployments/{deployment}",
        "/deployments/{name}/monitoring": f"/deployments/{deployment}/monitoring",
        "/alerts/{alert_id}": None,
        "/incidents/{incident_id}": f"/incidents/{here['incident']}",
        "/incidents/{incident_id}/affected.{format}": None,
        "/incidents/{incident_id}/containment": f"/incidents/{here['incident']}/containment",
        "/incidents/{incident_id}/lifting": f"/incidents/{here['incident']}/lifting",
        "/incidents/{incident_id}/notices/{notice_id}": f"/incidents/{here['incident']}/notices/{here['notice']}",
        "/incidents/{incident_id}/notices/{notice_id}/document": None,
        "/incidents/{incident_id}/notices/{notice_id}/proof": None,
        "/incidents/{incident_id}/edit": f"/incidents/{here['incident']}/edit",
        "/deployments/{name}/try": f"/deployments/{deployment}/try",
        "/decisions/{decision_id}": f"/decisions/{lived_in.decisions[0]}",
        "/approvals/{approval_id}": f"/approvals/{here['approval']}",
        "/releases/{release_id}": f"/releases/{lived_in.release}",
        "/verdicts/{verdict_id}": f"/verdicts/{here['verdict']}",
        "/break-glass/new": f"/break-glass/new?usecase={slug}",
        "/break-glass/{glass_id}": f"/break-glass/{lived_in.glass}",
        "/council/{item_id}": f"/council/{here['council_item']}",
        "/councils/{slug}": "/councils/hr-council",
        "/meetings/{meeting_id}": f"/meetings/{here['meeting']}",
        "/meetings/{meeting_id}/minutes/{number}/{file}": None,
        "/calendars/{secret}.ics": None,
        "/councils/{slug}/edit": "/councils/hr-council/edit",
        "/waivers/new": f"/waivers/new?usecase={slug}",
        "/waivers/{waiver_id}": f"/waivers/{lived_in.waiver}",
        "/policies/impact": "/policies/impact?on=2027-12-02",
        "/policies/{pack_id}/switch": f"/policies/{here['pack']}/switch",
        "/usecases/{slug}/coverage": f"/usecases/{slug}/coverage",
        "/policies/{pack_id}": f"/policies/{here['pack']}",
        "/ledger/{event_id}": f"/ledger/{here['event']}",
        "/people/{person_id}": f"/people/{lived_in.people['dora'].ref.removeprefix('person:')}",
        "/departments/{slug}": "/departments/sales",
    }
