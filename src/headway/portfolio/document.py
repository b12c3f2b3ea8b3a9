"""The report of a pilot as a document to file, print and sign, from the same facts as the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from headway.documents import Block, Bullets, Callout, Charts, Document, Paragraph, Section, Table, inline
from headway.portfolio.charts import charts_of
from headway.portfolio.report import FIGURES_HEAD, figure_rows

Facts = Mapping[str, Any]
_PAIR = ("gains", "calibration")


def document_of(facts: Facts, *, organisation: str, department: str, made_on: date) -> Document:
    """Lay a report out as a document.

    Args: facts: what ``facts_of`` gave, also of a pilot that ran before charts were kept; department: its name.
    """
    lead: list[Block] = [Paragraph(inline(facts["what_it_does"]))]
    if facts["warnings"]:
        lead.append(Callout(tuple(map(inline, facts["warnings"])), "warning"))
    return Document(
        title=facts["title"],
        subtitle="Report of a pilot in the sandbox, measured on rows that the model did not see",
        organisation=organisation,
        made_on=made_on,
        facts=tuple(_facts(facts, department)),
        lead=tuple(lead),
        sections=tuple(section for section in _sections(facts) if section.blocks),
    )


def _facts(facts: Facts, department: str) -> Iterator[tuple[str, str]]:
    result = facts["result"]
    model, quality = result["model"], result["quality"]
    yield "Department", department
    yield "Use case", f"{result['usecase']}, legal tier {result['tier']}"
    yield "Model", f"{model['name']}, version {model['version']} ({model['learner']})"
    yield "Data", f"{result['product']}, {result['rows']:,} rows, quality {quality['score']:.4f} of 1"
    yield "Gate", f"{result['verdict']['result']} in {result['verdict']['environment']}"
    yield "Pilot", result["pilot"]


def _sections(facts: Facts) -> Iterator[Section]:
    yield Section(title="How good it is", blocks=tuple(_how_good(facts)))
    yield Section(title="Why it decides so", blocks=tuple(_why(facts)))
    yield from _examples(facts["examples"])
    yield Section(title="Columns to look at before believing any figure", blocks=_columns(facts["suspects"]))
    yield Section(title="Columns left out", blocks=_columns(facts["excluded"]))
    yield Section(title="The data", blocks=tuple(_data(facts)))
    yield Section(title="Legal class", blocks=_bullets(facts["tier"]["trace"]))
    yield Section(title="What it may be worth (projected, not measured)", blocks=tuple(_worth(facts["projection"])))
    missing = facts["missing_before_production"]
    yield Section(title="What is missing before production", blocks=_bullets(missing))
    yield Section(title="What happens next", blocks=tuple(Paragraph(inline(one)) for one in facts.get("next", ())))


def _how_good(facts: Facts) -> Iterator[Block]:
    yield from _bullets(facts["how_good"])
    charts = charts_of(facts)
    if pair := tuple(charts[name] for name in _PAIR if name in charts):
        yield Charts(pair)
    yield Table(headers=FIGURES_HEAD, rows=tuple(figure_rows(facts["result"]["metrics"])), numeric=(1, 2))
    if "scores" in charts:
        yield Charts((charts["scores"],))


def _why(facts: Facts) -> Iterator[Block]:
    yield Paragraph(
        "Shares of all reasons on test rows: mean absolute Shapley value against one reference row, "
        f"the {facts['reference']['name']}."
    )
    if chart := charts_of(facts).get("importances"):
        yield Charts((chart,))


def _examples(examples: Sequence[Facts]) -> Iterator[Section]:
    for one in examples:
        told = Paragraph(f"Score {one['score']:.3f}, band {one['band']}: {one['action']}.")
        yield Section(title=one["place"], level=2, blocks=(told, *_bullets(one["reasons"])))


def _data(facts: Facts) -> Iterator[Block]:
    if told := facts.get("data"):
        yield Paragraph(told)
    if broken := facts["broken_rules"]:
        rows = tuple((one["rule"], f"{one['rows']:,}") for one in broken)
        yield Table(headers=("rule", "rows"), rows=rows, numeric=(1,))


def _worth(projection: Facts | None) -> Iterator[Block]:
    if projection is None:
        return
    yield Paragraph(
        f"For {projection['cases']:,} cases and {projection['actions']} actions at {projection['cost_per_action']}, a success "
        f"worth {projection['value_per_success']}:"
    )
    ranked, gain = projection["net_ranked"], projection["gain"]
    yield Table(
        headers=("", "success rate", "net value", "95 % interval"),
        rows=(
            ("best tenth by score", f"{projection['success_rate_ranked']:.1%}", ranked["expected"], _range(ranked)),
            ("picked at random", f"{projection['success_rate_random']:.1%}", projection["net_random"], ""),
            ("gain", "", gain["expected"], _range(gain)),
        ),
        numeric=(1, 2, 3),
    )
    yield Paragraph(f"An action pays for itself from a success rate of {projection['break_even_rate']:.1%}. Assumed:")
    yield from _bullets(projection["assumptions"])


def _range(amount: Facts) -> str:
    return f"{amount['low']} to {amount['high']}"


def _columns(named: Sequence[Facts]) -> tuple[Block, ...]:
    if not named:
        return ()
    return (Table(headers=("column", "reason"), rows=tuple((one["column"], one["reason"]) for one in named)),)


def _bullets(items: Sequence[str]) -> tuple[Block, ...]:
    return (Bullets(tuple(map(inline, items))),) if items else ()
