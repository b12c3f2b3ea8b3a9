"""How records become sentences, tables and gaps: the pieces that every document is put together from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from headway.dossiers.entities import Cite, Drawn, Lack, Plotted, Ranged, Said, Statement, Tabled
from headway.dossiers.records import Records, by_evidence
from headway.governance import Evidence
from headway.kernel.money import Money

Part = Statement | Lack | Iterable["Statement | Lack"] | None
EVIDENCE_TITLES: Mapping[str, str] = {
    "art6_3_assessment": "the assessment under Art. 6(3)",
    "auditor_attestation": "the auditor's attestation",
    "bias_audit": "a bias audit",
    "change_assessment": "the assessment of a change",
    "conformity_declaration": "the declaration of conformity",
    "contract_terms": "the terms agreed with suppliers",
    "dpia": "the data protection impact assessment",
    "fria": "the fundamental rights impact assessment",
    "human_review_record": "the record of contested decisions",
    "incident_record": "the record of incidents",
    "instructions_for_use": "the instructions for use",
    "log_config": "the proof that decisions are logged",
    "log_retention_proof": "the proof of how long logs are kept",
    "management_review": "the review by the management",
    "monitoring_plan": "the monitoring plan",
    "monitoring_report": "the newest report of monitoring",
    "notice_proof": "the proof that the people concerned were told",
    "oversight_plan": "the human oversight plan",
    "oversight_roster": "the roster of those who oversee it",
    "policy_document": "the written policy of the organisation",
    "registration_record": "the registration in the EU database",
    "risk_assessment": "the risk assessment",
    "robustness_report": "the report on robustness",
    "security_review": "the security review",
    "training_record": "the record of training",
    "use_case_record": "the attested entry of the inventory",
    "validation_report": "the validation by somebody who did not build it",
    "vendor_assessment": "the assessment of the vendor",
    "worker_notice_proof": "the proof that workers and their representatives were told",
}


def drawn(*parts: Part) -> Drawn:
    """Put statements and gaps together, leaving out what is None."""
    flat: list[Statement | Lack] = []
    for part in parts:
        if isinstance(part, Lack | Said | Tabled | Plotted | Ranged):
            flat.append(part)
        elif part is not None:
            flat.extend(part)
    return Drawn(
        said=tuple(one for one in flat if not isinstance(one, Lack)),
        lacks=tuple(one for one in flat if isinstance(one, Lack)),
    )


def say(text: str, *cites: Cite | Iterable[Cite]) -> Said:
    """A sentence with the records it rests on, each named once."""
    found: dict[Cite, None] = {}
    for one in cites:
        found.update(dict.fromkeys((one,) if isinstance(one, Cite) else one))
    return Said(text=text, cites=tuple(found))


def table(
    caption: str,
    headers: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    *cites: Cite | Iterable[Cite],
    numeric: tuple[int, ...] = (),
) -> Tabled | None:
    """A table, or nothing where it would have no row."""
    filled = tuple(rows)
    if not filled:
        return None
    return Tabled(caption=caption, headers=headers, rows=filled, cites=say("", *cites).cites, numeric=numeric)


def lack(what: str, mend: str) -> Lack:
    """A gap, and how it is closed."""
    return Lack(what=what, mend=mend)


def field(records: Records, name: str, told: str, what: str) -> Said | Lack:
    """What a field of the inventory says, after an introduction."""
    value = getattr(records.case, name)
    if not value:
        return lack(what, "write it into the use case's entry of the inventory")
    return say(f"{told} {records.name(value)}".strip(), records.of_case())


def fact(records: Records, name: str, yes: str, no: str, question: str) -> Said | Lack:
    """What a risk fact says, in words for yes and for no."""
    value = records.fact(name)
    if value is None:
        return lack(f"nobody has said {question}", "answer it on the use case's page Risk")
    return say(yes if value else no, records.of_case())


def attested(records: Records, type: str, *, asked: str = "") -> Said | Lack:
    """Evidence of a type: who recorded it when, and its facts; else the gap."""
    title = EVIDENCE_TITLES.get(type, type.replace("_", " "))
    found = records.newest(type)
    if found is None:
        told = f", which must say {asked}" if asked else ""
        return lack(f"there is no record of {title}{told}", how_to_bring(records, type))
    return say(recorded(records, found, title), by_evidence(found))


def how_to_bring(records: Records, type: str) -> str:
    """How evidence of a type comes to be recorded: by a person, by a job, or not before a pack asks for it."""
    kind = next((one for pack in records.packs for one in pack.evidence_types if one.name == type), None)
    if kind is None:
        return f"switch on a pack that asks for evidence of type `{type}`, then have it recorded"
    if kind.producer == "human":
        return f"attest evidence of type `{type}` on the use case's page Evidence"
    if type == "bias_audit":
        return "count one from a file of people: headway dossier bias-audit"
    return f"a job has to bring evidence of type `{type}`; nobody can attest it"


def recorded(records: Records, found: Evidence, title: str) -> str:
    """A sentence about a piece of evidence."""
    by = records.name(found.producer).removeprefix("service:")
    text = f"{title[:1].upper()}{title[1:]} was recorded by {by} on {day(found.made_at)}"
    if told := facts(found.facts):
        text += f": {told}"
    if found.payload_digest:
        text += f". Its full text has the digest `{found.payload_digest}`"
    return text + "."


def facts(values: Mapping[str, Any]) -> str:
    """Facts of evidence in a line."""
    return "; ".join(f"{name.replace('_', ' ')} {scalar(value)}" for name, value in values.items() if value is not None)


def scalar(value: object) -> str:
    """A fact as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def day(at: datetime | date | None) -> str:
    """A day."""
    return f"{at:%Y-%m-%d}" if at else "–"


def band(value: float | None, ends: tuple[float, float] | list[float] | None = None) -> str:
    """A figure with its interval."""
    if value is None:
        return "–"
    return f"{value:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def share(value: float | None) -> str:
    """A share in percent."""
    return "–" if value is None else f"{value:.1%}"


def named(names: Iterable[str], most: int = 8) -> str:
    """Some names in a line: the first of them, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def money(amount: Money | str) -> str:
    """An amount as people read it: ``320,000.00 EUR``; also of the text that amounts are kept as."""
    found = Money.parse(amount) if isinstance(amount, str) else amount
    return f"{found.amount:,} {found.currency}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
