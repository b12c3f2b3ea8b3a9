"""Technical documentation under Annex IV of the EU AI Act: all nine points with their parts. Pure.

Source: Regulation (EU) 2024/1689, Art. 11(1) and Annex IV; headings in our own words.
"""

from __future__ import annotations

from collections.abc import Callable

from headway.dossiers import passages, standing
from headway.dossiers.entities import Chapter, Cite, DossierKind, Drawn, Due, Form, Lack, Requirement, Said
from headway.dossiers.forms.shapes import owed_by_high_risk
from headway.dossiers.phrases import attested, drawn, fact, lack, recorded, say, scalar, share, table
from headway.dossiers.records import Records, by_evidence


def due(r: Records) -> Due:
    """Providers of high-risk systems owe it (Art. 11(1), 16(d)); other systems do not."""
    return owed_by_high_risk(r, "Art. 11(1)", _of_high_risk)


def _of_high_risk(r: Records) -> tuple[bool | None, str]:
    roles = r.fact("roles")
    if roles is None:
        return None, "The use is of high risk; whether the organisation is its provider (Art. 16) is not said."
    if "provider" not in roles:
        why = "Not owed here: it is the provider who owes it of this high-risk system (Art. 11(1), 16(d)); the organisation's roles are: "
        return False, f"{why}{scalar(roles)}."
    return (
        True,
        "Owed: the organisation provides a high-risk system (Art. 11(1), 16(d)), before it is put into service.",
    )


# --- 1. general description --------------------------------------------------------------------------------------


def _purpose(r: Records) -> Drawn:
    provider = say(f"The provider is {r.organisation}; the department is {r.department}.", r.of_case())
    return drawn(passages.purpose(r), provider, passages.versions(r))


def _interaction(r: Records) -> Drawn:
    if not r.systems:
        return drawn(
            lack("what other hardware or software it works with is not recorded", "link its systems on its page")
        )
    return drawn(passages.systems(r))


def _software(r: Records) -> Drawn:
    if r.run is None or r.version is None:
        return drawn(lack("which software it was made with is not recorded", passages.NO_MODEL))
    code = r.run.digests.get("code")
    return drawn(
        say(
            f"It was made by run `{r.run.id}` of Headway's training, whose code and libraries have the digest `{code}`; the "
            "bundle names each library with its version in `training.json`. A change of any of them makes a new version.",
            Cite(ref=f"run:{r.run.id}", digest=str(code) if code else None),
            r.of_version(),
        )
    )


def _forms(r: Records) -> Drawn:
    live = [one for one in r.deployments if one.state != "retired"]
    if not live:
        return drawn(lack("it is not offered in any form", "deploy a release of it"))
    return drawn(
        say(f"`{one.name}` is called over HTTP at {one.url} ({one.environment}).", _of(r, one.environment, one.name))
        for one in live
    )


def _hardware(r: Records) -> Drawn:
    if not r.version:
        return drawn(lack("what it runs on is not recorded", passages.NO_MODEL))
    text = (
        "It runs in Headway's decision node, a process on ordinary processors of a server; it needs no other hardware. "
        "The model is a file of the bundle and is held in memory."
    )
    return drawn(say(text, r.of_version()))


def _pictures(r: Records) -> Drawn:
    return drawn(
        fact(
            r,
            "annex_i",
            "It is said to be a part of a product under Annex I.",
            "It is not a part of a product, so that there are no pictures of one.",
            "whether it is a part of a product",
        ),
        lack("pictures of the product are in no record", "keep them with the product's own documents and cite them")
        if r.fact("annex_i")
        else None,
    )


def _interface(r: Records) -> Drawn:
    if not r.report:
        return drawn(lack("what its users see is not recorded", passages.NO_MODEL))
    text = (
        "Its users get, for each case: a score between 0 and 1, a band with the action that follows, and the columns that "
        "moved the score most; the decision can be looked up again with its whole chain of evidence."
    )
    return drawn(say(text, r.of_version()))


def _instructions(r: Records) -> Drawn:
    return drawn(attested(r, "instructions_for_use", asked="how deployers are to use it (Art. 13)"))


# --- 2. how it was made ------------------------------------------------------------------------------------------


def _steps(r: Records) -> Drawn:
    if r.run is None:
        return drawn(lack("how it was developed is not recorded", passages.NO_MODEL))
    made = [
        (name, str(value)) for name, value in sorted(r.run.settings.items()) if isinstance(value, str | int | float)
    ]
    cite = Cite(ref=f"run:{r.run.id}", digest=str(r.run.digests.get("settings") or "") or None)
    return drawn(
        say(
            f"Run `{r.run.id}` by {r.name(r.run.made_by)} trained {r.run.model} version {r.run.version} with the learner "
            f"{r.run.learner}. Equal rows, settings and code give an equal model.",
            cite,
        ),
        table("Settings of the run", ("setting", "value"), made, cite),
        passages.systems(r) if r.systems else None,
        say("No model trained elsewhere is a part of it.", r.of_version())
        if not r.systems and r.fact("gpai_component") is False
        else None,
    )


def _design(r: Records) -> Drawn:
    return drawn(passages.logic(r), passages.features(r))


def _architecture(r: Records) -> Drawn:
    if r.run is None:
        return drawn(lack("its architecture is not recorded", passages.NO_MODEL))
    text = (
        "A record is checked against the contract of its data, encoded into the columns of the model, scored, calibrated "
        "and ranked into bands; the same compiled contract and encoder were used in training. Each decision is logged "
        "durably before it is answered."
    )
    return drawn(say(text, r.of_version()), _computing(r))


def _computing(r: Records) -> Said | Lack:
    if r.run is None or r.run.job is None or r.cpu_seconds is None:
        return lack("the computing that its training took was not metered", "train it by a job, which is metered")
    text = f"The job that trained and tested it took {r.cpu_seconds:,.1f} seconds of one processor core."
    return say(text, Cite(ref=f"job:{r.run.job}"))


def _data(r: Records) -> Drawn:
    return drawn(
        passages.data(r),
        passages.quality(r),
        passages.suspects(r),
        attested(r, "lineage_snapshot") if r.newest("lineage_snapshot") else None,
    )


def _oversight(r: Records) -> Drawn:
    return drawn(standing.oversight(r))


def _planned_changes(r: Records) -> Drawn:
    found = next((one for one in r.of_type("instructions_for_use") if one.facts.get("planned_changes")), None)
    assessed = [say(recorded(r, one, "A change"), by_evidence(one)) for one in r.of_type("change_assessment")]
    if found:
        return drawn(
            say(f"Changes determined beforehand: {found.facts['planned_changes']}", by_evidence(found)), assessed
        )
    what = "which changes were determined beforehand (Art. 43(4)), or that there are none, is in no record"
    return drawn(assessed, lack(what, "attest `instructions_for_use` with the fact `planned_changes`"))


def _tests(r: Records) -> Drawn:
    return drawn(
        passages.evaluation(r),
        attested(r, "bias_audit", asked="what it makes of groups of people"),
        attested(r, "parity_report") if r.newest("parity_report") else None,
        attested(r, "validation_report", asked="who tested it, dated and signed"),
    )


def _security(r: Records) -> Drawn:
    kept = (
        say(
            f"Bundles are named by digest and verdicts are signed; a node loads only `{r.version.digest}` with a verdict that "
            "holds, and refuses a bundle of which one byte differs.",
            r.of_version(),
        )
        if r.version
        else None
    )
    return drawn(kept, attested(r, "security_review", asked="which measures protect it"))


# --- 3 to 9 ------------------------------------------------------------------------------------------------------


def _limits(r: Records) -> Drawn:
    return drawn(
        passages.evaluation(r, with_charts=False),
        standing.monitoring(r),
        lack(
            "its accuracy for particular groups of people is in no record",
            "count a bias audit from a file of people: headway dossier bias-audit",
        )
        if r.newest("bias_audit") is None
        else None,
    )


def _side_effects(r: Records) -> Drawn:
    return drawn(
        attested(
            r, "risk_assessment", asked="what may go wrong for health, safety, fundamental rights and by discrimination"
        ),
        standing.findings(r),
    )


def _oversight_told(r: Records) -> Drawn:
    return drawn(say("The measures of human oversight, and what is missing of them, are told at 2.e.", r.of_case()))


def _inputs(r: Records) -> Drawn:
    return drawn(passages.features(r), passages.quality(r))


def _metrics(r: Records) -> Drawn:
    split = r.report.get("split")
    if not split:
        return drawn(lack("by which measures it is judged is not recorded", passages.NO_MODEL))
    return drawn(
        say(
            "It ranks cases, so ROC AUC and the lift in the best tenth say how well it ranks; the Brier score and the "
            f"calibration error say whether its probabilities are true. {share(split['test_rate'])} of the test rows are "
            "successes, which average precision has to be read against.",
            r.of_version(),
        ),
        say(f"How test rows were chosen: {found.facts['split_reason']}.", by_evidence(found))
        if (found := r.newest("eval_report")) and found.facts.get("split_reason")
        else None,
        lack("why these measures suit its purpose was said by nobody", "let the validation report say it")
        if r.newest("validation_report") is None
        else None,
    )


def _risks(r: Records) -> Drawn:
    return drawn(
        attested(r, "risk_assessment", asked="the risks, their treatment and what remains (Art. 9)"),
        standing.register(r),
        passages.tier(r),
        standing.exceptions(r),
        standing.verdicts(r),
    )


def _changes(r: Records) -> Drawn:
    return drawn(
        passages.versions(r),
        (say(recorded(r, one, "A change"), by_evidence(one)) for one in r.of_type("change_assessment")),
        standing.approvals(r),
    )


def _standards(r: Records) -> Drawn:
    rows = [(one.title, one.version, str(len(one.controls)), one.digest) for one in r.packs]
    cites = [Cite(ref=f"pack:{one.id}@{one.version}", digest=one.digest) for one in r.packs]
    named = [one for one in r.evidence if one.facts.get("standards")]
    return drawn(
        table(
            "Packs of rules that its gates ask", ("pack", "version", "controls", "digest"), rows, cites, numeric=(2,)
        ),
        (say(f"Standards applied: {one.facts['standards']}", by_evidence(one)) for one in named[:1]),
        None
        if named
        else lack(
            "which harmonised standards (Art. 40) were applied, or that none was, is in no record",
            "attest `conformity_declaration` or `policy_document` with the fact `standards`",
        ),
    )


def _declaration(r: Records) -> Drawn:
    return drawn(attested(r, "conformity_declaration"))


def _after_market(r: Records) -> Drawn:
    return drawn(
        attested(r, "monitoring_plan", asked="how it is watched after it is on the market (Art. 72(3))"),
        standing.monitoring(r),
        standing.incidents(r),
    )


def _of(r: Records, environment: str, name: str) -> tuple[Cite, ...]:
    ref = f"deployment:{environment}/{name}"
    return (Cite(ref=ref), *r.entry(ref))


def _point(id: str, title: str, draw: Callable[[Records], Drawn], source: str = "") -> Requirement:
    number, _, letter = id.partition(".")
    place = f"Annex IV, point {number}" + (f"({letter})" if letter else "")
    return Requirement(id=id, title=title, source=source or place, draw=draw)


ANNEX_IV = Form(
    kind=DossierKind.annex_iv,
    title="Technical documentation",
    subtitle="EU AI Act, Annex IV: drawn from the records of the platform, with every gap named",
    source="Regulation (EU) 2024/1689, Art. 11(1) and Annex IV",
    due=due,
    chapters=(
        Chapter(
            title="1. General description",
            requirements=(
                _point("1.a", "Purpose, provider, version", _purpose),
                _point("1.b", "What it works with", _interaction),
                _point("1.c", "Versions of software", _software),
                _point("1.d", "The forms in which it is offered", _forms),
                _point("1.e", "Hardware", _hardware),
                _point("1.f", "The product that it is a part of", _pictures),
                _point("1.g", "What its users see", _interface),
                _point("1.h", "Instructions for use", _instructions),
            ),
        ),
        Chapter(
            title="2. Elements, and how it was developed",
            requirements=(
                _point("2.a", "Methods and steps", _steps),
                _point("2.b", "Design and logic", _design),
                _point("2.c", "Architecture and computing", _architecture),
                _point("2.d", "Data", _data),
                _point("2.e", "Human oversight", _oversight),
                _point("2.f", "Changes determined beforehand", _planned_changes),
                _point("2.g", "Validation and testing", _tests),
                _point("2.h", "Cybersecurity", _security),
            ),
        ),
        Chapter(
            title="3. Monitoring, functioning and control",
            requirements=(
                _point("3.1", "Capabilities and limits", _limits, "Annex IV, point 3: capabilities, limits, accuracy"),
                _point(
                    "3.2", "What may go wrong", _side_effects, "Annex IV, point 3: unintended outcomes, sources of risk"
                ),
                _point(
                    "3.3", "Oversight while it runs", _oversight_told, "Annex IV, point 3: human oversight (Art. 14)"
                ),
                _point("3.4", "What must come in", _inputs, "Annex IV, point 3: specifications of input data"),
            ),
        ),
        Chapter(title="4. Measures of performance", requirements=(_point("4", "Why these measures suit", _metrics),)),
        Chapter(title="5. Risk management", requirements=(_point("5", "Risks and their treatment (Art. 9)", _risks),)),
        Chapter(title="6. Changes over its life", requirements=(_point("6", "Versions and what changed", _changes),)),
        Chapter(title="7. Standards", requirements=(_point("7", "Standards and other solutions", _standards),)),
        Chapter(
            title="8. Declaration of conformity",
            requirements=(_point("8", "The declaration (Art. 47)", _declaration),),
        ),
        Chapter(
            title="9. After it is on the market",
            requirements=(_point("9", "Post-market monitoring (Art. 72)", _after_market),),
        ),
    ),
)
