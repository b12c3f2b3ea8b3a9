"""The gate for what runs elsewhere: API, webhook, command, client and page, with the real rules; refusals in the ledger."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client as HttpClient
from typer.testing import CliRunner

from headway import governance, identity, ledger, runtime, serving
from headway.entrypoints.http import PREFIX
from headway.governance import cli
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway_client import Client
from tests.factories.asgi import AppTransport, client_of
from tests.factories.governance import SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import application, signed_in, text_of
from tests.factories.releases import DRAFT, make_files
from tests.factories.reviews import image, pod, review
from tests.factories.serving import deployed, released

OWNER = Actor(ref="person:local", name="Local owner")
STRANGER = "sha256-" + "7" * 64


@pytest.fixture
def subject(parts: Parts) -> str:
    """A bundle with a verdict for the sandbox."""
    with parts.database.session() as session:
        identity.setup_home(session)
        identity.ensure_department(session, OWNER, "finance")
    return released(parts)


@pytest.fixture
def app(parts: Parts, subject: str) -> FastAPI:
    return application(replace(parts, halted=serving.halted))


def service(parts: Parts, name: str, role: Role | None, department: str | None = "sales", **scopes: Any) -> str:
    with parts.database.session() as session:
        owner = identity.get_actor(session, "person:local")
        if role is not None:
            identity.grant_role(session, owner, principal=Ref("service", name), role=role, department=department)
        return identity.create_token(session, owner, owner=Ref("service", name), name=name, **scopes).secret


def api(app: FastAPI, token: str | None) -> HttpClient:
    return client_of(app, token, PREFIX)


def refusals(parts: Parts) -> list[dict[str, Any]]:
    with parts.database.session() as session:
        return [dict(one.payload or {}) for one in ledger.find(session, type="gate.refused", limit=100).items]


def ask(client: HttpClient, subject: str, environment: str = "sandbox", **more: Any) -> Any:
    return client.post("/admissions", json={"subject": subject, "environment": environment, **more})


# --- API ---------------------------------------------------------------------------------------------------------


def test_a_pipeline_is_answered_and_a_refusal_is_kept(parts: Parts, app: FastAPI, subject: str) -> None:
    pipeline = api(app, service(parts, "ci", Role.operator))
    answer = ask(pipeline, subject).json()
    assert answer["admission"]["allowed"] and answer["admission"]["result"] == "warn"
    assert json.loads(answer["envelope"])["payloadType"] == "application/vnd.headway.admission+json"
    refused = ask(pipeline, subject, "production").json()["admission"]
    assert not refused["allowed"] and refused["reasons"][0]["code"] == "gate.no_verdict"
    unknown = ask(pipeline, STRANGER)
    assert unknown.status_code == 200 and unknown.json()["admission"]["result"] == "block"
    kept = refusals(parts)
    assert {(one["subject_digest"], one["environment"], one["via"]) for one in kept} == {
        (subject, "production", "gate check"),
        (STRANGER, "sandbox", "gate check"),
    }


def test_who_may_not_ask_is_told_nothing(parts: Parts, app: FastAPI, subject: str) -> None:
    assert ask(api(app, None), subject).status_code == 401
    assert ask(api(app, service(parts, "elsewhere", Role.operator, "finance")), subject).status_code == 403
    for token in (service(parts, "nobody", None), service(parts, "narrow", Role.operator, scopes=["run:read"])):
        assert ask(api(app, token), subject).status_code == 403
        assert ask(api(app, token), STRANGER).status_code == 403
    assert ask(api(app, service(parts, "ci", Role.operator)), subject, "moon").status_code == 422


def test_what_is_suspended_is_not_let_in_elsewhere_either(parts: Parts, app: FastAPI, subject: str) -> None:
    pipeline = api(app, service(parts, "ci", Role.operator))
    deployed(parts, subject)
    assert ask(pipeline, subject).json()["admission"]["allowed"]
    with parts.database.session() as session:
        serving.suspend(session, OWNER, name="leads", environment="sandbox", reason="it harms")
    refused = ask(pipeline, subject).json()["admission"]
    assert [one["code"] for one in refused["reasons"]] == ["gate.suspended"] and "it harms" in str(refused)


def test_a_cluster_asks_with_its_token_and_is_answered(parts: Parts, app: FastAPI, subject: str) -> None:
    cluster, address = api(app, service(parts, "cluster", Role.operator)), "/admissions/kubernetes?environment=sandbox"
    assert api(app, None).post(address, json=review(pod(image(subject)))).status_code == 401
    let_in = cluster.post(address, json=review(pod(image(subject)))).json()["response"]
    assert let_in["allowed"] is True and let_in["warnings"], "the sandbox warns"
    kept_out = cluster.post(address, json=review(pod("nginx"))).json()["response"]
    assert kept_out["allowed"] is False and "digest" in kept_out["status"]["message"]
    elsewhere = api(app, service(parts, "other-cluster", Role.operator, "finance"))
    assert "may not ask" in str(elsewhere.post(address, json=review(pod(image(subject)))).json()["response"])
    assert cluster.post(address, json={"kind": "Pod"}).status_code == 422
    assert cluster.post(address, content=b"[").status_code == 422
    assert api(app, service(parts, "powerless", None)).post(address, json=review(pod())).status_code == 403


def test_builds_bind_images_and_people_do_not(parts: Parts, app: FastAPI, subject: str) -> None:
    body = {"image": image("sha256-" + "1" * 64), "bundle": subject}
    build = api(app, service(parts, "build", Role.operator, scopes=["image:bind"]))
    made = build.post("/image-bindings", json=body)
    assert made.status_code == 201 and made.json()["bundle_digest"] == subject
    pipeline = api(app, service(parts, "ci", Role.operator))
    assert ask(pipeline, body["image"]).json()["admission"]["allowed"]
    assert ask(build, body["image"]).status_code == 403, "its scope is to bind, not to ask"
    other = api(app, service(parts, "other-build", Role.operator, "finance"))
    assert other.post("/image-bindings", json=body).status_code == 403
    with parts.database.session() as session:
        person = identity.create_token(session, identity.get_actor(session, "person:local"), name="mine").secret
    refused = api(app, person).post("/image-bindings", json=body)
    assert refused.status_code == 403 and refused.json()["code"] == "governance.evidence_refused"


def test_nobody_types_what_only_jobs_write(parts: Parts, app: FastAPI, subject: str) -> None:
    about = {"subject": "model:lead-scoring@3", "subject_digest": subject}
    with parts.database.session() as session:
        types = {one.name: one for pack in governance.list_packs(session) for one in pack.evidence_types}
        person = identity.create_token(session, identity.get_actor(session, "person:local"), name="mine").secret
    for token in (person, service(parts, "ci", Role.data_scientist, None)):
        for kind in (name for name, one in types.items() if one.producer == "auto"):
            answer = api(app, token).post("/evidence", json={"type": kind, **about, "facts": {}})
            assert (answer.status_code, answer.json()["code"]) == (403, "governance.evidence_refused"), kind


def test_a_page_refuses_it_too_and_the_ledger_knows(parts: Parts, app: FastAPI, subject: str) -> None:
    dora = signed_in(parts, "Dora", (Role.data_scientist, "sales"), app=app)
    dora.get("/usecases/lead-scoring/attest")
    refused = dora.send("/usecases/lead-scoring/attest", type="eval_report", **{"fact-n_test": "100000"})
    assert refused.status_code == 403 and "only a job can write" in text_of(refused.text)
    with parts.database.session() as session:
        [denied] = ledger.find(session, type="access.denied").items
        assert (denied.payload or {})["rule"] == "governance.producer" and dora.actor is not None
        assert denied.actor == dora.actor.ref
        assert governance.list_evidence(session, type="eval_report").items == ()


@pytest.mark.parametrize("how", ["deleted", "null", "nan"])
def test_an_unknown_fact_is_not_passed_and_the_reason_names_it(parts: Parts, app: FastAPI, how: str) -> None:
    with parts.database.session() as session:
        identity.setup_home(session)
        open_usecase(session, slug="leads")
        bring_evidence(session, without=("parity_report",) if how == "deleted" else ())
        facts = {"null": None, "nan": math.nan}
        if how in facts:
            bring_evidence(session, changed={"parity_report": {"decision_flips": facts[how]}})
    token = service(parts, "ci", Role.operator)
    asked = {"environment": "production", "subject_digest": SUBJECT_DIGEST}
    by_id = {one["id"]: one for one in api(app, token).get("/usecases/leads/gate", params=asked).json()["controls"]}
    assert by_id["HW-PARITY"]["status"] == "indeterminate"
    named = "parity_report" if how == "deleted" else "decision_flips"
    assert named in by_id["HW-PARITY"]["reason"]
    with running_commands(app, token) as run:
        done = check(run, "leads", "--digest", SUBJECT_DIGEST, environment="production")
    assert done.exit_code == cli.BLOCKED and named in done.stdout


@pytest.mark.parametrize(
    ("field", "control"), [("owner", "HW-OWNER"), ("purpose", "HW-PURPOSE"), ("sponsor", "HW-SPONSOR")]
)
def test_a_deleted_attribute_is_not_passed_and_the_reason_names_it(
    parts: Parts, app: FastAPI, field: str, control: str
) -> None:
    with parts.database.session() as session:
        identity.setup_home(session)
        open_usecase(session, slug="leads")
    office = api(app, service(parts, "office", Role.ai_office, None))
    assert office.patch("/usecases/leads", json={field: None}).status_code == 200
    asked = {"environment": "production", "subject_digest": SUBJECT_DIGEST}
    by_id = {one["id"]: one for one in office.get("/usecases/leads/gate", params=asked).json()["controls"]}
    assert by_id[control]["status"] == "indeterminate" and f"use_case.{field}" in by_id[control]["reason"]


def test_a_door_of_serving_that_stays_shut_is_in_the_ledger_too(parts: Parts, app: FastAPI, subject: str) -> None:
    deployed(parts, subject)
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    with parts.database.session() as session:
        serving.suspend(session, OWNER, name="leads", environment="sandbox", reason="look at it")
        governance.revoke(session, OWNER, subject, "it leaks")
    office.get("/deployments/leads?environment=sandbox")
    assert office.send("/deployments/leads/resume", resume_reason="it is fine").status_code == 409
    with parts.database.session() as session:
        governance.tell_repeats(session)
    assert [(one["code"], one["via"]) for one in refusals(parts)] == [("serving.no_verdict", "page")]


# --- command -----------------------------------------------------------------------------------------------------


@contextmanager
def running_commands(app: FastAPI, token: str) -> Iterator[CliRunner]:
    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", token, transport=AppTransport(app)) as client:
            yield client

    terminal.set_connector(connect)
    yield CliRunner()


@pytest.fixture
def run(parts: Parts, app: FastAPI) -> Iterator[CliRunner]:
    with running_commands(app, service(parts, "ci", Role.operator)) as made:
        yield made


def check(run: CliRunner, subject: str, *more: str, environment: str = "sandbox") -> Any:
    return run.invoke(cli.gate_app, ["check", subject, "--environment", environment, *more])


@pytest.fixture
def bundle(tmp_path: Path, subject: str) -> Path:
    """The bundle as a folder, as somebody would have it at hand."""
    folder = tmp_path / "bundle"
    for path, content in runtime.pack_bundle(
        make_files(), replace(DRAFT, model=replace(DRAFT.model, version="3"))
    ).objects.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_command_ends_with_0_for_what_may_and_5_for_what_may_not(run: CliRunner, subject: str, parts: Parts) -> None:
    for name in (
        subject,
        subject.replace("-", ":"),
        "model:lead-scoring@3",
        f"r.example/a@{subject.replace('-', ':')}",
    ):
        assert check(run, name).exit_code == 0, name
    for name in (STRANGER, "model:lead-scoring@9", "nobody-knows-this"):
        done = check(run, name)
        assert done.exit_code == cli.BLOCKED and "refused:" in done.stderr, name
    shown = json.loads(check(run, subject, "--output", "json", environment="production").stdout)
    assert shown["admission"]["result"] == "block"


def test_a_use_case_that_is_blocked_is_kept_in_the_ledger_too(run: CliRunner, subject: str, parts: Parts) -> None:
    done = check(run, "lead-scoring", "--output", "json", environment="production")
    assert done.exit_code == cli.BLOCKED and json.loads(done.stdout)["controls"]
    assert [one["subject_digest"] for one in refusals(parts)] == [subject]
    assert check(run, "lead-scoring").exit_code == 0


def test_a_bundle_at_hand_is_known_by_its_bytes(run: CliRunner, bundle: Path, subject: str, tmp_path: Path) -> None:
    import shutil

    archive = shutil.make_archive(str(tmp_path / "bundle"), "zip", bundle.parent, "bundle")
    tarred = shutil.make_archive(str(tmp_path / "bundle"), "gztar", bundle)
    for path in (bundle, bundle / "release.json", Path(archive), Path(tarred)):
        done = check(run, str(path), "--output", "json")
        assert done.exit_code == 0 and json.loads(done.stdout)["admission"]["subject_digest"] == subject, path


@pytest.mark.parametrize("path", ["release.json", None])
def test_one_changed_byte_is_refused(run: CliRunner, bundle: Path, parts: Parts, path: str | None) -> None:
    named = path or next(one.name for one in bundle.iterdir() if one.name != "release.json")
    data = bytearray((bundle / named).read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / named).write_bytes(data)
    done = check(run, str(bundle))
    assert done.exit_code == cli.BLOCKED
    assert ("no gate has let" if path else f"{named} was changed") in done.stderr
    assert len(refusals(parts)) == 1


def test_what_is_no_bundle_is_an_error_or_unknown(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert check(run, str(tmp_path / "model.bin")).exit_code == cli.BLOCKED
    for path in (tmp_path / "missing", tmp_path):
        done = check(run, str(path))
        assert done.exit_code not in (0, cli.BLOCKED)


def test_an_answer_verifies_without_the_platform(run: CliRunner, subject: str, parts: Parts, tmp_path: Path) -> None:
    trust, answer = tmp_path / "trust.json", tmp_path / "answer.json"
    trust.write_text(json.dumps({parts.signer.key_id: base64.b64encode(parts.signer.public).decode()}))
    assert check(run, subject, "--to", str(answer)).exit_code == 0
    words = ["verify", str(answer), "--trust", str(trust)]
    assert run.invoke(cli.gate_app, [*words, "--subject", subject, "--environment", "sandbox"]).exit_code == 0
    assert run.invoke(cli.gate_app, [*words, "--environment", "production"]).exit_code == cli.BLOCKED
    assert run.invoke(cli.gate_app, [*words, "--subject", STRANGER]).exit_code == cli.BLOCKED
    refused = tmp_path / "refused.json"
    refused.write_text(check(run, STRANGER, "--output", "json").stdout)
    done = run.invoke(cli.gate_app, ["verify", str(refused), "--trust", str(trust), "--output", "json"])
    assert done.exit_code == cli.BLOCKED and json.loads(done.stdout)["allowed"] is False
    trust.write_text("{}")
    assert isinstance(run.invoke(cli.gate_app, words).exception, governance.AdmissionInvalid)


def test_a_build_binds_the_image_of_a_bundle_at_hand(run: CliRunner, bundle: Path, subject: str) -> None:
    name = image("sha256-" + "2" * 64)
    done = run.invoke(cli.gate_app, ["bind", name, str(bundle), "--output", "json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["bundle_digest"] == subject
    assert check(run, name).exit_code == 0


def test_the_client_asks_as_commands_do(parts: Parts, app: FastAPI, subject: str) -> None:
    with Client("http://app", service(parts, "ci", Role.operator), transport=AppTransport(app)) as client:
        answer = client.gates.check(subject=subject, environment="sandbox")
        assert answer.admission.allowed and answer.admission.usecase == "lead-scoring"
        bound = client.gates.bind_image(image=image("sha256-" + "3" * 64), bundle=subject)
        assert client.gates.check(subject=bound.image, environment="sandbox").admission.binding == bound.id


# --- page --------------------------------------------------------------------------------------------------------


def test_a_person_asks_on_a_page_and_takes_the_command_away(parts: Parts, app: FastAPI, subject: str) -> None:
    operator = signed_in(parts, "Opal", (Role.operator, "sales"), app=app)
    [verdict] = governance_verdicts(parts)
    assert "Ask the gate" in operator.text(f"/verdicts/{verdict}")
    operator.get(f"/gate?subject={subject}&environment=sandbox")
    shown = text_of(operator.send("/gate").text)
    assert "The gate lets it in" in shown and f"headway gate check {subject} --environment sandbox" in shown
    operator.get("/gate?subject=" + STRANGER)
    assert "no gate has let" in text_of(operator.send("/gate").text)
    assert [(one["subject_digest"], one["via"]) for one in refusals(parts)] == [(STRANGER, "page")]
    operator.get("/gate")
    assert operator.send("/gate", subject="").status_code == 422
    other = signed_in(parts, "Fynn", (Role.operator, "finance"), app=app)
    other.get("/gate?subject=" + subject)
    assert other.send("/gate").status_code == 403
    assert signed_in(parts, "Nora", app=app).get("/gate").status_code == 403


def governance_verdicts(parts: Parts) -> list[str]:
    with parts.database.session() as session:
        return [one.id for one in governance.list_verdicts(session).items]
