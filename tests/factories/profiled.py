"""A release with a reference in its bundle, and records to decide about that are like it, or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from headway import governance, numerics, runtime
from headway.kernel.canonical import canonical_json
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import open_usecase
from tests.factories.releases import DRAFT, FEATURES, make_files
from tests.factories.serving import ACTOR

REFERENCE_FILE = "reference.json"


def run_of(
    count: int, *, seed: int = 0, first: int = 0, mean: float = 500.0, nurses: float = 0.4, pilots: float = 0.05
) -> list[dict[str, Any]]:
    """Records of subjects c-0, c-1, ...: ``mean`` balance, share of nurses, and of a job that training never saw."""
    draw = np.random.default_rng(seed)
    jobs = draw.choice(["clerk", "nurse", "pilot"], count, p=[1 - nurses - pilots, nurses, pilots])
    balances = draw.normal(mean, 300.0, count).round(2)
    missing = draw.random(count) < 0.1
    return [
        {
            "age": int(draw.integers(18, 80)),
            "balance": None if missing[i] else float(balances[i]),
            "job": str(jobs[i]),
            "since": f"20{draw.integers(10, 25)}-06-30",
            "is_client": bool(draw.random() < 0.5),
            "channel": "web" if draw.random() < 0.7 else "phone",
            "customer": f"c-{first + i}",
        }
        for i in range(count)
    ]


REFERENCE_ROWS = run_of(2_000, seed=99, pilots=0.0)


def reference_of_rows() -> numerics.Reference:
    """What a release is compared with: its rows, and the scores that the small model gives them."""
    table: dict[str, Any] = {name: [row[name] for row in REFERENCE_ROWS] for name in REFERENCE_ROWS[0]}
    engine = runtime.load_engine(DRAFT, make_files()["model.json"])
    scores = numerics.calibrate(
        DRAFT.calibration, engine.score(runtime.Encoder(FEATURES).frame(table).values, reasons=False).raw
    )
    return runtime.make_reference(FEATURES, table, scores)


def released_with_reference(parts: Parts, *, usecase: str = "lead-scoring", version: str = "3") -> str:
    """Pack the small model with a reference, open its use case and let the gate pass it for the sandbox."""
    draft = replace(DRAFT, model=replace(DRAFT.model, version=version), profile_ref=REFERENCE_FILE)
    files = {**make_files(), REFERENCE_FILE: canonical_json(numerics.plain_reference(reference_of_rows()))}
    subject = runtime.write_bundle(parts.storage, runtime.pack_bundle(files, draft))
    with parts.database.session() as session:
        if usecase not in {found.slug for found in governance.list_usecases(session).items}:
            open_usecase(session, slug=usecase)
        governance.issue_verdict(
            session,
            parts.signer,
            parts.storage,
            actor=ACTOR,
            environment="sandbox",
            subject=Ref("model", "lead-scoring", version),
            subject_digest=subject,
            usecase=usecase,
        )
    return subject
