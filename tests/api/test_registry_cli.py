"""``headway model`` against the real routes, without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from typer.testing import CliRunner, Result

from headway import catalog, governance, registry
from headway.governance.routes import approvals as approval_routes
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.routes import router as job_routes
from headway.kernel.web import Parts
from headway.registry.cli import app as command
from headway.registry.routes import router
from headway_client import Client
from headway_client import Conflict as ClientConflict
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.suspects import suspected
from tests.factories.training import leads


class Desk:
    """The terminal of whoever sits there."""

    def __init__(self) -> None:
        self.who: Actor = ANA

    def __call__(self, *words: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(command, list(words))

    def json(self, *words: str) -> dict[str, object]:
        """Run a command that prints one JSON object."""
        done = self(*words, "--output", "json")
        assert done.exit_code == 0, done.output
        return dict(json.loads(done.stdout))


@pytest.fixture
def desk(parts: Parts, tmp_path: Path) -> Iterator[Desk]:
    made = Desk()
    app = FastAPI()
    changed = {"authenticate": lambda session, token: made.who}
    app.state.parts = Parts(**{**{f: getattr(parts, f) for f in parts.__slots__}, **changed})
    app.include_router(router, prefix="/api/v1")
    app.include_router(job_routes, prefix="/api/v1")
    app.include_router(approval_routes, prefix="/api/v1")

    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    @contextmanager
    def connect() -> Iterator[Client]:
        with Client("http://app", "token", transport=AppTransport(app)) as client:
            yield client

    source = tmp_path / "leads.csv"
    leads().write_csv(source)
    with parts.database.session() as session:
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        product = catalog.register_product(
            session,
            ANA,
            parts.storage,
            catalog.lake_of(parts),
            source=source,
            filename="leads.csv",
            department="sales",
            name="leads",
            label="won",
        ).product
        wish = registry.TrainingWish(product=product.slug, usecase="lead-scoring", ordered=True)
        planned = registry.plan_training(session, wish)
    registry.train_product(parts, ANA, usecase="lead-scoring", spec=planned, run_id="run-1")
    terminal.set_connector(connect)
    yield made


def test_models_versions_and_cards_are_printed(desk: Desk) -> None:
    assert "lead-scoring" in desk("list").stdout
    shown = desk.json("show", "lead-scoring")
    assert shown["ref"] == "model:lead-scoring@1"
    assert desk.json("show", "model:lead-scoring@1") == shown
    assert desk.json("versions", "lead-scoring")["items"] == [shown]
    assert desk("card", "lead-scoring").stdout.startswith("# lead-scoring")
    assert desk.json("card", "lead-scoring") == shown["report"]
    assert desk.json("alias", "lead-scoring", "champion")["aliases"] == {"champion": 1}


def test_a_version_goes_all_the_way_to_production(desk: Desk) -> None:
    assert desk.json("release", "lead-scoring")["status"] == "released"
    asked = desk("release", "lead-scoring", "--environment", "production", "--output", "json")
    assert "headway model approve" in asked.stderr
    release = json.loads(asked.stdout)
    assert release["status"] == "requested"
    desk.who = BEN
    released = desk.json("approve", release["id"], "--reason", "read the card")
    assert released["status"] == "released"
    assert {row["environment"] for row in desk.json("releases")["items"]} == {"sandbox", "production"}  # type: ignore[attr-defined]


def test_the_first_yes_of_two_says_how_many_are_there(desk: Desk, parts: Parts) -> None:
    with parts.database.session() as session:
        governance.set_quorum(session, ANA, "production", needed=2, reason="customers are affected")
    release = str(desk.json("release", "lead-scoring", "--environment", "production")["id"])
    desk.who = BEN
    first = desk("approve", release, "--reason", "read the card", "--output", "json")
    assert "1 of 2 needed are there" in first.stderr
    assert json.loads(first.stdout)["status"] == "requested"
    refused = desk("approve", release, "--reason", "read it again")
    assert isinstance(refused.exception, ClientConflict) and refused.exception.code == "governance.already_voted"
    desk.who = Actor(ref="person:cleo", name="Cleo")
    assert desk.json("approve", release, "--reason", "figures hold")["status"] == "released"


def test_a_request_is_taken_back(desk: Desk) -> None:
    release = desk.json("release", "lead-scoring", "--environment", "pilot")
    assert desk.json("reject", str(release["id"]), "--reason", "not yet")["status"] == "rejected"


def test_people_read_a_few_lines_not_nested_json(desk: Desk) -> None:
    version = desk("show", "lead-scoring").stdout
    assert "model:lead-scoring@1" in version and "roc_auc" in version
    made = desk("release", "lead-scoring").stdout
    assert "released" in made and "in sandbox, until" in made
    asked = desk.json("release", "lead-scoring", "--environment", "production")
    desk.who = BEN
    approved = desk("approve", str(asked["id"]), "--reason", "read the card").stdout
    assert "pass in production" in approved
    for text in (version, made, approved):
        assert "{" not in text and len(text) < 3000


def test_a_release_is_revoked_at_the_terminal(desk: Desk) -> None:
    release = desk.json("release", "lead-scoring")
    assert desk("revoke", str(release["id"])).exit_code == 2, "a reason is needed"
    desk.who = BEN
    revoked = desk.json("revoke", str(release["id"]), "--reason", "it leaks")
    assert (revoked["revoked_by"], revoked["revoked_because"]) == (BEN.ref, "it leaks")


def test_a_suspect_is_cleared_at_the_terminal(desk: Desk, parts: Parts) -> None:
    with parts.database.session() as session:
        suspected(session, "weight")
    desk.who = BEN
    words = ("clear", "lead-scoring@1", "--column", "weight", "--reason", "weighed before the call")
    shown = desk(*words).stdout
    assert "model:lead-scoring@1" in shown and "weighed before the call" in shown
    assert desk.json(*words)["producer"] == BEN.ref


def test_training_waits_for_the_job_and_tells_the_warnings(desk: Desk, parts: Parts) -> None:
    parts.jobs.define("training", registry.training_job)
    parts.jobs.launch(worker=True)
    done = desk("train", "sales.leads", "--usecase", "lead-scoring", "--exclude", "weight", "--output", "json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made["version"] == "model:lead-scoring@2"
    assert "split at random" in done.stderr
    features = desk.json("show", made["version"])["report"]["features"]  # type: ignore[index]
    assert "weight" not in [feature["name"] for feature in features]
