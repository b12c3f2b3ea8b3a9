"""``headway usecase | gate | policy`` against the real routes, without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from typer.testing import CliRunner

from headway import governance, identity
from headway.governance import cli
from headway.governance.adapters import built_in_packs
from headway.governance.errors import PackInvalid
from headway.governance.routes import routers
from headway.governance.service.switching import PACK_TYPE
from headway.kernel import clock, terminal
from headway.kernel.auth import Actor
from headway.kernel.crypto import dsse_open
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.errors import Invalid as KernelInvalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.registry.routes import router as registry_router
from headway.serving.routes import routers as serving_routers
from headway_client import Client, Conflict, Denied, Invalid, NotFound
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA, BEN, SUBJECT_DIGEST
from tests.integration.test_governance_switching import house

FACTS = ["prohibited_hits=[]", "annex_i=false", "annex_iii=[]", "profiling=true", "roles=provider,deployer"]
TRANSPARENCY = ["interacts_with_people=false", "generates_content=false", "deepfake=false"]
SENSITIVE = "special_category_data=false"


@pytest.fixture
def run(parts: Parts) -> Iterator[CliRunner]:
    app = FastAPI()
    app.state.parts = Parts(**{**{f: getattr(parts, f) for f in parts.__slots__}, "authenticate": ana})
    for router in (*routers, registry_router, *serving_routers):
        app.include_router(router, prefix="/api/v1")

    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", "token", transport=AppTransport(app)) as client:
            yield client

    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
    terminal.set_connector(connect)
    yield CliRunner()


def ana(session: object, token: str) -> Actor:
    return ANA


def open_leads(run: CliRunner, *facts: str) -> dict[str, object]:
    told = [word for fact in facts for word in ("--fact", fact)]
    words = ["open", "leads", "--title", "Leads", "--department", "sales", *told, "--output", "json"]
    done = run.invoke(cli.usecase_app, words)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_a_use_case_is_opened_set_shown_and_listed(run: CliRunner) -> None:
    opened = open_leads(run, *FACTS)
    assert opened["risk"] == {
        "prohibited_hits": [],
        "annex_i": False,
        "annex_iii": [],
        "profiling": True,
        "roles": ["provider", "deployer"],
    }
    words = ["set", "leads", "--owner", "Olga", "--fact", "profiling=unknown", "--output", "json"]
    changed = json.loads(run.invoke(cli.usecase_app, words).stdout)
    assert (changed["owner"], "profiling" in changed["risk"]) == ("Olga", False)
    words = ["set", "leads", "--owner", "", "--output", "json"]
    assert json.loads(run.invoke(cli.usecase_app, words).stdout)["owner"] is None
    assert "leads" in run.invoke(cli.usecase_app, ["list"]).stdout
    shown = run.invoke(cli.usecase_app, ["show", "leads"]).stdout
    assert "name the accountable owner" in shown
    assert "annex_iii = none" in shown and "annex_i = no" in shown
    assert "{" not in shown and "[" not in shown, "people read lines, not JSON"


def test_the_tier_is_printed_with_its_trace_and_what_is_unknown(run: CliRunner) -> None:
    open_leads(run, *FACTS)
    done = run.invoke(cli.usecase_app, ["tier", "leads"])
    assert "undecided" in done.stdout
    assert "CL-5" in done.stdout
    assert "unknown: whether people talk or write to it directly" in done.stderr
    for fact in [*TRANSPARENCY, "emotion_or_biometric_categorisation=false"]:
        run.invoke(cli.usecase_app, ["set", "leads", "--fact", fact])
    decided = json.loads(run.invoke(cli.usecase_app, ["show", "leads", "--output", "json"]).stdout)
    assert decided["tier"] == "minimal"


def test_gate_check_ends_with_0_when_it_warns_and_5_when_it_blocks(run: CliRunner) -> None:
    open_leads(run, *FACTS)
    sandbox = run.invoke(cli.gate_app, ["check", "leads", "--environment", "sandbox", "--digest", SUBJECT_DIGEST])
    assert sandbox.exit_code == 0
    assert "before production: name the sponsor" in sandbox.stderr
    words = ["check", "leads", "--environment", "production", "--digest", SUBJECT_DIGEST, "--output", "json"]
    blocked = run.invoke(cli.gate_app, words)
    assert blocked.exit_code == cli.BLOCKED
    assert json.loads(blocked.stdout)["result"] == "block"


def test_packs_are_listed_shown_and_a_file_is_linted(run: CliRunner, tmp_path: Path) -> None:
    assert "headway-core" in run.invoke(cli.policy_app, ["list"]).stdout
    assert "HW-PARITY" in run.invoke(cli.policy_app, ["show", "headway-core"]).stdout
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(json.dumps(built_in_packs()[1].body))
    done = run.invoke(cli.policy_app, ["lint", str(good), "--output", "json"])
    assert json.loads(done.stdout)["digest"] == built_in_packs()[1].pack.digest
    bad.write_text("id: x\ncontrols: []")
    refused = run.invoke(cli.policy_app, ["lint", str(bad)])
    assert isinstance(refused.exception, PackInvalid)
    assert governance.PackInvalid.exit_code == 2


def test_a_starter_of_an_own_pack_is_printed_and_passes_the_lint(run: CliRunner, tmp_path: Path) -> None:
    printed = run.invoke(cli.policy_app, ["template"]).stdout
    assert printed.startswith("# A starter") and printed.endswith("\n")
    own = tmp_path / "own.yaml"
    own.write_text(printed)
    linted = json.loads(run.invoke(cli.policy_app, ["lint", str(own), "--output", "json"]).stdout)
    assert (linted["id"], linted["faults"]) == ("house-rules", 0)
    plain = json.loads(run.invoke(cli.policy_app, ["template", "--output", "json"]).stdout)
    assert [one["id"] for one in plain["controls"]] == ["HOUSE-1", "HOUSE-2", "HOUSE-3"]


def test_what_a_pack_changes_and_would_stop_is_told(run: CliRunner, parts: Parts, tmp_path: Path) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    core = next(one for one in built_in_packs() if one.pack.id == "headway-core")
    new = json.loads(json.dumps(core.body)) | {"version": "9.0.0"}
    next(one for one in new["controls"] if one["id"] == "HW-EVALUATED")["enforce"] = "warn"
    old, path = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(json.dumps(core.body))
    path.write_text(json.dumps(new))
    for before in (str(old), "headway-core", f"headway-core@{core.pack.version}"):
        done = run.invoke(cli.policy_app, ["diff", before, str(path), "--output", "json"])
        (change,) = json.loads(done.stdout)["changes"]
        assert (change["id"], change["fields"]) == (
            "HW-EVALUATED",
            [{"name": "enforce", "before": "block", "after": "warn"}],
        )
    assert "block" in run.invoke(cli.policy_app, ["diff", str(old), str(path)]).stdout
    told = run.invoke(cli.policy_app, ["diff", "eu-ai-act-core", str(path)])
    assert isinstance(told.exception, KernelInvalid) and "no version of a pack" in str(told.exception)
    quiet = run.invoke(cli.policy_app, ["impact", str(path), "--on", "2099-01-01", "--output", "json"])
    assert quiet.exit_code == 0 and json.loads(quiet.stdout)["looked_at"] == 1
    law = json.loads(json.dumps(next(one for one in built_in_packs() if one.pack.id == "eu-ai-act-core").body))
    law |= {"version": "9.0.0", "golden": []}
    law["tier_rules"].insert(0, {**law["tier_rules"][0], "id": "NEW", "tier": "high", "when": "sys.profiling"})
    path.write_text(json.dumps(law))
    shown = run.invoke(cli.policy_app, ["impact", str(path)])
    assert shown.exit_code == 0 and "leads" in shown.stdout and "high" in shown.stdout
    past = run.invoke(cli.policy_app, ["impact", "--on", "2020-01-01"])
    assert isinstance(past.exception, Invalid) and "has passed" in str(past.exception)


def test_an_own_pack_is_published_switched_and_covered_at_the_terminal(
    run: CliRunner, parts: Parts, tmp_path: Path
) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    file = tmp_path / "house.yaml"
    file.write_text(house())
    assert "house" in run.invoke(cli.policy_app, ["publish", str(file)]).stdout
    assert "house" not in run.invoke(cli.policy_app, ["list"]).stdout
    assert "house" in run.invoke(cli.policy_app, ["list", "--all"]).stdout
    asked = run.invoke(cli.policy_app, ["impact", "house@1.0.0", "--output", "json"])
    assert "house@1.0.0" in json.loads(asked.stdout)["packs_after"]
    on = run.invoke(cli.policy_app, ["on", "house@1.0.0", "--reason", "asked for", "--output", "json"])
    assert json.loads(on.stdout)["is_on"] is True
    assert "HOUSE-1" in run.invoke(cli.policy_app, ["crosswalk"]).stdout
    assert "policy_document" in run.invoke(cli.policy_app, ["crosswalk", "--output", "json"]).stdout
    assert "headway-core/HW-OWNER" in run.invoke(cli.policy_app, ["uses", "usecase.owner"]).stdout
    used = json.loads(run.invoke(cli.policy_app, ["uses", "--output", "json"]).stdout)["items"]
    assert {"usecase", "risk", "attestation", "waiver"} < {one["form"] for one in used}
    covered = run.invoke(cli.policy_app, ["coverage", "leads"])
    assert "HOUSE-1" in covered.stdout and "policy_document" in covered.stdout
    whole = json.loads(run.invoke(cli.policy_app, ["coverage", "leads", "--output", "json"]).stdout)
    assert [one["is_on"] for one in whole["packs"]] == [True, True, True]
    target = tmp_path / "house.dsse.json"
    run.invoke(cli.policy_app, ["envelope", "house", "--to", str(target)])
    signed = dsse_open({parts.signer.key_id: parts.signer.public}, PACK_TYPE, target.read_bytes())
    assert json.loads(signed)["id"] == "house"
    off = run.invoke(cli.policy_app, ["off", "house", "--reason", "too early", "--output", "json"])
    assert json.loads(off.stdout)["is_on"] is False
    binary = tmp_path / "odd.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    odd = run.invoke(cli.policy_app, ["publish", str(binary)])
    assert isinstance(odd.exception, KernelInvalid) and "cannot be read" in str(odd.exception)


def test_the_quorum_is_shown_and_set(run: CliRunner) -> None:
    assert "production" in run.invoke(cli.policy_app, ["quorum"]).stdout
    words = ["set-quorum", "production", "3", "--reason", "the council decided so", "--output", "json"]
    made = json.loads(run.invoke(cli.policy_app, words).stdout)
    assert (made["environment"], made["needed"], made["changed_by"]) == ("production", 3, ANA.ref)
    shown = json.loads(run.invoke(cli.policy_app, ["quorum", "--output", "json"]).stdout)
    assert [one["needed"] for one in shown["items"]] == [1, 3]
    refused = run.invoke(cli.policy_app, ["set-quorum", "production", "0", "--reason", "nobody"])
    assert isinstance(refused.exception, Invalid) and refused.exception.code == "governance.quorum_invalid"


def test_verdicts_and_approvals_are_listed_shown_and_answered(run: CliRunner, parts: Parts, tmp_path: Path) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY, SENSITIVE)
    with parts.database.session() as session:
        asked = governance.request_approval(
            session,
            BEN,
            subject=Ref.parse("model:leads@1"),
            subject_digest=SUBJECT_DIGEST,
            environment="production",
            usecase="leads",
        )
    listed = json.loads(run.invoke(cli.approval_app, ["list", "--state", "requested", "--output", "json"]).stdout)
    assert [one["id"] for one in listed["items"]] == [asked.id]
    assert "0 of 1" in run.invoke(cli.approval_app, ["list", "--usecase", "leads"]).stdout
    done = run.invoke(cli.approval_app, ["approve", asked.id, "--reason", "the figures hold"])
    assert done.exit_code == 0, done.output
    assert "1 of 1" in done.stdout and "the figures hold" in done.stdout
    assert (
        json.loads(run.invoke(cli.approval_app, ["show", asked.id, "--output", "json"]).stdout)["state"] == "approved"
    )
    late = run.invoke(cli.approval_app, ["reject", asked.id, "--reason", "too late"])
    assert isinstance(late.exception, Conflict)


def test_a_verdict_is_listed_explained_and_taken_away(run: CliRunner, parts: Parts, tmp_path: Path) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    with parts.database.session() as session:
        verdict = governance.issue_verdict(
            session,
            parts.signer,
            parts.storage,
            actor=BEN,
            environment="sandbox",
            subject=Ref.parse("model:leads@1"),
            subject_digest=SUBJECT_DIGEST,
            usecase="leads",
        )
    listed = json.loads(run.invoke(cli.verdict_app, ["list", "--usecase", "leads", "--output", "json"]).stdout)
    assert [one["id"] for one in listed["items"]] == [verdict.id]
    shown = run.invoke(cli.verdict_app, ["show", verdict.id]).stdout
    assert verdict.id in shown and "HW-PARITY" in shown
    envelope = tmp_path / "verdict.json"
    done = run.invoke(cli.verdict_app, ["envelope", verdict.id, "--to", str(envelope)])
    assert done.exit_code == 0, done.output
    assert json.loads(envelope.read_text())["payloadType"].endswith("verdict+json")
    unwritten = tmp_path / "none.json"
    refused = run.invoke(cli.verdict_app, ["envelope", "vdt_none", "--to", str(unwritten)])
    assert isinstance(refused.exception, NotFound) and not unwritten.exists()


def test_a_waiver_is_asked_for_granted_seen_at_the_gate_and_ended(run: CliRunner, parts: Parts) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    with parts.database.session() as session:
        theirs = governance.request_waiver(
            session, BEN, usecase="leads", environment="pilot", pack="headway-core", control="HW-OWNER",
            reason="the owner left the company", compensation="the head of sales answers",
        )  # fmt: skip
    asked = run.invoke(
        cli.waiver_app,
        ["request", "leads", "HW-PARITY", "--environment", "pilot", "--reason", "the job is broken now", "--instead",
         "two people look at the answers", "--days", "7", "--output", "json"],
    )  # fmt: skip
    own = json.loads(asked.stdout)
    assert (own["days"], own["standing"], own["control"]) == (7, "requested", "HW-PARITY")
    refused = run.invoke(cli.waiver_app, ["grant", own["id"], "--reason", "I trust myself"])
    assert isinstance(refused.exception, Denied) and refused.exception.code == "governance.same_person"
    done = run.invoke(cli.waiver_app, ["grant", theirs.id, "--reason", "for this once", "--days", "3"])
    assert done.exit_code == 0 and "ending" in done.stdout
    gate = run.invoke(cli.gate_app, ["check", "leads", "--environment", "pilot", "--digest", SUBJECT_DIGEST])
    assert gate.exit_code == cli.BLOCKED
    assert "waived" in gate.stdout and "rests on exceptions, until" in gate.output and theirs.id in gate.output
    listed = json.loads(run.invoke(cli.waiver_app, ["list", "--standing", "ending", "--output", "json"]).stdout)
    assert [one["id"] for one in listed["items"]] == [theirs.id]
    assert theirs.id in run.invoke(cli.waiver_app, ["list", "--usecase", "leads"]).stdout
    ended = run.invoke(cli.waiver_app, ["end", theirs.id, "--reason", "there is an owner again"])
    assert ended.exit_code == 0 and "there is an owner again" in run.invoke(cli.waiver_app, ["show", theirs.id]).stdout
    assert run.invoke(cli.waiver_app, ["reject", own["id"], "--reason", "not needed"]).exit_code == 0


def test_three_waivers_in_a_row_are_called_a_pitfall(run: CliRunner, parts: Parts) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    now = clock.now()
    for days in (60, 40, 20):
        with parts.database.session() as session, clock.fixed(now - timedelta(days=days)):
            asked = governance.request_waiver(
                session, BEN, usecase="leads", environment="pilot", pack="headway-core", control="HW-OWNER", days=15,
                reason="still nobody owns it", compensation="the head of sales answers",
            )  # fmt: skip
            governance.grant_waiver(session, ANA, asked.id, "once more")
    assert "3 in a row for HW-OWNER of leads in pilot" in run.invoke(cli.waiver_app, ["list"]).output


def test_the_glass_is_broken_and_reviewed_at_the_terminal(run: CliRunner, parts: Parts) -> None:
    open_leads(run, *FACTS, *TRANSPARENCY)
    with parts.database.session() as session:
        governance.decide_tier(session, BEN, "leads", tier=governance.Tier.minimal, reasons="nobody is decided about")
    asked = run.invoke(
        cli.break_glass_app,
        ["request", "leads", "model:leads@1", "--digest", SUBJECT_DIGEST, "--environment", "pilot", "--reason",
         "the model refuses everybody", "--output", "json"],
    )  # fmt: skip
    own = json.loads(asked.stdout)
    assert (own["standing"], own["subject"]) == ("requested", "model:leads@1")
    refused = run.invoke(cli.break_glass_app, ["confirm", own["id"], "--reason", "I trust myself fully"])
    assert isinstance(refused.exception, Denied)
    assert "requested" in run.invoke(cli.break_glass_app, ["show", own["id"]]).stdout
    assert run.invoke(cli.break_glass_app, ["reject", own["id"], "--reason", "it is over by itself"]).exit_code == 0
    with parts.database.session() as session:
        theirs = governance.request_break_glass(
            session, BEN, usecase="leads", environment="pilot", subject=Ref.parse("model:leads@1"),
            subject_digest=SUBJECT_DIGEST, reason="the model refuses everybody",
        )  # fmt: skip
    done = run.invoke(cli.break_glass_app, ["confirm", theirs.id, "--reason", "it is that bad", "--output", "json"])
    assert json.loads(done.stdout)["standing"] == "open"
    gate = run.invoke(cli.gate_app, ["check", "leads", "--environment", "pilot", "--digest", SUBJECT_DIGEST])
    assert gate.exit_code == 0 and theirs.id in gate.output
    listed = json.loads(run.invoke(cli.break_glass_app, ["list", "--standing", "open", "--output", "json"]).stdout)
    assert [one["id"] for one in listed["items"]] == [theirs.id]
    own_review = ["review", theirs.id, "--finding", "justified", "--text", "nothing else would have helped"]
    assert isinstance(run.invoke(cli.break_glass_app, own_review).exception, Denied)
    with clock.fixed(clock.now() + timedelta(days=4)):
        assert "overdue" in run.invoke(cli.break_glass_app, ["list"]).output
