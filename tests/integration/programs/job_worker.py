"""A worker in a process of its own, for tests that kill it: ``job_worker.py DATABASE_URL FOLDER``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from headway.kernel import logs, process
from headway.kernel.auth import SYSTEM, Actor, Resource
from headway.kernel.crypto import load_or_create_signer
from headway.kernel.database import Database
from headway.kernel.jobs import JobContext, JobFunction, Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts

PATIENCE_SECONDS = 60.0


class AllowAll:
    """An authorizer without rules."""

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Allow."""

    def allows(self, actor: Actor, action: str, resource: Resource) -> bool:
        """Allow."""
        return True


def note(folder: Path, step: str) -> str:
    """Write down that a step ran, and in which process."""
    with (folder / "ran.txt").open("a") as stream:
        stream.write(f"{os.getpid()} {step}\n")
    return step


def slow(folder: Path) -> str:
    """Wait for the file ``go``."""
    note(folder, "slow")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "go").exists():
        if time.monotonic() > deadline:
            raise TimeoutError("nobody made the file go")
        time.sleep(0.01)
    return "slow"


def work(folder: Path) -> JobFunction:
    """A job of three steps, the middle one slow."""

    def run(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        done = [context.step("prepare", partial(note, folder, "prepare"))]
        done.append(context.step("slow", partial(slow, folder)))
        done.append(context.step("finish", partial(note, folder, "finish")))
        return {"done": done, "by": os.getpid()}

    return run


def many(folder: Path) -> JobFunction:
    """A job of forty steps that each write a row."""

    def one(context: JobContext, number: int) -> int:
        note(folder, f"part {number}")
        time.sleep(0.05)
        with context.parts.database.session() as session:
            session.connection().exec_driver_sql(
                "insert into public.parts (job, part) values (%s, %s) on conflict do nothing", (context.job_id, number)
            )
        return number

    def run(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
        return {"parts": [context.step(f"part {n}", partial(one, context, n)) for n in range(40)]}

    return run


def jobs_on(url: str, folder: Path, *, grace_seconds: float = 30.0) -> tuple[Jobs, Callable[[], None]]:
    """Jobs ready to launch on a database, and what closes them and their connections."""
    database = Database(url, pool_size=4)
    jobs = Jobs(database, grace_seconds=grace_seconds)
    jobs.define("work", work(folder))
    jobs.define("many", many(folder))
    jobs.bind(
        Parts(
            settings=Settings(home=folder, database_url=url),
            database=database,
            storage=Storage((folder / "storage").as_uri()),
            signer=load_or_create_signer(folder / "keys" / "signer.key"),
            jobs=jobs,
            authorizer=AllowAll(),
            authenticate=lambda session, token: SYSTEM,
        )
    )

    def close() -> None:
        jobs.close()
        database.close()

    return jobs, close


if __name__ == "__main__":
    process.die_with_parent()
    logs.configure("warning")
    launched, _ = jobs_on(sys.argv[1], Path(sys.argv[2]))
    launched.launch(worker=True)
    (Path(sys.argv[2]) / f"ready.{os.getpid()}").touch()
    time.sleep(PATIENCE_SECONDS)
