"""What came of each arm's subjects, put together where the rows lie: a handful of numbers comes back, never the rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.kernel import clock
from headway.kernel.keeping import Kept
from headway.kernel.settings import Environment
from headway.serving import columns, store
from headway.serving.entities import ArmOutcomes, Deployment, OutcomesByArm
from headway.serving.errors import UnknownDeployment
from headway.serving.service.deployments import ref_of

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
UNNAMED = "-"
YES, NO = frozenset({"true", "yes", "1", "1.0"}), frozenset({"false", "no", "0", "0.0"})
_READ: Mapping[str, tuple[str, ...]] = {
    columns.DECISIONS: ("id", "at", "arm", "action"),
    columns.INPUTS: ("id", "subject"),
    columns.OUTCOMES: ("id", "decision", "outcome", "value", "at", "recorded_at"),
}
_TIMES = {"at", "recorded_at"}
Asked = tuple[str | None, int | None, str | None]
"""The outcome that means success, the window in days, the action that costs nothing."""
_KEPT: Kept[list[dict[str, Any]]] = Kept(512)


def outcomes_by_arm(
    session: Session,
    lake: catalog.Lake,
    *,
    name: str,
    environment: Environment,
    positive: str | None = None,
    window_days: int | None = None,
) -> OutcomesByArm:
    """Put the arms of a deployment side by side; of a retired name the last deployment that had it.

    Only what was decided since the shares of the arms were last set is counted, so that one plan holds for all of it.
    What was counted is kept until a decision or an outcome is added; with a window it is counted anew each hour.

    Args: positive: the outcome that means success, beside a plain yes; every other word then means failure.
        window_days: how long after its first decision a subject's outcomes count, and how long is waited for them.
    Raises: UnknownDeployment.
    """
    deployment = store.last_deployment(session, name, environment, clock.now())
    if deployment is None:
        raise UnknownDeployment(f"there never was a deployment {name!r} in {environment}")
    since = _since(session, deployment)
    free = deployment.bands[-1].action if len(deployment.bands) > 1 else None
    rows = {row["arm"] or UNNAMED: row for row in _kept(lake, deployment, since, (positive, window_days, free))}
    shares = {arm.name: arm.share for arm in deployment.arms}
    return OutcomesByArm(
        deployment=deployment,
        since=since,
        window_days=window_days,
        free_action=free,
        arms=tuple(_arm(name, shares.get(name, 0.0), rows.get(name, {})) for name in {**shares, **rows}),
    )


def _arm(name: str, share: float, row: Mapping[str, Any]) -> ArmOutcomes:
    """Make the entity of an arm's row; nothing was decided in an arm without one."""
    nothing = dict.fromkeys(ArmOutcomes.__dataclass_fields__, 0)
    unknown = {"amount_mean": None, "amount_variance": None, "median_delay_days": None}
    return ArmOutcomes(**{**nothing, **unknown, **row, "arm": name, "share": share})


def _since(session: Session, deployment: Deployment) -> datetime:
    """When the shares of the arms, and what a subject is, were last set to what they are now."""
    plan = _plan([{"name": arm.name, "share": arm.share} for arm in deployment.arms], deployment.subject_field)
    place, kinds = str(ref_of(deployment.name, deployment.environment)), ("deployment.created", "deployment.changed")
    since = deployment.created_at
    for event in ledger.find(session, subject=place, type=kinds, limit=200).items:  # the newest first
        told = event.payload or {}
        if told.get("id") != deployment.id or _plan(told.get("arms") or [], told.get("subject_field")) != plan:
            return since
        since = event.at
    return deployment.created_at


def _plan(arms: Any, subject_field: object) -> tuple[object, ...]:  # noqa: ANN401  as the ledger has it
    return (subject_field, *((arm["name"], float(arm["share"])) for arm in arms))


def _kept(lake: catalog.Lake, deployment: Deployment, since: datetime, asked: Asked) -> list[dict[str, Any]]:
    """The rows of the arms, counted when the tables or the question are new."""
    hour = None if asked[1] is None else clock.now().replace(minute=0, second=0, microsecond=0)
    versions = tuple(lake.version(table) for table in _READ)
    key = (deployment.name, deployment.environment, since, asked, hour, versions)  # versions name their lake's files
    return _KEPT.get(key, lambda: _counted(lake, deployment, since, _parameters(*asked)))


def _parameters(positive: str | None, window_days: int | None, free: str | None) -> dict[str, Any]:
    window = None if window_days is None else timedelta(days=window_days) // timedelta(microseconds=1)
    return {"now": _micros(clock.now()), "window": window, "free": free, **read_as(positive)}


def read_as(positive: str | None) -> dict[str, Any]:
    """How outcomes are read, as parameters of SQL: what is a success, what a failure, and whether the rest is one too."""
    wanted = (positive or "").strip().lower()
    is_no = wanted in NO
    successes = NO if is_no else YES | ({wanted} if wanted else frozenset())
    return {
        "successes": sorted(successes),
        "failures": sorted(YES if is_no else NO - successes),
        "rest_fails": bool(wanted),
    }


def _counted(
    lake: catalog.Lake, deployment: Deployment, since: datetime, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if not lake.exists(columns.DECISIONS):
        return []
    place = f"deployment == '{deployment.name}' and environment == '{deployment.environment}'"  # a slug: no quote
    asked = {
        columns.DECISIONS: f"{place} and at >= '{since.isoformat()}'",
        columns.INPUTS: place,
        # Outcomes told before their decision was taken in name no deployment; they find it by its id.
        columns.OUTCOMES: f"(({place}) or deployment is null) and name == '{columns.OUTCOME_NAME}'",
    }
    return counted(lake, "outcomes_by_arm", _READ, asked, parameters)


def counted(
    lake: catalog.Lake,
    statement: str,
    read: Mapping[str, tuple[str, ...]],
    asked: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Run a statement of ``sql/`` over some columns of the tables, narrowed by a filter each."""
    with _database() as database:
        for table, filter in asked.items():
            _load(database, lake, table, read[table], filter)
        text = files("headway.serving").joinpath(f"sql/{statement}.sql").read_text()
        cursor = database.execute(text, dict(parameters))
        names = [str(column[0]) for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in bounded memory that reaches nothing but a folder to spill to."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="headway-arms-") as folder, duckdb.connect() as database:
        database.execute(f"SET memory_limit='{MEMORY}'")
        database.execute(f"SET temp_directory='{folder}'")
        database.execute(f"SET allowed_directories=['{folder}']")
        database.execute("SET enable_external_access=false")
        yield database


def _load(
    database: duckdb.DuckDBPyConnection, lake: catalog.Lake, table: str, wanted: tuple[str, ...], filter: str
) -> None:
    """Stream the wanted columns of a table into one of the same last name."""
    name = table.rpartition(".")[2].removeprefix("decision_")
    picked = ", ".join(f'epoch_us("{column}") AS {column}_us' if column in _TIMES else column for column in wanted)
    rows: Any = columns.table_of(table, []).select(wanted)
    if lake.exists(table):
        rows = lake.stream(table, filter=filter, columns=wanted)
    database.register("streamed", rows)
    database.execute(f"CREATE TEMP TABLE {name} AS SELECT {picked} FROM streamed")  # noqa: S608  names of our own
    database.unregister("streamed")


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=at.tzinfo)) // timedelta(microseconds=1)
