"""Learning a fact never starts a clock that was ruled out before, and no clock is lost to what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headway.incidents import adapters, clocks
from headway.incidents.entities import Answer, CaseFacts, Fact, Harm

AWARE = datetime(2027, 12, 24, 12, tzinfo=UTC)
WHEN: Any = dict.fromkeys(("aware", "occurred", "opened"), AWARE)
HARMS = st.lists(st.sampled_from([one.value for one in Harm]), unique=True, max_size=3).map(tuple)
OF_INCIDENT = {
    "severity": st.sampled_from(["low", "medium", "high", "critical"]),
    "harm": HARMS,
    "widespread": st.booleans(),
    "personal_data_breach": st.booleans(),
    "risk_to_persons": st.sampled_from(["unlikely", "likely", "high"]),
}
OF_CASE = {
    "tier": st.sampled_from(["minimal", "transparency", "high", "prohibited"]),
    "roles": st.lists(st.sampled_from(["provider", "deployer"]), unique=True).map(tuple),
    "vendor_supplied": st.booleans(),
}
PLACES = st.lists(st.sampled_from(["EU", "EU-DE", "US", "US-NYC", "US-CO"]), unique=True).map(tuple)


def answers(incident: dict[str, Fact], case: dict[str, Fact], where: tuple[str, ...] | None) -> dict[str, Answer]:
    of = CaseFacts(usecase="x", facts=tuple(case.items()), jurisdictions=where)
    return {one.rule.id: one.answer for one in clocks.readings(incident, [of], (), adapters.shipped(), WHEN)}


@given(
    incident=st.fixed_dictionaries(OF_INCIDENT),
    case=st.fixed_dictionaries(OF_CASE),
    where=PLACES,
    hidden=st.sets(st.sampled_from([*OF_INCIDENT, *OF_CASE, "where"])),
)
def test_what_is_hidden_never_rules_a_clock_out(
    incident: dict[str, Fact], case: dict[str, Fact], where: tuple[str, ...], hidden: set[str]
) -> None:
    whole = answers(incident, case, where)
    part = answers(
        {name: None if name in hidden else value for name, value in incident.items()},
        {name: None if name in hidden else value for name, value in case.items()},
        None if "where" in hidden else where,
    )
    for name, answer in whole.items():
        assert answer is not Answer.unknown, "everything is known"
        assert part[name] in (answer, Answer.unknown), (name, answer, part[name])
