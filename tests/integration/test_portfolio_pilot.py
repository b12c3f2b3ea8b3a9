"""A pilot from its file to a decision with a whole chain of evidence, on a real database, storage and lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headway import portfolio, serving
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.canonical import file_digest
from headway.kernel.crypto import load_or_create_secret
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Parts
from headway.solutions.sales import lead_scoring

ACTOR = Actor(ref="person:tester", name="Tester", roles=(RoleGrant(role="ai_office"),))


@pytest.fixture
def running(parts: Parts) -> Iterator[Parts]:
    load_or_create_secret(parts.settings.segment_key_file)
    parts.jobs.define("pilot", portfolio.pilot_job)
    yield parts


def request_for(parts: Parts, path: Path, **changes: object) -> portfolio.PilotRequest:
    digest = file_digest(path)
    key = "uploads/" + digest.removeprefix("sha256-")
    parts.storage.ensure(key, path)
    asked: dict[str, object] = {
        "name": "lead-scoring",
        "solution": "sales.lead-scoring",
        "department": "sales",
        "filename": path.name,
        "file_key": key,
        "file_digest": digest,
        "label": "converted",
        "positive": None,
        "time": "created_at",
        "ordered": False,
        "subject": "lead_id",
        "exclude": (),
        "value_per_success": "120.00 EUR",
        "cost_per_action": "4.00 EUR",
        **changes,
    }
    return portfolio.PilotRequest(**asked)  # type: ignore[arg-type]


def run(parts: Parts, request: portfolio.PilotRequest) -> dict[str, object]:
    with parts.database.session() as session:
        started = portfolio.start_pilot(session, ACTOR, parts.jobs, portfolio.shelf(None), request=request)
    return parts.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)


def test_pilot_goes_from_file_to_deployment(running: Parts, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    lead_scoring.write_example(path, rows=1500, seed=5)
    result = run(running, request_for(running, path))
    print(result)
    with running.database.session() as session:
        print(portfolio.get_report(session, running.storage, str(result["pilot"]))[0])
