"""What more than one document says: what it is for, its versions, data, evaluation, oversight, monitoring. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from headway.dossiers.entities import Cite, Lack, Plotted, Said, Statement
from headway.dossiers.phrases import attested, band, day, fact, field, lack, say, share, table
from headway.dossiers.records import Records, by_evidence, by_verdict
from headway.governance import risks

Parts = Iterator[Statement | Lack]
NO_MODEL = "train a model for it, or link the system that does its work with its vendor's documents"
MOST = 12


def purpose(r: Records) -> Parts:
    """What it is for, who answers for it, whom it affects."""
    yield field(r, "purpose", "It is for this:", "the purpose is not written down")
    yield field(r, "owner", "Who answers for it:", "nobody is named who answers for it")
    yield field(r, "people_affected", "People affected:", "the people affected are not named")
    yield field(r, "success_measure", "Success is measured by", "how success is measured is not written down")


def tier(r: Records) -> Parts:
    """The legal tier, and by what it was decided."""
    found = r.decision
    if found is None:
        yield lack(
            "the legal tier is not decided for the use case as it stands", "decide it on the use case's page Risk"
        )
        return
    by = f"rule {found.rule} of pack {found.pack_id} {found.pack_version}" if found.rule else r.name(found.decider)
    yield say(
        f"Its legal tier is {found.tier.value}, decided on {day(found.decided_at)} by {by}"
        + (f": {found.reasons}" if found.reasons else "")
        + ".",
        Cite(ref=f"pack:{found.pack_id}@{found.pack_version}", digest=found.pack_digest),
        r.of_case(),
    )


def versions(r: Records) -> Parts:
    """Which version this is about, and those before it."""
    if r.version is None:
        yield lack("no version of a model is registered", NO_MODEL)
        return
    yield say(
        f"This is about `{r.version.ref}` ({r.version.learner}), registered on {day(r.version.created_at)} by "
        f"{r.name(r.version.made_by)}; its bundle has the digest `{r.version.digest}`.",
        r.of_version(),
    )
    rows = [(one.ref, one.learner, day(one.created_at), r.name(one.made_by), one.digest) for one in r.versions]
    found = table(
        "Versions, newest first",
        ("version", "learner", "registered", "by", "digest"),
        rows,
        (Cite(ref=one.ref, digest=one.digest) for one in r.versions),
    )
    if found and len(rows) > 1:
        yield found


def systems(r: Records) -> Parts:
    """The systems that do the work, and who supplies them."""
    if not r.systems:
        yield say("No system beside its own model is linked to it.", r.of_case())
    for one in r.systems:
        yield say(
            f"System {one.title} ({one.kind.value.replace('_', ' ')}"
            + (f", supplied by {one.vendor}" if one.vendor else "")
            + ")"
            + (f": {one.description}" if one.description else "."),
            Cite(ref=f"system:{one.slug}"),
            r.entry(f"system:{one.slug}"),
        )


def data(r: Records) -> Parts:
    """What it learnt from: where it came from, how much, how it was checked."""
    card = r.newest("dataset_card")
    if r.version is None or card is None:
        yield lack("what data a model was trained on is not recorded", NO_MODEL)
        return
    told = r.report.get("data", {})
    label = r.report.get("label", {})
    yield say(
        f"It was trained and tested on {told.get('rows', 0):,} rows of the data product "
        f"{told.get('product') or 'that is not named'}; the rows have the digest `{told.get('digest')}`."
        + (
            f" {told['unlabelled_rows']:,} rows had no outcome and were left out."
            if told.get("unlabelled_rows")
            else ""
        ),
        by_evidence(card),
        r.of_version(),
    )
    if label:
        yield say(
            f"The label is the column {label['column']}, where {label['positive']!r} is the outcome looked for "
            f"({share(label['rate'])} of the rows).",
            r.of_version(),
        )
    if r.snapshot:
        yield say(
            f"The rows came with the file {r.snapshot.filename} on {day(r.snapshot.created_at)}; it is kept as it came.",
            Cite(ref=f"snapshot:{r.snapshot.id}", digest=r.snapshot.file_digest),
        )
    else:
        yield lack("the snapshot that it was trained on cannot be found", "register the file as a data product")


def quality(r: Records) -> Parts:
    """How the data fared against their contract."""
    proof = r.newest("data_quality_report")
    if r.quality is None or proof is None:
        yield lack(
            "no check of the data against a contract is recorded", "register the data as a product with a contract"
        )
        return
    found = r.quality
    yield say(
        f"Checked against its contract on {day(found.checked_at)}: {found.failed_rows:,} of {found.rows:,} rows break a "
        f"rule (quality {found.score:.4f} of 1).",
        by_evidence(proof),
        Cite(ref=f"contract:{found.product}", digest=found.contract_digest),
    )
    broken = sorted((one for one in found.rules if one.failed_rows), key=lambda one: -one.failed_rows)[:MOST]
    made = table(
        "Rules that rows break",
        ("rule", "what it asks", "rows"),
        [(one.id, one.description, f"{one.failed_rows:,}") for one in broken],
        by_evidence(proof),
        numeric=(2,),
    )
    if made:
        yield made


def features(r: Records) -> Parts:
    """What it looks at, and what it was kept from."""
    if not (found := r.report.get("features")):
        yield lack("what it looks at is not recorded", NO_MODEL)
        return
    weights = {one["feature"]: one["share"] for one in r.report.get("importances", ())}
    rows = sorted(
        ((one["label"], one["kind"], weights.get(one["name"])) for one in found), key=lambda one: -(one[2] or 0.0)
    )
    made = table(
        "Columns it looks at, by their share of all reasons on test rows",
        ("column", "kind", "share"),
        [(name, kind, share(weight)) for name, kind, weight in rows[:MOST]],
        r.of_version(),
        numeric=(2,),
    )
    if made:
        yield made
    if len(rows) > MOST:
        yield say(f"{len(rows) - MOST} more columns weigh less than these.", r.of_version())
    left = table(
        "Columns it does not see",
        ("column", "why"),
        [(one["column"], one["reason"]) for one in r.report.get("excluded", ())[:MOST]],
        r.of_version(),
    )
    if left:
        yield left


def logic(r: Records) -> Parts:
    """How it comes to its result, why by this method, and what follows from a score."""
    if not r.report:
        yield lack("how it comes to its result is not recorded", NO_MODEL)
        return
    choice, split, calibration = r.report["choice"], r.report["split"], r.report["calibration"]
    yield say(
        f"A model of the kind {choice['learner']} scores each case by its probability; each score is told with the columns "
        f"that moved it. It was chosen because {choice['reason']}.",
        r.of_version(),
    )
    yield say(
        f"Rows were split by {split['by'] or 'chance'} ({split['kind']}): {split['train_rows']:,} to learn, "
        f"{split['calibration_rows']:,} to calibrate, {split['test_rows']:,} to test. Scores were calibrated by "
        f"{calibration['kind']}: {calibration['reason']}.",
        r.of_version(),
    )
    made = table(
        "What follows from a score",
        ("band", "from probability", "action"),
        [
            (one["name"], "the rest" if one["at_least"] is None else f"{one['at_least']:.4f}", one["action"])
            for one in r.report["policy"]["bands"]
        ],
        r.of_version(),
        numeric=(1,),
    )
    if made:
        yield made


def evaluation(r: Records, *, with_charts: bool = True) -> Parts:
    """How good it is on rows that it has not seen."""
    proof = r.newest("eval_report")
    metrics = r.report.get("metrics")
    if proof is None or not metrics:
        yield lack("no evaluation on unseen rows is recorded", NO_MODEL)
        return
    words = {
        "roc_auc": "ROC AUC (0.5 is chance)",
        "average_precision": "average precision",
        "brier": "Brier score",
        "ece": "expected calibration error",
        "lift_10": "lift in the best tenth",
    }
    rows = [
        (said, band(metrics.get(name), metrics["intervals"].get(name)))
        for name, said in words.items()
        if metrics.get(name) is not None
    ]
    made = table(
        f"On {metrics['n_test']:,} test rows, with intervals of 95 %",
        ("measure", "value"),
        rows,
        by_evidence(proof),
        r.of_version(),
        numeric=(1,),
    )
    if made:
        yield made
    if with_charts:
        yield from charts(r)
    for warning in r.report.get("warnings", ()):
        yield say(f"Warning of the training: {warning}", r.of_version())


def charts(r: Records) -> Iterator[Plotted]:
    """What ranking by score finds, and whether probabilities are true, on test rows."""
    lift = r.report.get("lift") or ()
    whole = sum(one["rows"] for one in lift)
    if whole and all(one["captured"] is not None for one in lift):
        taken, points = 0, []
        for one in lift:
            taken += one["rows"]
            points.append((taken / whole, min(1.0, one["captured"])))
        yield Plotted(
            plot="gains",
            title="What acting on the best first finds",
            points=tuple(points),
            label="Share of all successes found",
            category="Share of cases taken",
            cites=r.of_version(),
        )
    if curve := r.report.get("curve"):
        seen = [one for one in curve if one["observed"] is not None]
        yield Plotted(
            plot="calibration",
            title="Are its probabilities true?",
            points=tuple((one["predicted"], one["observed"]) for one in seen),
            label="Share of successes",
            category="Probability",
            cites=r.of_version(),
            rows=tuple(one["rows"] for one in seen),
        )


def suspects(r: Records) -> Parts:
    """Columns that may tell the answer, and what became of them."""
    found = r.report.get("suspects") or ()
    made = table(
        "Columns to look at before believing any figure",
        ("column", "how strong", "why"),
        [(one["column"], one["severity"], one["reason"]) for one in found[:MOST]],
        r.of_version(),
    )
    if made:
        yield made
    elif r.version:
        yield say("No column was found that seems to tell the answer.", r.of_version())
    for one in r.of_type("suspect_clearance"):
        yield say(
            f"{r.name(one.producer)} let the column {one.facts.get('column')} stay: {one.facts.get('reason')}",
            by_evidence(one),
        )


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
                f"{one.worth.net.expected} ({one.worth.net.low} to {one.worth.net.high})" if one.worth else "–",
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
