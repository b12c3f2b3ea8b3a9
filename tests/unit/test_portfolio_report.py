"""The report says what was measured, in plain words, and nothing else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pypdf import PdfReader

from headway.documents import Charts, Document, pdf
from headway.kernel.money import Money
from headway.portfolio.charts import figures_of
from headway.portfolio.document import document_of
from headway.portfolio.report import Example, Findings, facts_of, markdown_of
from headway.portfolio.result import excluded_of, never_columns, projection_of, result_of, suspects_of
from headway.solutions.sales.lead_scoring import solution

INTERVALS = {"roc_auc": [0.75, 0.81], "lift_10": [2.5, 3.9]}
METRICS = {
    "roc_auc": 0.78, "average_precision": 0.4, "log_loss": 0.3, "brier": 0.08, "ece": 0.01, "lift_10": 3.2, "n_test": 750,
    "positives": 80, "intervals": INTERVALS,
}  # fmt: skip
STEPS: dict[str, dict[str, Any]] = {
    "product": {"product": "sales.leads", "rows": 3000, "score": 0.996, "failed_rows": 11},
    "usecase": {"usecase": "lead-scoring", "tier": "minimal"},
    "training": {"model": "lead-scoring", "version": 1, "learner": "logistic", "digest": "sha256-aa"},
    "release": {"environment": "sandbox", "result": "warn", "missing": ["name the sponsor"]},
    "deploy": {
        "id": "dep_1",
        "name": "lead-scoring",
        "environment": "sandbox",
        "url": "http://node/v1/decisions/lead-scoring",
    },
}


def card(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": {"column": "converted", "positive": "yes", "negative": "no", "rate": 0.12},
        "policy": {
            "bands": [
                {"name": "A", "at_least": 0.3, "action": "call first"},
                {"name": "C", "at_least": None, "action": "nurture"},
            ]
        },
        "split": {"kind": "time", "by": "created_at", "test_rate": 0.1},
        "metrics": METRICS,
        "comparison": None,
        "importances": [{"feature": "pages", "label": "pages | viewed", "mean_absolute": 0.4, "share": 0.7}],
        "reference": {"name": "median of the training rows", "row": {"pages": 3}},
        "suspects": [],
        "excluded": [],
        "believable": True,
        "warnings": ["Read the intervals."],
    }
    return {**made, **changes}


def findings(card_: Mapping[str, Any], *, money: bool = False) -> Findings:
    amounts = (Money.parse("120 EUR"), Money.parse("4 EUR")) if money else (None, None)
    return Findings(
        solution=solution,
        department="sales",
        result=result_of(pilot="plt_1", solution=solution, steps=STEPS, card=card_, report="/r", seconds=12.3456),
        card=card_,
        tier_trace=("Decided as minimal",),
        quality_rules=(("company_size.type", 4),),
        examples=(
            Example(
                place="A row near the top",
                score=0.6,
                band="A",
                action="call first",
                reasons=("pages = 30 raises",),
                raw=0.4,
                reference=-1.2,
                amounts=(("pages", "30", 1.5),),
            ),
        ),
        projection=projection_of(card_, *amounts),
        has_amounts=money,
        filename="leads.csv",
    )


def test_the_result_has_the_shape_that_was_promised() -> None:
    result = findings(card()).result
    assert list(result) == [
        "pilot", "usecase", "tier", "product", "rows", "quality", "suspects", "excluded", "split", "metrics", "model", "verdict",
        "deployment", "report", "seconds",
    ]  # fmt: skip
    assert set(result["metrics"]) == {
        "roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_10", "n_test", "intervals",
    }  # fmt: skip
    assert result["seconds"] == 12.346
    json.dumps(result)


def test_the_report_speaks_plainly_and_escapes_tables() -> None:
    text = markdown_of(findings(card()))
    assert "# Pilot: Lead scoring for sales" in text
    assert "it ranks the right one higher in 78.0% of cases (95 % interval 0.750 to 0.810)" in text
    assert "3.2 times as many sales as a tenth picked at random (95 % interval 2.5 to 3.9): 32.0% against 10.0%" in text
    assert "pages \\| viewed" in text
    assert "name the sponsor" in text
    assert "EUR" not in text, "no money without two amounts"
    json.dumps(facts_of(findings(card())))


def test_money_is_labelled_projected_and_needs_both_amounts() -> None:
    text = markdown_of(findings(card(), money=True))
    assert "What it may be worth (projected, not measured)" in text
    assert "3440.00 EUR" in text  # 100 actions: 32 successes of 120 less 400
    assert facts_of(findings(card(), money=True))["projection"]["evidence"] == 0


def test_figures_nobody_believes_make_no_money() -> None:
    doubtful = card(believable=False)
    assert projection_of(doubtful, Money.parse("120 EUR"), Money.parse("4 EUR")) is None
    text = markdown_of(findings(doubtful, money=True))
    assert "EUR" not in text
    assert "Nothing is projected" in text
    assert "not to be believed while" in text


def test_time_order_tells_how_much_lower_the_truth_is() -> None:
    worse = {"random_auc": 0.81, "ordered_auc": 0.53, "drop": 0.28}
    assert "The truth in time order is 0.280 lower" in markdown_of(findings(card(comparison=worse)))
    same = {"random_auc": 0.80, "ordered_auc": 0.81, "drop": -0.01}
    assert "Time order costs nothing here" in markdown_of(findings(card(comparison=same)))


def test_a_column_suspected_twice_is_told_once_with_both_reasons() -> None:
    told = [{"column": "x", "reason": "a"}, {"column": "y", "reason": "b"}, {"column": "x", "reason": "c"}]
    assert suspects_of(card(suspects=told)) == [{"column": "x", "reason": "a; c"}, {"column": "y", "reason": "b"}]


def test_columns_a_solution_never_learns_from_carry_its_reason() -> None:
    assert never_columns(["Gender", "pages", "race"], solution) == ("Gender", "race")
    told = [
        {"column": "Gender", "reason": "you excluded it", "by": "user"},
        {"column": "id", "reason": "identifier", "by": "rule"},
    ]
    assert excluded_of(card(excluded=told), solution) == [
        {"column": "Gender", "reason": "protected: who a lead is may not decide who is called"},
        {"column": "id", "reason": "identifier"},
    ]


def test_a_test_without_a_lift_tells_no_lift_and_no_money() -> None:
    bare = card(metrics={**METRICS, "lift_10": None, "roc_auc": None, "intervals": {}})
    text = markdown_of(findings(bare, money=True))
    assert "times as many" not in text
    assert projection_of(bare, Money.parse("120 EUR"), Money.parse("4 EUR")) is None


# --------------------------------------------------------------------------------------- charts and the document
CURVE = [{"predicted": 0.05, "observed": 0.04, "rows": 400}, {"predicted": 0.3, "observed": 0.33, "rows": 350}]
LIFT = [
    {"tenth": 1, "rows": 75, "rate": 0.32, "lift": 3.2, "captured": 0.32},
    {"tenth": 2, "rows": 675, "rate": 0.08, "lift": 0.8, "captured": 1.0},
]
HISTOGRAM = {"edges": [0.0, 0.25, 0.5], "positives": [20, 60], "negatives": [600, 70]}


def whole() -> dict[str, Any]:
    return facts_of(findings(card(curve=CURVE, lift=LIFT, histogram=HISTOGRAM), money=True))


def test_a_report_shows_gains_calibration_scores_and_importances() -> None:
    made = tuple(figures_of(whole()).values())
    assert [one.title for one in made] == [
        "What acting on the best first finds", "Are its probabilities true?", "Scores by outcome", "What it looks at",
    ]  # fmt: skip
    assert "the best 10% hold 32.0% of all" in made[0].sentence
    assert made[1].table.rows[1][:2] == ("30.0%", "33.0%")
    assert made[2].table.headers == ("Score", "converted = no", "converted = yes")
    assert made[2].table.rows[1][2] == "75.0%"
    assert ">Band A<" in made[2].wide_svg


def test_a_report_from_before_charts_were_kept_shows_what_it_has() -> None:
    old = {name: value for name, value in facts_of(findings(card())).items() if name not in LATER}
    assert [one.title for one in figures_of(old).values()] == ["What it looks at"]
    assert "What happens next" not in {section.title for section in document(old).sections}
    assert pdf(document(old)).startswith(b"%PDF")


LATER = ("department", "label", "unit", "success", "bands", "curve", "lift", "histogram", "data", "next")


def document(facts: Mapping[str, Any]) -> Document:
    return document_of(facts, organisation="Northwind Group", department="Sales EMEA", made_on=date(2026, 3, 7))


def test_the_document_holds_every_part_of_the_markdown_and_the_charts() -> None:
    made = document(whole())
    headings = re.findall("(?m)^## (.*)$", markdown_of(findings(card(), money=True)))
    titles = [section.title for section in made.sections]
    assert [h for h in headings if h not in titles] == ["Read this first", "Figures"], (
        "which the document shows without a heading"
    )
    assert made.facts[0] == ("Department", "Sales EMEA")
    charts = [
        chart
        for section in made.sections
        for block in section.blocks
        if isinstance(block, Charts)
        for chart in block.charts
    ]
    assert len(charts) == 4


def test_the_document_is_an_accessible_pdf_with_each_chart_told() -> None:
    made = pdf(document(whole()))
    assert made == pdf(document(whole()))
    reader = PdfReader(io.BytesIO(made))
    text = re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in reader.pages))
    for said in (
        "Pilot: Lead scoring for sales", "Northwind Group", "it ranks the right one higher in 78.0% of cases", "Read the intervals.",
        "pages | viewed", "name the sponsor", "3440.00 EUR", "company_size.type",
    ):  # fmt: skip
        assert said.replace(" ", "") in text, said
    assert reader.trailer["/Root"]["/Lang"] == "en"
