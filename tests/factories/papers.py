"""How others read what was handed over: a bare Python, compliance-trestle, LibreOffice, khal, datacontract-cli, a reader of PDF."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from headway.kernel.canonical import canonical_json, sha256


def is_tagged(data: bytes) -> bool:
    """Whether a PDF says that it is PDF/UA: tagged, in a language, called by its title."""
    root = PdfReader(io.BytesIO(data)).trailer["/Root"]
    return bool(
        root["/MarkInfo"]["/Marked"]
        and root["/Lang"]
        and root["/ViewerPreferences"]["/DisplayDocTitle"]
        and root["/StructTreeRoot"]["/K"]
        and b"pdfuaid" in root["/Metadata"].get_data()
    )


def words_of(data: bytes) -> str:
    """The text of a PDF."""
    pages = PdfReader(io.BytesIO(data)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")


# --- the auditor's bundle ----------------------------------------------------------------------------------------


def verify(folder: Path, data: bytes) -> tuple[int, dict[str, object]]:
    """Run the verifier that is in a bundle by a bare Python, which sees neither Headway nor any library."""
    path, program = folder / "bundle.zip", folder / "verify.py"
    path.write_bytes(data)
    if not program.exists():
        program.write_bytes(zipfile.ZipFile(path).read("verify.py"))
    bare = [sys.executable, "-I", "-S", "-W", "error", str(program), str(path)]
    done = subprocess.run(bare, capture_output=True, text=True, cwd=folder, env={}, timeout=120)
    return done.returncode, json.loads(done.stdout)


def changed_zip(data: bytes, name: str, *, mends_manifest: bool) -> bytes:
    """A bundle in which one byte of a file differs, with or without a manifest that was written anew to fit."""
    read = zipfile.ZipFile(io.BytesIO(data))
    files = {one: read.read(one) for one in read.namelist()}
    body = bytearray(files[name])
    at = body.index(b'"payload":"') + 12 if b'"payload":"' in body else len(body) // 2
    body[at] = ord("A") if body[at] != ord("A") else ord("B")
    files[name] = bytes(body)
    if mends_manifest:
        told = json.loads(files["manifest.json"])
        told["files"][name] = sha256(files[name])
        files["manifest.json"] = canonical_json(told)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for one, content_ in files.items():
            bundle.writestr(one, content_)
    return out.getvalue()


# --- OSCAL -------------------------------------------------------------------------------------------------------


def trestle() -> str:
    """The program compliance-trestle in an environment of its own; skips where it is not there."""
    own = Path(__file__).resolve().parents[2] / "build" / "trestle" / "bin" / "trestle"
    if not own.exists():
        pytest.skip("compliance-trestle is not installed: 'make oscal' makes an environment of its own for it")
    return str(own)


def wrong_by_trestle(folder: Path, told: list[dict[str, object]]) -> str:
    """What ``trestle import`` and ``trestle validate`` have against OSCAL documents; empty: nothing.

    The first reads each by its models, the second holds the whole workspace to what no single model tells (references that lead
    nowhere, identifiers that are there twice).
    """
    program, place = trestle(), folder / "oscal"
    place.mkdir()
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def run(*words: str) -> str:
        done = subprocess.run([program, *words], capture_output=True, text=True, env=environ, cwd=place, timeout=240)
        return "" if done.returncode == 0 else f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    faults = [run("init", "--local")]
    for number, document in enumerate(told):
        path = folder / f"document-{number}.json"
        path.write_text(json.dumps(document))
        faults.append(run("import", "-f", str(path), "-o", f"document-{number}"))
    return "\n".join(one for one in (*faults, run("validate", "-a")) if one)


# --- datacontract-cli, a checker of contracts -----------------------------------------------------------------------


def linted_by_datacontract(folder: Path, contract: str) -> str:
    """What datacontract-cli says of a contract, empty where nothing is wrong; skips without it."""
    own = Path(__file__).resolve().parents[2] / "build" / "datacontract" / "bin" / "datacontract"
    if not own.exists():
        pytest.skip(
            "datacontract-cli is not installed: 'make build/datacontract/bin/datacontract' makes an environment for it"
        )
    path = folder / "contract.yaml"
    path.write_text(contract, encoding="utf-8")
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "200"}
    done = subprocess.run([str(own), "lint", str(path)], capture_output=True, text=True, check=False, env=environ)
    return "" if done.returncode == 0 else done.stdout + done.stderr


# --- khal, a calendar at the terminal ----------------------------------------------------------------------------


def printed_by_khal(folder: Path, feed: str) -> list[str]:
    """The meetings of a feed, a line each, as a calendar program shows them to somebody in Berlin; skips without khal."""
    own = Path(__file__).resolve().parents[2] / "build" / "khal" / "bin" / "khal"
    if not own.exists():
        pytest.skip("khal is not installed: 'make build/khal/bin/khal' makes an environment of its own for it")
    kept, path, config = folder / "kept", folder / "feed.ics", folder / "config"
    kept.mkdir()
    path.write_text(feed, newline="")
    zones = "local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
    shapes = "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
    shapes += "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
    config.write_text(
        f"[calendars]\n[[council]]\npath = {kept}\n[locale]\n{zones}{shapes}[default]\ndefault_calendar = council\n"
        f"[sqlite]\npath = {folder / 'khal.db'}\n"
    )
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def run(*words: str) -> str:
        command = [str(own), "-c", str(config), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=folder, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("import", "--batch", str(path))
    form = "{start}|{end-time}|{title}|{location}|{status}"
    return [line for line in run("list", "--format", form, "--day-format", "", "today", "400d").splitlines() if line]


# --- LibreOffice -------------------------------------------------------------------------------------------------


def soffice() -> str:
    """The program; skips where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        pytest.skip(
            "LibreOffice is not installed: apt-get install --no-install-recommends libreoffice-calc libreoffice-writer"
        )
    return found


def opened_by_libreoffice(folder: Path, files: dict[str, bytes], ending: str) -> dict[str, str]:
    """Have LibreOffice open files and write them in another format; what it wrote, by name.

    It opens nothing that it would have to repair: without a screen there is nobody who could agree to it.
    """
    came, went, profile = folder / "came", folder / "went", folder / "profile"
    came.mkdir()
    for name, data in files.items():
        (came / name).write_bytes(data)
    command = [soffice(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", ending]
    command += ["--outdir", str(went), *(str(came / name) for name in files)]
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=240)
    assert done.returncode == 0, done.stderr
    suffix = ending.partition(":")[0]
    return {name: (went / Path(name).with_suffix(f".{suffix}").name).read_text("utf-8-sig") for name in files}


def exported_by_datacontract(folder: Path, contract: str) -> str:
    """A contract read by datacontract-cli and written by it again as ODCS; skips without it."""
    own = Path(__file__).resolve().parents[2] / "build" / "datacontract" / "bin" / "datacontract"
    if not own.exists():
        pytest.skip(
            "datacontract-cli is not installed: 'make build/datacontract/bin/datacontract' makes an environment for it"
        )
    path, out = folder / "contract.yaml", folder / "exported.yaml"
    path.write_text(contract, encoding="utf-8")
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "200"}
    words = [str(own), "export", "odcs", str(path), "--output", str(out)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environ, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return out.read_text(encoding="utf-8")


# --- dataproduct-cli, a checker of descriptors, beside it --------------------------------------------------------------


def linted_by_dataproduct(folder: Path, descriptor: str) -> str:
    """What dataproduct-cli says of a descriptor by the JSON schema of ODPS it ships, empty where nothing is wrong; skips without it."""
    own = Path(__file__).resolve().parents[2] / "build" / "datacontract" / "bin" / "dataproduct"
    if not own.exists():
        pytest.skip(
            "dataproduct-cli is not installed: 'make build/datacontract/bin/dataproduct' makes an environment for it"
        )
    path = folder / "product.odps.yaml"
    path.write_text(descriptor, encoding="utf-8")
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "200"}
    words = [str(own), "lint", "--all-errors", "--no-resolve-references", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environ, cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr
