"""The risk facts of a use case, the legal tier that follows from them, and how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import asked, govern, risk_words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import (
    DerivedFact,
    ExceptionCondition,
    FactDefinition,
    FactValue,
    Tier,
    TierDecision,
    TraceStep,
    UseCase,
)
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
NONE = "none-of-these"
YES, NO = "yes", "no"
DECIDABLE = tuple(tier for tier in Tier if tier is not Tier.undecided)

EXCEPTED = "art6_3_accepted"
CONDITIONS: Mapping[ExceptionCondition, str] = {
    ExceptionCondition.narrow_task: N_("it does a narrow procedural task"),
    ExceptionCondition.improves_finished_work: N_("it improves a human activity that is finished"),
    ExceptionCondition.detects_patterns: N_("it detects patterns or deviations and does not replace human assessment"),
    ExceptionCondition.preparatory_task: N_("it does a preparatory task"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rule that was asked for the tier, with the title and the confidence that its pack gives it."""

    trace: TraceStep
    title: str
    confidence: str


@router.get("/usecases/{slug}/risk")
def show_risk(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The questions, the tier and the trace of every rule."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:read", govern.about(case))
    return page(viewer, tx, case)


@router.post("/usecases/{slug}/risk")
def save_facts(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Keep the answers; asked to, let the rules decide the tier from them."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:update", govern.about(case))
    try:
        with tx.begin_nested():
            risk = _answers(form, _asked(tx, case))
            if EXCEPTED in definitions(tx) and EXCEPTED not in {fact.name for fact in case.derived}:
                risk[EXCEPTED] = False  # nobody accepted an exception; people are not asked
            after = governance.update_usecase(tx, viewer.actor, slug, changes={}, risk=risk)
            tier = governance.classify(tx, viewer.actor, slug).tier if form.text("then") == "decide" else after.tier
    except HeadwayError as error:
        return page(viewer, tx, case, facts=form.take(error), status=error.status)
    said = viewer.gettext(govern.TIERS[tier])
    return viewer.go(f"/usecases/{slug}/risk", viewer.gettext("Saved. Tier: %(tier)s", tier=said))


@router.post("/usecases/{slug}/tier")
def decide_tier(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let a person decide the tier, with reasons."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("tier:decide", govern.about(case))
    try:
        if form.text("tier") not in set(Tier):
            fault = Fault(rule="tier.tier", column="tier", message=viewer.gettext("Choose a tier"))
            raise Invalid(fault.message, faults=[fault])
        with tx.begin_nested():
            tier, reasons = Tier(form.text("tier")), form.text("reasons")
            governance.decide_tier(tx, viewer.actor, slug, tier=tier, reasons=reasons)
    except HeadwayError as error:
        return page(viewer, tx, case, choice=form.take(error), status=error.status)
    return viewer.go(f"/usecases/{slug}/risk", viewer.gettext("The tier is decided"))


def definitions(session: Session) -> dict[str, FactDefinition]:
    """The questions that rules and controls of the packs in force ask, by name."""
    return {fact.name: fact for fact in governance.asked_facts(session)}


def _asked(session: Session, case: UseCase) -> dict[str, FactDefinition]:
    """The questions that people answer: all but those that the platform answers by itself; to lists people may add."""
    settled = {EXCEPTED, *(fact.name for fact in case.derived if not isinstance(fact.value, list))}
    return {name: fact for name, fact in definitions(session).items() if name not in settled}


def _sources(viewer: Viewer, session: Session, case: UseCase, fact: DerivedFact) -> list[tuple[str, str, str]]:
    """From what a derived fact is known: what kind of thing, its reference, its name."""
    kinds = {
        "system": viewer.gettext("the system"),
        "vendor": viewer.gettext("the vendor"),
        "department": viewer.gettext("the department"),
        "exception": viewer.gettext("the exception"),
    }
    titles = {f"system:{one.slug}": one.title for one in case.systems}
    titles[f"department:{case.department}"] = govern.department_names(session).get(case.department, case.department)
    found = []
    for ref in fact.sources:
        kind, _, name = ref.partition(":")
        title = governance.get_vendor(session, name).name if kind == "vendor" else titles.get(ref, name)
        found.append((kinds[kind], ref, title))
    return found


def page(
    viewer: Viewer,
    tx: Session,
    case: UseCase,
    *,
    facts: Form | None = None,
    choice: Form | None = None,
    exception: Form | None = None,
    status: int = 200,
) -> Response:
    """The page about risk; the forms hold what was sent and refused."""
    known = definitions(tx)
    derived = {fact.name: fact for fact in case.derived if fact.name in known}
    exceptions = governance.list_exceptions(tx, case.slug)
    decision = governance.get_decision(tx, case.slug)
    earlier = [one for one in governance.list_decisions(tx, case.slug) if decision is None or one.id != decision.id]
    return viewer.page(
        "usecases/risk.html",
        status=status,
        **frame(viewer, tx, case, "risk"),
        questions=[fact for fact in known.values() if fact.name != EXCEPTED or fact.name in derived],
        derived=derived,
        asked=asked.lines(viewer, tx, "risk"),
        sources=lambda fact: _sources(viewer, tx, case, fact),
        facts=facts or Form.filled({name: _shown(fact, case.risk.get(name)) for name, fact in known.items()}),
        choice_form=choice or Form(),
        decision=decision,
        steps=_steps(tx, decision) if decision else (),
        earlier=earlier,
        exceptions=exceptions,
        exception_form=exception or Form.filled({"days": "365"}),
        conditions=[(one.value, viewer.gettext(words)) for one, words in CONDITIONS.items()],
        is_exceptable=bool(case.risk.get("annex_iii")) and EXCEPTED in known and case.retired_at is None,
        people=names(
            tx,
            [
                *(one.decider for one in ([decision] if decision else []) + earlier),
                *(who for one in exceptions for who in (one.assessed_by, one.answered_by, one.ended_by) if who),
            ],
        ),
        tiers=[(tier.value, viewer.gettext(govern.TIERS[tier])) for tier in DECIDABLE],
        word=lambda fact, value: viewer.gettext(risk_words.word(fact, value)),
        nothing=NONE,
        may_decide=viewer.may("tier:decide", govern.about(case)),
    )


def _steps(session: Session, decision: TierDecision) -> list[Step]:
    pack = governance.get_pack(session, decision.pack_id, digest=decision.pack_digest)
    rules = {rule.id: rule for rule in pack.tier_rules}
    return [
        Step(trace=one, title=rules[one.rule].title, confidence=rules[one.rule].confidence)
        for one in decision.trace
        if one.rule in rules
    ]


def _shown(fact: FactDefinition, value: FactValue | None) -> object:
    """How a fact stands in the form: nothing says unknown, and an empty list says none."""
    if value is None:
        return None
    if fact.kind == "boolean":
        return YES if value else NO
    if fact.kind == "list" and isinstance(value, list):
        if not value:
            return [NONE] if fact.values else NONE
        return value if fact.values else ", ".join(value)
    return value


def _answers(form: Form, known: Mapping[str, FactDefinition]) -> dict[str, str | float | bool | list[str] | None]:
    """What the form says of every fact; None makes it unknown. Raises Invalid with every number that is none."""
    answers: dict[str, str | float | bool | list[str] | None] = {}
    faults: list[Fault] = []
    for name, fact in known.items():
        if fact.kind == "number" and form.text(name):
            try:
                answers[name] = float(form.text(name))
            except ValueError:
                faults.append(Fault(rule="usecase.number", column=name, message=f"{name}: write a number"))
        else:
            answers[name] = _answer(form, fact)
    if faults:
        raise Invalid("; ".join(fault.message for fault in faults), faults=faults)
    return answers


def _answer(form: Form, fact: FactDefinition) -> str | bool | list[str] | None:
    said = form.many(fact.name)
    if not said:
        return None
    if fact.kind == "boolean":
        return said[0] == YES
    if fact.kind == "list":
        given = said if fact.values else [part.strip() for text in said for part in text.split(",") if part.strip()]
        return [one for one in given if one != NONE]
    return said[0]
