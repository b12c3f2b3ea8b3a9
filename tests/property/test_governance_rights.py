"""A matrix only takes away: with it nothing is allowed that was not without, and it forbids exactly those whom it does not name."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.governance.mandates import holding, rights
from headway.governance.mandates.holding import People
from headway.governance.mandates.rights import ACTING, EVERY, NOBODY, SEAT, STAGES, RightsRow, Step
from headway.governance.mandates.service.holding import able
from headway.identity import LANES, Role
from headway.identity.adapters import decide, rules
from tests.factories.dose import examples

SEATS = ("legal", "risk", "finance")
roles = st.frozensets(st.sampled_from([one.value for one in Role]), max_size=3)


def holders(stage: rights.Stage, step: Step) -> st.SearchStrategy[tuple[str, ...]]:
    known = sorted({role for action in stage.actions(step) for role in able()[action]})
    seats = [SEAT + one for one in SEATS] if stage.environment and step != "proposes" else []
    some = st.lists(st.sampled_from([*known, *seats]), unique=True, max_size=4).map(tuple)
    return st.just((NOBODY,)) | some


@st.composite
def rows(draw: st.DrawFn) -> RightsRow:
    stage = draw(st.sampled_from([*STAGES.values()]))
    lane = draw(st.sampled_from([EVERY, *LANES])) if stage.has_lanes else EVERY
    named = {step: draw(holders(stage, step)) for step in ACTING if stage.is_in(step, lane)}
    return RightsRow(lane=lane, stage=stage.name, **named)


matrices = st.lists(rows(), max_size=5, unique_by=lambda row: (row.lane, row.stage))
texts = st.fixed_dictionaries(
    {
        "environment": st.sampled_from(["sandbox", "pilot", "production", ""]),
        "requested_by": st.sampled_from(["person:bo", "person:ada", ""]),
        "confirmed_by": st.sampled_from(["person:cy", ""]),
        "owner": st.sampled_from(["person:ada", ""]),
        "lane": st.sampled_from([*LANES, ""]),
        "seats": st.lists(st.sampled_from([*SEATS, "owner"]), unique=True).map(
            lambda some: f",{','.join(some)}," if some else ""
        ),
    }
)


def named_for(matrix: list[RightsRow], held: frozenset[str], action: str, about: dict[str, str]) -> bool:
    """Whether every row that counts names a role or seat that is held: told without Cedar."""
    for row in matrix:
        stage = STAGES[row.stage]
        for step in ACTING:
            if action not in stage.actions(step) or not row.named(step):
                continue
            if row.lane != EVERY and about["lane"] not in (row.lane, ""):
                continue
            if stage.environment and about["environment"] not in (stage.environment, ""):
                continue
            seats = {SEAT + one for one in about["seats"].split(",") if one}
            if action == "council:review" and SEAT + "owner" in seats:
                continue
            if not set(row.named(step)) & (held | seats):
                return False
    return True


@settings(max_examples=examples(400), deadline=None)
@given(matrices, roles, st.sampled_from(rules().actions), texts, st.sampled_from(["person:ada", "service:ci"]))
def test_a_matrix_takes_away_exactly_from_those_whom_it_does_not_name(
    matrix: list[RightsRow], held: frozenset[str], action: str, about: dict[str, str], who: str
) -> None:
    own, told = rights.compiled(matrix), tuple(about.items())
    without = decide(who, held, action, "thing", told, is_in_scope=True)
    with_it = decide(who, held, action, "thing", told, is_in_scope=True, own=own)
    assert not with_it.allowed or without.allowed
    assert with_it.allowed == (without.allowed and named_for(matrix, held, action, about))


@settings(max_examples=examples(150), deadline=None)
@given(matrices, st.dictionaries(st.sampled_from(["person:ada", "person:bo", "person:cy"]), roles, max_size=3))
def test_who_holds_a_step_is_whom_cedar_lets_take_it(
    matrix: list[RightsRow], given_roles: dict[str, frozenset[str]]
) -> None:
    """Steps before a council by seats are told by seats as well, which only a council gives; here there is none."""
    roles_of = {
        role.value: tuple(sorted(who for who, held in given_roles.items() if role.value in held)) for role in Role
    }
    people = People(department="sales", roles=roles_of, seats={}, anywhere=roles_of)
    own = rights.compiled(matrix)
    for step in holding.steps_of(matrix, able(), people):
        stage = STAGES[step.stage]
        about = {
            "environment": stage.environment or "production",
            "requested_by": "person:somebody",
            "confirmed_by": "",
            "owner": "",
            "lane": "council" if step.lane == EVERY else step.lane,
            "seats": "",
        }
        allowed = {
            who
            for who, held in given_roles.items()
            for action in stage.actions(step.step)
            if decide(who, held, action, "thing", tuple(about.items()), is_in_scope=True, own=own).allowed
        }
        assert allowed == set(step.people), (step.stage, step.step, step.lane)
