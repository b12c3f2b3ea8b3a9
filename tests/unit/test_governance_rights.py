"""The decision-rights matrix: what is wrong with it, the Cedar it compiles to, who holds what, and files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headway.collaboration.entities import Topic
from headway.collaboration.rules import RULES, Party, Rule
from headway.collaboration.words import TELLINGS
from headway.documents import About, read_table, write_xlsx
from headway.governance.council import lanes
from headway.governance.entities import Tier
from headway.governance.mandates import holding, rights, rights_file
from headway.governance.mandates.holding import People
from headway.governance.mandates.rights import EVERY, STAGES, RightsRow
from headway.governance.mandates.service.holding import able, known_seats
from headway.identity.adapters import narrowed, rules
from headway.kernel import clock

RELEASE = RightsRow(
    lane="council",
    stage="production",
    proposes=("data_scientist",),
    reviews=("seat:legal", "seat:risk"),
    decides=("seat:legal", "council"),
    told=("sponsor",),
)
WAIVER = RightsRow(lane=EVERY, stage="waiver", decides=("nobody",))
PEOPLE = People(
    department="sales",
    roles={
        "ai_office": ("person:mira",),
        "council": ("person:priya", "person:omar"),
        "data_scientist": ("person:mira",),
    },
    seats={"legal": ("person:priya",)},
    anywhere={"sponsor": ("person:sue",)},
)


def faults(*rows: RightsRow) -> str:
    return "; ".join(one.message for one in rights.faults(rows, able(), known_seats()))


def test_every_action_of_a_stage_is_one_that_rules_know_and_that_somebody_may_do() -> None:
    named = {action for stage in STAGES.values() for step in rights.ACTING for action in stage.actions(step)}
    assert named <= set(rules().actions)
    assert all(able()[action] for action in named)


def test_nothing_that_mends_a_matrix_is_a_stage() -> None:
    named = {action for stage in STAGES.values() for step in rights.ACTING for action in stage.actions(step)}
    assert not {one for one in named if one.partition(":")[0] in ("rights", "role", "person", "council")} - {
        "council:review",
        "council:vote",
    }


@pytest.mark.parametrize("tier", [one for one in Tier if one is not Tier.prohibited])
def test_a_release_is_in_the_lane_that_the_council_gives_it(tier: Tier) -> None:
    assert rights.lane_of(tier) == lanes.lane_of(tier, on_pattern=False)[0].value


def test_a_sound_matrix_has_no_fault() -> None:
    assert not faults(RELEASE, WAIVER)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (RightsRow(lane=EVERY, stage="lunch"), "is no stage"),
        (RightsRow(lane="council", stage="intake"), "has no lane"),
        (RightsRow(lane="fast", stage="pilot"), "has no lane"),
        (RightsRow(lane=EVERY, stage="intake", reviews=("council",)), "no such step"),
        (RightsRow(lane=EVERY, stage="scaling", decides=("council",)), "no such step"),
        (RightsRow(lane="reviewer", stage="pilot", reviews=("council",)), "the one who reviews"),
        (RightsRow(lane=EVERY, stage="intake", decides=("king",)), "is no role"),
        (RightsRow(lane=EVERY, stage="intake", decides=("employee",)), "gives nothing"),
        (RightsRow(lane=EVERY, stage="intake", decides=("seat:legal",)), "seats review and decide releases"),
        (RightsRow(lane=EVERY, stage="pilot", proposes=("seat:legal",)), "seats review and decide releases"),
        (RightsRow(lane=EVERY, stage="pilot", decides=("seat:king",)), "no seat of a council"),
        (RightsRow(lane=EVERY, stage="intake", decides=("nobody", "council")), "stands alone"),
        (RightsRow(lane=EVERY, stage="intake", told=("nobody",)), "leave it empty"),
        (RightsRow(lane=EVERY, stage="intake", decides=("council", "council")), "named twice"),
    ],
)
def test_every_fault_is_told(row: RightsRow, said: str) -> None:
    assert said in faults(row)
    assert said in faults(RELEASE, row, RightsRow(lane=EVERY, stage="nothing"))


def test_a_place_that_is_named_twice_is_a_fault() -> None:
    assert "named twice" in faults(WAIVER, WAIVER)


def test_a_matrix_compiles_to_rules_that_only_forbid_and_fit_the_schema() -> None:
    text = rights.compiled([WAIVER, RELEASE])
    assert "permit" not in text
    assert narrowed(text).forbidding[-4:] == (
        "rights-production-council-proposes",
        "rights-production-council-reviews",
        "rights-production-council-decides",
        "rights-waiver-every-decides",
    )
    assert rights.compiled([RELEASE, WAIVER]) == text
    assert not rights.compiled([RightsRow(lane=EVERY, stage="intake", told=("council",))])


def of(stage: str, step: str, lane: str, *rows: RightsRow) -> holding.StepHeld:
    found = holding.steps_of(rows, able(), PEOPLE)
    return next(one for one in found if (one.stage, one.step, one.lane) == (stage, step, lane))


def test_who_holds_a_step_is_told_by_role_and_seat() -> None:
    step = of("production", "decides", "council", RELEASE)
    assert [(one.holder, one.people) for one in step.held] == [
        ("seat:legal", ("person:priya",)),
        ("council", ("person:priya", "person:omar")),
    ]
    assert (step.people, step.weaknesses, step.is_named) == (("person:priya", "person:omar"), (), True)
    assert not of("production", "decides", "reviewer", RELEASE).is_named


def test_rows_that_count_together_leave_who_is_named_by_all_of_them() -> None:
    wide = RightsRow(lane=EVERY, stage="production", decides=("ai_office",))
    assert of("production", "decides", "council", RELEASE, wide).people == ()
    both = RightsRow(lane=EVERY, stage="production", decides=("ai_office", "council"))
    assert of("production", "decides", "council", RELEASE, both).people == ("person:priya", "person:omar")


def test_the_appetite_is_decided_by_a_sponsor_of_any_department() -> None:
    row = RightsRow(lane=EVERY, stage="appetite", decides=("sponsor",))
    assert of("appetite", "decides", EVERY, row).people == ("person:sue",)


def test_weak_steps_are_told() -> None:
    assert of("waiver", "decides", "council", WAIVER).weaknesses == ("nobody",)
    assert of("production", "reviews", "council", RELEASE).weaknesses == ("one_person",)
    alone = RightsRow(lane=EVERY, stage="production", proposes=("data_scientist",), decides=("ai_office",))
    assert of("production", "decides", "council", alone).weaknesses == ("one_person", "same_person")


def test_a_seat_that_nobody_holds_is_a_step_that_nobody_holds() -> None:
    row = RightsRow(lane="council", stage="pilot", decides=("seat:risk",))
    steps = holding.steps_of([row], able(), PEOPLE)
    [gap] = holding.unheld(steps, stage="pilot", lane="council")
    assert (gap.step, gap.weaknesses) == ("decides", ("nobody",))
    assert not holding.unheld(steps, stage="pilot", lane="reviewer")


def test_who_asks_does_not_count_as_the_one_who_decides() -> None:
    row = RightsRow(lane=EVERY, stage="waiver", decides=("ai_office",))
    steps = holding.steps_of([row], able(), PEOPLE)
    assert not holding.unheld(steps, stage="waiver", lane="council", but="person:omar")
    assert holding.unheld(steps, stage="waiver", lane="council", but="person:mira")


def test_a_seat_that_is_not_named_may_not_act_where_seats_alone_are_named() -> None:
    asked = {"environment": "production", "lane": "council"}
    assert rights.seat_fault([RELEASE], **asked, step="reviews", seat="finance")
    assert rights.seat_fault([RELEASE], **asked, step="reviews", seat="legal") is None
    assert (
        rights.seat_fault([RELEASE], **asked, step="decides", seat="finance") is None
    )  # the role council is named too
    assert rights.seat_fault([RELEASE], environment="pilot", lane="council", step="reviews", seat="finance") is None


def test_who_is_told_of_an_event() -> None:
    row = RightsRow(lane="council", stage="production", told=("ai_office", "seat:legal"))
    asked = {"lane": "council", "environment": "production"}
    assert holding.told([row], PEOPLE, event="approval.approved", **asked) == ("person:mira", "person:priya")
    assert holding.told([row], PEOPLE, event="usecase.opened", **asked) == ()
    assert holding.told([row], PEOPLE, event="approval.approved", lane="council", environment="pilot") == ()


def test_somebody_can_be_told_at_every_stage() -> None:
    for name, stage in rights.STAGES.items():
        assert stage.told_of, name
        assert set(stage.told_of) <= set(TELLINGS), name
        assert all(Rule(Party.named, Topic.change) in RULES[one] for one in stage.told_of), name


def test_of_the_appetite_holders_anywhere_are_told() -> None:
    row = RightsRow(lane=EVERY, stage="appetite", told=("sponsor",))
    elsewhere = replace(PEOPLE, roles={}, anywhere={"sponsor": ("person:sue",)})
    asked = {"lane": EVERY, "environment": None}
    assert holding.told([row], elsewhere, event="appetite.confirmed", **asked) == ("person:sue",)
    row = replace(row, stage="incident")
    assert holding.told([row], elsewhere, event="incident.opened", **asked) == ()


def test_yaml_comes_back_as_it_went() -> None:
    rows, wrong = rights_file.of_yaml(rights_file.write_yaml([RELEASE, WAIVER]).encode())
    assert (rows, wrong) == ((RELEASE, WAIVER), [])


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "decision_rights: 3",
        "{",
        "decision_rights:\n- 3",
        "decision_rights:\n- stage: intake\n  decide: [council]",
        "decision_rights:\n- stage: intake\n  decides: {a: b}",
    ],
)
def test_what_is_wrong_with_yaml_is_told(text: str) -> None:
    assert rights_file.of_yaml(text.encode())[1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_workbook_comes_back_as_it_went(language: rights_file.Language) -> None:
    sheet = rights_file.sheet([RELEASE, WAIVER], language)
    data = write_xlsx((sheet,), About(by="Ada", at=clock.now(), source="test", language=language))
    assert rights_file.of_table(read_table(data, rights_file.columns())) == ((RELEASE, WAIVER), [])
