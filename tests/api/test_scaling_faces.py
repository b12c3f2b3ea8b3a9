"""Plans to scale, over HTTP and at the terminal: who may make, read and feed one, and what each face says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.crypto import Signer
from headway.kernel.web import Parts
from headway.scaling.cli import app as scale_app
from headway_client import Client, Denied, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import application
from tests.factories.planned import piloted, platform
from tests.factories.regions import Regions, regions

AFTER = {"usecase": "lead-scoring", "department": "sales-south"}


@pytest.fixture(scope="module")
def company() -> Regions:
    return regions(5, rows=9_000)


@pytest.fixture(scope="module")
def ready(
    postgres_url: str,
    migrated_template: str,
    signer: Signer,
    company: Regions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("scaling")
    with platform(postgres_url, migrated_template, signer, folder) as parts:
        yield piloted(parts, company, folder, has_worker=True)


@pytest.fixture
def app(ready: Parts) -> FastAPI:
    return application(ready)


@pytest.fixture
def owner(app: FastAPI, ready: Parts) -> Iterator[Client]:
    _, token = local_owner(ready.database)
    with Client("http://app", token, transport=AppTransport(app)) as client:
        yield client


@pytest.fixture
def run(owner: Client) -> CliRunner:
    @contextmanager
    def connect() -> Iterator[Client]:
        yield owner

    terminal.set_connector(connect)
    return CliRunner()


def say(run: CliRunner, *words: str) -> Any:
    made = run.invoke(scale_app, [*words, "--output", "json"])
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)


def test_a_plan_is_made_shown_and_fed_at_the_terminal(
    run: CliRunner, owner: Client, company: Regions, tmp_path: Path
) -> None:
    path, outcome = tmp_path / "leads_emea.csv", company.columns["converted"]
    company.south.drop(outcome).write_csv(path)
    asked = ("lead-scoring", "--to", "sales-south", "--data", str(path))
    refused = run.invoke(scale_app, list(asked))
    assert refused.exit_code != 0 and "not built yet" in str(refused.exception)
    made = say(run, *asked, "--plan-only")
    assert (made["state"], made["department"]) == ("done", "sales-south")
    plan = made["id"]
    told = run.invoke(scale_app, ["show", plan]).stdout
    assert "forecast    ROC AUC" in told and "cannot be" in told and "herkunft" in told
    assert plan in [one["id"] for one in say(run, "list", "--usecase", "lead-scoring")["items"]]
    rows = tmp_path / "to_label.csv"
    say(run, "to-label", plan, "--to", str(rows), "--limit", "120")
    header, *lines = rows.read_text().splitlines()
    assert header == "row,subject,outcome" and len(lines) == 120
    truth = company.south[outcome].to_list()
    filled = [f"{line}{truth[int(line.split(',')[0]) - 1]}" for line in lines]
    rows.write_text("\n".join([header, *filled]) + "\n")
    check = say(run, "labels", plan, str(rows))
    assert check["labels"] == 120 and check["state"] in ("open", "stands")
    assert [one["used"] for one in say(run, "labels", plan)["items"]] == [120]
    assert owner.scale_plans.show(plan).check == check
    rows.write_text("row,outcome\n1,perhaps\n")
    with pytest.raises(Invalid) as fault:
        owner.scale_plans.bring_labels(plan, rows)
    assert "perhaps" in str(fault.value)


def test_a_plan_can_start_from_an_upload_or_a_data_product(owner: Client, company: Regions, tmp_path: Path) -> None:
    path = tmp_path / "south.csv"
    company.south.head(900).write_csv(path)
    upload = owner.uploads.keep(path, department="sales-south")
    first = owner.scale_plans.start("lead-scoring", upload=upload.id, department="sales-south")
    owner.wait(first)
    with pytest.raises(Denied):
        owner.scale_plans.start("lead-scoring", upload=upload.id, department="finance")
    registered = owner.products.register(path, department="sales-south", name="leads")
    second = owner.scale_plans.start("lead-scoring", product="sales-south.leads", department="sales-south")
    owner.wait(second)
    assert registered
    plans = [owner.scale_plans.show(one.plan).result for one in (first, second)]
    assert plans[0] is not None and plans[1] is not None
    assert plans[0]["forecast"] == plans[1]["forecast"]


def test_only_who_works_in_both_departments_may_plan(app: FastAPI, owner: Client, ready: Parts, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("a,b\n1,2\n")
    both = ((Role.data_scientist, "sales-north"), (Role.data_scientist, "sales-south"))
    for roles, may in (((both[1],), False), (((Role.employee, "sales-south"), both[0]), False), (both, True)):
        _, secret = join(ready.database, "-".join(f"{role.value}-{place}" for role, place in roles), *roles)
        with Client("http://app", secret, transport=AppTransport(app)) as client:
            if may:
                started = client.scale_plans.start("lead-scoring", path, department="sales-south")
                assert started.plan.startswith("scp_")
            else:
                with pytest.raises(Denied):
                    client.scale_plans.start("lead-scoring", path, department="sales-south")
