"""The durable job ``training``."""

from __future__ import annotations

from typing import Any

import msgspec

from headway.kernel.jobs import JobContext
from headway.registry.entities import ModelVersion, TrainingSpec
from headway.registry.service.training import train_product


def training_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Train on a product's snapshot.

    Args: payload: ``spec`` (a TrainingSpec as plain values) and ``usecase`` (or None).
    Returns: ``run``, ``version`` (model:name@N), ``digest``, ``learner``, ``metrics``, ``warnings``.
    """
    spec = msgspec.convert(payload["spec"], TrainingSpec)
    usecase: str | None = payload.get("usecase")
    context.progress(0, 1, f"training {spec.name}")

    def run() -> dict[str, object]:
        return _told(
            train_product(
                context.parts,
                context.actor,
                usecase=usecase,
                spec=spec,
                run_id=f"run-{context.job_id}",
                job=context.job_id,
            )
        )

    made = context.step("training", run)
    context.progress(1, 1, f"trained {made['version']}")
    return made


def _told(version: ModelVersion) -> dict[str, object]:
    return {
        "run": version.run,
        "version": version.ref,
        "digest": version.digest,
        "learner": version.learner,
        "metrics": version.report["metrics"],
        "believable": version.report["believable"],
        "warnings": version.report["warnings"],
    }
