"""Documents drawn from the records of a real pilot: what they say, what they lack, how they are kept and compared."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from docx import Document as WordFile
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from headway import dossiers, governance, incidents, ledger
from headway.dossiers import DossierKind, verifier
from headway.governance import assessments
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.council import people
from tests.factories.papers import changed_zip, is_tagged, trestle, verify, wrong_by_trestle
from tests.factories.planned import ACTOR, piloted, platform
from tests.factories.regions import regions

CASE = "lead-scoring"


@pytest.fixture(scope="module")
def ready(
    postgres_url: str, migrated_template: str, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("dossiers")
    with platform(postgres_url, migrated_template, signer, folder) as parts:
        yield piloted(parts, regions(5, rows=5_000), folder)


def made(parts: Parts, kind: DossierKind) -> dossiers.Dossier:
    with parts.database.session() as session:
        return dossiers.make_dossier(session, parts, ACTOR, usecase=CASE, kind=kind)


def content(parts: Parts, dossier: dossiers.Dossier) -> dict[str, object]:
    with parts.database.session() as session:
        told = json.loads(dossiers.read_file(session, parts.storage, dossier.id, "document.json")[1])
    found: dict[str, object] = told["content"]
    return found


def answers(body: dict[str, object]) -> dict[str, dict[str, object]]:
    return {one["id"]: one for chapter in body["chapters"] for one in chapter["answers"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [DossierKind.annex_iv, DossierKind.model_risk])
def test_every_statement_names_a_record_and_every_gap_is_listed(ready: Parts, kind: DossierKind) -> None:
    dossier = made(ready, kind)
    body = content(ready, dossier)
    lacking = 0
    for answer in answers(body).values():
        assert answer["said"] or answer["lacks"], answer["id"]
        assert all(one["cites"] for one in answer["said"]), answer["id"]  # type: ignore[attr-defined]
        lacking += len(answer["lacks"])  # type: ignore[arg-type]
    assert lacking == dossier.gaps > 0 and len(answers(body)) == dossier.requirements
    with ready.database.session() as session:
        told = dossiers.read_file(session, ready.storage, dossier.id, "document.md")[1].decode()
    assert told.count("**Gap**") == dossier.gaps
    assert dossier.digest in told and dossier.content_digest in told


def test_the_technical_documentation_holds_all_nine_points_and_the_facts_of_the_version(ready: Parts) -> None:
    found = answers(content(ready, made(ready, DossierKind.annex_iv)))
    points = [f"1.{letter}" for letter in "abcdefgh"] + [f"2.{letter}" for letter in "abcdefgh"]
    assert list(found) == [*points, "3.1", "3.2", "3.3", "3.4", "4", "5", "6", "7", "8", "9"]
    with ready.database.session() as session:
        version = session.execute(text("select digest, report from registry.versions")).one()
    auc = version.report["metrics"]["roc_auc"]
    assert f"{auc:.3f}" in json.dumps(found["2.g"]) and version.digest in json.dumps(found["1.a"])
    assert not found["8"]["said"] and found["8"]["lacks"], "nobody declared conformity"


def test_a_document_is_kept_as_it_was_and_named_in_the_ledger(ready: Parts) -> None:
    dossier = made(ready, DossierKind.model_risk)
    with ready.database.session() as session:
        told = json.loads(dossiers.read_file(session, ready.storage, dossier.id, "document.json")[1])
        [entry] = ledger.find(session, subject=Ref("dossier", dossier.id)).items
    claimed = {name: told[name] for name in ("id", "made_at", "made_by", "content")}
    assert sha256(canonical_json(claimed)) == dossier.digest == told["digest"]
    assert entry.type == "dossier.made" and entry.payload is not None and entry.payload["digest"] == dossier.digest
    for change in ("update dossiers.dossiers set gaps = 0", "delete from dossiers.dossiers"):
        with pytest.raises(DBAPIError, match="cannot be changed"), ready.database.session() as session:
            session.execute(text(change))
    file = next(one for one in dossier.files if one.name == "document.md")
    was = ready.storage.get(f"dossiers/{file.digest}")
    ready.storage.replace(f"dossiers/{file.digest}", b"written over")
    with ready.database.session() as session, pytest.raises(dossiers.DossierDamaged):
        dossiers.read_file(session, ready.storage, dossier.id, "document.md")
    ready.storage.replace(f"dossiers/{file.digest}", was)


def test_the_pdf_is_tagged(ready: Parts) -> None:
    dossier = made(ready, DossierKind.annex_iv)
    with ready.database.session() as session:
        file, data = dossiers.read_file(session, ready.storage, dossier.id, "document.pdf")
    assert is_tagged(data)
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace("\u200b", "")
    assert "Gaps" in words and "Annex IV, point 2(g)" in words and file.media == "application/pdf"


def test_the_word_file_says_what_the_pdf_says(ready: Parts) -> None:
    dossier = made(ready, DossierKind.model_risk)
    with ready.database.session() as session:
        file, data = dossiers.read_file(session, ready.storage, dossier.id, "document.docx")
    read = WordFile(io.BytesIO(data))
    lines = [one.text for one in read.paragraphs]
    heads = [one.text for one in read.paragraphs if (one.style.name or "").startswith("Heading")]
    assert {"Gaps", "3.1 Validation and effective challenge", "Records"} <= set(heads)
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    with ready.database.session() as session:
        gaps = dossiers.compare(session, ready, dossier.id).gaps
    assert all(one.what.replace("`", "") in cells for one in gaps) and dossier.digest in "".join([*lines, *cells])
    assert file.media.endswith("wordprocessingml.document") and file.name.endswith(".docx")


def test_what_is_recorded_closes_its_gap_and_makes_the_old_document_outdated(ready: Parts) -> None:
    dossier = made(ready, DossierKind.annex_iv)
    with ready.database.session() as session:
        assert dossiers.compare(session, ready, dossier.id).is_outdated is False
        assert all(one.is_outdated is not True for one in dossiers.standings(session, ready, CASE)[:1])
    with ready.database.session() as session:
        governance.update_usecase(session, ACTOR, CASE, changes={"purpose": "Call the likeliest first"})
    with ready.database.session() as session:
        now = dossiers.compare(session, ready, dossier.id)
    assert now.is_outdated and "1.a" in now.changed and len(now.gaps) == dossier.gaps - 1
    again = made(ready, DossierKind.annex_iv)
    assert again.gaps == dossier.gaps - 1 and again.content_digest != dossier.content_digest
    with ready.database.session() as session:
        assert dossiers.compare(session, ready, again.id).is_outdated is False
        assert not governance.list_evidence(session, type="tech_doc_annex_iv").items, (
            "a document with gaps proves nothing"
        )


def test_a_document_of_a_use_case_without_anything_is_all_gaps_and_says_what_to_do(ready: Parts) -> None:
    with ready.database.session() as session:
        governance.open_usecase(session, ACTOR, slug="idea", title="Idea", department="sales-north")
        found = dossiers.make_dossier(session, ready, ACTOR, usecase="idea", kind=DossierKind.model_risk)
        standing = next(one for one in dossiers.standings(session, ready, "idea") if one.kind is DossierKind.annex_iv)
    assert found.gaps >= found.requirements and all(gap.mend for gap in standing.gaps)
    assert standing.due.is_due is None and "tier" in standing.due.why


def test_other_kinds_are_refused_for_a_use_case(ready: Parts) -> None:
    with ready.database.session() as session, pytest.raises(dossiers.DossierAsked):
        dossiers.make_dossier(session, ready, ACTOR, usecase=CASE, kind=DossierKind.board_pack)


# --- the auditor's bundle ----------------------------------------------------------------------------------------


def bundle_of(parts: Parts) -> tuple[dossiers.Dossier, bytes]:
    """Have one more document and a bundle made."""
    made(parts, DossierKind.model_risk)
    with parts.database.session() as session:
        begun = dossiers.start_bundle(session, ACTOR, parts.jobs, usecase=CASE)
    parts.jobs.run_now(dossiers.JOB, {"dossier": begun.id}, ACTOR)
    with parts.database.session() as session:
        return dossiers.get_dossier(session, begun.id), dossiers.read_file(
            session, parts.storage, begun.id, "bundle.zip"
        )[1]


def test_the_bundle_verifies_without_headway_and_no_byte_of_it_can_be_changed(ready: Parts, tmp_path: Path) -> None:
    ready.jobs.define(dossiers.JOB, dossiers.dossier_job)
    dossier, data = bundle_of(ready)
    assert dossier.state == "made" and dossier.digest == sha256(data)
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import headway"], capture_output=True, env={}, cwd=tmp_path
    )
    assert bare.returncode == 1, "the machine of the auditor has no Headway"
    code, report = verify(tmp_path, data)
    assert (code, report["faults"]) == (0, [])
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert min(int(str(report[one])) for one in ("verdicts", "packs", "documents", "entries")) > 0
    verdict = next(one for one in names if one.startswith("verdicts/"))
    document = next(one for one in names if one.endswith("document.md"))
    pack = next(one for one in names if one.startswith("packs/"))
    for name in (verdict, document, pack, "evidence.jsonl", "ledger/entries.jsonl", "keys.json"):
        assert verify(tmp_path, changed_zip(data, name, mends_manifest=False))[0] == 1, name
    for name in (verdict, document, pack, "evidence.jsonl", "ledger/entries.jsonl"):
        code, report = verify(tmp_path, changed_zip(data, name, mends_manifest=True))
        assert code == 1 and report["faults"], f"{name}, with a manifest that fits"
    (tmp_path / "keys.json").write_text(json.dumps({"stranger": base64.b64encode(bytes(range(32))).decode()}))
    strange = [sys.executable, "-I", "-S", "verify.py", "bundle.zip", "--trust", "keys.json"]
    (tmp_path / "bundle.zip").write_bytes(data)
    assert subprocess.run(strange, capture_output=True, cwd=tmp_path, env={}).returncode == 1


def test_the_signatures_of_the_verifier_are_those_of_the_library() -> None:
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = signer.public_key().public_bytes_raw()
    for message in (b"", b"one", b"a longer message" * 20):
        signature = signer.sign(message)
        assert verifier.is_signed(public, signature, message)
        assert not verifier.is_signed(public, signature, message + b".")
        assert not verifier.is_signed(public, signature[:-1] + bytes([signature[-1] ^ 1]), message)
    s = int.from_bytes(signature[32:], "little") + verifier.Q  # RFC 8032, section 5.1.7: S below the order
    assert not verifier.is_signed(public, signature[:32] + s.to_bytes(32, "little"), message)


# --- the other kinds ---------------------------------------------------------------------------------------------


def test_the_impact_assessments_say_whether_they_are_owed_and_draw_what_people_answered(ready: Parts) -> None:
    with ready.database.session() as session:
        found = {one.kind: one for one in dossiers.standings(session, ready, CASE)}
    assert set(found) == {kind for kind in DossierKind if kind.value not in ("board_pack", "audit_bundle")}
    assert found[DossierKind.fria].due.is_due is False and "27(1)" in found[DossierKind.fria].due.why
    assert "necessary" in " ".join(gap.what for gap in found[DossierKind.dpia].gaps)
    assert any("no bias audit" in gap.what for gap in found[DossierKind.ll144_summary].gaps)


def test_an_impact_assessment_reads_what_was_signed_and_says_from_which_assessment(ready: Parts) -> None:
    with ready.database.session() as session:
        before = fields(dossiers.standings(session, ready, CASE), DossierKind.dpia)
        cast = people(session, ("Ines", "Ivo"))
        assessments.appoint(session, ACTOR, seat="privacy", person=cast.ines.ref)
        told = {"personal_data": True, "special_category_data": False, "solely_automated": False}
        governance.update_usecase(session, ACTOR, CASE, changes={"people_affected": "leads"}, risk=told)
        one = assessments.open_assessment(session, cast.ines, usecase=CASE, template="privacy")
        asked = next(need for need in assessments.of_usecase(session, CASE) if need.template == "privacy").asked
        given = {name: f"what Ines says of {name}" for name in asked} | {"consulted": False, "residual": "low"}
        assessments.answer(session, cast.ines, one.id, {name: given[name] for name in asked})
        assessments.submit(session, cast.ines, one.id)
    with ready.database.session() as session:
        waiting = fields(dossiers.standings(session, ready, CASE), DossierKind.dpia)
        assert f"assessment {one.id} is not signed yet" in waiting["e"] and "e" in before
        assessments.sign(session, cast.ivo, one.id, "read beside the contract of the data")
        incidents.open_incident(
            session,
            ACTOR,
            incidents.Wanted(title="Late calls", what="Leads were called late at night", concerns=(f"usecase:{CASE}",)),
        )
    dossier = made(ready, DossierKind.dpia)
    found = answers(content(ready, dossier))
    assert not {"b", "d", "e", "f", "g", "h"} & set(fields_of(found)) - {"d"}, "what was answered is no gap"
    for id, question in (("b", "necessity"), ("c", "risks"), ("e", "officer"), ("f", "views")):
        assert f"what Ines says of {question}" in json.dumps(found[id]) and f"assessment:{one.id}" in json.dumps(
            found[id]
        )
    assert "answered by Ines" in json.dumps(found["h"]) and "signed by Ivo" in json.dumps(found["h"])
    assert "Late calls" in json.dumps(answers(content(ready, made(ready, DossierKind.model_risk)))["4.3"])
    with ready.database.session() as session:
        governance.update_usecase(session, ACTOR, CASE, changes={"people_affected": "leads and their families"})
        now = dossiers.compare(session, ready, dossier.id)
        session.rollback()
    assert "h" in now.changed and any("no longer counts" in gap.what for gap in now.gaps)


def fields(found: tuple[dossiers.DossierStanding, ...], kind: DossierKind) -> dict[str, str]:
    """The gaps of a kind, by requirement."""
    standing = next(one for one in found if one.kind is kind)
    return {gap.requirement: gap.what for gap in standing.gaps}


def fields_of(found: dict[str, dict[str, object]]) -> list[str]:
    """The requirements of a made document that lack something."""
    return [id for id, one in found.items() if one["lacks"]]


# --- OSCAL -------------------------------------------------------------------------------------------------------


def test_oscal_is_read_by_compliance_trestle(ready: Parts, tmp_path: Path) -> None:
    """Every model that is written, by the models of another implementation."""
    trestle()
    with ready.database.session() as session:
        told = {
            "catalog": [dossiers.oscal_of_pack(session, pack.id) for pack in governance.list_packs(session)],
            "component": [dossiers.oscal_of_usecase(session, ready, CASE, dossiers.OscalKind.component_definition)],
            "assessment_results": [
                dossiers.oscal_of_usecase(session, ready, CASE, dossiers.OscalKind.assessment_results)
            ],
        }
        again = dossiers.oscal_of_usecase(session, ready, CASE, dossiers.OscalKind.component_definition)
    assert again == told["component"][0], "equal records give an equal document"
    findings = told["assessment_results"][0]["assessment-results"]["results"][0]["findings"]
    assert {one["target"]["status"]["state"] for one in findings} == {"satisfied", "not-satisfied"}
    for part in ("well", "broken", "lost"):
        (tmp_path / part).mkdir()
    documents = [one for kind in told.values() for one in kind]
    assert wrong_by_trestle(tmp_path / "well", documents) == ""
    broken = json.loads(json.dumps(documents[0]))
    broken["catalog"]["metadata"].pop("title")
    assert "title" in wrong_by_trestle(tmp_path / "broken", [broken]), "trestle finds what is wrong"
    twice = json.loads(json.dumps(told["assessment_results"][0]))
    results = twice["assessment-results"]["results"][0]
    results["findings"][0]["uuid"] = results["uuid"]
    assert wrong_by_trestle(tmp_path / "lost", [twice]), "and an identifier that is there twice"
