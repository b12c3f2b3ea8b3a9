"""What the forms about one use case have in common: how a requirement is written, and who owes what by the legal tier. Pure."""

from __future__ import annotations

from collections.abc import Callable

from headway.dossiers.entities import Cite, Drawn, Due, Lack, Requirement, Said
from headway.dossiers.phrases import day, lack, recorded, say, scalar
from headway.dossiers.records import Records, by_evidence
from headway.governance import Tier, assessments

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


def answered(r: Records, template: str, question: str, what: str) -> Said | Lack:
    """What a signed assessment says to a question, in the words of who answered it; else a fact of attested evidence; else the gap."""
    found = r.assessed.get(template)
    value = _answer(found, question) if found else None
    if found is not None and value is not None:
        asked = r.questions.get(template, {}).get(question, question.replace("_", " "))
        return say(f"{asked} {scalar(value)} (assessment `{found.id}`)", _of(found))
    name = FACTS.get(question, question)
    attested = next((one for one in r.of_type(EVIDENCE[template]) if one.facts.get(name) is not None), None)
    if attested is not None:
        return say(f"{scalar(attested.facts[name])} (said by {r.name(attested.producer)})", by_evidence(attested))
    need = r.need(template)
    if need is not None and need.newest is not None and need.newest.state in OPEN:
        return lack(f"{what}: assessment {need.newest.id} is not signed yet", "have it answered and signed")
    return lack(what, f"answer it in the assessment {template}: headway assessment open")


OPEN = ("opened", "submitted", "returned")
EVIDENCE = {"privacy": "dpia", "fria": "fria"}
"""What a signed assessment becomes, and what people may attest who assessed elsewhere."""
FACTS = {
    "interest": "legitimate_interest",
    "officer": "officer_advice",
    "consulted": "authority_consulted",
    "harms": "harm",
}
"""What facts of such evidence are called where they are not called as the question."""


def _answer(found: assessments.Assessment, question: str) -> object:
    known = found.known.get(question)
    return found.answers.get(question, known.value if known else None)


def _of(found: assessments.Assessment) -> Cite:
    return Cite(ref=f"assessment:{found.id}", digest=found.answers_digest)


def assessed(r: Records, template: str, missing: str) -> tuple[Said | Lack, ...]:
    """Which assessment this is drawn from, by whom it was answered and signed, and whether it still counts; else the gap."""
    found, need = r.assessed.get(template), r.need(template)
    evidence = EVIDENCE[template]
    if found is None:
        attested = tuple(
            say(recorded(r, one, "An assessment made elsewhere"), by_evidence(one)) for one in r.of_type(evidence)[:3]
        )
        return attested or (lack(missing, f"answer and sign the assessment {template}: headway assessment open"),)
    told = (
        f"It is drawn from the assessment `{found.id}` ({found.template} {found.template_version}, number {found.number}): "
        f"answered by {r.name(found.submitted_by)} on {day(found.submitted_at)}, signed by {r.name(found.signed_by)} on "
        f"{day(found.signed_at)}: {found.remark}"
    )
    made: tuple[Said | Lack, ...] = (say(told, _of(found)),)
    if need is not None and need.standing is assessments.Standing.outdated:
        why = "; ".join(need.why_outdated)
        made += (lack(f"the assessment {found.id} no longer counts: {why}", "assess it anew: headway assessment open"),)
    return made
