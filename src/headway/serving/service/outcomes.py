"""Bringing in what came of decisions, from a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.kernel import canonical, clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref
from headway.serving import columns, outcome_file
from headway.serving.adapters import read_text_frame
from headway.serving.entities import OutcomeImport
from headway.serving.service.decisions import is_recent
from headway.serving.tables import OutcomeImportRow

LOCK = 0x6865_6164_0008
DECISION_COLUMNS = ["id", "at", "environment", "deployment"]


def import_outcomes(
    session: Session,
    lake: catalog.Lake,
    actor: Actor,
    *,
    path: Path,
    filename: str,
    deployment: str | None = None,
    environment: str | None = None,
) -> OutcomeImport:
    """Take in a file of outcomes; all rows or, when one has a fault, none.

    Rows name a decision, or a subject whose latest decision before the outcome's time is meant; the latter needs
    ``deployment`` and ``environment``. A decision so young that its segment has not been taken in is believed.
    Telling an outcome again adds nothing. Raises Invalid with the rows that are wrong.
    """
    checked = outcome_file.check(read_text_frame(path, filename))
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    now = clock.now()
    frame = checked.frame.with_columns(pl.col("at").alias("told_at"), pl.col("at").fill_null(now))
    joined = pl.concat(
        [_by_decision(lake, frame, deployment, environment), _by_subject(lake, frame, deployment, environment)]
    ).sort("row")
    rows = [_row(told, actor, now) for told in joined.iter_rows(named=True)]
    known = _known(lake, [row["id"] for row in rows])
    fresh = list({row["id"]: row for row in rows if row["id"] not in known}.values())
    made = OutcomeImport(
        id=ids.new_id("imp"),
        rows=frame.height,
        added=len(fresh),
        known=frame.height - len(fresh),
        pending=joined["deployment"].null_count(),
        ignored_columns=checked.ignored,
        file_digest=canonical.file_digest(path),
    )
    if fresh:
        lake.append(columns.OUTCOMES, columns.table_of(columns.OUTCOMES, fresh), {"headway.import": made.id})
    _note(session, actor, made, filename)
    return made


def _by_decision(
    lake: catalog.Lake, frame: pl.DataFrame, deployment: str | None, environment: str | None
) -> pl.DataFrame:
    """Join rows that name a decision; one nobody knows is a fault unless it is very young, and so is one made elsewhere."""
    named = frame.filter(pl.col("decision").is_not_null())
    asked = named["decision"].unique().to_list()
    joined = named.join(_decisions(lake, asked), left_on="decision", right_on="id", how="left")
    lost = joined.filter(pl.col("deployment").is_null())
    unknown = {name for name in lost["decision"].unique().to_list() if not is_recent(name)}
    outcome_file.refuse(
        outcome_file.unknown_faults(
            lost, pl.col("decision").is_in(list(unknown)), "decision", "no such decision was taken in"
        )
    )
    elsewhere = pl.lit(False)
    for column, wanted in (("deployment", deployment), ("environment", environment)):
        if wanted is not None:
            elsewhere |= pl.col(column).is_not_null() & (pl.col(column) != wanted)
    message = f"made elsewhere than in {deployment or 'any deployment'} of {environment or 'any environment'}"
    outcome_file.refuse(outcome_file.unknown_faults(joined, elsewhere, "decision", message))
    return joined.select("row", "decision", "name", "outcome", "value", "at", "told_at", "environment", "deployment")


def _by_subject(
    lake: catalog.Lake, frame: pl.DataFrame, deployment: str | None, environment: str | None
) -> pl.DataFrame:
    """Join rows that name a subject to its latest decision at or before the outcome."""
    named = frame.filter(pl.col("decision").is_null())
    shape = ("row", "decision", "name", "outcome", "value", "at", "told_at", "environment", "deployment")
    if named.height == 0:
        return named.with_columns(environment=pl.lit(None, pl.String), deployment=pl.lit(None, pl.String)).select(shape)
    if deployment is None or environment is None:
        fault = Fault(
            rule="required", column="subject", message="rows that name a subject need deployment and environment"
        )
        raise Invalid("say which deployment the subjects belong to", faults=[fault])
    made = _subjects(lake, deployment, environment, named["subject"].unique().to_list())
    joined = (
        named.drop("decision")
        .sort("at")
        .join_asof(made.sort("decided_at"), left_on="at", right_on="decided_at", by="subject", check_sortedness=False)
    )
    outcome_file.refuse(
        outcome_file.unknown_faults(
            joined, pl.col("decision").is_null(), "subject", "no decision on this subject before that time"
        )
    )
    return joined.with_columns(environment=pl.lit(environment), deployment=pl.lit(deployment)).select(shape)


def _decisions(lake: catalog.Lake, wanted: list[str]) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"id": pl.String, "environment": pl.String, "deployment": pl.String})
    if not wanted or not lake.exists(columns.DECISIONS):
        return empty
    bounds = f"id >= '{_quoted(min(wanted))}' and id <= '{_quoted(max(wanted))}'"
    found = lake.scan(columns.DECISIONS, filter=bounds, columns=["id", "environment", "deployment"])
    return pl.concat([empty, pl.DataFrame(found).filter(pl.col("id").is_in(wanted))])


def _subjects(lake: catalog.Lake, deployment: str, environment: str, wanted: list[str]) -> pl.DataFrame:
    made = pl.DataFrame(schema={"decision": pl.String, "decided_at": pl.Datetime("us", "UTC"), "subject": pl.String})
    if not lake.exists(columns.INPUTS):
        return made
    place = f"deployment == '{_quoted(deployment)}' and environment == '{_quoted(environment)}'"
    found = lake.scan(columns.INPUTS, filter=place, columns=["id", "at", "subject"])
    frame = pl.DataFrame(found).rename({"id": "decision", "at": "decided_at"}).filter(pl.col("subject").is_in(wanted))
    return pl.concat([made, frame.select(made.columns)])


def _known(lake: catalog.Lake, wanted: list[str]) -> set[str]:
    if not lake.exists(columns.OUTCOMES):
        return set()
    bounds = f"id >= '{min(wanted)}' and id <= '{max(wanted)}'"
    found = lake.scan(columns.OUTCOMES, filter=bounds, columns=["id"])
    return set(wanted) & set(found["id"].to_pylist())


def _row(told: dict[str, object], actor: Actor, now: object) -> columns.Row:
    at = told["at"]
    return {
        "id": outcome_file.outcome_id(
            str(told["decision"]), str(told["name"]), str(told["outcome"]), str(told["told_at"])
        ),
        "recorded_at": now,
        "decision": told["decision"],
        "environment": told["environment"],
        "deployment": told["deployment"],
        "name": told["name"],
        "outcome": told["outcome"],
        "value": told["value"],
        "at": at,
        "principal": actor.ref,
        "source": "import",
        "node": None,
        "segment": None,
        "seq": None,
        "epoch": None,
    }


def _quoted(value: str) -> str:
    """Refuse what could end a text in a filter."""
    if "'" in value or "\\" in value:
        raise Invalid(f"{value!r} holds a quote")
    return value


def _note(session: Session, actor: Actor, made: OutcomeImport, filename: str) -> None:
    session.add(
        OutcomeImportRow(
            id=made.id,
            file_digest=made.file_digest,
            filename=filename,
            rows=made.rows,
            added=made.added,
            known=made.known,
            pending=made.pending,
            imported_by=actor.ref,
            imported_at=clock.now(),
        )
    )
    session.flush()
    ledger.record(
        session,
        actor=actor,
        type="outcomes.imported",
        subject=Ref("outcomes", made.id),
        payload={"rows": made.rows, "added": made.added, "known": made.known, "file_digest": made.file_digest},
    )
