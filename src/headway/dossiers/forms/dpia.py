"""The data protection impact assessment: what Art. 35(7) of the GDPR asks for, as far as records hold it. Pure.

Source: Regulation (EU) 2016/679, Art. 35 and 36; headings in our own words.
"""

from __future__ import annotations

from headway.dossiers import passages, standing
from headway.dossiers.entities import Chapter, DossierKind, Drawn, Due, Form
from headway.dossiers.forms.shapes import answered, assessed, parts_of
from headway.dossiers.phrases import attested, drawn, fact, say
from headway.dossiers.records import Records
from headway.governance import risks

RISK_OF_PEOPLE = "legal or similarly significant effect"
RIGHTS = (risks.Harm.rights, risks.Harm.discrimination, risks.Harm.safety)


def due(r: Records) -> Due:
    """Owed where processing is likely to be a high risk to people (Art. 35(1) and (3))."""
    facts = {name: r.fact(name) for name in ("personal_data", "significant_effect", "special_category_data")}
    if facts["personal_data"] is False:
        return Due(is_due=False, why="Not owed: no personal data are processed (Art. 35(1)).", cites=r.of_case())
    if facts["personal_data"] and (facts["significant_effect"] or facts["special_category_data"]):
        why = "Owed: personal data with a significant effect on people, or special categories of them (Art. 35(3))."
        return Due(is_due=True, why=why, cites=r.of_case())
    unknown = [name for name, value in facts.items() if value is None]
    if unknown:
        why = f"Whether it is owed cannot be told while nobody has said: {', '.join(unknown)}."
        return Due(is_due=None, why=why, cites=r.of_case())
    why = "Not owed by Art. 35(3): no significant effect on people and no special categories; a list of an authority may still ask it."
    return Due(is_due=False, why=why, cites=r.of_case())


def _described(r: Records) -> Drawn:
    return drawn(
        passages.purpose(r),
        fact(
            r,
            "personal_data",
            "Personal data are processed.",
            "No personal data are processed.",
            "whether personal data are processed",
        ),
        fact(
            r,
            "special_category_data",
            "Special categories of personal data are among them.",
            "No special categories are among them.",
            "whether special categories of personal data are processed",
        ),
        passages.data(r),
        passages.features(r),
        passages.logic(r),
        passages.systems(r),
        answered(r, "privacy", "operations", "which operations are done with the data was said by nobody"),
        answered(r, "privacy", "interest", "the legal basis, and the interest pursued, are in no record"),
    )


def _needed(r: Records) -> Drawn:
    return drawn(
        passages.quality(r),
        answered(r, "privacy", "necessity", "why the processing is necessary was said by nobody"),
        answered(r, "privacy", "proportionality", "why the processing is in proportion was said by nobody"),
    )


def _risks(r: Records) -> Drawn:
    residual = r.fact("residual_risk")
    return drawn(
        fact(
            r,
            "significant_effect",
            f"A decision has a {RISK_OF_PEOPLE} on a person.",
            f"No decision has a {RISK_OF_PEOPLE} on a person.",
            "whether a decision has a legal or similarly significant effect on a person",
        ),
        fact(
            r,
            "profiling",
            "People are profiled.",
            "Nobody is profiled.",
            "whether natural persons are profiled",
        ),
        answered(r, "privacy", "risks", "the risks to the rights and freedoms of people are in no record"),
        standing.register(r, RIGHTS),
        attested(r, "bias_audit", asked="what it makes of groups of people"),
        say(f"The risk that stays after all measures is said to be {residual}.", r.of_case())
        if residual
        else answered(r, "privacy", "residual", "how high the risk stays after all measures was said by nobody"),
    )


def _measures(r: Records) -> Drawn:
    return drawn(
        standing.oversight(r),
        attested(r, "log_retention_proof"),
        attested(r, "security_review", asked="which measures protect the data"),
        attested(r, "notice_proof", asked="how people were told (Art. 13 to 15)"),
        attested(r, "human_review_record", asked="whether those who object are heard (Art. 22(3))")
        if r.fact("solely_automated")
        else None,
        answered(r, "privacy", "measures", "the measures against the risks were said by nobody"),
    )


def _advice(r: Records) -> Drawn:
    return drawn(answered(r, "privacy", "officer", "the advice of the data protection officer is in no record"))


def _views(r: Records) -> Drawn:
    what = "the views of data subjects, or why they were not sought, are in no record"
    return drawn(answered(r, "privacy", "views", what))


def _consultation(r: Records) -> Drawn:
    what = "whether the authority has to be, or was, consulted is in no record"
    return drawn(answered(r, "privacy", "consulted", what))


def _review(r: Records) -> Drawn:
    return drawn(assessed(r, "privacy", "no assessment was signed, so none was reviewed"), standing.monitoring(r))


_part = parts_of("GDPR Art.")
DPIA = Form(
    kind=DossierKind.dpia,
    title="Data protection impact assessment",
    subtitle="GDPR, Art. 35(7): what records hold, and what people still have to answer",
    source="Regulation (EU) 2016/679, Art. 35 and 36",
    due=due,
    chapters=(
        Chapter(
            title="The processing",
            requirements=(
                _part("a", "What is done, and what for", "35(7)(a)", _described),
                _part("b", "Whether it is necessary and in proportion", "35(7)(b)", _needed),
            ),
        ),
        Chapter(
            title="Risks and measures",
            requirements=(
                _part("c", "Risks to rights and freedoms", "35(7)(c)", _risks),
                _part("d", "Measures, safeguards, security", "35(7)(d)", _measures),
            ),
        ),
        Chapter(
            title="Who was asked",
            requirements=(
                _part("e", "Advice of the data protection officer", "35(2)", _advice),
                _part("f", "Views of data subjects", "35(9)", _views),
                _part("g", "Consultation of the authority", "36(1)", _consultation),
                _part("h", "Review", "35(11)", _review),
            ),
        ),
    ),
)
