"""What the platform knows of a use case by itself: only what its department and systems settle, and never a no."""

from __future__ import annotations

from datetime import UTC, date, datetime

from headway.governance import SystemKind, SystemSummary, derived, inventory

WRITER = SystemSummary(slug="writer", title="Writer", kind=SystemKind.generative, vendor="acme")
SCORER = SystemSummary(slug="scorer", title="Scorer", kind=SystemKind.vendor_supplied, vendor="bolt")
OURS = SystemSummary(slug="ours", title="Ours", kind=SystemKind.own, vendor=None)
DRAWER = SystemSummary(slug="drawer", title="Drawer", kind=SystemKind.generative, vendor=None)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def told(*systems: SystemSummary) -> dict[str, tuple[object, tuple[str, ...]]]:
    return {fact.name: (fact.value, fact.sources) for fact in derived.derive("sales", systems)}


def test_each_fact_names_what_it_follows_from() -> None:
    assert told() == {"departments": (["sales"], ("department:sales",))}
    assert told(OURS) == told()
    assert told(SCORER)["vendor_supplied"] == (True, ("system:scorer", "vendor:bolt"))
    assert told(DRAWER)["generates_content"] == (True, ("system:drawer",))
    both = told(WRITER, OURS, SCORER)
    assert both["vendor_supplied"] == (True, ("system:scorer", "system:writer", "vendor:bolt", "vendor:acme"))
    assert both["generates_content"] == (True, ("system:writer",))


def test_a_generative_system_leaves_open_whether_its_model_is_of_general_purpose() -> None:
    assert "gpai_component" not in told(WRITER, DRAWER)


def test_to_a_known_list_people_add_and_a_known_yes_stands_against_a_typed_no() -> None:
    known = derived.derive("sales", [SCORER])
    said = {"departments": ["hr", "sales"], "profiling": True}
    whole = derived.merged(said, known)
    assert whole == {"departments": ["sales", "hr"], "vendor_supplied": True, "profiling": True}
    assert derived.contradictions(said, known) == []
    assert derived.contradictions({"vendor_supplied": True}, known) == []
    [fault] = derived.contradictions({"vendor_supplied": False, "profiling": False}, known)
    assert (fault.column, fault.value) == ("vendor_supplied", "no")
    assert fault.message == "vendor_supplied is yes, from system:scorer and vendor:bolt, and not no"
    assert [one.column for one in derived.contradictions({"departments": []}, known)] == ["departments"]


def test_what_is_known_is_not_kept_a_second_time() -> None:
    known = derived.derive("sales", [SCORER])
    said = {"vendor_supplied": True, "departments": ["hr"], "profiling": True}
    assert derived.left_to_say(said, known) == {"departments": ["hr"], "profiling": True}


def test_the_digest_moves_with_what_systems_settle_and_stays_without_any() -> None:
    said = {"department": "sales"}
    plain = inventory.material_digest(said, {"profiling": True})
    assert plain == inventory.material_digest(said, {"profiling": True}, derived.derive("sales", [OURS]))
    vendor = inventory.material_digest(said, {"profiling": True}, derived.derive("sales", [SCORER]))
    other = SystemSummary(slug="scorer", title="Scorer", kind=SystemKind.vendor_supplied, vendor="acme")
    assert (
        len({plain, vendor, inventory.material_digest(said, {"profiling": True}, derived.derive("sales", [other]))})
        == 3
    )


def test_what_is_not_in_order_with_a_vendor_is_named() -> None:
    assert inventory.vendor_missing({"name": "Acme"}, None, NOW) == (
        "say what it supplies", "name a contact", "say when the contract ends", "write the exit plan", "have it assessed",
    )  # fmt: skip
    whole = {"supplies": "scores", "contact": "Kim", "exit_plan": "move", "contract_ends": date(2026, 11, 27)}
    assert inventory.vendor_missing(whole, NOW, NOW) == ()
    late = whole | {"contract_ends": date(2026, 11, 26)}
    assert inventory.vendor_missing(late, datetime(2026, 11, 1, tzinfo=UTC), NOW) == (
        "renew the contract or leave: it ended on 2026-11-26",
        "have it assessed again: the assessment counted until 2026-11-01",
    )
