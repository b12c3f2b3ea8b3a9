"""A customer's solution, installed from a folder outside the tree, comes through the same door as ours."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e  # starts real processes

SOLUTION = """
from headway import portfolio

solution = portfolio.Solution(
    id="it.ticket-routing",
    title="Ticket routing",
    department="it",
    purpose="Send each ticket to the team that solves it.",
    contract=portfolio.ContractExpectations(),
    features=portfolio.FeatureRules(),
    training=portfolio.TrainingDefaults(),
    decision=portfolio.DecisionRules(
        bands=(portfolio.Band(name="sure", action="route", share=0.8), portfolio.Band(name="unsure", action="ask", share=0.2)),
        default_action="ask",
        holdout_share=0.05,
        subject="ticket",
    ),
    risk={"annex_iii": (), "personal_data": False},
    indicators=(portfolio.Indicator(id="hops", title="Hand-overs", unit="count", formula="mean(hand_overs)", higher_is_better=False),),
)
"""


def install(folder: Path) -> None:
    """Lay a package and its metadata into a folder, as an installer does."""
    package = folder / "acme_tickets"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(SOLUTION)
    info = folder / "acme_tickets-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tickets\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text("[headway.solutions]\nit.ticket-routing = acme_tickets:solution\n")


def test_a_solution_from_outside_the_tree_loads_beside_ours(tmp_path: Path) -> None:
    install(tmp_path)
    script = """
        import json, sys
        from dataclasses import asdict
        sys.path.insert(0, sys.argv[1])
        from headway import portfolio
        shelf = portfolio.load_solutions()
        print(json.dumps({entry.id: asdict(entry) for entry in shelf.loaded}))
        assert shelf.get("it.ticket-routing").decision.subject == "ticket"
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    import json

    found = json.loads(done.stdout)
    assert found["sales.lead-scoring"]["state"] == "loaded"
    assert found["it.ticket-routing"] == {
        "id": "it.ticket-routing",
        "title": "Ticket routing",
        "department": "it",
        "state": "loaded",
        "package": "acme-tickets 2.1",
        "target": "acme_tickets:solution",
        "reason": None,
    }
