"""Training on a data product: the spec from its contract, the rows from its snapshot, the result as a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy.orm import Session

from headway import catalog, governance
from headway.catalog import versions
from headway.kernel.auth import Actor
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref, new_id, slug
from headway.kernel.web import Parts
from headway.registry import store
from headway.registry.adapters import train
from headway.registry.entities import DEFAULT_SEED, ModelVersion, PolicySpec, TrainedModel, TrainingSpec
from headway.registry.policy import check_policy_spec
from headway.registry.service.models import get_version
from headway.registry.service.runs import record_run


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWish:
    """What somebody asks for; what is left out is taken from the product's contract."""

    product: str
    usecase: str | None = None
    name: str | None = None
    snapshot: str | None = None
    label: str | None = None
    positive: str | None = None
    time: str | None = None
    ordered: bool = False
    split_reason: str | None = None
    subject: str | None = None
    exclude: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    policy: PolicySpec | None = None
    solution: str | None = None
    seed: int | None = None


def plan_training(session: Session, wish: TrainingWish) -> TrainingSpec:
    """Make the whole spec of a run.

    Raises: NotFound (VersionRetired where the product has ended), BadPolicy, or Invalid when no label is known.
    """
    product = catalog.get_product(session, wish.product)
    versions.need_unretired(session, product)
    roles = catalog.roles_of(product.contract)
    label = wish.label or roles.label
    if label is None:
        raise Invalid(
            f"neither you nor the contract of {product.slug} says which column is the label", hint="give --label COLUMN"
        )
    if wish.usecase is not None:
        governance.refuse_at_gate(session, gate="intake", usecase=wish.usecase, environment="sandbox")
    snapshot = wish.snapshot or product.snapshot_id
    if snapshot is None or catalog.get_snapshot(session, snapshot).product != product.slug:
        raise Invalid(f"{snapshot or 'no snapshot'} is not a snapshot of {product.slug}")
    policy = wish.policy or PolicySpec()
    check_policy_spec(policy)
    return TrainingSpec(
        name=slug(wish.name or wish.usecase or product.name),
        label=label,
        positive=wish.positive or (roles.positive if label == roles.label else None),
        product=product.slug,
        snapshot=snapshot,
        solution=wish.solution,
        time=wish.time or roles.time,
        ordered=wish.ordered,
        split_reason=wish.split_reason,
        subject=wish.subject or roles.subject,
        exclude=_together(wish.exclude, roles.exclude, label),
        features=wish.features,
        policy=policy,
        seed=DEFAULT_SEED if wish.seed is None else wish.seed,
    )


def train_product(
    parts: Parts,
    actor: Actor,
    *,
    usecase: str | None,
    spec: TrainingSpec,
    run_id: str | None = None,
    job: str | None = None,
) -> ModelVersion:
    """Train on the snapshot that the spec names and keep the version; opens its own two short transactions.

    Args: run_id: an own id makes this idempotent: a run that is recorded is not trained again.
    """
    run = run_id or new_id("run")
    if spec.product is None or spec.snapshot is None:
        raise Invalid("the spec names no product and snapshot to train on")
    with parts.database.session() as session:
        done = _done(session, run)
        snapshot = catalog.get_snapshot(session, spec.snapshot)
        contract = catalog.contract_of(session, spec.product)
        if done is None and usecase is not None:
            governance.pass_gate(session, actor, gate="intake", usecase=usecase, environment="sandbox")
    if done is not None:
        return done
    lake = catalog.lake_of(parts)
    lake.tag(snapshot.table, f"training-{run}", snapshot.iceberg_snapshot_id)
    frame = catalog.read_snapshot(lake, snapshot)
    trained = train(_of_contract(frame, contract), contract, spec)
    with parts.database.session() as session:
        return record_run(
            session,
            actor,
            parts.storage,
            usecase=usecase,
            spec=spec,
            trained=trained,
            data_digest=snapshot.digest,
            run_id=run,
            job=job,
        )


def train_rows(frame: pl.DataFrame, contract: Mapping[str, object], spec: TrainingSpec) -> TrainedModel:
    """Train on rows that are no data product, and keep nothing; raises what is wrong with rows, contract or spec."""
    return train(frame, contract, spec)


def _done(session: Session, run: str) -> ModelVersion | None:
    found = store.get_run(session, run)
    return get_version(session, Ref("model", found.model, str(found.version))) if found else None


def _of_contract(frame: pl.DataFrame, contract: Mapping[str, object]) -> pl.DataFrame:
    """Keep the columns that the contract knows, in its order."""
    known = [column.name for column in catalog.columns_of(contract) if column.name in frame.columns]
    return frame.select(known)


def _together(asked: Sequence[str], contract: Sequence[str], label: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (*asked, *contract) if name != label or name in asked))
