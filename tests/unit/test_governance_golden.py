"""Golden cases: a pack that answers otherwise than its own cases say is refused, and says where."""

from __future__ import annotations

from typing import Any

import pytest

from headway.governance import policy
from headway.governance.entities import Status, Tier
from headway.governance.errors import PackInvalid

PACK: dict[str, Any] = {
    "id": "house",
    "version": "1.0.0",
    "title": "House rules",
    "note": "For a test.",
    "as_of": "2026-11-01",
    "mode": "mapping",
    "facts": [{"name": "profiling", "kind": "boolean", "values": [], "question": "whether it profiles people"}],
    "evidence_types": [
        {"name": "report", "title": "A report", "producer": "auto", "freshness_days": 30, "facts": {"ratio": "number"}}
    ],
    "tier_rules": [
        {
            "id": "T-1",
            "tier": "high",
            "when": "sys.profiling",
            "source": "us",
            "title": "Profiles",
            "confidence": "verified",
        },
        {"id": "T-2", "tier": "minimal", "when": "true", "source": "us", "title": "Else", "confidence": "verified"},
    ],
    "controls": [
        {
            "id": "H-1",
            "title": "The ratio holds",
            "source": "us",
            "gates": ["pre_deploy", "operate"],
            "applies_when": "sys.tier == 'high'",
            "check": "evidence.report.ratio >= 0.8",
            "evidence": ["report"],
            "enforce": "block",
            "sandbox": "warn",
            "confidence": "verified",
            "missing": "measure the ratio",
            "waivable": False,
            "grace_days": 7,
        }
    ],
}
CASE: dict[str, Any] = {
    "name": "a ratio just below",
    "on": "2026-11-02",
    "facts": {"sys": {"profiling": True}},
    "evidence": {"report": {"ratio": 0.796}},
    "tier": "high",
    "expect": {"H-1": "failed"},
}


def _with(**changes: object) -> dict[str, Any]:
    return {**PACK, "golden": [{**CASE, **changes}]}


def test_a_pack_that_answers_as_its_cases_say_is_read_whole() -> None:
    pack = policy.parse(_with())
    assert (pack.mode, pack.controls[0].waivable, pack.controls[0].grace_days) == ("mapping", False, 7)
    assert (pack.golden[0].tier, dict(pack.golden[0].expect)) == (Tier.high, {"H-1": Status.failed})
    assert policy.parse(PACK).golden == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expect": {"H-1": "passed"}}, "H-1 is failed (evidence.report.ratio >= 0.8 does not hold"),
        ({"evidence": {"report": {"ratio": None}}}, "H-1 is indeterminate (unknown: evidence.report.ratio"),
        ({"evidence": {}}, "H-1 is indeterminate (no evidence that counts: report"),
        ({"tier": "minimal"}, "the tier is high, not minimal"),
        ({"facts": {"sys": {"profiling": False}}, "tier": None}, "H-1 is not_applicable"),
        ({"facts": {"sys": {"profiling": "yes"}}, "expect": {}}, "the tier is undecided, not high"),
        ({"gate": "change"}, "H-1 is not asked at the gate change"),
        ({"expect": {"H-2": "passed"}}, "the pack has no control 'H-2'"),
        ({"evidence": {"rapport": {}}}, "the pack declares no evidence 'rapport'"),
        ({"expect": {"H-1": "fine"}}, "H-1: must be one of passed, failed"),
        ({"expect": {}, "tier": None}, "say which tier or which status"),
        ({"evidence": {"report": 3}}, "report must be a mapping"),
        ({"facts": []}, "must be a mapping"),
    ],
)
def test_a_wrong_answer_or_a_case_that_cannot_be_asked_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        policy.parse(_with(**changes))
    assert told in " ".join(fault.message for fault in refused.value.faults)


def test_what_was_published_stays_readable_when_its_cases_would_come_out_otherwise_today() -> None:
    wrong = _with(expect={"H-1": "passed"})
    assert policy.parse(wrong, is_published=True).golden[0].expect == {"H-1": Status.passed}
    with pytest.raises(PackInvalid):
        policy.parse(wrong)


def test_a_flag_that_is_no_flag_is_told() -> None:
    source = {**PACK, "controls": [{**PACK["controls"][0], "waivable": "no", "grace_days": -1}]}
    with pytest.raises(PackInvalid) as refused:
        policy.parse(source)
    assert {fault.column for fault in refused.value.faults} == {
        "pack.controls[0].waivable",
        "pack.controls[0].grace_days",
    }
