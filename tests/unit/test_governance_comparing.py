"""Two versions of a pack held beside each other."""

from __future__ import annotations

import copy
from typing import Any

from headway.governance import comparing, policy
from headway.governance.entities import ControlResult, Status
from tests.unit.test_governance_policy import PACK

RULE = {"tier": "high", "source": "us", "title": "t", "confidence": "recall"}


def pack(**changes: Any) -> Any:
    made = copy.deepcopy(PACK) | {
        "tier_rules": [{"id": "A", "when": "sys.profiling", **RULE}, {"id": "B", "when": "true", **RULE}]
    }
    return policy.parse(made | changes)


def lines(old: Any, new: Any) -> list[tuple[str, str, str, tuple[tuple[str, str | None, str | None], ...]]]:
    found = comparing.diff(old, new)
    return [
        (one.part, one.id, one.change, tuple((f.name, f.before, f.after) for f in one.fields)) for one in found.changes
    ]


def test_a_pack_does_not_differ_from_itself() -> None:
    found = comparing.diff(pack(), pack())
    assert found.changes == () and found.old == found.new == "sample@1" and found.old_digest == found.new_digest


def test_every_kind_of_change_is_told_with_what_read_before_and_after() -> None:
    control = {**PACK["controls"][0], "valid_from": "2027-12-02", "enforce": "warn"}
    other = {**PACK["controls"][0], "id": "S-2"}
    kinds = [{**PACK["evidence_types"][0], "facts": {"n": "number", "m": "text"}}]
    new = pack(version="2", as_of="2026-02-01", controls=[control, other], evidence_types=kinds)
    assert lines(pack(), new) == [
        ("pack", "sample", "changed", (("as_of", "2026-01-01", "2026-02-01"),)),
        ("control", "S-1", "changed", (("enforce", "block", "warn"), ("valid_from", None, "2027-12-02"))),
        ("control", "S-2", "added", ()),
        ("evidence_type", "proof", "changed", (("facts", "n: number", "n: number, m: text"),)),
    ]
    assert lines(new, pack())[2] == ("control", "S-2", "removed", ())


def test_a_rule_for_the_tier_that_moved_is_told_since_the_first_that_holds_decides() -> None:
    rules = [{"id": "B", "when": "true", **RULE}, {"id": "A", "when": "sys.profiling", **RULE}]
    assert lines(pack(), pack(tier_rules=rules)) == [
        ("tier_rule", "B", "changed", (("place", "2", "1"),)),
        ("tier_rule", "A", "changed", (("place", "1", "2"),)),
    ]
    added = [
        {"id": "C", "when": "false", **RULE},
        {"id": "A", "when": "sys.profiling", **RULE},
        {"id": "B", "when": "true", **RULE},
    ]
    assert lines(pack(), pack(tier_rules=added)) == [("tier_rule", "C", "added", ())]


def result(name: str, status: Status, version: str = "1", enforce: Any = "block") -> ControlResult:
    return ControlResult(
        id=name,
        title=name,
        pack=f"sample@{version}",
        source="us",
        status=status,
        enforce=enforce,
        evidence_ids=(),
        reason=f"{name} {status}",
        confidence="recall",
        valid_from=None,
    )


def test_controls_are_matched_by_name_across_versions() -> None:
    before = [
        result("A", Status.passed),
        result("B", Status.upcoming),
        result("C", Status.passed),
        result("D", Status.failed, enforce="warn"),
    ]
    after = [
        result("A", Status.passed, "2"),
        result("B", Status.failed, "2"),
        result("E", Status.passed, "2"),
        result("D", Status.failed, "2"),
    ]
    found = [
        (one.id, one.before, one.after, one.enforce_before, one.enforce_after)
        for one in comparing.control_changes(before, after)
    ]
    assert found == [
        ("B", Status.upcoming, Status.failed, "block", "block"),
        ("E", None, Status.passed, None, "block"),
        ("D", Status.failed, Status.failed, "warn", "block"),
        ("C", Status.passed, None, "block", None),
    ]
