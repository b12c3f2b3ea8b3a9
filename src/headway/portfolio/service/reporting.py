"""Writing the report of a pilot: its figures, and real rows with the reasons they would be given."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from headway import catalog, numerics, registry, runtime
from headway.kernel.canonical import sha256
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.portfolio import store
from headway.portfolio.report import Example, Findings
from headway.portfolio.result import projection_of, result_of
from headway.portfolio.service.pilots import money_of, request_of
from headway.portfolio.solution import Solution

SAMPLE_ROWS = 500
PLACES = (("A row near the top", 0.02), ("A row in the middle", 0.5), ("A row near the bottom", 0.98))


def findings_of(
    session: Session, storage: Storage, lake: catalog.Lake, solution: Solution, pilot_id: str, *, now: datetime
) -> Findings:
    """Gather everything that a pilot's report speaks of."""
    row = store.need_pilot(session, pilot_id)
    request, steps = request_of(row), row.steps
    version = registry.get_version(session, Ref.parse(steps["training"]["ref"]))
    card = version.report
    value, cost = money_of(request)
    result = result_of(
        pilot=pilot_id,
        solution=solution,
        steps=steps,
        card=card,
        report=f"/api/v1/pilots/{pilot_id}/report",
        seconds=(now - row.started_at).total_seconds(),
    )
    snapshot = catalog.get_snapshot(session, steps["product"]["snapshot"])
    frame = catalog.read_snapshot(lake, snapshot, SAMPLE_ROWS)
    projection = projection_of(card, value, cost)
    return Findings(
        solution=solution,
        department=request.department,
        result=result,
        card=card,
        tier_trace=tuple(steps["usecase"]["trace"]),
        quality_rules=tuple((str(rule), int(rows)) for rule, rows in steps["product"]["broken_rules"]),
        examples=examples_of(storage, version.digest, frame),
        projection=projection,
        has_amounts=value is not None and cost is not None,
        filename=request.filename,
    )


def examples_of(storage: Storage, digest: str, frame: pl.DataFrame) -> tuple[Example, ...]:
    """Score rows of the file with the very bundle that nodes serve, and pick some from top to bottom."""
    release = runtime.read_release(storage.get(runtime.object_key(digest, "release.json")))
    model = storage.get(runtime.object_key(digest, release.model.path))
    if sha256(model) != release.files[release.model.path] or frame.height == 0:
        return ()
    engine = runtime.load_engine(release, model)
    encoder = runtime.Encoder(release.features)
    encoded = encoder.frame({name: frame[name].to_list() for name in encoder.columns})
    scores = engine.score(encoded.values, reasons=True)
    chances = numerics.calibrate(release.calibration, scores.raw)
    order = chances.argsort()[::-1]
    made = []
    for place, share in PLACES:
        at = int(order[min(len(order) - 1, int(share * len(order)))])
        band = runtime.choose_band(release.policy, float(chances[at]))
        contributions = scores.contributions[at] if scores.contributions is not None else None
        amounts = () if contributions is None else _amounts(release, frame.row(at, named=True), contributions)
        made.append(
            Example(
                place=place,
                score=float(chances[at]),
                band=band.name,
                action=band.action,
                reasons=tuple(_reason(*one) for one in amounts),
                raw=float(scores.raw[at]),
                reference=float(scores.base),
                amounts=amounts,
            )
        )
    return tuple(made)


def _amounts(
    release: runtime.Release, record: dict[str, object], contributions: numerics.FloatArray
) -> tuple[tuple[str, str, float], ...]:
    """The strongest reasons: column in words, value, and what it adds to the score in log-odds."""
    found = []
    for i in numerics.top_reasons(contributions, release.explanation.top_k):
        feature = release.features[i]
        value = record[feature.column]
        shown = "missing" if value is None else f"{value}"
        found.append((feature.label or feature.name, shown, float(contributions[i])))
    return tuple(found)


def _reason(label: str, value: str, amount: float) -> str:
    verb = "raises" if amount > 0 else "lowers"
    return f"{label} = {value} {verb} the score ({amount:+.3f} log-odds)"
