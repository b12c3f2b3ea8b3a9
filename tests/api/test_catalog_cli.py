"""``headway product`` and ``headway contract`` against the real routes, without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headway.catalog.cli import contract_app, product_app
from headway.catalog.keeping.routes import router as keeping_router
from headway.catalog.repairs.routes import router as repairs_router
from headway.catalog.routes import router
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, local_owner


@pytest.fixture
def run(parts: Parts) -> Iterator[CliRunner]:
    app = api(parts, [])
    for routes in (router, repairs_router, keeping_router):
        app.include_router(routes, prefix="/api/v1")
    token = local_owner(parts.database)[1]

    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", token, transport=AppTransport(app)) as client:
            yield client

    terminal.set_connector(connect)
    yield CliRunner()


def leads(path: Path, extra: str = "") -> Path:
    lines = [f"L-{n:04d},{('web', 'fair')[n % 2]},{('yes', 'no')[n % 3 > 0]}" for n in range(120)]
    path.write_text("lead_id,channel,won\n" + "\n".join(lines) + "\n" + extra)
    return path


def as_json(run: CliRunner, app: Any, *words: str, exit_code: int = 0) -> Any:
    result = run.invoke(app, [*words, "--output", "json"])
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_a_product_is_added_and_shown(run: CliRunner, tmp_path: Path) -> None:
    source = leads(tmp_path / "leads.csv")
    made = as_json(
        run, product_app, "add", str(source), "--department", "sales", "--label", "won", "--exclude", "channel"
    )
    assert (made["product"]["slug"], made["created"]) == ("sales.leads", True)
    assert [one["slug"] for one in as_json(run, product_app, "list")["items"]] == ["sales.leads"]
    shown = run.invoke(product_app, ["show", "sales.leads", "--sample", "2"]).stdout
    assert "L-0001" in shown
    assert "excluded" in shown
    assert "one of 2" in shown
    contract = run.invoke(contract_app, ["show", "sales.leads"]).stdout
    assert "apiVersion: v3.1.0" in contract
    assert as_json(run, contract_app, "show", "sales.leads") == made["product"]["contract"]


def test_faults_and_quality_are_told(run: CliRunner, tmp_path: Path) -> None:
    add = ["--department", "sales", "--name", "leads", "--label", "won"]
    run.invoke(product_app, ["add", str(leads(tmp_path / "a.csv")), *add])
    told = run.invoke(product_app, ["add", str(leads(tmp_path / "b.csv", "L-0000,pigeon,yes\n")), *add])
    assert "rows with faults  1" in told.stdout
    listed = as_json(run, product_app, "faults", "sales.leads")
    assert [(one["row"], one["column"], one["rule"]) for one in listed["items"]] == [
        (121, "lead_id", "primary_key"),
        (121, "channel", "enum"),
    ]
    assert "pigeon" in run.invoke(product_app, ["quality", "sales.leads"]).stdout
    lines = run.invoke(product_app, ["faults", "sales.leads", "--csv"]).stdout.splitlines()
    assert len(lines) == 3


def test_probably_wrong_cells_are_suggested(run: CliRunner, tmp_path: Path) -> None:
    source = leads(tmp_path / "leads.csv", "L-0999,webb,yes\n")
    run.invoke(product_app, ["add", str(source), "--department", "sales", "--label", "won"])
    listed = as_json(run, product_app, "suggest", "sales.leads")
    assert [(one["row"], one["old"], one["new"]) for one in listed["items"]] == [(121, "webb", "web")]
    shown = run.invoke(product_app, ["suggest", "sales.leads", "--column", "channel"]).stdout
    assert "dictionary" in shown
    assert as_json(run, product_app, "suggest", "sales.leads", "--column", "won")["items"] == []


def test_a_check_exits_with_5_where_rows_break_the_contract(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(product_app, ["add", str(leads(tmp_path / "leads.csv")), "--department", "sales", "--label", "won"])
    contract = tmp_path / "contract.yaml"
    contract.write_text(run.invoke(contract_app, ["show", "sales.leads"]).stdout)
    good = as_json(run, contract_app, "check", str(tmp_path / "leads.csv"), str(contract))
    assert set(good) == {"rows", "failed_rows", "score", "rules", "quarantine", "seconds"}
    assert all(rule["passed"] for rule in good["rules"])
    bad = leads(tmp_path / "bad.csv", "L-9999,pigeon,yes\n")
    kept = tmp_path / "kept.csv"
    report = as_json(run, contract_app, "check", str(bad), str(contract), "--quarantine", str(kept), exit_code=5)
    assert set(report["rules"][0]) == {"id", "column", "kind", "failed", "checked", "threshold", "passed"}
    assert [one["id"] for one in report["rules"] if one["failed"]] == ["channel.enum"]
    assert (report["quarantine"], report["failed_rows"]) == (str(kept), 1)
    assert kept.read_text().splitlines()[1] == "121,channel.enum,L-9999,pigeon,yes"
    run.invoke(contract_app, ["check", str(bad), str(contract), "--quarantine", str(tmp_path / "kept.parquet")])
    assert (tmp_path / "kept.parquet").read_bytes()[:4] == b"PAR1"


def test_a_contract_is_inferred_from_a_file(run: CliRunner, tmp_path: Path) -> None:
    source = leads(tmp_path / "leads.csv")
    shown = run.invoke(contract_app, ["infer", str(source), "--department", "sales"])
    assert "dataProduct: sales.leads" in shown.stdout
    made = as_json(run, contract_app, "infer", str(source), "--name", "offers", "--to", str(tmp_path / "c.yaml"))
    assert made["schema"][0]["name"] == "offers"
    assert as_json(run, contract_app, "check", str(source), str(tmp_path / "c.yaml"))["failed_rows"] == 0
    assert run.invoke(contract_app, ["infer", str(source), "--to", str(tmp_path / "c.yaml")]).stdout == ""


def test_lint_exits_with_1_on_errors(run: CliRunner, tmp_path: Path) -> None:
    source, contract, terms = leads(tmp_path / "leads.csv"), tmp_path / "c.yaml", tmp_path / "terms.yaml"
    run.invoke(contract_app, ["infer", str(source), "--department", "sales", "--to", str(contract)])
    assert as_json(run, contract_app, "lint", str(contract))["errors"] == 0
    terms.write_text("offer: {synonyms: [lead_id]}\n")
    held = run.invoke(contract_app, ["lint", str(contract), "--dictionary", str(terms)])
    assert held.exit_code == 1
    assert "call it offer" in held.stdout
    missing = run.invoke(contract_app, ["lint", "missing.yaml"])
    assert missing.exit_code == 2
    assert "there is no file missing.yaml" in missing.output


def test_diff_exits_with_1_where_something_breaks(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(product_app, ["add", str(leads(tmp_path / "leads.csv")), "--department", "sales", "--label", "won"])
    contract = tmp_path / "next.yaml"
    contract.write_text(
        run.invoke(contract_app, ["show", "sales.leads"]).stdout.replace("required: true", "required: false")
    )
    found = as_json(run, contract_app, "diff", "sales.leads", str(contract), exit_code=1)
    assert {one["kind"] for one in found["changes"]} == {"required_removed"}
    told = run.invoke(contract_app, ["diff", "sales.leads", str(contract)])
    assert "required_removed" in told.stdout
    assert "at least 2.0.0" in told.output
    same = as_json(run, contract_app, "diff", "sales.leads", "sales.leads")
    assert (same["changes"], same["bump"]) == ([], "none")
    assert as_json(run, contract_app, "diff", str(contract), "sales.leads")["bump"] == "minor"


def test_suggestions_are_accepted_and_taken_back_and_snapshots_kept(run: CliRunner, tmp_path: Path) -> None:
    source = leads(tmp_path / "leads.csv", "L-0999,webb,yes\n")
    run.invoke(product_app, ["add", str(source), "--department", "sales", "--label", "won"])
    groups = as_json(run, product_app, "suggest", "sales.leads", "--groups")["groups"]
    assert [(one["column"], one["cells"]) for one in groups] == [("channel", 1)]
    bare = run.invoke(product_app, ["accept", "sales.leads", "--reason", "seen"])
    assert bare.exit_code == 2 and "--all" in bare.output
    act = as_json(run, product_app, "accept", "sales.leads", "--cell", "121:channel", "--reason", "seen")
    assert (act["kind"], act["cells"]) == ("accepted", 1)
    [cell] = as_json(run, product_app, "repairs", "sales.leads", "--act", act["id"])["items"]
    assert (cell["old"], cell["new"]) == ("webb", "web")
    undone = as_json(run, product_app, "undo", "sales.leads", act["id"], "--reason", "it was right")
    assert undone["undoes"] == act["id"]
    assert as_json(run, product_app, "label", "row", "sales.leads", "121", "--wrong", "channel=fair") == {"labelled": 1}
    task = as_json(run, product_app, "label", "rows", "sales.leads", "--count", "1")
    assert [one["wrong"] for one in task["labelled"]] == [{"channel": "fair"}]
    more = leads(tmp_path / "more.csv").read_text().replace("L-0", "M-0")
    (tmp_path / "leads.csv").write_text(more)
    added = as_json(run, product_app, "add", str(tmp_path / "leads.csv"), "--department", "sales", "--mode", "append")
    assert added["snapshot"]["rows"] == 241
    kept = as_json(run, product_app, "snapshots", "sales.leads")["items"]
    assert [one["mode"] for one in kept] == ["append", "undo", "repair", "replace"]
    assert as_json(run, product_app, "retention", "sales.leads", "--days", "7")["keep_days"] == 7
    assert as_json(run, product_app, "compact", "sales.leads", "--files", "1")["files_after"] == 1
    assert as_json(run, product_app, "expire", "sales.leads")["kept"] == 4
