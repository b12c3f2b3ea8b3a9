"""What more than one document says: what it is for, its versions, data, evaluation, oversight, monitoring. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from headway.dossiers.entities import Cite, Lack, Plotted, Statement
from headway.dossiers.phrases import band, day, field, lack, say, share, table
from headway.dossiers.records import Records, by_evidence

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
