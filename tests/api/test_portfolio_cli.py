"""``headway pilot``, ``solutions``, ``deployment``, ``decision`` and ``outcomes`` against the real routes, without a socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from pypdf import PdfReader
from typer.testing import CliRunner

from headway import catalog, ledger, portfolio, serving
from headway.entrypoints.http import create_app
from headway.kernel import terminal
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.web import Parts
from headway.portfolio import cli as portfolio_cli
from headway.serving import cli as serving_cli
from headway.solutions.sales import lead_scoring
from headway_client import Client, Conflict
from tests.factories.asgi import AppTransport
from tests.factories.serving import SmallNode, prepare_keys

ACTOR = Actor(ref="person:ana", name="Ana", roles=(RoleGrant(role="ai_office"),))


@pytest.fixture
def here(parts: Parts) -> Iterator[Parts]:
    made = replace(parts, authenticate=lambda session, token: ACTOR)
    prepare_keys(made)
    made.jobs.define("pilot", portfolio.pilot_job)
    made.jobs.bind(made)
    made.jobs.launch(worker=True)
    app = create_app(made)

    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", "token", transport=AppTransport(app)) as client:
            yield client

    terminal.set_connector(connect)
    yield made


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


def pilot_app() -> typer.Typer:
    app = typer.Typer()
    app.command()(portfolio_cli.pilot)
    return app


def test_a_file_goes_through_the_commands_to_a_shown_chain(here: Parts, run: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    lead_scoring.write_example(path, rows=1000, seed=4)
    words = [
        str(path), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted", "--time", "created_at",
        "--subject", "lead_id", "--exclude", lead_scoring.PLANTED_LEAK, "--exclude", "company_size",
    ]  # fmt: skip
    done = run.invoke(pilot_app(), words)
    assert done.exit_code == 0, done.output
    assert "Missing before production" in done.stdout
    assert "[1/6]" in done.stderr
    [(url, token, body)] = re.findall(r"curl -s (\S+) -H 'Authorization: Bearer (\S+)' -d '(.*)'", done.stdout)
    assert url.endswith("/v1/decisions/lead-scoring")
    assert token not in done.stderr
    record = json.loads(body)
    assert {"company_size", lead_scoring.PLANTED_LEAK} & set(record) == set()

    listed = json.loads(run.invoke(portfolio_cli.pilots_app, ["list", "--output", "json"]).stdout)["items"]
    assert [one["state"] for one in listed] == ["done"]
    assert token not in json.dumps(listed), "the secret is stored nowhere"
    report = run.invoke(portfolio_cli.pilots_app, ["report", listed[0]["id"]])
    assert report.stdout.startswith("# Pilot: Lead scoring for sales")
    printed = tmp_path / "report.pdf"
    written = run.invoke(
        portfolio_cli.pilots_app, ["report", listed[0]["id"], "--to", str(printed), "--output", "json"]
    )
    assert json.loads(written.stdout) == {"path": str(printed), "bytes": printed.stat().st_size}
    reader = PdfReader(printed)
    assert reader.metadata is not None and reader.metadata.title == "Pilot: Lead scoring for sales"
    assert "What acting on the best first finds" in "".join(page.extract_text() for page in reader.pages)

    serving.publish_due(here)
    node = SmallNode(here, tmp_path / "node", principal=ACTOR.ref)
    made = node.decide("lead-scoring", [record])
    node.ship()
    serving.take_in(here.database, here.storage, catalog.lake_of(here), node.key)
    ledger.sequence(here.database, here.storage, here.signer)
    shown = run.invoke(serving_cli.decision_app, ["show", made[0][0]])
    assert shown.exit_code == 0, shown.output
    assert "every link holds" in shown.stderr
    assert "BROKEN" not in shown.output
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(f"decision,outcome\n{made[0][0]},yes\n")
    imported = run.invoke(serving_cli.outcomes_app, ["import", str(outcomes), "--output", "json"])
    assert json.loads(imported.stdout)["added"] == 1

    radar = json.loads(run.invoke(portfolio_cli.standings_app, ["pitfalls", "lead-scoring", "--output", "json"]).stdout)
    assert {"no_measure", "silent_sponsor"} <= {one["kind"] for one in radar["items"]}
    suspended = run.invoke(
        serving_cli.deployment_app, ["suspend", "lead-scoring", "--reason", "over", "--output", "json"]
    )
    assert json.loads(suspended.stdout)["state"] == "suspended"
    resumed = run.invoke(serving_cli.deployment_app, ["resume", "lead-scoring", "--reason", "mended"])
    assert resumed.exit_code == 0
    killed = run.invoke(serving_cli.deployment_app, ["kill", "--department", "sales", "--reason", "it harms people"])
    assert "1 stopped for department:sales" in killed.output
    unknown = run.invoke(serving_cli.deployment_app, ["kill", "--vendor", "acme", "--reason", "their data leaked"])
    assert unknown.exit_code != 0 and "no vendor 'acme'" in str(unknown.exception)
    granted = run.invoke(
        serving_cli.deployment_app, ["grant", "lead-scoring", "--to", "service:crm", "--scope", "decide"]
    )
    assert "hwy_" in granted.stdout


def test_solutions_keep_their_verb_and_say_what_loaded(here: Parts, run: CliRunner) -> None:
    done = run.invoke(portfolio_cli.solutions_app, ["list", "--output", "json"])
    assert done.exit_code == 0, done.output
    assert "sales.lead-scoring" in {one["id"] for one in json.loads(done.stdout)["items"]}


def test_a_failed_pilot_is_told_as_the_error_it_was(here: Parts, run: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("a,b\n1,2\n")
    words = [str(path), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted"]
    done = run.invoke(pilot_app(), words)
    assert done.exit_code != 0
    assert done.exception is not None and "converted" in str(done.exception)
    retried = run.invoke(portfolio_cli.pilots_app, ["retry", json_of(run)["items"][0]["id"]])
    assert isinstance(retried.exception, Conflict)


def json_of(run: CliRunner) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(
        run.invoke(portfolio_cli.pilots_app, ["list", "--output", "json"]).stdout
    )
    return found
