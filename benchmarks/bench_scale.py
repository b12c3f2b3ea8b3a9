"""How well is a model's AUC foretold for another group of people, without their outcomes? Forecast and truth side by side.

Public data, split into groups as departments: Adult by work class and by country, Give Me Some Credit by band of age. One group
is the source: three quarters train, one quarter judges. The other is the target, its columns renamed and its codes changed; its
outcomes are used for the truth alone, and for the check. The column that makes the groups is left out of the model, but in the
cases "age kept": there the two share no age, and the overlap has to say that the forecast is not to be trusted.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from harness import Bench

from headway import numerics
from headway.registry.features import encode_frame, freeze_features
from headway.registry.learners import fit
from headway.scaling import applying, directions, forecasting, sequential, shift
from headway.scaling.mapping import Wanted, match
from headway.scaling.sketch import sketch

ADULT = Path("talent-fairness-adult") / "adult.parquet"
CREDIT = Path("credit-give-me-some-credit") / "cs_training.parquet"
SEED = 7
LABELS = 300
ADULT_NAMES = {
    "age": "alter",
    "workclass": "arbeitgebertyp",
    "education": "bildung",
    "education-num": "bildungsjahre",
    "marital-status": "familienstand",
    "occupation": "beruf",
    "relationship": "familienrolle",
    "race": "ethnie",
    "sex": "geschlecht",
    "capital-gain": "kapitalgewinn",
    "capital-loss": "kapitalverlust",
    "hours-per-week": "wochenstunden",
    "native-country": "geburtsland",
}
ADULT_CODES = {"sex": {"Male": "m", "Female": "w"}}
CREDIT_NAMES = {
    "RevolvingUtilizationOfUnsecuredLines": "util_unsecured_lines",
    "age": "alter",
    "NumberOfTime30-59DaysPastDueNotWorse": "num_30_59_days_past_due",
    "DebtRatio": "verschuldungsgrad",
    "MonthlyIncome": "monthly_income",
    "NumberOfOpenCreditLinesAndLoans": "open_credit_lines_loans",
    "NumberOfTimes90DaysLate": "times_90_days_late",
    "NumberRealEstateLoansOrLines": "real_estate_loans",
    "NumberOfTime60-89DaysPastDueNotWorse": "num_60_89_days_past_due",
    "NumberOfDependents": "angehoerige",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A source, a target, and how the target writes its columns and values."""

    name: str
    source: pl.DataFrame
    target: pl.DataFrame
    label: str
    positive: str
    names: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    bench = Bench("scale")
    cases = [*adult(arguments.data / ADULT), *credit(arguments.data / CREDIT)]
    if not cases:
        raise SystemExit(f"neither {ADULT} nor {CREDIT} is in {arguments.data}: give --data DIR")
    for case in cases:
        measure(bench, case)
    bench.finish()


def adult(path: Path) -> list[Case]:
    """Private employers against others; people born in the United States against others."""
    if not path.exists():
        return []
    frame = pl.read_parquet(path).drop("fnlwgt")
    frame = frame.with_columns(pl.col(pl.String, pl.Categorical).cast(pl.String).str.strip_chars())
    label = "class"
    positive = next(value for value in frame[label].unique() if value.startswith(">"))
    made = []
    for column, home in (("workclass", "Private"), ("native-country", "United-States")):
        is_home = pl.col(column) == home
        source, target = (
            frame.filter(side & pl.col(column).is_not_null()).drop(column) for side in (is_home, ~is_home)
        )
        names = {ours: theirs for ours, theirs in ADULT_NAMES.items() if ours != column}
        made.append(Case(f"adult, {column}: {home} to others", source, target, label, positive, names, ADULT_CODES))
    return made


def credit(path: Path) -> list[Case]:
    """From one band of age to the next ones."""
    if not path.exists():
        return []
    frame = pl.read_parquet(path).drop("id").filter(pl.col("age") >= 18)
    label = "SeriousDlqin2yrs"
    frame = frame.with_columns(pl.col(label).cast(pl.Int64).cast(pl.String))
    bands = {"under 40": (18, 40), "40 to 59": (40, 60), "60 and over": (60, 200)}
    parts = {name: frame.filter((pl.col("age") >= low) & (pl.col("age") < high)) for name, (low, high) in bands.items()}
    pairs = (("40 to 59", "under 40"), ("40 to 59", "60 and over"))
    names = {ours: theirs for ours, theirs in CREDIT_NAMES.items() if ours != "age"}
    without = {name: part.drop("age") for name, part in parts.items()}
    return [
        *(
            Case(f"credit, {home} to {other}", without[home], without[other], label, "1", names)
            for home, other in pairs
        ),
        *(
            Case(f"credit, {home} to {other}, age kept", parts[home], parts[other], label, "1", CREDIT_NAMES)
            for home, other in pairs[1:]
        ),
    ]


def measure(bench: Bench, case: Case) -> None:
    """Train, map, forecast, and hold the forecast against the truth."""
    source = case.source.sample(fraction=1.0, shuffle=True, seed=SEED)
    learn = int(0.75 * source.height)
    columns = [name for name in source.columns if name != case.label]
    y = (source[case.label] == case.positive).to_numpy().astype(np.float64)
    features = freeze_features(source[:learn], columns)
    x = encode_frame(source, features)
    model = fit("lightgbm", features, x[:learn], y[:learn], seed=SEED)
    mapped, right, wrong = mapping(case, source[learn:], columns)
    bench.add(case.name, "columns mapped rightly", right, f"of {len(case.names)}")
    bench.add(case.name, "columns mapped wrongly", wrong, "")
    there = encode_frame(mapped, features)
    told = shift.tell_apart(x[learn:], there, seed=SEED)
    raw, target_raw = model.raw(x[learn:]), model.raw(there)
    target_y = (case.target[case.label] == case.positive).to_numpy().astype(np.float64)
    made = forecasting.forecast(forecasting.Judged(raw, y[learn:], told.weights), target_raw, seed=SEED)
    truth = forecasting.auc(target_raw, target_y)
    bench.add(case.name, "at home", forecasting.auc(raw, y[learn:]), "AUC")
    bench.add(case.name, "forecast", made.adapted.auc, "AUC")
    bench.add(case.name, "forecast low", made.adapted.low, "AUC")
    bench.add(case.name, "forecast high", made.adapted.high, "AUC")
    bench.add(case.name, "truth", truth, "AUC")
    for way, one in (("adapted", made.adapted), ("calibrated", made.calibrated), ("weighted", made.weighted)):
        bench.add(case.name, f"off, {way}", one.auc - truth, "AUC")
    bench.add(case.name, "departments told apart", told.auc, "AUC")
    bench.add(case.name, "overlap", told.effective_rows / len(told.weights), "share")
    probability = numerics.sigmoid(made.slope * target_raw + made.intercept)
    bench.add(case.name, "success rate forecast", probability.mean(), "share")
    bench.add(case.name, "success rate", target_y.mean(), "share")
    rows = sequential.order_to_label(probability, LABELS, seed=SEED)
    sides = directions.directions(there[rows], x[learn:], features)
    tolerance = sequential.Tolerance.of(made.shift_error, made.slope_error)
    check = sequential.check(probability[rows], target_y[rows], sides, probability, tolerance)
    bench.add(case.name, f"check: {check.state.value}", check.decided_at or LABELS, "labels")


def mapping(case: Case, reference: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, int, int]:
    """Rename and recode the target, find its columns again, and bring it back; counts right and wrong ones."""
    strange = case.target.with_columns(pl.col(name).replace(codes) for name, codes in case.codes.items()).rename(
        {ours: theirs for ours, theirs in case.names.items() if ours in case.target.columns}
    )
    wanted = [Wanted(sketch=sketch(reference[name]), role="feature", is_required=True) for name in columns]
    found = [sketch(strange[name]) for name in strange.columns if name != case.label]
    pairs = match(wanted, found)
    right = sum(pair.theirs == case.names[pair.ours] for pair in pairs)
    wrong = sum(pair.theirs not in (None, case.names[pair.ours]) for pair in pairs)
    rows = applying.apply(strange, pairs, reference)
    lost = [
        name for name in columns if name not in rows.columns
    ]  # the truth shall not hang on a column that was missed
    return rows.with_columns(case.target[name] for name in lost), right, wrong


if __name__ == "__main__":
    main()
