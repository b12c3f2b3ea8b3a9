"""How things stand: the sections and tiles of the home page that look at whole departments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from headway import collaboration, governance, ledger, portfolio, serving
from headway.entrypoints.pages import together, words
from headway.entrypoints.pages.home_parts import ROWS, Row, Section, Tile
from headway.entrypoints.pages.ledger import LEDGER
from headway.entrypoints.pages.links import seen
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import council
from headway.kernel.listing import ListQuery
from headway.portfolio import BlockerKind, Stage, Standing

QUALITY = "data_quality_report"
LOOKED_AT = 50
TOLD = (
    "usecase.",
    "tier.",
    "approval.",
    "verdict.",
    "release.",
    "model.",
    "product.",
    "pilot.",
    "deployment.",
    "role.",
)
"""What is worth telling on the home page; signing in is not."""
BLOCKED = tuple(kind.value for kind in BlockerKind if kind is not BlockerKind.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How the use cases stand that somebody may see: how many in each stage, and the first of those that are blocked."""

    within: frozenset[str] | None
    stages: Mapping[Stage, int]
    blocked: tuple[Standing, ...]


def survey(viewer: Viewer, tx: Session, *, with_blocked: bool) -> Survey:
    """Look at the use cases once, for all parts of the page."""
    within = viewer.places(tx, "usecase:read")
    seen = ListQuery(within=within)
    if not with_blocked:
        return Survey(within=within, stages=portfolio.count_stages(tx, seen), blocked=())
    blocked_ones = ListQuery(filters={"blocked": BLOCKED}, limit=ROWS, within=within)
    found, stages = portfolio.survey(tx, blocked_ones, counted=seen)
    return Survey(within=within, stages=stages, blocked=found.items)


def tiles(viewer: Viewer, tx: Session, surveyed: Survey, waiting: int) -> tuple[Tile, ...]:
    """The figures at the top, as far as somebody may see what they count."""
    within, stages = surveyed.within, surveyed.stages
    if within is not None and not within:
        return ()
    _ = viewer.gettext
    alive = sum(count for stage, count in stages.items() if stage is not Stage.retired)
    made = [
        Tile(
            label=_("Live use cases"),
            value=_("%(live)s of %(all)s", live=stages[Stage.live], all=alive),
            href="/usecases?stage=live",
        ),
        Tile(label=_("In pilot"), value=stages[Stage.pilot], href="/usecases?stage=pilot"),
    ]
    return (*made, *_risk_tiles(viewer, tx, within), *_waiting_tile(viewer, waiting))


def _risk_tiles(viewer: Viewer, tx: Session, within: frozenset[str] | None) -> tuple[Tile, ...]:
    _ = viewer.gettext
    query = ListQuery(filters={"retired": ("false",)}, within=within)
    tiers = governance.count_usecases(tx, query, by="tier")
    high, undecided = tiers.get("high", 0), tiers.get("undecided", 0)
    note = _("%(count)s not decided yet", count=undecided) if undecided else ""
    return (
        Tile(
            label=_("High risk"),
            value=high,
            note=note,
            tone="warn" if undecided else "",
            href="/usecases?tier=undecided" if undecided else "/usecases?tier=high",
        ),
    )


def _waiting_tile(viewer: Viewer, waiting: int) -> tuple[Tile, ...]:
    if not viewer.may_somewhere("release:read"):
        return ()
    _ = viewer.gettext
    note, tone = (_("approvals"), "warn") if waiting else ("", "")
    return (Tile(label=_("Waiting for your answer"), value=waiting, tone=tone, note=note, href="/approvals"),)


def blocked(viewer: Viewer, tx: Session, surveyed: Survey) -> Section:
    """What keeps use cases from going on, and who is asked."""
    people = names(tx, [blocker.who for one in surveyed.blocked for blocker in one.blockers])
    _ = viewer.gettext
    told = {
        BlockerKind.approval: _("waits for approval; asked for by %(who)s"),
        BlockerKind.gate: _("approved, and the gate does not let it in yet"),
        BlockerKind.suspended: _("stopped above the sandbox"),
        BlockerKind.missing: _("its entry leaves something open"),
    }
    rows = tuple(
        Row(
            text=one.usecase.title,
            href=f"/usecases/{one.usecase.slug}",
            state=one.stage.value,
            note=told[one.blockers[0].kind] % {"who": people[one.blockers[0].who]},
            at=one.blockers[0].since,
        )
        for one in surveyed.blocked
        if one.blockers
    )
    return Section(
        id="blocked",
        title=_("What is blocked, and by whom"),
        rows=rows,
        more="/usecases?" + "&".join(f"blocked={kind}" for kind in BLOCKED),
        more_label=_("All that is blocked"),
        empty=_("Nothing waits for an approval, a gate or a resumption."),
    )


def projected(viewer: Viewer, tx: Session) -> Section | None:
    """What pilots promise; nothing here is measured, and it says so."""
    within = viewer.places(tx, "pilot:read")
    query = ListQuery(filters={"state": ("done",)}, limit=ROWS, within=within)
    _ = viewer.gettext
    rows = []
    for pilot in portfolio.find_pilots(tx, query).items:
        _text, report = portfolio.get_report(tx, viewer.parts.storage, pilot.id)
        told = report.get("projection")
        if isinstance(told, Mapping):
            rows.append(Row(text=pilot.name, href=f"/pilots/{pilot.id}", note=_gain(viewer, told), at=pilot.ended_at))
    return Section(
        id="value",
        title=_("Projected value"),
        note=_("From test data, not measured. Measured value comes from the hold-out, once outcomes are in."),
        rows=tuple(rows),
        more="/pilots",
        more_label=_("All pilots"),
        empty=_(
            "No pilot projects a value yet: it must know what a success is worth, and its figures must be believable."
        ),
    )


def _gain(viewer: Viewer, told: Mapping[str, Any]) -> str:
    gain = told["gain"]
    return viewer.gettext(
        "projected gain of %(gain)s (%(low)s to %(high)s) for %(cases)s cases",
        gain=gain["expected"],
        low=gain["low"],
        high=gain["high"],
        cases=told["cases"],
    )


def by_rules(viewer: Viewer, tx: Session) -> Section | None:
    """How much intake of minimal risk rules decide without people, and what has waited longest for people."""
    if not viewer.may_everywhere("council:read"):
        return None
    _, found = viewer.gettext, council.intake_lanes(tx)
    note = _("No intake of minimal risk yet.")
    if found.share is not None:
        with words.speaking(viewer.looks.language):
            share = words.percent(found.share)
        note = _(
            "Rules decided %(share)s of the intake of minimal risk without people: %(rules)s of %(all)s.",
            share=share,
            rules=found.by_rules,
            all=found.by_rules + found.by_people,
        )
    rows = [
        Row(text=one.title, href=seen(one.ref), note=_("%(num)s days", num=one.days), at=one.since)
        for one in found.others
    ]
    return Section(
        id="lanes",
        title=_("Decided by rules, and what waits for people"),
        note=note,
        rows=tuple(rows[:ROWS]),
        more="/council",
        more_label=_("Why, and all that waits"),
        empty=_("Nothing waits for people."),
    )


def stopped(viewer: Viewer, tx: Session) -> Section | None:
    """Deployments that were stopped or end soon."""
    within = viewer.places(tx, "deployment:read")
    _ = viewer.gettext
    asked = ListQuery(
        filters={"state": ("suspended", "active")}, sort="state", descending=True, limit=ROWS, within=within
    )
    rows = tuple(
        Row(
            text=one.name,
            href=f"/deployments/{one.name}?environment={one.environment}",
            state=one.state.value,
            note=one.environment + (f": {one.reason}" if one.reason else ""),
            at=one.changed_at,
        )
        for one in serving.find_deployments(tx, asked).items
    )
    return Section(
        id="running",
        title=_("Deployments"),
        note=_("Those that were stopped come first."),
        rows=rows,
        more="/deployments",
        more_label=_("All deployments"),
        empty=_("Nothing is deployed yet. A pilot puts the first version into the sandbox."),
    )


def faulty_products(viewer: Viewer, tx: Session) -> Section | None:
    """Data products whose newest check found rows with faults."""
    _ = viewer.gettext
    places = viewer.places(tx, "product:read")
    seen: dict[str, Row] = {}
    for one in governance.list_evidence(tx, type=QUALITY, limit=200).items:
        slug = one.subject.partition(":")[2].partition("@")[0]
        failed = one.facts.get("failed_rows")
        if slug in seen or (places is not None and slug.partition(".")[0] not in places):
            continue
        bad = isinstance(failed, int) and failed > 0
        note = _("%(count)s rows with faults", count=failed) if bad else _("no faults")
        seen[slug] = Row(
            text=slug, href=f"/products/{slug}", state="warn" if bad else "pass", note=note, at=one.made_at
        )
    bad_ones = tuple(row for row in seen.values() if row.state == "warn")
    return Section(
        id="products",
        title=_("Data products with faults"),
        rows=bad_ones[:ROWS],
        more="/products",
        more_label=_("All data products"),
        empty=_("The newest check of every product found no faults."),
    )


def verdicts(viewer: Viewer, tx: Session) -> Section | None:
    """What gates answered last, for those who check them."""
    within = viewer.places(tx, "gate:read")
    places = governance.usecase_departments(tx)
    found = governance.list_verdicts(tx, limit=LOOKED_AT).items
    seen = [one for one in found if within is None or places.get(one.usecase) in within][:ROWS]
    _ = viewer.gettext
    rows = tuple(
        Row(
            text=one.subject.partition(":")[2].replace("@", " "),
            href=f"/verdicts/{one.id}",
            state="revoked" if one.revoked_at else one.result,
            note=_("%(environment)s, tier %(tier)s", environment=_(one.environment), tier=_(one.tier.value)),
            at=one.issued_at,
        )
        for one in seen
    )
    return Section(
        id="verdicts",
        title=_("Newest verdicts of gates"),
        note=_("Signed; each explains itself under the packs it was made with."),
        rows=rows,
        empty=_("No gate has signed a verdict yet."),
    )


def newest_later(viewer: Viewer) -> Section | None:
    """The place of the newest events, for who may read the ledger; telling them takes its time."""
    if not viewer.may("ledger:read", LEDGER):
        return None
    _ = viewer.gettext
    return Section(
        id="newest",
        title=_("Newest in the ledger"),
        later="/home/newest",
        more="/ledger",
        more_label=_("The ledger"),
    )


def newest(viewer: Viewer, tx: Session) -> Section:
    """The newest events of the ledger, and the checkpoint over them; raises Denied."""
    viewer.permit("ledger:read", LEDGER)
    _ = viewer.gettext
    found = ledger.find_events(tx, ListQuery(filters={"type": TOLD}, sort="id", descending=True, limit=ROWS))
    rows = tuple(
        Row(text=together.told(viewer, one), href=f"/ledger/{one.id}", note=one.type, at=one.at)
        for one in collaboration.tell_events(tx, viewer.parts.subjects, found.items)
    )
    try:
        last = ledger.checkpoint(tx)
        note = _("%(count)s events under the newest signed checkpoint", count=last.size)
    except ledger.CheckpointNotFound:
        note = _("no checkpoint is signed yet")
    return Section(
        id="newest", title=_("Newest in the ledger"), note=note, rows=rows, more="/ledger", more_label=_("The ledger")
    )
