"""What the forms about one use case have in common: how a requirement is written, and who owes what by the legal tier. Pure."""

from __future__ import annotations

from collections.abc import Callable

from headway.dossiers.entities import Drawn, Due, Lack, Requirement, Said
from headway.dossiers.phrases import lack, recorded, say
from headway.dossiers.records import Records, by_evidence
from headway.governance import Tier

Draw = Callable[[Records], Drawn]


def parts_of(law: str) -> Callable[[str, str, str, Draw], Requirement]:
    """How the requirements of one law are written: id, title, place in the law, and what draws them."""

    def part(id: str, title: str, source: str, draw: Draw) -> Requirement:
        return Requirement(id=id, title=title, source=f"{law} {source}".strip(), draw=draw)

    return part


def owed_by_high_risk(r: Records, article: str, then: Callable[[Records], tuple[bool | None, str]]) -> Due:
    """What only high-risk uses owe, by an article of the EU AI Act; ``then`` says of those whether they do, and why."""
    if r.case.tier is Tier.undecided:
        is_due, why = None, "Whether it is owed cannot be told before the legal tier is decided."
    elif r.case.tier is not Tier.high:
        is_due = False
        why = f"Not owed: {article} asks it of high-risk uses, and the tier of this use is {r.case.tier.value}."
    else:
        is_due, why = then(r)
    return Due(is_due=is_due, why=why, cites=r.of_case())


def assessed(r: Records, type: str, words: str, missing: str, mend: str) -> tuple[Said | Lack, ...]:
    """The newest assessments of a kind as evidence holds them, else the gap."""
    found = r.of_type(type)[:3]
    return tuple(say(recorded(r, one, words), by_evidence(one)) for one in found) or (lack(missing, mend),)


def answered(r: Records, evidence: str, name: str, what: str) -> Said | Lack:
    """What a person answered in an assessment: a fact of its evidence, in their own words; else the gap."""
    found = next((one for one in r.of_type(evidence) if one.facts.get(name)), None)
    if found is None:
        return lack(what, f"answer it in the assessment, or attest `{evidence}` with the fact `{name}`")
    return say(f"{found.facts[name]} (said by {r.name(found.producer)})", by_evidence(found))
