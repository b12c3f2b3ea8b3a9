"""Documents drawn from records, end to end: asked for by API, terminal and browser, read by others without Headway."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordFile
from playwright.sync_api import expect

from headway_client import Client
from tests.browser.conftest import Open
from tests.factories.lived_in import LivedIn
from tests.factories.papers import (
    changed_zip,
    is_tagged,
    opened_by_libreoffice,
    soffice,
    trestle,
    verify,
    words_of,
    wrong_by_trestle,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
KINDS = ("annex_iv", "dpia", "fria", "ll144_summary", "model_risk")
OTHERS = ("churn-warning", "cv-screening")
REGISTERS = (
    "usecases", "dossiers", "incidents", "waivers", "approvals", "council", "programmes", "appetite",
    "decision-rights", "break-glass", "vendors", "systems", "people", "ledger", "operate",
)  # fmt: skip


def held(client: Client, made: dict[str, Any]) -> None:
    """A document names every gap, in each of its files, and its PDF is tagged."""
    files = {
        name: client.get_bytes(f"/dossiers/{made['id']}/files/document.{name}")
        for name in ("pdf", "docx", "md", "json")
    }
    content = json.loads(files["json"])["content"]
    answers = [one for chapter in content["chapters"] for one in chapter["answers"]]
    lacks = [lack for one in answers for lack in one["lacks"]]
    assert all(one["said"] or one["lacks"] for one in answers) and len(answers) == made["requirements"]
    assert all(said["cites"] for one in answers for said in one["said"])
    assert len(lacks) == made["gaps"] == files["md"].decode().count("**Gap**")
    assert is_tagged(files["pdf"]) and made["id"] in words_of(files["pdf"])
    word = WordFile(io.BytesIO(files["docx"]))
    cells = {cell.text for table in word.tables for row in table.rows for cell in row.cells}
    assert all(lack["what"].replace("`", "") in cells for lack in lacks)


def test_every_kind_is_made_for_three_use_cases_by_api_and_terminal(lived_in: LivedIn, tmp_path: Path) -> None:
    with lived_in.client("ada") as ada:
        for usecase in (lived_in.pilot["usecase"], *OTHERS):
            for kind in KINDS:
                held(ada, ada.post(f"/usecases/{usecase}/dossiers", {"kind": kind}))
            told = {one["kind"]: one for one in ada.get(f"/usecases/{usecase}/dossiers")["items"]}
            assert set(told) == set(KINDS) and not any(one["is_outdated"] for one in told.values())
            assert all(one["due"]["why"] for one in told.values())
    to = tmp_path / "risk.pdf"
    made = lived_in.home.json("dossier", "make", OTHERS[0], "--kind", "model_risk", "--to", str(to))
    assert is_tagged(to.read_bytes()) and made["state"] == "made"


def test_a_document_is_made_and_read_in_a_browser_where_each_number_leads_to_its_record(
    lived_in: LivedIn, window: Open
) -> None:
    usecase, ada = lived_in.pilot["usecase"], window("ada")
    ada.open(f"/usecases/{usecase}/documents")
    ada.page.get_by_role("button", name="Make: Model risk file (SR 26-2)").click()
    ada.page.wait_for_url("**/dossiers/dsr_*")
    expect(ada.page.get_by_role("link", name="document.docx")).to_be_visible()
    ada.page.get_by_role("link", name="Read it here").click()
    ada.page.wait_for_url("**/text")
    expect(ada.page.get_by_role("heading", name="3.1 Validation and effective challenge")).to_be_visible()
    ada.rest()
    assert ada.complaints() == []
    ada.page.locator(f'.marks a[title="usecase:{usecase}"]').first.click()
    ada.page.wait_for_url(f"**/usecases/{usecase}")


def test_a_board_pack_is_made_in_the_browser_and_at_the_terminal(
    lived_in: LivedIn, window: Open, tmp_path: Path
) -> None:
    grace = window("grace", size="phone", theme="dark")
    grace.open("/dossiers")
    grace.page.get_by_role("button", name="Make the board pack").click()
    grace.page.wait_for_url("**/dossiers/dsr_*")
    address = grace.page.url.removeprefix(lived_in.url)
    with lived_in.client("grace") as client:
        begun = client.get(address)
        client.wait(begun["job"])
        made = client.get(address)
        held(client, made)
        assert made["quarter"] == begun["quarter"] and made["usecase"] is None
    grace.open(f"{address}/text")
    for told in (
        "Use cases by stage and legal tier",
        "What was earned",
        "Risk appetite",
        "Waivers in force, or asked for",
    ):
        expect(grace.page.locator("main").get_by_text(told).first).to_be_visible()
    assert grace.complaints() == []
    to = tmp_path / "pack.pdf"
    again = lived_in.home.json("dossier", "board-pack", made["quarter"], "--to", str(to))
    words = " ".join(words_of(to.read_bytes()).split())
    assert is_tagged(to.read_bytes()) and again["content_digest"]
    assert "Leads of a source are ranked too low" in words and "120,000.00 EUR" in words and "QUALITY" in words
    assert window("hugo").open(address) == 403, "a head of one department does not read of all"


def test_the_auditors_bundle_verifies_without_headway_and_names_what_was_changed(
    lived_in: LivedIn, tmp_path: Path
) -> None:
    to = tmp_path / "taken.zip"
    lived_in.home.json("dossier", "audit-bundle", lived_in.pilot["usecase"], "--to", str(to))
    bare = ["python3", "-I", "-S", "-c", "import headway"]
    assert subprocess.run(bare, capture_output=True, env={"PATH": "/usr/bin:/bin"}, cwd=tmp_path).returncode == 1
    data = to.read_bytes()
    code, report = verify(tmp_path, data)
    assert (code, report["faults"]) == (0, [])
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    changed = next(name for name in names if name.endswith("document.pdf"))
    code, report = verify(tmp_path, changed_zip(data, changed, mends_manifest=False))
    assert code == 1 and {one["file"] for one in report["faults"]} >= {changed}  # type: ignore[attr-defined]


def test_oscal_of_the_platform_is_read_and_validated_by_compliance_trestle(lived_in: LivedIn, tmp_path: Path) -> None:
    trestle()
    told, usecase = [], lived_in.pilot["usecase"]
    for kind, name in (("catalog", "headway-core"), ("component-definition", usecase), ("assessment-results", usecase)):
        lived_in.home.run("dossier", "oscal", name, "--kind", kind, "--to", str(tmp_path / f"{kind}.json"))
        told.append(json.loads((tmp_path / f"{kind}.json").read_text()))
    assert wrong_by_trestle(tmp_path, told) == ""


def test_word_files_and_registers_open_in_libreoffice_without_repair(
    lived_in: LivedIn, window: Open, tmp_path: Path
) -> None:
    soffice()
    usecase = lived_in.pilot["usecase"]
    with lived_in.client("ada") as ada:
        made = ada.post(f"/usecases/{usecase}/dossiers", {"kind": "model_risk"})
        word = ada.get_bytes(f"/dossiers/{made['id']}/files/document.docx")
        title = ada.get(f"/usecases/{usecase}")["title"]
    read = opened_by_libreoffice(tmp_path, {"risk.docx": word}, "txt:Text (encoded):UTF8")["risk.docx"]
    assert made["digest"] in read.replace("\n", "") and "Validation and effective challenge" in read and title in read
    page = window("ada").page
    sheets = {}
    for name in (*REGISTERS, f"usecases/{usecase}/risks", f"allocations/{lived_in.allocation}"):
        answer = page.request.get(f"{lived_in.url}/{name}?format=xlsx")
        assert answer.ok and answer.body().startswith(b"PK"), name
        sheets[f"{name.rpartition('/')[2]}.xlsx"] = answer.body()
    (tmp_path / "sheets").mkdir()
    texts = opened_by_libreoffice(tmp_path / "sheets", sheets, "csv:Text - txt - csv (StarCalc):44,34,76,1")
    assert all(len(text.splitlines()) >= 1 and "," in text for text in texts.values())
    assert (
        title in texts["usecases.xlsx"] and "HW-QUALITY" in texts["waivers.xlsx"] and usecase in texts["dossiers.xlsx"]
    )
