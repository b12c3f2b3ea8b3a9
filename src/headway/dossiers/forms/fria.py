"""The fundamental rights impact assessment: what Art. 27(1) of the EU AI Act asks for, and of whom. Pure.

Source: Regulation (EU) 2024/1689, Art. 27; headings in our own words.
"""

from __future__ import annotations

from headway.dossiers import passages, standing
from headway.dossiers.entities import Chapter, DossierKind, Drawn, Due, Form
from headway.dossiers.forms.dpia import RIGHTS
from headway.dossiers.forms.shapes import answered, assessed, owed_by_high_risk, parts_of
from headway.dossiers.phrases import attested, drawn, field
from headway.dossiers.records import Records

CREDIT_AND_INSURANCE = ("5b", "5c")
INFRASTRUCTURE = "2"


def due(r: Records) -> Due:
    """Owed by public bodies and services for high-risk uses of Annex III but point 2, and by anybody for 5(b) and 5(c)."""
    return owed_by_high_risk(r, "Art. 27(1)", _of_high_risk)


def _of_high_risk(r: Records) -> tuple[bool | None, str]:
    uses, public = r.fact("annex_iii"), r.fact("public_body_or_service")
    if uses is None:
        return None, "Which uses of Annex III it falls under was said by nobody, so that Art. 27(1) cannot be answered."
    if any(one in uses for one in CREDIT_AND_INSURANCE):
        return (
            True,
            "Owed: it rates the credit of people or prices their life or health insurance (Annex III, 5(b), (c)).",
        )
    concerned = [one for one in uses if one != INFRASTRUCTURE]
    if not concerned:
        return False, "Not owed: no use of Annex III other than point 2 (Art. 27(1))."
    if public is None:
        return (
            None,
            "Whether the organisation is a public body or runs a public service was said by nobody (Art. 27(1)).",
        )
    if public:
        return True, f"Owed: a public body or service deploys a high-risk use (Annex III, {', '.join(concerned)})."
    return False, (
        "Not owed: the organisation is no public body and runs no public service, and the use is neither 5(b) nor 5(c) of "
        "Annex III (Art. 27(1)). A data protection impact assessment may be owed all the same."
    )


def _processes(r: Records) -> Drawn:
    return drawn(
        passages.purpose(r),
        standing.deployments(r),
        attested(r, "instructions_for_use", asked="the intended purpose that the provider gave it"),
        answered(r, "fria", "processes", "the processes in which it is used were described by nobody"),
    )


def _period(r: Records) -> Drawn:
    return drawn(
        standing.deployments(r),
        answered(r, "fria", "period", "for how long and how often it is meant to be used was said by nobody"),
    )


def _people(r: Records) -> Drawn:
    return drawn(
        field(r, "people_affected", "People affected:", "the people affected are not named"),
        answered(r, "fria", "groups", "the groups likely to be affected in this context were named by nobody"),
    )


def _harm(r: Records) -> Drawn:
    return drawn(
        attested(r, "risk_assessment", asked="what may go wrong"),
        attested(r, "bias_audit", asked="what it makes of groups of people"),
        answered(r, "fria", "harms", "the harm that these people and groups may suffer was said by nobody"),
        standing.register(r, RIGHTS),
    )


def _oversight(r: Records) -> Drawn:
    what = "how people oversee it, following the instructions for use, was said by nobody"
    return drawn(standing.oversight(r), answered(r, "fria", "oversight", what))


def _measures(r: Records) -> Drawn:
    return drawn(
        answered(
            r,
            "fria",
            "measures",
            "what is done when the risks come true, and where people complain, was said by nobody",
        ),
        standing.incidents(r),
    )


def _notified(r: Records) -> Drawn:
    return drawn(answered(r, "fria", "notified", "that the market surveillance authority was notified is in no record"))


def _complements(r: Records) -> Drawn:
    missing = "no data protection impact assessment is recorded that this one could complement"
    said = r.assessed.get("fria")
    which = answered(r, "fria", "dpia", "") if said and "dpia" in said.answers else None
    return drawn(assessed(r, "privacy", missing), which)


def _review(r: Records) -> Drawn:
    return drawn(assessed(r, "fria", "no assessment was signed"))


_part = parts_of("AI Act Art.")
FRIA = Form(
    kind=DossierKind.fria,
    title="Fundamental rights impact assessment",
    subtitle="EU AI Act, Art. 27: what records hold, and what people still have to answer",
    source="Regulation (EU) 2024/1689, Art. 27",
    due=due,
    chapters=(
        Chapter(
            title="The use",
            requirements=(
                _part("a", "Processes in which it is used", "27(1)(a)", _processes),
                _part("b", "Period and frequency", "27(1)(b)", _period),
                _part("c", "People and groups affected", "27(1)(c)", _people),
            ),
        ),
        Chapter(
            title="Risks and measures",
            requirements=(
                _part("d", "Risks of harm", "27(1)(d)", _harm),
                _part("e", "Human oversight", "27(1)(e)", _oversight),
                _part("f", "When risks come true", "27(1)(f)", _measures),
            ),
        ),
        Chapter(
            title="What goes with it",
            requirements=(
                _part("g", "Notification of the authority", "27(3)", _notified),
                _part("h", "Data protection impact assessment", "27(4)", _complements),
                _part("i", "The assessment, and whether it is up to date", "27(2)", _review),
            ),
        ),
    ),
)
