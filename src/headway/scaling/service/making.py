"""The steps of a plan after its columns: what differs and what is forecast, the ways compared, the plan itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import polars as pl

from headway import catalog, governance, numerics, registry
from headway.kernel.auth import Actor
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from headway.scaling import readiness
from headway.scaling.adapters import Scorer, kept, matrix
from headway.scaling.entities import PlanRequest
from headway.scaling.forecasting import Expected, Forecasts, Judged, forecast
from headway.scaling.mapping import Pair
from headway.scaling.proposal import Grounds, propose, stages
from headway.scaling.sequential import Tolerance
from headway.scaling.service import checking, plans
from headway.scaling.service.keeping import Left, key, left, put, request_of
from headway.scaling.shift import auc_with_error, tell_apart
from headway.scaling.ways import Comparison, compare

SEED: Final = 7
MOST_ROWS: Final = 20_000
ASSUMPTION: Final = (
    "The relation of features and outcome is taken to be the same as where the model was judged; a changed concept cannot be "
    "seen without labels."
)
SHOWN_COLUMNS: Final = 12


def foresee(parts: Parts, plan_id: str) -> Left:
    """Tell the departments apart, and forecast how well the model will rank the new one's cases."""
    scorer = _scorer(parts, plan_id)
    pairs = [msgspec.convert(one, Pair) for one in left(parts, plan_id)["mapping"]["pairs"]]
    source, target = kept(parts.storage, key(plan_id, "judged")), kept(parts.storage, key(plan_id, "rows"))
    here, there = _thinned(source), _thinned(target)
    width = len(scorer.release.features)
    known = [at for at, feature in enumerate(scorer.release.features) if _is_mapped(feature.column, pairs)]
    told = tell_apart(matrix(here, width)[:, known], matrix(there, width)[:, known], seed=SEED)
    judged = Judged(here["raw"].to_numpy(), here["y"].to_numpy(), told.weights)
    made = forecast(judged, there["raw"].to_numpy(), seed=SEED)
    gains = {scorer.release.features[at].column: float(gain) for at, gain in zip(known, told.gains, strict=True)}
    differs = {pair.ours: pair.difference for pair in pairs if pair.role == "feature" and pair.theirs}
    columns = sorted(differs, key=lambda name: -gains.get(name, 0.0))
    tolerance = Tolerance.of(made.shift_error, made.slope_error)
    return put(
        parts,
        plan_id,
        "forecast",
        {
            "shift": {
                "auc": told.auc,
                "low": told.low,
                "high": told.high,
                "overlap": told.effective_rows / len(judged.y),
                "source_rows": here.height,
                "target_rows": there.height,
                "columns": [
                    {"column": name, "share": gains.get(name, 0.0), "difference": differs[name]}
                    for name in columns[:SHOWN_COLUMNS]
                ],
            },
            "forecast": _plain_forecast(made),
            "tolerance": {"shift": tolerance.shift, "slope": tolerance.slope},
        },
    )


def _plain_forecast(made: Forecasts) -> Left:
    def plain(one: Expected) -> Left:
        return {"auc": one.auc, "low": one.low, "high": one.high}

    return {
        **plain(made.adapted),
        "way": "adapted",
        "others": {"calibrated": plain(made.calibrated), "weighted": plain(made.weighted)},
        "slope": made.slope,
        "intercept": made.intercept,
        "slope_error": made.slope_error,
        "shift_error": made.shift_error,
        "base_rate": made.base_rate,
        "assumption": ASSUMPTION,
    }


def _thinned(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if frame.height <= MOST_ROWS else frame.sample(MOST_ROWS, seed=SEED)


def _is_mapped(column: str, pairs: Sequence[Pair]) -> bool:
    return any(pair.ours == column and pair.theirs is not None for pair in pairs)


def _scorer(parts: Parts, plan_id: str) -> Scorer:
    request = request_of(parts, plan_id)
    with parts.database.session() as session:
        digest = registry.get_version(session, request.version).digest
    return Scorer.of(parts.storage, digest)


# --- labels that are in the file, and the plan ---------------------------------------------------------------------


def weigh(parts: Parts, plan_id: str) -> Left:
    """Compare the ways on the outcomes that the file holds, where there are enough."""
    scorer = _scorer(parts, plan_id)
    frame = kept(parts.storage, key(plan_id, "rows")).filter(pl.col("y").is_not_nan())
    few = _thinned(frame)
    raw, y = few["raw"].to_numpy(), few["y"].to_numpy()
    made = compare(raw, numerics.sigmoid(raw), matrix(few, len(scorer.release.features)), y, seed=SEED)
    realised = None
    if 0 < y.sum() < len(y):
        value, error = auc_with_error(raw[y == 1], raw[y == 0])
        realised = {"auc": value, "low": value - 1.959964 * error, "high": value + 1.959964 * error, "rows": len(y)}
    return put(parts, plan_id, "ways", {"comparison": msgspec.to_builtins(made), "realised": realised})


def conclude(parts: Parts, actor: Actor, plan_id: str) -> Left:
    """Judge readiness, propose a way and stages, and keep the plan with its digest."""
    steps, request = left(parts, plan_id), request_of(parts, plan_id)
    mapping, foreseen = steps["mapping"], steps["forecast"]
    state, needed = checking.start(parts, plan_id)
    items = readiness.judge(_known(parts, request, mapping, foreseen, needed))
    made = forecasts_of(foreseen)
    grounds = Grounds(
        forecasts=made,
        source_auc=mapping["source"]["auc"],
        tolerance=msgspec.convert(foreseen["tolerance"], Tolerance),
        comparison=msgspec.convert(steps["ways"]["comparison"], Comparison | None),
        state=state,
    )
    result = {
        "plan": plan_id,
        "usecase": request.usecase,
        "department": request.department,
        "version": request.version,
        "data": {"filename": request.filename, "digest": request.file_digest, "rows": mapping["rows"]},
        "mapping": {name: mapping[name] for name in ("pairs", "spare", "missing_weight")},
        "readiness": msgspec.to_builtins(items),
        "source": mapping["source"],
        "quality": mapping["quality"],
        "positive": mapping["positive"],
        **foreseen,
        **steps["ways"],
        "labels_needed": needed,
        "proposal": msgspec.to_builtins(propose(grounds, items)),
        "stages": msgspec.to_builtins(stages(labels_needed=needed, rows_a_week=mapping["rows_a_week"])),
    }
    with parts.database.session() as session:
        plans.finish_plan(session, parts.storage, actor, plan_id, result)
        catalog.forget_upload(session, parts.storage, request.file_key)
    return {"plan": plan_id}


def forecasts_of(foreseen: Mapping[str, Any]) -> Forecasts:
    """The forecasts that a step left."""
    plain = foreseen["forecast"]
    one = {name: plain[name] for name in ("auc", "low", "high")}
    figures = {name: plain[name] for name in ("slope", "intercept", "slope_error", "shift_error", "base_rate")}
    return msgspec.convert({**plain["others"], "adapted": one, **figures}, Forecasts)


def _known(
    parts: Parts, request: PlanRequest, mapping: Mapping[str, Any], foreseen: Mapping[str, Any], needed: int | None
) -> readiness.Known:
    with parts.database.session() as session:
        case = governance.get_usecase(session, request.usecase)
        version = registry.get_version(session, request.version)
        released = registry.find_releases(session, ListQuery(filters={"usecase": (case.slug,)}, limit=100)).items
    return readiness.Known(
        pairs=[msgspec.convert(one, Pair) for one in mapping["pairs"]],
        rows=mapping["rows"],
        usable=mapping["quality"]["usable"],
        broken=[(str(rule), int(rows)) for rule, rows in mapping["quality"]["broken"]],
        labelled=mapping["labelled"],
        labels_needed=needed,
        overlap=foreseen["shift"]["overlap"],
        from_department=case.department,
        to_department=request.department,
        tier=case.tier.value,
        approved_in=sorted(
            {
                one.environment
                for one in released
                if one.digest == version.digest and one.status == "released" and one.environment != "sandbox"
            }
        ),
        is_believable=bool(version.report["believable"]),
        missing_weight=mapping["missing_weight"],
    )
