"""Acceptance 8: evidence of a live deployment goes stale, the operate gate warns, then suspends, and the node stops within its limit.

The control plane runs in this process under a clock that starts 46 days ago and arrives at today; the node is a real process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headway import identity, monitoring, serving
from headway.entrypoints.stack import listening
from headway.governance.cli.gates import gate_app
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.web import Parts
from headway_client import Client
from tests.factories.governance import ANA
from tests.factories.identity import local_owner
from tests.factories.node import TOKEN, World
from tests.factories.operated import Operated, operated
from tests.factories.pages import signed_in
from tests.factories.serving import RECORD

pytestmark = pytest.mark.e2e
LIMIT_SECONDS = 5.0


@pytest.fixture
def node(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, environment="production")
    yield made
    made.stop()


@pytest.fixture
def platform(parts: Parts, node: World) -> Iterator[Parts]:
    """A control plane on the node's home and storage, its worker running, nothing done by itself."""
    settings = Settings(home=node.home, environment="production", database_url=parts.database.url)
    jobs = Jobs(parts.database)
    made = replace(
        parts,
        settings=settings,
        storage=node.storage,
        signer=node.signer,
        jobs=jobs,
        authorizer=identity.CedarAuthorizer(parts.database),
        authenticate=identity.authenticate,
    )
    jobs.define(monitoring.JOB, monitoring.monitoring_job)
    jobs.bind(made)
    yield made
    jobs.close()


def until(node: World, status: int, seconds: float) -> float:
    """Ask the node until it answers with a status; returns how long that took."""
    begun = time.monotonic()
    while True:
        try:
            found, answer, _ = node.decide(RECORD)
        except OSError as error:
            found, answer = 0, error
        if found == status:
            return time.monotonic() - begun
        assert time.monotonic() - begun < seconds, (found, answer)
        time.sleep(0.05)


def grant(company: Operated, until_: datetime) -> None:
    with company.parts.database.session() as session:
        serving.grant(
            session,
            ANA,
            name=company.name,
            environment="production",
            token_hash=identity.token_hash(TOKEN),
            principal="service:crm",
            scopes=list(serving.Scope),
            expires_at=until_,
        )


def test_stale_evidence_warns_then_suspends_and_the_node_stops(
    platform: Parts, node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC)
    runner = CliRunner()
    with clock.fixed(today - timedelta(days=46)) as held:
        company = operated(platform, held)  # two people, all evidence, monitoring looked at it once
        _, token = local_owner(platform.database)
        grant(company, today + timedelta(days=1))
        with listening(platform) as url, Client(url, token) as client:
            monkeypatch.setattr(terminal, "connect", lambda: Client(url, token))

            # a month later nobody has looked at it any more: the gate warns, and says until when
            held.at = today - timedelta(days=14, minutes=10)
            run = client.operate.ask()
            assert (run.asked, len(run.warned), run.suspended) == (1, 1, [])
            [finding] = client.operate.findings(state="warned").items
            assert finding.control == "HW-OP-MONITORED"
            assert finding.suspends_at == finding.since + timedelta(days=14)

            # on the last day of grace it still decides, and everybody sees the warning
            held.at = today - timedelta(minutes=11)
            assert client.operate.ask().suspended == []
            serving.publish_due(platform)
            node.start()
            until(node, 200, 30)
            told = runner.invoke(gate_app, ["findings"])
            assert told.exit_code == 0 and "HW-OP-MONITORED" in told.output and "warned" in told.output
            operator = signed_in(platform, "Opal", (Role.operator, "sales"))
            assert "It will be suspended on" in operator.text("/deployments/leads?environment=production")

            # the days of grace are over: the next run suspends, and the node refuses within its limit
            held.at = today
            asked = runner.invoke(gate_app, ["operate", "lead-scoring"])
            assert asked.exit_code == 5, asked.output
            took = until(node, 503, LIMIT_SECONDS)
            status, refused, _ = node.decide(RECORD)
            assert (status, refused["code"]) == (503, "node.deployment_suspended")
            assert "HW-OP-MONITORED" in str(refused)
            shown = client.deployments.show("leads", environment="production")
            assert shown.state == "suspended" and "suspended by the operate gate: HW-OP-MONITORED" in str(shown.reason)
            assert "Suspended by the operate gate" in operator.text("/deployments/leads?environment=production")

            # monitoring runs again, as a job that a person starts: the finding is cleared and the node decides
            platform.jobs.launch(worker=True)
            client.wait(client.monitors.run("leads", environment="production"))
            assert len(client.operate.ask(usecase="lead-scoring").cleared) == 1
            back = until(node, 200, LIMIT_SECONDS)
            assert client.deployments.show("leads", environment="production").state == "active"
    print(f"the node stopped after {took:.2f} s and decided again after {back:.2f} s")
