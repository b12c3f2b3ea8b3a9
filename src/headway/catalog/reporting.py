"""From what a check found to a quality report: rules with their failures, faults in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog.checks import CheckPlan, Rule
from headway.catalog.entities import CheckedRule, QualityReport, RuleResult
from headway.catalog.personal import mask
from headway.catalog.tolerance import in_words
from headway.kernel.errors import Fault

SHOWN: Final = 100
"""Faults a report carries itself; all of them lie beside it."""
OF_THE_TABLE: Final = ("rows", "freshness")
"""Rules that no single row fails."""
_VALUE: Final = 200


def rule_results(
    plan: CheckPlan, failures: Sequence[int], rows: int, weights: Mapping[int, tuple[float, int]]
) -> tuple[RuleResult, ...]:
    """How each rule fared, in the order of the contract.

    Args: weights: bad rows that a rule answers for, and those that break it alone, by its place.
    """
    return tuple(
        RuleResult(
            id=rule.id,
            column=rule.column,
            rule=rule.rule,
            description=rule.description,
            failed_rows=0 if rule.rule in OF_THE_TABLE else failed,
            passed=rule.tolerance.holds(failed, rows),
            threshold=in_words(rule.tolerance),
            bears_none=rule.rule not in OF_THE_TABLE and not rule.tolerance.holds(1, rows),
            cost=weights.get(at, (0.0, 0))[0] / max(rows, 1),
            alone=weights.get(at, (0.0, 0))[1],
        )
        for at, (rule, failed) in enumerate(zip(plan.rules, failures, strict=True))
    )


def checked_rules(report: QualityReport) -> tuple[CheckedRule, ...]:
    """How each rule of a report fared, in the words of other tools."""
    return tuple(
        CheckedRule(
            id=rule.id,
            column=rule.column,
            kind=rule.rule,
            failed=int(not rule.passed) if rule.rule in OF_THE_TABLE else rule.failed_rows,
            checked=report.rows,
            threshold=rule.threshold,
            passed=rule.passed,
            cost=rule.cost,
        )
        for rule in report.rules
    )


def weights_of(faults: pl.LazyFrame) -> dict[int, tuple[float, int]]:
    """What each rule takes from the score, in rows, and the rows that break it alone, by the rule's place.

    A row that breaks n rules counts 1/n for each, so that the weights add up to the bad rows. That is the Shapley value of the
    rules in the game whose worth is the number of rows that some of them catch: each row is a veto of its rules, and shares alike.

    Args: faults: row, rule, value; a rule stands once in a row.
    """
    broken = pl.len().over("row")
    lines = faults.select("rule", share=1 / broken, alone=broken == 1)
    counted = lines.group_by("rule").agg(pl.col("share").sum(), pl.col("alone").sum()).collect()
    return {int(rule): (float(share), int(alone)) for rule, share, alone in counted.iter_rows()}


def faults_of(lines: pl.DataFrame, rules: Mapping[int, RuleResult], restricted: frozenset[str]) -> list[Fault]:
    """Put lines (row, rule by its place, value) into words; values of restricted columns are masked."""
    return [_fault(row, rules[at], value, restricted) for row, at, value in lines.iter_rows()]


def restricted_columns(contract: odcs.Contract) -> frozenset[str]:
    """Columns whose values are shown masked."""
    return frozenset(column.name for column in odcs.columns_of(contract) if column.is_restricted)


def score(rows: int, failed_rows: int) -> float:
    """Share of rows without a fault."""
    return (rows - failed_rows) / rows if rows else 1.0


def _fault(row: int, rule: RuleResult | Rule, value: str | None, restricted: frozenset[str]) -> Fault:
    shown = value
    if value is not None:
        shown = value if len(value) <= _VALUE else value[:_VALUE] + "..."
        shown = mask(shown) if rule.column in restricted else shown
    what = "nothing" if shown is None else repr(shown)
    words = f"row {row}, column {rule.column}: {what} breaks the rule {rule.rule} ({rule.description})"
    return Fault(rule=rule.rule, row=row, column=rule.column, value=shown, message=words)
