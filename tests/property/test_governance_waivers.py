"""A waiver never lets through what may not be waived, never outlives 30 days, and never makes anything pass."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headway.governance import Pack, Status, Tier, Waiver, WaiverStanding, WaiverState, gates, waivers
from headway.governance.adapters import built_in_packs
from headway.governance.entities import ControlResult

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CORE: Pack = next(file.pack for file in built_in_packs() if file.pack.id == "headway-core")
NAMES = [control.id for control in CORE.controls]
NEVER = {control.id for control in CORE.controls if not control.waivable}
DIGEST, OTHER = "sha256-" + "a" * 64, "sha256-" + "b" * 64
NOT_FINE = (Status.failed, Status.indeterminate)


def waiver(number: int, **changed: object) -> Waiver:
    values: dict[str, object] = {
        "id": f"wvr_{number:03}", "usecase": "lead-scoring", "environment": "production", "pack": CORE.id, "control": NAMES[0],
        "subject_digest": None, "reason": "the report is late", "compensation": "a person checks each", "days": 30,
        "state": WaiverState.granted, "requested_by": "person:ana", "requested_at": NOW - timedelta(days=1),
        "answered_by": "person:ben", "answered_at": NOW, "answer": "for this once", "ends_at": NOW + timedelta(days=30),
        "ended_by": None, "ended_at": None, "ended_because": None, "number": 1, "in_a_row": 1,
        "standing": WaiverStanding.in_force,
    }  # fmt: skip
    return Waiver(**(values | changed))  # type: ignore[arg-type]  # built from words


@st.composite
def lines(draw: st.DrawFn) -> list[Waiver]:
    """Waivers of any control, environment and subject; asked for, granted, ended before now, then and later."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        asked = NOW + timedelta(days=draw(st.integers(-80, 40)))
        values: dict[str, object] = {
            "control": draw(st.sampled_from(NAMES)),
            "environment": draw(st.sampled_from(["pilot", "production"])),
            "subject_digest": draw(st.sampled_from([None, DIGEST, OTHER])),
            "requested_at": asked,
        }
        match draw(st.sampled_from(WaiverState)):
            case WaiverState.requested:
                values |= {"state": WaiverState.requested, "answered_by": None, "answered_at": None, "ends_at": None}
            case WaiverState.rejected:
                values |= {"state": WaiverState.rejected, "answered_at": asked, "ends_at": None}
            case state:
                days = draw(st.integers(1, waivers.MAX_DAYS))
                values |= {"state": state, "answered_at": asked, "days": days, "ends_at": waivers.ends_at(asked, days)}
                if state is WaiverState.ended:
                    values["ended_at"] = asked + timedelta(hours=draw(st.integers(0, days * 24 - 1)))
        found.append(waiver(number, **values))
    return sorted(found, key=lambda one: one.requested_at)


@st.composite
def results(draw: st.DrawFn) -> tuple[ControlResult, ...]:
    """What a gate found of every control of a pack."""
    return tuple(
        ControlResult(
            id=control.id, title=control.title, pack=f"{CORE.id}@{CORE.version}", source=control.source,
            status=draw(st.sampled_from([Status.passed, Status.failed, Status.indeterminate, Status.not_applicable])),
            enforce=draw(st.sampled_from(["block", "warn"])), evidence_ids=(), reason="as found",
            confidence=control.confidence, valid_from=None,
        )
        for control in CORE.controls
    )  # fmt: skip


@given(results(), lines(), st.sampled_from(Tier))
def test_only_what_may_be_waived_here_and_now_is_and_it_never_passes(
    found: tuple[ControlResult, ...], given_: list[Waiver], tier: Tier
) -> None:
    counting = waivers.counting(given_, "production", DIGEST, tier, NOW)
    told, used = waivers.excused(found, [CORE], counting)
    for before, after in zip(found, told, strict=True):
        fitting = [
            one
            for one in given_
            if one.control == before.id and one.environment == "production" and one.subject_digest != OTHER
            and one.answered_at is not None and one.ends_at is not None and one.answered_at <= NOW < one.ends_at
            and (one.ended_at is None or one.ended_at > NOW)
        ]  # fmt: skip
        excused = bool(fitting) and before.status in NOT_FINE and before.id not in NEVER and tier is not Tier.prohibited
        assert (after.status is Status.waived) == excused
        assert excused or after == before
        if excused:
            assert before.reason in after.reason and before.status.value in after.reason
            assert any(one.id in after.reason and one.compensation in after.reason for one in used)
    assert len(used) == sum(one.status is Status.waived for one in told)
    if used:
        assert gates.result(told, tier) != "pass"


@given(results(), lines(), st.sampled_from([tier for tier in Tier if tier is not Tier.undecided]))
def test_a_verdict_never_outlives_what_it_rests_on(
    found: tuple[ControlResult, ...], given_: list[Waiver], tier: Tier
) -> None:
    _, used = waivers.excused(found, [CORE], waivers.counting(given_, "production", DIGEST, tier, NOW))
    until = gates.serve_until("production", tier, NOW, waivers.first_end(used))
    assert all(waivers.is_in_force(one, until - timedelta(microseconds=1)) for one in used)
    assert not used or until <= NOW + timedelta(days=waivers.MAX_DAYS)
    assert not used or any(not waivers.is_in_force(one, until) for one in used)


@given(lines())
def test_each_granted_one_counts_in_its_line_and_a_gap_breaks_the_row(given_: list[Waiver]) -> None:
    line = [one for one in given_ if one.environment == "production"]
    counted = waivers.counted(line, NOW)
    granted = [one for one in counted if one.ends_at is not None]
    assert [one.number for one in granted] == list(range(1, len(granted) + 1))
    for before, after in itertools.pairwise(granted):
        end = before.ended_at or before.ends_at
        assert end is not None and after.answered_at is not None
        follows = after.answered_at <= end + timedelta(days=30)
        assert after.in_a_row == (before.in_a_row + 1 if follows else 1)
    assert [one.id for one in counted] == [one.id for one in line]


@given(
    st.sampled_from(["sandbox", "pilot", "production", "moon", ""]), st.integers(-40, 400), st.text(max_size=15),
    st.text(max_size=15),
)  # fmt: skip
def test_what_is_asked_for_is_faultless_exactly_when_it_may_be_kept(
    environment: str, days: int, reason: str, instead: str
) -> None:
    found = {fault.column for fault in waivers.faults(environment, days, {"reason": reason, "compensation": instead})}
    assert ("environment" in found) == (environment not in ("sandbox", "pilot", "production"))
    assert ("days" in found) == (days not in range(1, 31))
    assert ("reason" in found) == (len(reason.strip()) < 10)
    assert ("compensation" in found) == (len(instead.strip()) < 10)
