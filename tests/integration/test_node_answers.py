"""A real node process answers: decisions, outcomes, and everything that is wrong with a request."""

from __future__ import annotations

import hashlib
import http.client
import json
import math
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from headway import runtime
from headway.kernel import clock
from headway.runtime import Arm, Grant, Limits
from tests.factories.node import NAME, RECORD, TOKEN, World, token_hash

pytestmark = pytest.mark.e2e
OTHER, ENDED = "hwy_test_other", "hwy_test_ended"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("node"))
    made.judge()
    limited = made.deployment(name="limited", limits=Limits(decisions_per_day=3))
    ended = made.deployment(name="ended", limits=Limits(expires_at=clock.now() - timedelta(days=1)))
    half = made.deployment(
        name="half",
        arms=(Arm(name="champion", release=made.subject, share=0.5), Arm(name="hold_out", release=None, share=0.5)),
    )
    suspended = made.deployment(name="suspended", state="suspended", reason="drift")
    long_ago = clock.now() - timedelta(seconds=1)
    grants = {
        token_hash(OTHER): (Grant(deployment="half", scope="decide", principal="service:other"),),
        token_hash(ENDED): (Grant(deployment=NAME, scope="decide", principal="service:late", expires=long_ago),),
    }
    made.snapshot(made.deployment(), limited, ended, half, suspended, grants=grants)
    made.start()
    made.until_status("serving")
    yield made
    made.stop()


def test_answer_carries_score_band_action_and_exact_reasons(world: World) -> None:
    status, answer, _ = world.decide({**RECORD, "lead_id": "L-1"})
    assert status == 200
    raw = -1.0 + 0.05 * 40 + 0.8 - 0.001 * 1200.5
    assert answer["score"] == pytest.approx(1 / (1 + math.exp(-raw)))
    assert (answer["band"], answer["action"], answer["arm"]) == ("high", "call", "champion")
    assert [(r["feature"], r["label"], r["value"], r["direction"]) for r in answer["reasons"]] == [
        ("channel", "channel", "web", "raises"),
        ("age", "Age", 40, "raises"),
    ]
    assert answer["reasons"][0]["contribution"] == pytest.approx(0.8 - -0.4)
    assert answer["reasons"][1]["contribution"] == pytest.approx(0.05 * (40 - 35))
    assert answer["environment"] == "sandbox" and answer["release"] == world.subject
    assert answer["version"] == "model:lead-scoring@3" and answer["reference"] == "median" and answer["flags"] == []


def test_list_in_gives_list_out_in_order(world: World) -> None:
    status, answers, _ = world.decide([{**RECORD, "age": age} for age in (20, 40, 60)])
    assert status == 200
    assert [a["score"] for a in answers] == sorted(a["score"] for a in answers)
    assert len({a["decision"] for a in answers}) == 3


def test_record_with_three_faults_is_answered_with_all_three(world: World) -> None:
    status, answer, headers = world.decide({"age": 12, "channel": "fax", "bogus": 1})
    assert status == 422
    assert headers["content-type"] == "application/problem+json"
    assert {(f["rule"], f["column"]) for f in answer["faults"]} == {
        ("minimum", "age"), ("enum", "channel"), ("unknown_field", "bogus"),
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"3", b'{"age": NaN}'])
def test_body_that_is_no_record_is_422(world: World, body: bytes) -> None:
    assert world.decide(body)[0] == 422


@pytest.mark.parametrize("token", [None, "wrong", ""])
def test_unknown_token_is_401(world: World, token: str | None) -> None:
    status, answer, headers = world.decide(token=token)
    assert (status, answer["code"]) == (401, "node.token_unknown")
    assert headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", [OTHER, ENDED])
def test_missing_or_ended_grant_is_403_and_tells_the_rule_and_the_way(world: World, token: str) -> None:
    status, answer, _ = world.decide(token=token)
    assert (status, answer["code"]) == (403, "node.not_granted")
    assert answer["values"]["rule"] == "grant.decide"
    assert "headway deployment grant" in answer["hint"]


def test_grant_to_decide_is_no_grant_to_report_outcomes(world: World) -> None:
    body = {"deployment": "half", "decision": "dec_1", "outcome": True}
    assert world.ask("/v1/outcomes", body, token=OTHER)[0] == 403


def test_unknown_deployment_is_404_and_paths_and_methods_are_told(world: World) -> None:
    assert world.ask("/v1/decisions/nothing", RECORD)[0] == 404
    assert world.ask("/v1/decisions/a%2Fb", RECORD)[0] == 404
    assert world.ask("/nowhere")[0] == 404
    assert world.ask(f"/v1/decisions/{NAME}")[0] == 405
    assert world.ask("/healthz", b"x")[0] == 405


def test_suspended_and_ended_deployments_say_why(world: World) -> None:
    status, answer, headers = world.ask("/v1/decisions/suspended", RECORD)
    assert (status, answer["code"]) == (503, "node.deployment_suspended") and "drift" in answer["detail"]
    assert int(headers["retry-after"]) >= 1
    assert world.ask("/v1/decisions/ended", RECORD)[0] == 410


def test_ten_megabytes_are_413_whether_announced_or_not(world: World) -> None:
    body = b'{"age": "' + b"x" * 10_000_000 + b'"}'
    assert world.decide(body)[0] == 413
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    pieces = (body[i : i + 65536] for i in range(0, len(body), 65536))
    connection.request(
        "POST", f"/v1/decisions/{NAME}", pieces, {"authorization": f"Bearer {TOKEN}"}, encode_chunked=True
    )
    response = connection.getresponse()
    assert response.status == 413 and json.loads(response.read())["code"] == "node.body_too_large"
    connection.close()


def test_small_chunked_body_is_decided(world: World) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    body = json.dumps(RECORD).encode()
    connection.request(
        "POST", f"/v1/decisions/{NAME}", iter([body[:9], body[9:]]), {"authorization": f"Bearer {TOKEN}"},
        encode_chunked=True,
    )  # fmt: skip
    response = connection.getresponse()
    assert response.status == 200 and json.loads(response.read())["band"] == "high"
    connection.close()


def test_daily_limit_of_the_sandbox_survives_a_restart(world: World) -> None:
    path = "/v1/decisions/limited"
    assert world.ask(path, [RECORD] * 2)[0] == 200
    status, answer, headers = world.ask(path, [RECORD] * 2)
    assert (status, answer["code"]) == (429, "node.daily_limit")
    assert 0 < int(headers["retry-after"]) <= 86400
    assert world.ask(path, RECORD)[0] == 200
    world.stop()
    world.start()
    world.until_status("serving")
    assert world.ask(path, RECORD)[0] == 429


def test_subject_keeps_its_arm_and_the_held_out_get_the_default_action(world: World) -> None:
    arms = {}
    for number in range(40):
        status, answer, _ = world.ask("/v1/decisions/half", {**RECORD, "lead_id": f"L-{number}"})
        assert status == 200
        arms[f"L-{number}"] = answer["arm"]
        if answer["arm"] == "hold_out":
            assert answer["score"] is None and answer["action"] == "mail" and answer["flags"] == ["hold_out"]
            assert answer["reasons"] == [] and answer["release"] is None
    assert set(arms.values()) == {"champion", "hold_out"}
    assert arms == {subject: runtime.choose_arm("s1", subject, world_arms(world)) for subject in arms}


def world_arms(world: World) -> tuple[Arm, ...]:
    return (Arm(name="champion", release=world.subject, share=0.5), Arm(name="hold_out", release=None, share=0.5))


def test_subject_may_come_in_a_header(world: World) -> None:
    _, answer, _ = world.decide(headers={"headway-subject": "L-9"})
    assert answer["flags"] == []
    _, answer, _ = world.decide()
    assert answer["flags"] == ["no_subject"]


def test_outcomes_are_taken_in_and_their_faults_told(world: World) -> None:
    good = {"deployment": NAME, "decision": "dec_x", "outcome": 1, "at": "2026-03-01T10:00:00Z"}
    status, answer, _ = world.ask("/v1/outcomes", good)
    assert status == 200 and answer["id"].startswith("out_")
    status, answers, _ = world.ask(
        "/v1/outcomes", [good, {**good, "outcome": "won", "value": 9.5, "decision": None, "subject": "s"}]
    )
    assert status == 200 and len(answers) == 2
    status, answer, _ = world.ask("/v1/outcomes", {"deployment": NAME, "at": "soon", "bogus": 1})
    assert status == 422
    assert {(f["rule"], f["column"]) for f in answer["faults"]} == {
        ("required", "decision"), ("required", "outcome"), ("type", "at"), ("unknown_field", "bogus"),
    }  # fmt: skip


def test_answers_outcomes_and_refusals_are_in_the_shipped_log(world: World) -> None:
    record = {**RECORD, "lead_id": "L-77"}
    answer = world.decide(record)[1]
    outcome = world.ask("/v1/outcomes", {"deployment": NAME, "decision": answer["decision"], "outcome": 1})[1]
    world.decide({"age": 12, "channel": "secret-text", "income": 1})
    world.stop()
    found = {r.id: r for r in world.records()}
    kept = found[answer["decision"]]
    assert (kept.kind, kept.score, kept.band, kept.action) == ("decision", answer["score"], "high", "call")
    assert (kept.principal, kept.release, kept.verdict, kept.epoch) == ("service:crm", world.subject, "vrd_1", 1)
    side = world.sidecars()[kept.id]
    assert side.subject == "L-77" and json.loads(bytes(side.input)) == record
    assert json.loads(bytes(side.reasons)) == answer["reasons"]
    assert kept.payload_commitment == hashlib.sha256(bytes.fromhex(side.salt) + side.payload()).hexdigest()
    assert found[outcome["id"]].kind == "outcome"
    refusals = [r for r in found.values() if r.kind == "refusal"]
    assert any(r.action == "runtime.contract_broken" for r in refusals)
    assert not any("secret-text" in (r.why or "") for r in refusals)
    world.start()
    world.until_status("serving")


def test_metrics_health_and_readiness(world: World) -> None:
    world.decide()
    page = world.ask("/metrics", token=None)[1]
    assert 'headway_decisions_total{action="call",arm="champion",deployment="leads"}' in page
    assert world.ask("/healthz", token=None)[0] == 200
    status, report, _ = world.ask("/readyz", token=None)
    assert status == 200 and report["ready"] and report["environment"] == "sandbox"
    assert report["deployments"]["suspended"]["status"] == "suspended"


def test_files_of_the_node_are_readable_by_the_owner_alone(world: World) -> None:
    world.decide()
    time.sleep(0.2)
    for path in (world.home / "node").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
