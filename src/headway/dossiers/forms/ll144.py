"""The public summary of a bias audit under New York City's Local Law 144. Pure.

Source: N.Y.C. Admin. Code 20-871; 6 RCNY 5-301, 5-302, 5-303; headings in our own words.
"""

from __future__ import annotations

from collections.abc import Callable

from headway.dossiers import passages
from headway.dossiers.entities import Chapter, DossierKind, Drawn, Due, Form, Lack, Plotted, Said
from headway.dossiers.forms.shapes import parts_of
from headway.dossiers.impact import GroupRate, rates, read_groups
from headway.dossiers.phrases import attested, day, drawn, lack, say, scalar, share, table
from headway.dossiers.records import Records, by_evidence
from headway.governance import Evidence

CITY, HIRING = "US-NYC", ("4a", "4b")
CATEGORIES = {
    "sex": "Sex",
    "race_ethnicity": "Race or ethnicity",
    "intersectional": "Sex with race or ethnicity",
}
SOURCES = {
    "own": "the employer's own history",
    "pooled": "the history of several employers",
    "test": "test data",
}
BRING = "count a bias audit from a file of people (headway dossier bias-audit), which tells"


def due(r: Records) -> Due:
    """Owed where a tool for hiring or promotion is used in New York City (20-871(a))."""
    places, uses = r.fact("jurisdictions"), r.fact("annex_iii")
    if places is not None and CITY not in places:
        why = f"Not owed: it is not used in New York City (20-871); it is used in {scalar(places)}."
        return Due(is_due=False, why=why, cites=r.of_case())
    if uses is not None and not any(one in uses for one in HIRING):
        why = "Not owed: it decides neither about hiring nor about promotion (20-870)."
        return Due(is_due=False, why=why, cites=r.of_case())
    if places is None or uses is None:
        why = "Whether it is owed cannot be told while nobody has said where it is used and which uses of Annex III it has."
        return Due(is_due=None, why=why, cites=r.of_case())
    why = "Owed: a tool for hiring or promotion is used in New York City; the summary is published before use (20-871(a)(2))."
    return Due(is_due=True, why=why, cites=r.of_case())


def _audit(r: Records) -> Evidence | None:
    return r.newest("bias_audit")


def _without(what: str, fact: str) -> Drawn:
    return drawn(lack(what, f"{BRING} `{fact}`"))


def _date(r: Records) -> Drawn:
    audit = _audit(r)
    if audit is None:
        return _without("there is no bias audit, so that there is no date of one", "people")
    return drawn(
        say(f"The most recent bias audit is of {day(audit.made_at)}.", by_evidence(audit)),
        attested(r, "auditor_attestation", asked="who made the audit, and that they are independent"),
    )


def _data(r: Records) -> Drawn:
    audit = _audit(r)
    source = str(audit.facts.get("data_source") or "") if audit else ""
    if audit is None or not source:
        return _without("which data the audit rests on is in no record", "data_source")
    reason = audit.facts.get("data_reason")
    return drawn(
        say(f"The audit rests on {SOURCES.get(source, source)}.", by_evidence(audit)),
        say(f"Why these data: {reason}", by_evidence(audit)) if reason else None,
        lack("why test data were used instead of history was said by nobody", f"{BRING} `data_reason`")
        if source == "test" and not reason
        else None,
    )


def _counts(r: Records) -> Drawn:
    audit = _audit(r)
    if audit is None:
        return _without(
            "how many people were assessed, and of how many the category is unknown, is in no record", "people"
        )
    return drawn(
        _count(audit, "people", "number of applicants or candidates assessed"),
        _count(audit, "unknown", "number of people of unknown category, who are in none of the ratios"),
    )


def _count(audit: Evidence, name: str, words: str) -> Said | Lack:
    value = audit.facts.get(name)
    if not isinstance(value, int | float):
        return lack(f"the {words} is in no record", f"{BRING} `{name}`")
    return say(f"The {words}: {int(value):,}.", by_evidence(audit))


def _rates_of(category: str) -> Callable[[Records], Drawn]:
    def draw(r: Records) -> Drawn:
        audit = _audit(r)
        groups = read_groups(audit.facts.get("groups")).get(category, ()) if audit else ()
        if audit is None or not groups:
            what = f"the rates by {CATEGORIES[category].lower()} are in no record"
            return drawn(lack(what, f"{BRING} the groups of `{category}`"))
        found = rates(groups)
        is_scored = audit.facts.get("rate") == "scoring"
        rate = "scoring rate" if is_scored else "selection rate"
        chosen = "scored above the median" if is_scored else "selected"
        return drawn(
            table(
                f"Impact ratios: {CATEGORIES[category].lower()}",
                ("group", "people", chosen, rate, "impact ratio"),
                [_row(one) for one in found],
                by_evidence(audit),
                numeric=(1, 2, 3, 4),
            ),
            Plotted(
                plot="bars",
                title=f"Impact ratio: {CATEGORIES[category].lower()}",
                points=tuple((one.group, round(one.ratio, 4)) for one in found if one.ratio is not None),
                label="Impact ratio",
                category=CATEGORIES[category],
                cites=(by_evidence(audit),),
            )
            if any(one.ratio is not None for one in found)
            else None,
            [
                say(
                    f"{one.group} is less than 2 % of the people; its numbers are told, and it does not set the highest rate "
                    "(5-301(d)).",
                    by_evidence(audit),
                )
                for one in found
                if one.is_small
            ],
        )

    return draw


def _row(one: GroupRate) -> tuple[str, ...]:
    ratio = "–" if one.ratio is None else f"{one.ratio:.3f}"
    return (one.group, f"{one.people:,}", f"{one.chosen:,}", share(one.rate), ratio)


def _distribution(r: Records) -> Drawn:
    used = sorted((one for one in r.deployments if one.environment == "production"), key=lambda one: one.created_at)
    if not used:
        return drawn(lack("the day from which it is or was used is in no record", "deploy it into production"))
    ref = f"deployment:{used[0].environment}/{used[0].name}"
    cites = r.entry(ref) or r.of_case()
    return drawn(say(f"It has been in use since {day(used[0].created_at)} as `{used[0].name}`.", cites))


def _published(r: Records) -> Drawn:
    return drawn(attested(r, "published_summary_url"), attested(r, "notice_proof"), passages.versions(r))


_part = parts_of("")
LL144 = Form(
    kind=DossierKind.ll144_summary,
    title="Summary of the most recent bias audit",
    subtitle="New York City, Local Law 144: for the employment section of the website",
    source="N.Y.C. Admin. Code 20-871; 6 RCNY 5-301 to 5-303",
    due=due,
    chapters=(
        Chapter(
            title="The audit",
            requirements=(
                _part("1", "Date of the audit, and who made it", "20-871(a)(1); 6 RCNY 5-303(a)(1)", _date),
                _part("2", "Source and explanation of the data", "6 RCNY 5-302, 5-303(a)(1)", _data),
                _part("3", "People assessed, and of unknown category", "6 RCNY 5-301(d), 5-303(a)(1)", _counts),
            ),
        ),
        Chapter(
            title="Rates and impact ratios",
            requirements=tuple(
                _part(str(4 + at), title, "6 RCNY 5-301(b), (c); 5-303(a)(1)", _rates_of(category))
                for at, (category, title) in enumerate(CATEGORIES.items())
            ),
        ),
        Chapter(
            title="Use",
            requirements=(
                _part("7", "Since when it is used", "6 RCNY 5-303(a)(2)", _distribution),
                _part("8", "Publication and notice", "20-871(a)(2), (b); 6 RCNY 5-303, 5-304", _published),
            ),
        ),
    ),
)
