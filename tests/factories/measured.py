"""A deployment with a hold-out that decided about subjects, and outcomes told by file as its users tell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headway import catalog, serving, value
from headway.kernel.web import Parts
from headway.value import DeploymentValue, Promise, Range
from tests.factories.serving import ACTOR, RECORD, SmallNode, deployed, granted, prepare_keys, released

PROMISE = Promise(
    pilot="plt_promised",
    pilot_name="lead-scoring",
    made_this_version=True,
    value_per_success="120.00 EUR",
    cost_per_action="4.00 EUR",
    cases=1000,
    gain=Range(expected="3600.00 EUR", low="2400.00 EUR", high="4800.00 EUR"),
    effect=0.03,
    positive=None,
)


@dataclass(frozen=True, slots=True)
class Experiment:
    """A deployment named ``leads`` in the sandbox, a quarter held out, and the node that decides for it."""

    parts: Parts
    node: SmallNode
    folder: Path


def prepared(parts: Parts, folder: Path, **changes: object) -> Experiment:
    """Deploy with a hold-out and start a small node."""
    prepare_keys(parts)
    deployed(parts, released(parts), **changes)
    granted(parts)
    serving.publish_due(parts)
    return Experiment(parts, SmallNode(parts, folder / "node"), folder)


def decide(experiment: Experiment, count: int) -> dict[str, str]:
    """Decide about subjects c-0, c-1, ... and take the log in; returns the arm of each."""
    serving.publish_due(experiment.parts)
    made = experiment.node.decide("leads", [{**RECORD, "customer": f"c-{i}"} for i in range(count)])
    experiment.node.ship()
    parts = experiment.parts
    serving.take_in(parts.database, parts.storage, catalog.lake_of(parts), experiment.node.key)
    return {decision.subject: decision.arm for _, decision in made}


def bring(
    experiment: Experiment,
    arms: Mapping[str, str],
    rate: Callable[[str], float],
    *,
    seed: int = 0,
    at: str | None = None,
    told: Mapping[str, object] | None = None,
) -> dict[str, int]:
    """Tell outcomes by a file that names subjects: successes drawn at the rate of each arm, or ``told`` as it is."""
    draw = np.random.default_rng(seed)
    drawn = {name: int(draw.random() < rate(arm)) for name, arm in arms.items()}
    path = experiment.folder / "outcomes.csv"
    lines = (f"{name},{(told or drawn)[name]},{at or ''}" for name in arms)
    path.write_text("subject,outcome,at\n" + "\n".join(lines) + "\n")
    parts = experiment.parts
    with parts.database.session() as session:
        serving.import_outcomes(
            session,
            catalog.lake_of(parts),
            ACTOR,
            path=path,
            filename=path.name,
            deployment="leads",
            environment="sandbox",
        )
    return drawn


def measured(experiment: Experiment, promise: Promise | None = None, window_days: int | None = None) -> DeploymentValue:
    """What the deployment was worth by now."""
    with experiment.parts.database.session() as session:
        return value.measure(
            session,
            catalog.lake_of(experiment.parts),
            name="leads",
            environment="sandbox",
            promise=promise,
            window_days=window_days,
        )
