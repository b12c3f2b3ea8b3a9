"""What more than one document says of a use case at work: oversight, monitoring, approvals, verdicts, risks, incidents, worth. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from headway.dossiers.entities import Cite, Lack, Said, Statement
from headway.dossiers.phrases import attested, band, day, fact, lack, money, say, table
from headway.dossiers.records import Records, by_verdict
from headway.governance import risks

Parts = Iterator[Statement | Lack]
NO_MODEL = "train a model for it, or link the system that does its work with its vendor's documents"
MOST = 12


def deployments(r: Records) -> Parts:
    """Where it is at work."""
    made = table(
        "Where it is or was at work",
        ("name", "environment", "state", "version", "since", "decisions"),
        [
            (one.name, one.environment, one.state.value, one.version, day(one.created_at), f"{r.decided[one.id]:,}")
            for one in r.deployments[:MOST]
        ],
        (Cite(ref=f"deployment:{one.environment}/{one.name}", digest=one.release) for one in r.deployments[:MOST]),
        numeric=(5,),
    )
    yield made or lack("it is not at work anywhere", "deploy a release of it")


def oversight(r: Records) -> Parts:
    """Who oversees it, and by what plan."""
    yield fact(
        r,
        "solely_automated",
        "It decides without a person in between.",
        "A person stands between its score and what is done.",
        "whether it decides without a person in between",
    )
    yield attested(r, "oversight_plan", asked="who may step in, when, and how its output is overruled")
    yield attested(r, "oversight_roster", asked="who oversees it, with which competence")
    if r.report:
        yield say(
            "Each decision is kept with the columns that moved its score against a named reference case, so that whoever "
            "oversees it can see why; the kill switch stops it in every environment at once.",
            r.of_version(),
        )


def monitoring(r: Records) -> Parts:
    """How it is watched, and what was seen."""
    if not r.monitorings:
        yield lack(
            "nothing of it is watched: nothing is at work", "deploy a release of it; monitoring begins by itself"
        )
    for one in r.monitorings:
        last = max((line.day for line in one.days if line.is_whole), default=None)
        reference = f"{one.reference_rows:,} rows of its training" if one.reference_rows else "no reference"
        yield say(
            f"`{one.deployment}` in {one.environment} is compared each day with {reference}"
            + (f"; judged up to {day(last)}" if last else "; no day was judged yet")
            + ".",
            Cite(ref=f"deployment:{one.environment}/{one.deployment}", digest=one.release),
        )
        if one.recent and one.recent.auc is not None:
            ends = [one.recent.auc_low, one.recent.auc_high] if one.recent.auc_low and one.recent.auc_high else None
            yield say(
                f"By {one.recent.known:,} known outcomes from {one.recent.first} to {one.recent.last} its ROC AUC is "
                f"{band(one.recent.auc, ends)}.",
                Cite(ref=f"deployment:{one.environment}/{one.deployment}", digest=one.release),
            )
    made = table(
        "Alerts",
        ("alert", "what", "how large", "state", "since"),
        [(one.id, one.kind.value, one.severity.value, one.state.value, day(one.since)) for one in r.alerts[:MOST]],
        (Cite(ref=f"alert:{one.id}") for one in r.alerts[:MOST]),
    )
    if made:
        yield made


def approvals(r: Records) -> Parts:
    """Who said yes to which version."""
    made = table(
        "Approvals",
        ("approval", "subject", "environment", "state", "asked by", "said yes"),
        [
            (
                one.id,
                one.subject,
                one.environment,
                one.state.value,
                r.name(one.requested_by),
                ", ".join(f"{r.name(vote.person)} ({vote.reason})" for vote in one.votes) or "–",
            )
            for one in r.approvals[:MOST]
        ],
        (Cite(ref=f"approval:{one.id}", digest=one.evidence_digest) for one in r.approvals[:MOST]),
    )
    yield made or lack("nobody was asked to approve it yet", "ask for a release above the sandbox")


def exceptions(r: Records) -> Parts:
    """What was excused: waivers, break-glass, exceptions from the tier high."""
    waived = table(
        "Waivers",
        ("waiver", "control", "environment", "standing", "what is done instead", "until"),
        [
            (one.id, one.control, one.environment, one.standing.value, one.compensation, day(one.ends_at))
            for one in r.waivers[:MOST]
        ],
        (Cite(ref=f"waiver:{one.id}") for one in r.waivers[:MOST]),
    )
    broken = table(
        "Break-glass",
        ("break-glass", "environment", "standing", "why"),
        [(one.id, one.environment, one.standing.value, one.reason) for one in r.glass[:MOST]],
        (Cite(ref=f"break-glass:{one.id}") for one in r.glass[:MOST]),
    )
    excepted = table(
        "Exceptions from the tier high",
        ("exception", "condition", "state", "counts", "reasons"),
        [
            (one.id, one.condition.value, one.state.value, "yes" if one.counts else "no", one.reasons)
            for one in r.exceptions[:MOST]
        ],
        (Cite(ref=f"tier-exception:{one.id}", digest=one.basis) for one in r.exceptions[:MOST]),
    )
    found = [one for one in (waived, broken, excepted) if one]
    yield from found
    if not found:
        yield say(
            "No control was waived, no glass was broken and no exception from its tier was assessed.", r.of_case()
        )


def verdicts(r: Records) -> Parts:
    """What gates said of it, signed."""
    made = table(
        "Verdicts of gates, signed",
        ("verdict", "gate", "environment", "result", "not passed", "issued"),
        [
            (
                one.id,
                one.gate,
                one.environment,
                one.result,
                ", ".join(c.id for c in one.controls if c.status in ("failed", "indeterminate")) or "–",
                day(one.issued_at),
            )
            for one in r.verdicts[:MOST]
        ],
        (by_verdict(one) for one in r.verdicts[:MOST]),
    )
    yield made or lack("no gate has given a verdict on it", "ask for a release of it")


def findings(r: Records) -> Iterator[Said]:
    """What something at work has lost since it was let in."""
    for one in r.findings:
        yield say(
            f"Lost while at work, in {one.environment}: {one.title} ({one.control}). {one.reason}",
            Cite(ref=f"finding:{one.id}"),
        )


def incidents(r: Records) -> Parts:
    """What went wrong, by the register of incidents."""
    made = table(
        "Incidents that touch it",
        ("incident", "what happened", "severity", "standing", "known since", "cause"),
        [
            (
                one.title,
                one.what,
                one.severity.value if one.severity else "not judged",
                one.state.value,
                day(one.aware_at),
                one.cause or "–",
            )
            for one in r.incidents[:MOST]
        ],
        (Cite(ref=f"incident:{one.id}") for one in r.incidents[:MOST]),
    )
    yield made or say("The register of incidents holds none that touches it.", r.of_case())
    if r.newest("incident_record"):
        yield attested(r, "incident_record")


def vendors(r: Records) -> Parts:
    """Who supplies what, on which terms, and how to go on without them."""
    if not r.vendors:
        yield say("No vendor supplies a part of it.", r.of_case())
        return
    for one in r.vendors:
        cites = (Cite(ref=f"vendor:{one.slug}", digest=one.digest), *r.entry(f"vendor:{one.slug}"))
        yield say(
            f"{one.name} supplies {one.supplies or 'what nobody wrote down'}; the contract ends "
            f"{day(one.contract_ends) if one.contract_ends else 'on a day that nobody wrote down'}.",
            cites,
        )
        if one.exit_plan:
            yield say(f"How to go on without {one.name}: {one.exit_plan}", cites)
        for missing in one.missing:
            yield lack(f"{one.name}: {missing}", "complete the vendor's page")
    yield attested(r, "vendor_assessment")
    yield attested(r, "contract_terms")


def worth(r: Records) -> Parts:
    """What it was worth, with how far that may be believed."""
    made = table(
        "Worth, with the level of its evidence",
        ("deployment", "environment", "level", "difference of success", "net value"),
        [
            (
                one.deployment,
                one.environment,
                one.level.value,
                f"{one.effect.difference:+.2%} ({one.effect.low:+.2%} to {one.effect.high:+.2%})"
                if one.effect
                else "–",
                f"{money(one.worth.net.expected)} ({money(one.worth.net.low)} to {money(one.worth.net.high)})"
                if one.worth
                else "–",
            )
            for one in r.values
        ],
        (Cite(ref=f"deployment:{one.environment}/{one.deployment}") for one in r.values),
    )
    yield made or lack("nothing was measured and nothing projected", "let a pilot or a hold-out tell what it is worth")


def register(r: Records, harms: Collection[risks.Harm] = ()) -> Parts:
    """The risks that were written down, in ranges, and what is done about them; of some harms only, or all."""
    found = [
        one for one in (r.register.risks if r.register else ()) if not harms or set(harms) & set(one.estimate.harms)
    ]
    made = table(
        "Risks in the register"
        + (f" that touch {', '.join(harm.value for harm in harms)}" if harms else "")
        + ": a year, expected, and what nineteen of twenty years stay below",
        ("risk", "what happens", "nothing done", "as treated", "harm that is no money", "what is done"),
        [
            (
                one.estimate.title,
                f"{one.estimate.cause}; {one.estimate.event}; {one.estimate.consequence}",
                yearly(one.inherent, one),
                yearly(one.residual, one),
                ", ".join(f"{harm.value} {severity.value}" for harm, severity in sorted(one.estimate.harms.items()))
                or "–",
                "; ".join(_treatment(r, each) for each in one.treatments) or "–",
            )
            for one in found[:MOST]
        ],
        (Cite(ref=f"risk:{one.id}") for one in found[:MOST]),
    )
    if made:
        yield made


def yearly(found: risks.Exposure, one: risks.Risk) -> str:
    """What a year of a risk costs: expected, and what nineteen of twenty years stay below."""
    return f"{found.expected:,.0f} (95 %: {found.p95:,.0f}) {one.estimate.currency}"


def _treatment(r: Records, one: risks.Treatment) -> str:
    standing = (
        f"done {day(one.done_at)}" if one.done_at else f"{'overdue since' if one.is_overdue else 'due'} {one.due_on}"
    )
    return f"{one.action} ({r.name(one.owner)}, {standing})"
