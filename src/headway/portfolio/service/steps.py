"""The steps of a pilot. Each does its work in its caller's transaction and leaves what it found in the pilot's row, so
that a step done again after a crash gives what it left the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from headway import catalog, governance, registry, serving
from headway.kernel import ids
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.errors import Conflict, Fault, NotFound
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.portfolio import store
from headway.portfolio.entities import PilotRequest
from headway.portfolio.errors import ExpectationsUnmet
from headway.portfolio.result import never_columns
from headway.portfolio.service.pilots import request_of
from headway.portfolio.solution import Solution
from headway.portfolio.tables import PilotRow

ENVIRONMENT: Environment = "sandbox"
Left = dict[str, Any]


def once(session: Session, pilot_id: str, name: str, work: Callable[[PilotRow, PilotRequest], Left]) -> Left:
    """Do a step's work unless the row holds what it left."""
    row = store.need_pilot(session, pilot_id, lock=True)
    if name not in row.steps:
        store.put_step(session, row, name, work(row, request_of(row)))
    left: Left = row.steps[name]
    return left


def take_product(
    session: Session,
    actor: Actor,
    storage: Storage,
    lake: catalog.Lake,
    *,
    solution: Solution,
    pilot_id: str,
    source: Path,
) -> Left:
    """Register the file as a data product with contract, snapshot and quality report.

    Raises: what is wrong with the file, its label or its times, ExpectationsUnmet, BatchRefused; nothing is kept of it then.
    """

    def work(row: PilotRow, request: PilotRequest) -> Left:
        made = catalog.register_product(
            session,
            actor,
            storage,
            lake,
            source=source,
            filename=request.filename,
            department=request.department,
            name=Path(request.filename).stem,
            label=request.label,
            positive=request.positive,
            time=request.time,
            subject=request.subject,
            exclude=request.exclude,
            check=lambda rows: check_rows(rows, request, solution),
        )
        if refused := catalog.refusal_of(made):
            raise refused
        return {
            "product": made.product.slug,
            "snapshot": made.snapshot.id,
            "data_digest": made.snapshot.digest,
            "rows": made.snapshot.rows,
            "score": made.quality.score,
            "failed_rows": made.quality.failed_rows,
            "broken_rules": [[rule.id, rule.failed_rows] for rule in made.quality.rules if rule.failed_rows],
            "never": list(never_columns(made.product.columns, solution)),
        }

    return once(session, pilot_id, "product", work)


def open_case(session: Session, actor: Actor, solution: Solution, pilot_id: str) -> Left:
    """Open the use case in the inventory, or go on with the one of that name, and let the rules decide its tier."""

    def work(row: PilotRow, request: PilotRequest) -> Left:
        found = _usecase_of(session, request)
        if found is None:
            found = governance.open_usecase(
                session,
                actor,
                slug=request.name,
                title=f"{solution.title} for {request.department}",
                department=request.department,
                solution=solution.id,
                risk={name: list(v) if isinstance(v, tuple) else v for name, v in solution.risk.items()},
            )
        if governance.get_decision(session, found.slug) is None:
            governance.classify(session, actor, found.slug)
        decision = governance.get_decision(session, found.slug)
        tier = governance.get_usecase(session, found.slug).tier
        return {"usecase": found.slug, "tier": tier.value, "trace": _trace(decision)}

    return once(session, pilot_id, "usecase", work)


def plan_training(
    session: Session, lake: catalog.Lake, solution: Solution, pilot_id: str
) -> tuple[str, registry.TrainingSpec]:
    """Say what to train, and under which id the run is kept, so that a run that was recorded is not trained again.

    Raises: ExpectationsUnmet: the file does not hold what the solution needs.
    """
    left = once(session, pilot_id, "plan", lambda row, request: {"run": ids.new_id("run")})
    row = store.need_pilot(session, pilot_id)
    request, product = request_of(row), row.steps["product"]
    snapshot = catalog.get_snapshot(session, product["snapshot"])
    check_expectations(lake, snapshot, request.label, solution)
    rules = solution.decision
    wish = registry.TrainingWish(
        product=product["product"],
        usecase=row.steps["usecase"]["usecase"],
        snapshot=product["snapshot"],
        label=request.label,
        positive=request.positive,
        time=request.time,
        ordered=request.ordered,
        subject=request.subject,
        exclude=tuple(dict.fromkeys([*request.exclude, *product["never"]])),
        policy=registry.policy_of_shares(
            [(band.name, band.action, band.share) for band in rules.bands], rules.default_action
        ),
        solution=solution.id,
        seed=solution.training.seed,
    )
    return left["run"], registry.plan_training(session, wish)


def keep_training(session: Session, pilot_id: str, version: registry.ModelVersion) -> Left:
    """Note the version that the training made."""

    def work(row: PilotRow, request: PilotRequest) -> Left:
        return {
            "version": version.version,
            "ref": version.ref,
            "model": version.model,
            "learner": version.learner,
            "digest": version.digest,
        }

    return once(session, pilot_id, "training", work)


def release(session: Session, actor: Actor, storage: Storage, signer: Signer, pilot_id: str) -> Left:
    """Take the version through the gate into the sandbox."""

    def work(row: PilotRow, request: PilotRequest) -> Left:
        usecase = row.steps["usecase"]["usecase"]
        made = registry.release_to_sandbox(
            session, storage, signer, actor, row.steps["training"]["ref"], usecase=usecase
        )
        if made.verdict is None:
            raise Conflict(f"release {made.id} has no verdict")
        kept = governance.get_verdict(session, str(made.verdict["id"]))
        return {
            "release": made.id,
            "verdict": kept.id,
            "environment": kept.environment,
            "result": kept.result,
            "missing": list(kept.missing),
        }

    return once(session, pilot_id, "release", work)


def deploy(session: Session, actor: Actor, solution: Solution, pilot_id: str, *, node_address: str) -> Left:
    """Put the release to work in the sandbox."""

    def work(row: PilotRow, request: PilotRequest) -> Left:
        training = row.steps["training"]
        made = serving.deploy_version(
            session,
            actor,
            name=row.steps["usecase"]["usecase"],
            usecase=row.steps["usecase"]["usecase"],
            version=ids.Ref.parse(training["ref"]),
            environment=ENVIRONMENT,
            holdout_share=solution.decision.holdout_share,
            subject_field=request.subject or solution.decision.subject,
        )
        return {"id": made.id, "name": made.name, "environment": made.environment, "url": node_address + made.url}

    return once(session, pilot_id, "deploy", work)


def check_rows(rows: pl.DataFrame, request: PilotRequest, solution: Solution) -> None:
    """Refuse a file that cannot be trained on; ``rows`` hold its label and, where it was named, its time."""
    _expect(rows[request.label].drop_nulls().value_counts()["count"].to_list(), request.label, solution)
    registry.check_rows(rows, label=request.label, positive=request.positive, time=request.time)


def check_expectations(lake: catalog.Lake, snapshot: catalog.ProductSnapshot, label: str, solution: Solution) -> None:
    """Refuse a file with too few rows, or too few of one outcome, for this solution to learn from."""
    found = lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, columns=[label])
    counts = [int(one["counts"]) for one in found[label].drop_null().value_counts().to_pylist()]
    _expect(counts, label, solution)


def _expect(counts: list[int], label: str, solution: Solution) -> None:
    expected, faults = solution.contract, []
    if sum(counts) < expected.min_rows:
        message = f"{sum(counts)} rows have a label, {solution.title} needs at least {expected.min_rows}"
        faults.append(Fault(rule="min_rows", column=label, message=message))
    if len(counts) == 2 and min(counts) < expected.min_per_class:
        message = (
            f"only {min(counts)} rows have the rarer value of {label!r}, at least {expected.min_per_class} are needed"
        )
        faults.append(Fault(rule="min_per_class", column=label, message=message))
    if faults:
        raise ExpectationsUnmet("; ".join(fault.message for fault in faults), faults=faults)


def _usecase_of(session: Session, request: PilotRequest) -> governance.UseCase | None:
    try:
        found = governance.get_usecase(session, request.name)
    except NotFound:
        return None
    if found.department != request.department or found.solution != request.solution:
        raise Conflict(
            f"the use case {request.name!r} belongs to {found.solution or 'no solution'} in {found.department}",
            hint="choose another name: --name",
        )
    return found


def _trace(decision: governance.TierDecision | None) -> list[str]:
    """The tier decision's trace in words: what each rule said, up to the one that decided."""
    if decision is None:
        return []
    lines = [f"{step.rule} ({step.source}): {step.result}, {step.why}" for step in decision.trace]
    about = f"Decided as {decision.tier.value} by {decision.decider}, pack {decision.pack_id}@{decision.pack_version}"
    return [about, *lines]


def left(session: Session, pilot_id: str) -> Mapping[str, Left]:
    """What the finished steps of a pilot left."""
    found: Mapping[str, Left] = store.need_pilot(session, pilot_id).steps
    return found
