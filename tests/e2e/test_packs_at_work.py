"""Acceptance 5, 6, 7 and 9: packs over a real API, by commands and on pages; and a ledger edited behind everybody's back.

The control plane runs in this process under a held clock, so that a day of the law can come; everything else goes over a socket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from typer import Typer
from typer.testing import CliRunner, Result

from headway import governance, identity, ledger
from headway.entrypoints.stack import listening
from headway.governance.adapters import built_in_packs, template
from headway.governance.cli import policy_app, usecase_app, verdict_app
from headway.governance.cli.gates import gate_app
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.errors import Scalar
from headway.kernel.jobs import Jobs
from headway.kernel.web import Parts
from headway.ledger.cli import app as ledger_app
from headway_client import Client
from tests.factories.governance import (
    ANA,
    GOOD_FACTS,
    JOB,
    MINIMAL_RISK,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    bring_evidence,
)
from tests.factories.identity import local_owner
from tests.factories.pages import Browser, signed_in

pytestmark = pytest.mark.e2e

AFTER_THE_LAW = datetime(2027, 12, 2, 12, tzinfo=UTC)
FRAMEWORKS = ("gdpr", "nyc-ll144", "us-four-fifths", "sr-26-2", "nist-ai-rmf", "iso-42001")
SCREENER = "applicant-screening"
HIRING: dict[str, Any] = {
    **MINIMAL_RISK,
    "jurisdictions": ["EU", "US-NYC"],
    "departments": ["hr"],
    "annex_iii": ["4a"],
    "workplace_use": True,
    "significant_effect": True,
    "solely_automated": False,
    "residual_risk": "low",
    "consequential_domain": ["employment"],
    "quantitative_model": True,
    "vendor_supplied": False,
    "gpai_component": False,
    "materiality": "high",
}
AUDIT: dict[str, Scalar] = {
    "min_impact_ratio": 0.796, "min_cell": 41, "people": 1840, "unknown": 122, "p_value": 0.031, "data_source": "own"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """One platform, and its three doors."""

    parts: Parts
    client: Client
    browser: Browser

    def run(self, app: Typer, *words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    def json(self, app: Typer, *words: str) -> Any:
        done = self.run(app, *words, "--output", "json")
        assert done.exit_code in (0, 5), done.output
        return json.loads(done.stdout)

    def record(self, type: str, facts: dict[str, Scalar]) -> None:
        """Write evidence as a job does; no door takes it from a person."""
        with self.parts.database.session() as session:
            governance.record_evidence(
                session, type=type, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts=facts, producer=JOB
            )


@pytest.fixture
def today() -> Iterator[clock.FixedClock]:
    with clock.fixed(AFTER_THE_LAW) as held:
        yield held


@pytest.fixture
def desk(parts: Parts, today: clock.FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    jobs = Jobs(parts.database)
    made = replace(
        parts, jobs=jobs, authorizer=identity.CedarAuthorizer(parts.database), authenticate=identity.authenticate
    )
    jobs.bind(made)
    _, token = local_owner(parts.database)
    with listening(made) as url, Client(url, token) as client:
        monkeypatch.setattr(terminal, "connect", lambda: Client(url, token))
        yield Desk(made, client, signed_in(made, "Office Ona", (Role.ai_office, None)))
    jobs.close()


@pytest.fixture
def screener(desk: Desk) -> Desk:
    """Every framework switched on, and an applicant screener of New York and the Union told by the API."""
    for pack in FRAMEWORKS:
        assert desk.run(policy_app, "on", pack, "--reason", "counsel says it applies to us").exit_code == 0
    desk.client.post("/departments", {"slug": "hr", "name": "HR"})
    told = {"slug": SCREENER, "title": "Order applications", "department": "hr", "risk": HIRING}
    told |= {"purpose": "Order applications before people read them", "people_affected": "applicants"}
    told |= {"owner": "Olga Owner", "sponsor": "Sam Sponsor", "success_measure": "days to a first interview"}
    desk.client.post("/usecases", told)
    assert desk.json(usecase_app, "tier", SCREENER)["tier"] == "high"
    return desk


def controls(desk: Desk) -> dict[str, dict[str, Any]]:
    """What the gate says of the screener's version, by control, as the command prints it."""
    about = (SCREENER, "--environment", "production", "--digest", SUBJECT_DIGEST, "--subject", str(SUBJECT))
    return {one["id"]: one for one in desk.json(gate_app, "check", *about)["controls"]}


def coverage(desk: Desk) -> dict[str, dict[str, Any]]:
    """The packs by name, with the controls that lack an evaluation."""
    found = desk.client.get(f"/usecases/{SCREENER}/coverage", subject_digest=SUBJECT_DIGEST)
    by_command = desk.json(policy_app, "coverage", SCREENER, "--digest", SUBJECT_DIGEST)
    assert [one["passed"] for one in by_command["packs"]] == [one["passed"] for one in found["packs"]]
    return {one["pack"]: one for one in found["packs"]}


def waiting_for(evidence: str, packs: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, pack in packs.items() if any(evidence in one["lacking"] for one in pack["controls"])}


def test_a_screener_of_new_york_and_the_union(screener: Desk) -> None:
    found = controls(screener)
    law = [one for one in found.values() if one["source"] != "Headway" and one["status"] != "not_applicable"]
    assert len(law) >= 20
    screener.record("bias_audit", AUDIT)
    found = controls(screener)
    assert found["FF-1"]["status"] == "failed" and "min_impact_ratio = 0.796" in found["FF-1"]["reason"]
    by_api = {one["id"]: one for one in coverage(screener)["us-four-fifths"]["controls"]}
    assert by_api["FF-1"]["status"] == "failed" and "0.796" in by_api["FF-1"]["reason"]


def test_one_evaluation_closes_controls_in_five_packs(screener: Desk) -> None:
    five = {"headway-core", "eu-ai-act-core", "sr-26-2", "nist-ai-rmf", "iso-42001"}
    before = coverage(screener)
    assert waiting_for("eval_report", before) == five
    screener.record("eval_report", GOOD_FACTS["eval_report"])
    after = coverage(screener)
    assert not waiting_for("eval_report", after)
    assert all(after[name]["passed"] >= before[name]["passed"] for name in five)
    crossed = {one["evidence"]: one for one in screener.client.get("/packs/crosswalk")["items"]}
    assert five <= set(crossed["eval_report"]["controls"])
    told = screener.run(policy_app, "crosswalk")
    assert told.exit_code == 0 and "eval_report" in told.output
    assert "MEASURE 2.3" in screener.browser.text("/policies/crosswalk")


def house(folder: Path, version: str, since: str) -> Path:
    """A pack of the organisation's own whose one control begins on a day."""
    body = yaml.safe_load(template())
    core: Any = next(one.body for one in built_in_packs() if one.pack.id == "headway-core")
    kept = next(one for one in core["evidence_types"] if one["name"] == "eval_report")
    body |= {"version": version, "facts": [], "evidence_types": [kept], "golden": []}
    body["controls"] = [
        {
            "id": "HOUSE-TEST", "title": "At least a thousand cases were tested", "source": "House rules, section 1",
            "gates": ["pre_deploy"], "applies_when": "true", "check": "evidence.eval_report.n_test >= 1000",
            "evidence": ["eval_report"], "enforce": "block", "sandbox": "warn", "confidence": "verified",
            "missing": "test with a thousand cases or more", "valid_from": since,
        }
    ]  # fmt: skip
    path = folder / f"house-{version}.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


def released(desk: Desk) -> str:
    """A use case of minimal tier that two people let into production; the verdict's id."""
    desk.client.post("/departments", {"slug": "sales", "name": "Sales"})
    told = {"slug": "lead-scoring", "title": "Lead scoring", "department": "sales", "risk": MINIMAL_RISK}
    told |= {"purpose": "Rank leads", "people_affected": "business contacts", "success_measure": "won deals"}
    desk.client.post("/usecases", told | {"owner": "Olga Owner", "sponsor": "Sam Sponsor"})
    assert desk.json(usecase_app, "tier", "lead-scoring")["tier"] == "minimal"
    with desk.parts.database.session() as session:
        bring_evidence(session)
        approved(session)
        verdict = governance.issue_verdict(
            session,
            desk.parts.signer,
            desk.parts.storage,
            actor=ANA,
            environment="production",
            subject=SUBJECT,
            subject_digest=SUBJECT_DIGEST,
            usecase="lead-scoring",
        )
    return verdict.id


def test_another_date_is_told_before_it_counts_and_the_old_verdict_keeps_its_own(
    desk: Desk, today: clock.FixedClock, tmp_path: Path
) -> None:
    first, second = house(tmp_path, "1.0.0", "2029-01-01"), house(tmp_path, "2.0.0", "2027-12-04")
    assert desk.run(policy_app, "publish", str(first)).exit_code == 0
    assert desk.run(policy_app, "on", "house-rules", "--reason", "as the board decided").exit_code == 0
    verdict = released(desk)

    def impact(day: str) -> Any:
        return desk.run(policy_app, "impact", str(second), "--on", day, "--output", "json")

    assert json.loads(impact("2027-12-02").stdout)["usecases"] == []  # nothing changes before the day
    told = impact("2027-12-04")
    [case] = json.loads(told.stdout)["usecases"]
    assert told.exit_code == 5 and (case["usecase"], case["subjects"][0]["after"]) == ("lead-scoring", "block")
    [control] = case["subjects"][0]["controls"]
    assert (control["id"], control["before"], control["after"]) == ("HOUSE-TEST", "upcoming", "failed")

    assert desk.run(policy_app, "publish", str(second)).exit_code == 0
    assert "HOUSE-TEST" in desk.browser.text("/policies/impact?published=house-rules@2.0.0&on=2027-12-04")
    assert desk.run(policy_app, "on", "house-rules@2.0.0", "--reason", "bigger tests").exit_code == 0
    assert "2029-01-01" in desk.browser.text(f"/verdicts/{verdict}")
    today.at = datetime(2027, 12, 4, 12, tzinfo=UTC)
    about = ("lead-scoring", "--environment", "production", "--digest", SUBJECT_DIGEST, "--subject", str(SUBJECT))
    asked = desk.run(gate_app, "check", *about)
    assert asked.exit_code == 5 and "n_test" in asked.output
    by_api, by_command = desk.client.get(f"/verdicts/{verdict}"), desk.json(verdict_app, "show", verdict)
    [old] = [one for one in by_api["controls"] if one["id"] == "HOUSE-TEST"]
    assert (old["status"], old["pack"]) == ("upcoming", "house-rules@1.0.0") and "2029-01-01" in old["reason"]
    assert by_command["controls"] == by_api["controls"]


def test_a_row_edited_by_the_owner_of_the_database_is_named_by_both_verifiers(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        desk.client.post("/departments", {"slug": name, "name": name})
        ledger.sequence(desk.parts.database, desk.parts.storage, desk.parts.signer)
    assert desk.run(ledger_app, "verify").exit_code == 0
    with desk.parts.database.session() as session:
        session.execute(text("set session_replication_role = replica"))
        edited = session.execute(
            text("update ledger.events set actor = 'person:eve' where subject = :s"), {"s": "department:two"}
        )
        assert edited.rowcount == 1  # type: ignore[attr-defined]  # what an update returns has it
        session.execute(text("set session_replication_role = default"))
    sizes = [one["size"] for one in _checkpoints(desk)]
    online = desk.client.post("/ledger/verify")
    assert not online["ok"] and online["first_bad_checkpoint"] in sizes and online["first_bad_checkpoint"] < sizes[-1]
    bundle = tmp_path / "ledger.zip"
    assert desk.run(ledger_app, "export", "--to", str(bundle)).exit_code == 0
    offline = desk.run(ledger_app, "verify", str(bundle), "--output", "json")
    assert offline.exit_code == 1
    told = json.loads(offline.stdout[offline.stdout.index("{") :])
    assert told["first_bad_checkpoint"] == online["first_bad_checkpoint"]


def _checkpoints(desk: Desk) -> list[dict[str, Any]]:
    with desk.parts.database.session() as session:
        return [
            {"size": size} for (size,) in session.execute(text("select size from ledger.checkpoints order by size"))
        ]
