"""An auditor's bundle holds what people decided: votes with reasons, minutes, mandates, risks; and a changed vote is found out."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from headway import dossiers
from headway.governance import council, mandates, risks
from headway.governance.council import Choice
from headway.kernel import clock
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.web import Parts
from tests.factories import council as made
from tests.factories import mandates as given
from tests.factories.governance import ANA
from tests.factories.papers import changed_zip, verify
from tests.factories.risks import estimate

HEAD = Actor(ref="person:head", name="Head", roles=(RoleGrant(role="ai_office"),))


@pytest.fixture
def bundle(parts: Parts) -> bytes:
    """A case that a council decided in a meeting, under a mandate, with a risk in the register; its bundle."""
    parts.settings.home.mkdir(parents=True, exist_ok=True)
    parts.jobs.define(dossiers.JOB, dossiers.dossier_job)
    with parts.database.session() as session:
        cast = made.people(session)
        made.high_case(session, cast)
        made.body(session, cast)
        given.programme(session, cast.sam, "sales")
        draft = given.drafted(session)
        mandates.sign_mandate(session, parts.signer, cast.sam, draft.id, digest=draft.digest)
        risks.add_risk(session, ANA, usecase="lead-scoring", estimate=estimate())
        item = made.before_it(session, cast)
        made.reviewed(session, cast, item)
        starts = clock.now() + timedelta(minutes=5)
        meeting = council.plan_meeting(session, HEAD, "ai-council", starts_at=starts, place="Room 3")
        council.open_meeting(session, cast.ada, meeting.id)
        for seat, name in zip(made.SEATS[1:], ("ben", "cleo", "dan", "eve"), strict=True):
            council.attend(session, cast.people[name], meeting.id, seat=seat)
        for name in ("ada", "ben", "cleo", "dan", "eve"):
            choice = Choice.no if name == "eve" else Choice.yes
            council.vote(session, cast.people[name], item.id, choice=choice, reason=f"{name} has read it")
        council.close_meeting(session, cast.ada, meeting.id)
        council.make_minutes(session, cast.ada, parts.storage, meeting.id)
        begun = dossiers.start_bundle(session, ANA, parts.jobs, usecase="lead-scoring")
    parts.jobs.run_now(dossiers.JOB, {"dossier": begun.id}, ANA)
    with parts.database.session() as session:
        return dossiers.read_file(session, parts.storage, begun.id, "bundle.zip")[1]


def test_the_bundle_holds_what_people_decided_and_a_changed_vote_is_found_out(bundle: bytes, tmp_path: Path) -> None:
    code, report = verify(tmp_path, bundle)
    assert (code, report["faults"], report["votes"]) == (0, [], 5)
    read = zipfile.ZipFile(io.BytesIO(bundle))
    [item] = [json.loads(line) for line in read.read("council/items.jsonl").splitlines()]
    assert {one["choice"] for one in item["votes"]} == {"yes", "no"} and item["state"] == "approved"
    [minutes] = [name for name in read.namelist() if name.startswith("minutes/")]
    [mandate] = [name for name in read.namelist() if name.startswith("mandates/")]
    assert read.read("risks.jsonl").count(b"\n") == 1
    entries = [json.loads(line) for line in read.read("ledger/entries.jsonl").splitlines()]
    types = {json.loads(one["proof"]["leaf"])["type"] for one in entries}
    assert {
        "council.voted",
        "council.reviewed",
        "council.seated",
        "council.minutes_made",
        "mandate.signed",
        "risk.added",
    } <= types
    for name in (minutes, mandate):
        code, report = verify(tmp_path, changed_zip(bundle, name, mends_manifest=True))
        assert code == 1 and report["faults"], name
    for change in (
        lambda votes: votes[4].update(choice="yes"),
        lambda votes: votes.pop(),
        lambda votes: votes[0].update(reason="x"),
    ):
        code, report = verify(tmp_path, with_other_votes(bundle, change))
        assert code == 1 and "is not the one recorded" in str(report["faults"])


def with_other_votes(bundle: bytes, change: object) -> bytes:
    """The bundle with other votes in it, and a manifest that fits them."""
    read = zipfile.ZipFile(io.BytesIO(bundle))
    files = {name: read.read(name) for name in read.namelist()}
    item = json.loads(files["council/items.jsonl"])
    change(item["votes"])  # type: ignore[operator]
    files["council/items.jsonl"] = canonical_json(item) + b"\n"
    told = json.loads(files["manifest.json"])
    told["files"]["council/items.jsonl"] = sha256(files["council/items.jsonl"])
    files["manifest.json"] = canonical_json(told)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made_anew:
        for name, data in files.items():
            made_anew.writestr(name, data)
    return out.getvalue()
