"""Whatever systems a use case rests on: systems only add to what is known, and the digest moves with the facts and only with them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headway.governance import SystemKind, SystemSummary, derived, inventory

names = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def system(draw: st.DrawFn, slug: str) -> SystemSummary:
    kind = draw(st.sampled_from(SystemKind))
    vendor = st.sampled_from(["v", "w"])
    supplier = {
        SystemKind.own: st.none(),
        SystemKind.vendor_supplied: vendor,
        SystemKind.generative: st.none() | vendor,
    }
    return SystemSummary(slug=slug, title=draw(names), kind=kind, vendor=draw(supplier[kind]))


systems = st.sets(names).flatmap(lambda slugs: st.tuples(*(system(slug) for slug in sorted(slugs))))
said = st.dictionaries(
    st.sampled_from(["vendor_supplied", "generates_content", "profiling"]), st.booleans() | st.none(), max_size=3
)


def digest_of(found: tuple[SystemSummary, ...], risk: dict[str, bool | None]) -> str:
    return inventory.material_digest({"department": "sales"}, risk, derived.derive("sales", found))


@given(systems, said)
def test_systems_settle_a_yes_and_nothing_else(found: tuple[SystemSummary, ...], risk: dict[str, bool | None]) -> None:
    known = derived.derive("sales", found)
    whole = derived.merged(risk, known)
    assert all(fact.value in (True, ["sales"]) and fact.sources for fact in known)
    assert whole.get("profiling") is risk.get("profiling")
    against = {fault.column for fault in derived.contradictions(risk, known)}
    for fact in known:
        assert whole[fact.name] == fact.value
        assert (fact.name in against) == (risk.get(fact.name) is False)
    if not against:
        assert derived.merged(derived.left_to_say(risk, known), known) == whole


@given(systems, st.data())
def test_one_system_more_takes_nothing_back(found: tuple[SystemSummary, ...], data: st.DataObject) -> None:
    fewer = data.draw(st.sets(st.sampled_from(found)).map(tuple) if found else st.just(()))
    some, all_ = ({f.name: f for f in derived.derive("sales", one)} for one in (fewer, found))
    for name, fact in some.items():
        assert all_[name].value == fact.value and set(fact.sources) <= set(all_[name].sources)


@given(systems, systems, said)
def test_the_digest_moves_exactly_when_a_fact_or_its_source_does(
    one: tuple[SystemSummary, ...], other: tuple[SystemSummary, ...], risk: dict[str, bool | None]
) -> None:
    same = derived.derive("sales", one) == derived.derive("sales", other)
    assert (digest_of(one, risk) == digest_of(other, risk)) == same
    assert digest_of(one, risk) == digest_of(tuple(reversed(one)), risk)
