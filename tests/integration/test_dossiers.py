"""Documents drawn from the records of a real pilot: what they say, what they lack, how they are kept and compared."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from headway import dossiers, governance, ledger
from headway.dossiers import DossierKind
from headway.kernel.canonical import canonical_json, sha256
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
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
    ready.storage.replace(f"dossiers/{file.digest}", b"written over")
    with ready.database.session() as session, pytest.raises(dossiers.DossierDamaged):
        dossiers.read_file(session, ready.storage, dossier.id, "document.md")


def test_the_pdf_is_tagged(ready: Parts) -> None:
    dossier = made(ready, DossierKind.annex_iv)
    with ready.database.session() as session:
        file, data = dossiers.read_file(session, ready.storage, dossier.id, "document.pdf")
    root = PdfReader(io.BytesIO(data)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/StructTreeRoot"]["/K"] and b"pdfuaid" in root["/Metadata"].get_data()
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace("\u200b", "")
    assert "Gaps" in words and "Annex IV, point 2(g)" in words and file.media == "application/pdf"


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
