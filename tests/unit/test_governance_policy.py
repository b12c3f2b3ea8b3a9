"""Packs: read whole or refused whole, every fault at once, one digest a content."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from headway.governance import policy
from headway.governance.adapters import built_in_packs, read_pack
from headway.governance.entities import Tier
from headway.governance.errors import PackInvalid

PACK: dict[str, Any] = {
    "id": "sample",
    "version": "1",
    "title": "Sample",
    "note": "for a test",
    "as_of": "2026-01-01",
    "facts": [{"name": "profiling", "kind": "boolean", "values": [], "question": "whether it profiles people"}],
    "evidence_types": [
        {"name": "proof", "title": "Proof", "producer": "auto", "freshness_days": 0, "facts": {"n": "number"}}
    ],
    "tier_rules": [],
    "controls": [
        {
            "id": "S-1",
            "title": "Enough",
            "source": "us",
            "gates": ["pre_deploy"],
            "applies_when": "sys.profiling",
            "check": "evidence.proof.n > 3",
            "evidence": ["proof"],
            "enforce": "block",
            "sandbox": "warn",
            "confidence": "recall",
            "missing": "bring more",
        }
    ],
}


def changed(**control: object) -> dict[str, Any]:
    made = copy.deepcopy(PACK)
    made["controls"][0].update(control)
    return made


def faults_of(source: object) -> str:
    with pytest.raises(PackInvalid) as caught:
        policy.parse(source)
    return "\n".join(fault.message for fault in caught.value.faults)


def test_a_pack_is_read_with_its_digest() -> None:
    pack = policy.parse(PACK)
    assert pack.controls[0].check == "evidence.proof.n > 3"
    assert pack.digest == policy.parse(copy.deepcopy(PACK)).digest
    assert pack.digest != policy.parse(changed(check="evidence.proof.n > 2")).digest


@pytest.mark.parametrize(
    ("control", "told"),
    [
        ({"check": "evidence.proof.m > 3"}, "declares no fact 'm'"),
        ({"check": "evidence.other.n > 3"}, "without listing it"),
        ({"evidence": ["other"]}, "not declared in this pack"),
        ({"applies_when": "sys.unheard"}, "sys.unheard is not declared"),
        ({"check": "has(evidence.proof.n)"}, "has() hides"),
        ({"check": "evidence.proof.n > "}, "Failed to parse"),
        ({"check": None, "evidence": []}, "needs evidence"),
        ({"enforce": "maybe"}, "must be one of block, warn, record"),
        ({"valid_from": "soon"}, "must be a day"),
        ({"gates": ["deploy"]}, "'deploy' is none of"),
        ({"wehn": "true"}, "is not known here"),
    ],
)
def test_a_fault_in_a_control_is_told(control: dict[str, object], told: str) -> None:
    assert told in faults_of(changed(**control))


def test_all_faults_are_told_at_once() -> None:
    source = changed(check="has(evidence.proof.n)", enforce="maybe", title="")
    source["controls"].append(copy.deepcopy(PACK["controls"][0]))
    told = faults_of(source)
    for part in ("has() hides", "must be one of block", "title: must be a text", "'S-1' appears twice"):
        assert part in told


@pytest.mark.parametrize("source", [None, [], "text", {}, {"controls": 3}])
def test_what_is_no_pack_is_refused(source: object) -> None:
    assert faults_of(source)


def test_yaml_with_aliases_twice_used_keys_or_python_objects_is_refused() -> None:
    for text in ("a: &x [1]\nb: *x", "id: a\nid: b", "!!python/object/apply:os.getcwd []", "a: [", "as_of: 2026-01-01"):
        with pytest.raises(PackInvalid):
            read_pack(text)


def test_two_packs_cannot_tell_different_things_of_one_evidence_type() -> None:
    other = copy.deepcopy(PACK)
    other["evidence_types"][0]["producer"] = "human"
    with pytest.raises(PackInvalid, match="differs"):
        policy.evidence_types([policy.parse(PACK), policy.parse(other)])


def test_the_packs_that_come_with_headway_are_sound() -> None:
    packs = {file.pack.id: file.pack for file in built_in_packs()}
    assert {"eu-ai-act-core", "headway-core"} <= set(packs)
    eu = packs["eu-ai-act-core"]
    assert [rule.id for rule in eu.tier_rules] == [f"CL-{n}" for n in range(1, 7)]
    assert eu.tier_rules[-1].tier is Tier.minimal
    by_id = {control.id: control for control in eu.controls}
    assert by_id["AIA-5"].sandbox == "block"
    assert by_id["AIA-14"].valid_from == date(2027, 12, 2)
    assert by_id["AIA-50-1"].valid_from == date(2026, 8, 2)
    assert {one.id for one in packs["headway-core"].controls if one.enforce != "block"} == {"HW-CHANGE-WORSE"}
