"""The model risk file: what a bank's model risk management asks of one model. Pure.

Source: SR 26-2 / OCC 2026-13 / FIL-15-2026, principles without numbers; headings in our own words.
"""

from __future__ import annotations

from headway.dossiers import passages, standing
from headway.dossiers.entities import Chapter, Cite, DossierKind, Drawn, Due, Form
from headway.dossiers.forms.shapes import parts_of
from headway.dossiers.phrases import attested, drawn, lack, say, scalar
from headway.dossiers.records import Records

PACK = "sr-26-2"


def due(r: Records) -> Due:
    """The guidance is asked where its pack is on, of quantitative models."""
    cites = r.pack(PACK)
    if not cites:
        why = "Nobody asks it: the pack sr-26-2 is not on. It is drawn up because somebody wanted it."
        return Due(is_due=False, why=why, cites=r.of_case())
    quantitative = r.fact("quantitative_model")
    if quantitative is None:
        why = "Whether it is a model in the sense of the guidance (fact quantitative_model) was said by nobody."
        return Due(is_due=None, why=why, cites=(*cites, *r.of_case()))
    if not quantitative or r.fact("generates_content"):
        why = "The guidance leaves it out: it is no quantitative model, or it generates content."
        return Due(is_due=False, why=why, cites=(*cites, *r.of_case()))
    return Due(
        is_due=True, why="It is a model in the sense of SR 26-2, and the pack is on.", cites=(*cites, *r.of_case())
    )


def _purpose(r: Records) -> Drawn:
    return drawn(passages.purpose(r), passages.tier(r), standing.deployments(r))


def _materiality(r: Records) -> Drawn:
    said = r.fact("materiality")
    return drawn(
        say(f"Its materiality is {said}.", r.of_case())
        if said
        else lack("its materiality (how much leans on it, times what it is for) was said by nobody", "say it on Risk"),
        attested(r, "risk_assessment", asked="why its materiality is what it is"),
        standing.worth(r),
    )


def _inventory(r: Records) -> Drawn:
    return drawn(
        say(
            f"It is in the inventory as `{r.case.slug}`: {r.case.title}, of the department {r.department}.", r.of_case()
        ),
        passages.versions(r),
        attested(r, "use_case_record"),
    )


def _data(r: Records) -> Drawn:
    return drawn(passages.data(r), passages.quality(r))


def _development(r: Records) -> Drawn:
    return drawn(passages.logic(r), passages.features(r), passages.suspects(r))


def _validation(r: Records) -> Drawn:
    found = r.newest("validation_report")
    builder = r.name(r.version.made_by) if r.version else None
    return drawn(
        attested(r, "validation_report", asked="who challenged its concept and its outcomes"),
        say(
            f"The validator is {scalar(found.facts.get('validator'))}; the version was built by {builder}.",
            r.of_version(),
        )
        if found and builder
        else None,
        attested(r, "parity_report", asked="whether the served model answers as the trained one does"),
        standing.approvals(r),
    )


def _outcomes(r: Records) -> Drawn:
    return drawn(passages.evaluation(r), standing.monitoring(r))


def _limits(r: Records) -> Drawn:
    warnings = [say(one, r.of_version()) for one in r.report.get("warnings", ())]
    plans = [
        say(
            f"For {one.department} it is forecast to rank with ROC AUC {one.result['forecast']['auc']:.3f}; "
            f"{one.result['forecast']['assumption']}",
            Cite(ref=f"scaleplan:{one.id}", digest=one.digest),
        )
        for one in r.plans
        if one.result and one.result.get("forecast")
    ]
    unsaid = lack("no limit of its use was written down", "let the validation report or the risk assessment name them")
    return drawn(
        warnings,
        plans,
        standing.findings(r),
        unsaid if r.newest("validation_report") is None and r.newest("risk_assessment") is None else None,
        say("Nothing of the training warns of a limit.", r.of_version()) if r.version and not warnings else None,
    )


def _monitoring(r: Records) -> Drawn:
    return drawn(
        attested(r, "monitoring_plan", asked="limits, who is told, what calls for a new validation"),
        standing.monitoring(r),
    )


def _vendors(r: Records) -> Drawn:
    return drawn(standing.vendors(r), passages.systems(r))


def _governance(r: Records) -> Drawn:
    return drawn(
        standing.register(r),
        standing.verdicts(r),
        standing.exceptions(r),
        standing.incidents(r),
        attested(r, "management_review"),
    )


_part = parts_of("SR 26-2:")
MODEL_RISK = Form(
    kind=DossierKind.model_risk,
    title="Model risk file",
    subtitle="SR 26-2: purpose, data, development, validation, outcomes, limits, monitoring and vendors of one model",
    source="SR 26-2, OCC 2026-13, FIL-15-2026 (17 April 2026)",
    due=due,
    chapters=(
        Chapter(
            title="1. The model and what leans on it",
            requirements=(
                _part("1.1", "Purpose and use", "purpose and use", _purpose),
                _part("1.2", "Materiality", "materiality", _materiality),
                _part("1.3", "Inventory", "governance, inventory", _inventory),
            ),
        ),
        Chapter(
            title="2. Development",
            requirements=(
                _part("2.1", "Data", "development, data", _data),
                _part("2.2", "Method and design", "development, method", _development),
            ),
        ),
        Chapter(
            title="3. Validation",
            requirements=(
                _part("3.1", "Validation and effective challenge", "validation", _validation),
                _part("3.2", "Analysis of outcomes", "validation, outcomes analysis", _outcomes),
                _part("3.3", "Limits and assumptions", "limits", _limits),
            ),
        ),
        Chapter(
            title="4. In use",
            requirements=(
                _part("4.1", "Monitoring", "monitoring", _monitoring),
                _part("4.2", "Vendors", "third-party models", _vendors),
                _part("4.3", "Governance and exceptions", "governance and controls", _governance),
            ),
        ),
    ),
)
