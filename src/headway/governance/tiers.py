"""The legal tier by ordered rules: the first that holds decides, and an unknown stricter rule leaves it undecided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headway.governance import rules
from headway.governance.entities import FactDefinition, Tier, TierRule, TraceStep

STRICTNESS = {Tier.minimal: 0, Tier.transparency: 1, Tier.high: 2, Tier.prohibited: 3}


@dataclass(frozen=True, slots=True)
class Classified:
    """The tier, the rule that decided it (None when undecided), what every rule said, and which facts lack."""

    tier: Tier
    rule: TierRule | None
    trace: tuple[TraceStep, ...]
    facts_needed: tuple[str, ...]


def decide(
    ordered: Sequence[TierRule], risk: Mapping[str, object], definitions: Sequence[FactDefinition] = ()
) -> Classified:
    """Decide the tier of a use case.

    A rule that cannot be answered never counts as "no": when the first rule that holds gives another tier than an
    unanswered rule before it, the tier is undecided and the facts that lack are named.

    Args: risk: known risk facts only (see ``facts.risk``).
    """
    steps: list[TraceStep] = []
    open_rules: list[TierRule] = []
    needed: list[str] = []
    decided: TierRule | None = None
    facts = {"sys": dict(risk)}
    context = rules.prepared(facts)
    for rule in ordered:
        answer = rules.ask(rule.when, facts, context)
        holds = answer.value is True and decided is None
        if decided is None and answer.value is None:
            open_rules.append(rule)
            needed += [name.removeprefix("sys.") for name in answer.unknown]
        if holds:
            decided = rule
        steps.append(_step(rule, answer, decides=holds))
    if decided is None or any(rule.tier is not decided.tier for rule in open_rules):
        return Classified(Tier.undecided, None, _undecided(steps), _worded(needed, definitions))
    return Classified(decided.tier, decided, tuple(steps), ())


def _step(rule: TierRule, answer: rules.Answer, *, decides: bool) -> TraceStep:
    result: Literal["true", "false", "indeterminate"] = (
        "indeterminate" if answer.value is None else "true" if answer.value else "false"
    )
    return TraceStep(
        rule=rule.id,
        tier=rule.tier,
        expression=rule.when,
        source=rule.source,
        result=result,
        why=f"{rule.title}: {answer.why}",
        decides=decides,
    )


def _undecided(steps: Sequence[TraceStep]) -> tuple[TraceStep, ...]:
    return tuple(
        TraceStep(
            rule=s.rule,
            tier=s.tier,
            expression=s.expression,
            source=s.source,
            result=s.result,
            why=s.why,
            decides=False,
        )
        for s in steps
    )


def _worded(names: Sequence[str], definitions: Sequence[FactDefinition]) -> tuple[str, ...]:
    questions = {definition.name: definition.question for definition in definitions}
    return tuple(questions.get(name, name) for name in dict.fromkeys(names))
