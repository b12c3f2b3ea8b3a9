"""A platform on which the first region has a model in the sandbox, and plans to take it to the second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from headway import portfolio, scaling
from headway.kernel.auth import SYSTEM, Actor, RoleGrant
from headway.kernel.canonical import file_digest
from headway.kernel.crypto import Signer
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from tests.factories.regions import Regions
from tests.factories.running import eventually
from tests.factories.serving import prepare_keys

ACTOR = Actor(ref="person:tester", name="Tester", roles=(RoleGrant(role="ai_office"),))


@contextmanager
def platform(url: str, template: str, signer: Signer, folder: Path) -> Iterator[Parts]:
    """Parts like those of the fixture ``parts``, for all tests of a module: a pilot takes seconds, plans do not disturb each other."""
    from tests.conftest import AllowAll, copied

    with copied(url, template) as database:
        storage, jobs = Storage((folder / "storage").as_uri()), Jobs(database)
        made = Parts(
            settings=Settings(home=folder / "home", database_url=database.url, storage_url=storage.url),
            database=database,
            storage=storage,
            signer=signer,
            jobs=jobs,
            authorizer=AllowAll(),
            authenticate=lambda session, token: SYSTEM,
        )
        made.settings.home.mkdir(parents=True, exist_ok=True)
        jobs.bind(made)
        try:
            yield made
        finally:
            jobs.close()


def kept(parts: Parts, path: Path) -> str:
    """Keep a file as an upload; returns its key."""
    key = "uploads/" + file_digest(path).removeprefix("sha256-")
    parts.storage.ensure(key, path)
    return key


def piloted(parts: Parts, company: Regions, folder: Path, *, has_worker: bool = False) -> Parts:
    """Run a pilot on the first region's leads.

    Args: has_worker: start a worker that takes jobs, as of plans that are asked for over HTTP.
    """
    prepare_keys(parts)
    parts.jobs.define("pilot", portfolio.pilot_job)
    parts.jobs.define("scale", scaling.scale_job)
    if has_worker:
        parts.jobs.launch(worker=True)
    path = folder / "leads.parquet"
    company.north.write_parquet(path)
    asked = portfolio.PilotRequest(
        name="lead-scoring",
        solution="sales.lead-scoring",
        department="sales-north",
        filename=path.name,
        file_key=kept(parts, path),
        file_digest=file_digest(path),
        label="converted",
        positive="yes",
        time="created_at",
        ordered=False,
        subject="lead_id",
        exclude=("action",),
        value_per_success=None,
        cost_per_action=None,
    )
    with parts.database.session() as session:
        pilot = portfolio.start_pilot(session, ACTOR, parts.jobs, portfolio.shelf(None), request=asked)
    if not has_worker:
        parts.jobs.run_now("pilot", {"pilot": pilot.id}, ACTOR)
    eventually(lambda: _is_done(parts, pilot.id), seconds=180)
    return parts


def _is_done(parts: Parts, pilot: str) -> bool:
    with parts.database.session() as session:
        return portfolio.get_pilot(session, pilot).state == "done"


def begun(parts: Parts, frame: pl.DataFrame, folder: Path, **changes: Any) -> scaling.ScalePlan:
    """Begin a plan for the second region from some of its rows."""
    path = folder / "leads_south.parquet"
    frame.write_parquet(path)
    with parts.database.session() as session:
        asked: dict[str, Any] = {
            "usecase": "lead-scoring",
            "department": "sales-south",
            "version": scaling.version_to_scale(session, "lead-scoring"),
            "filename": path.name,
            "file_key": kept(parts, path),
            "file_digest": file_digest(path),
            "columns": (),
            "values": (),
            **changes,
        }
        return scaling.start_plan(session, ACTOR, parts.jobs, request=scaling.PlanRequest(**asked))


def planned(parts: Parts, frame: pl.DataFrame, folder: Path, **changes: Any) -> scaling.ScalePlan:
    """Begin a plan and make it."""
    started = begun(parts, frame, folder, **changes)
    parts.jobs.run_now("scale", {"plan": started.id}, ACTOR)
    with parts.database.session() as session:
        return scaling.get_plan(session, started.id)
