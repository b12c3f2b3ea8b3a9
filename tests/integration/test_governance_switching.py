"""Packs published by the organisation and switched by people: what they may do, and what follows at the gates."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Tier
from headway.governance.adapters import CORE, built_in_packs, read_pack
from headway.governance.service.switching import PACK_TYPE
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer, dsse_open
from headway.kernel.errors import Conflict, Denied, Invalid
from tests.factories.governance import (
    ANA,
    BEN,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    bring_evidence,
    open_usecase,
)

LAW = "eu-ai-act-core"
HOUSE: dict[str, Any] = {
    "id": "house",
    "version": "1.0.0",
    "title": "House rules",
    "note": "What we ask of ourselves.",
    "as_of": "2026-11-01",
    "facts": [{"name": "outside_hours", "kind": "boolean", "values": [], "question": "whether it runs at night"}],
    "evidence_types": [
        {
            "name": "policy_document",
            "title": "A policy or procedure of the organisation, in writing",
            "producer": "human",
            "freshness_days": 365,
            "facts": {},
            "scope": "organisation",
        }
    ],
    "tier_rules": [],
    "controls": [
        {
            "id": "HOUSE-1",
            "title": "There is a policy",
            "source": "us",
            "gates": ["pre_deploy"],
            "applies_when": "sys.tier == 'minimal'",
            "check": None,
            "evidence": ["policy_document"],
            "enforce": "block",
            "sandbox": "warn",
            "confidence": "verified",
            "missing": "write the policy",
        }
    ],
}


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


def house(**changes: object) -> str:
    return yaml.safe_dump({**copy.deepcopy(HOUSE), **changes})


def gate(session: Session) -> governance.GateResult:
    return governance.evaluate_gate(
        session, environment="production", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, usecase="lead-scoring"
    )


@pytest.fixture
def ready(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)


def test_a_new_home_starts_with_two_packs_and_knows_the_others(session: Session) -> None:
    assert {pack.id for pack in governance.list_packs(session)} == {LAW, CORE}
    found = governance.published_packs(session)
    assert {one.id for one in found} == {file.pack.id for file in built_in_packs()}
    assert all(one.comes_with and one.is_on == (one.id in (LAW, CORE)) and not one.is_newer for one in found)


def test_an_own_pack_is_published_signed_and_off_until_a_person_switches_it_on(
    session: Session, signer: Signer, ready: None
) -> None:
    made = governance.publish_pack(session, signer, ANA, house())
    assert (made.is_on, made.comes_with, made.published_by, made.mode) == (False, False, ANA.ref, "enforced")
    assert governance.publish_pack(session, signer, ANA, house()) == made
    envelope = governance.pack_envelope(session, signer, "house")
    signed = json.loads(dsse_open({signer.key_id: signer.public}, PACK_TYPE, envelope))
    assert digest(signed) == made.digest and signed == HOUSE
    assert "HOUSE-1" not in {one.id for one in gate(session).controls}
    on = governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="the council asked for it")
    assert on.is_on and on.switched is not None and on.switched.reason == "the council asked for it"
    (control,) = [one for one in gate(session).controls if one.id == "HOUSE-1"]
    assert (control.status, control.reason) == ("indeterminate", "no evidence that counts: policy_document")
    events = ledger.find(session, type="pack.switched_on").items
    assert [(one.actor, one.subject) for one in events] == [(ANA.ref, "pack:house")]
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="again")
    assert len(ledger.find(session, type="pack.switched_on").items) == 1
    governance.switch_pack(session, signer, BEN, "house", is_on=False, reason="it was too early")
    assert [one.actor for one in ledger.find(session, type="pack.switched_off").items] == [BEN.ref]
    assert "HOUSE-1" not in {one.id for one in gate(session).controls}


def test_what_the_organisation_proves_once_counts_for_every_use_case_and_only_such_types(
    session: Session, signer: Signer, ready: None
) -> None:
    governance.publish_pack(session, signer, ANA, house())
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="the council asked for it")
    everybody = governance.ORGANISATION
    governance.attest(
        session, ANA, type="policy_document", subject=everybody, subject_digest=SUBJECT_DIGEST[:-1] + "0", facts={}
    )
    governance.attest(session, ANA, type="dpia", subject=everybody, subject_digest=SUBJECT_DIGEST[:-1] + "0", facts={})
    (control,) = [one for one in gate(session).controls if one.id == "HOUSE-1"]
    assert control.status == "passed"
    law = next(one for one in governance.cover_usecase(session, "lead-scoring").packs if one.pack == LAW)
    assert all("dpia" in one.lacking for one in law.controls if "dpia" in one.evidence)


def test_switching_voids_approvals_since_they_were_given_under_other_rules(
    session: Session, signer: Signer, ready: None
) -> None:
    approved(session)
    assert gate(session).result == "pass"
    governance.publish_pack(session, signer, ANA, house(mode="mapping"))
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="to see where we stand")
    assert gate(session).result == "pass"  # a mapping stops nothing and voids nothing
    governance.publish_pack(session, signer, ANA, house(version="1.1.0"))
    (older,) = [one for one in governance.published_packs(session) if one.is_on and one.id == "house"]
    assert older.version == "1.0.0"
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="now it counts")
    assert gate(session).result == "block" and gate(session).approvals == ()


def test_rules_for_the_tier_that_change_decide_every_use_case_anew_but_those_a_person_decided(
    session: Session, signer: Signer, ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_usecase(session, slug="by-hand")
    governance.decide_tier(session, ANA, "by-hand", tier=Tier.minimal, reasons="two lawyers read it with care")
    open_usecase(session, slug="left-open")
    for version, tier, expected in (
        ("8.0.0", "high", ("high", "minimal")),
        ("9.0.0", "prohibited", 2 * ("prohibited",)),
    ):
        law = copy.deepcopy(dict(next(file.body for file in built_in_packs() if file.pack.id == LAW)))
        rule = {**law["tier_rules"][0], "id": "NEW", "tier": tier, "when": "true"}
        law |= {"version": version, "golden": [], "tier_rules": [rule, *law["tier_rules"]]}
        files = tuple(read_pack(yaml.safe_dump(law)) if f.pack.id == LAW else f for f in built_in_packs())
        for place in ("packs", "switching"):
            monkeypatch.setattr(f"headway.governance.service.{place}.built_in_packs", lambda files=files: files)
        governance.switch_pack(session, signer, ANA, LAW, is_on=True, reason="the law moved")
        assert tuple(governance.get_usecase(session, slug).tier for slug in ("lead-scoring", "by-hand")) == expected
    assert governance.get_usecase(session, "left-open").tier is Tier.undecided
    decided = governance.list_decisions(session, "lead-scoring")
    assert [one.pack_version for one in decided[:2]] == ["9.0.0", "8.0.0"]
    assert governance.get_pack(session, LAW, "8.0.0").tier_rules[0].id == "NEW"


def test_exactly_one_pack_that_is_on_decides_tiers(session: Session, signer: Signer) -> None:
    law = next(file.body for file in built_in_packs() if file.pack.id == LAW)
    ours = {**law, "id": "law-of-ours", "version": "1.0.0"}
    governance.publish_pack(session, signer, ANA, yaml.safe_dump(ours))
    with pytest.raises(governance.PackNeeded, match="exactly one"):
        governance.switch_pack(session, signer, ANA, "law-of-ours", is_on=True, reason="a stricter law")
    with pytest.raises(governance.PackNeeded, match="no other pack has"):
        governance.switch_pack(session, signer, ANA, LAW, is_on=False, reason="a stricter law")


def test_nobody_switches_our_own_controls_off_or_back(
    session: Session, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(governance.PackNeeded):
        governance.switch_pack(session, signer, ANA, CORE, is_on=False, reason="it is in the way")
    core = next(file for file in built_in_packs() if file.pack.id == CORE)
    weaker = yaml.safe_dump({**core.body, "version": "9.0.0", "controls": core.body["controls"][:1]})  # type: ignore[index]
    with pytest.raises(governance.PackReserved):
        governance.publish_pack(session, signer, ANA, weaker)
    old = {**core.body, "version": "0.9.0"}
    store_old(session, old)
    with pytest.raises(governance.PackNeeded):
        governance.switch_pack(session, signer, ANA, CORE, is_on=True, version="0.9.0", reason="it was easier")


def store_old(session: Session, body: dict[str, object]) -> None:
    from headway.governance import store

    store.publish_pack(session, id=CORE, version="0.9.0", digest=digest(body), body=body, at=clock.now())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"version": "0.9.0"}, Conflict),
        ({"note": "Another."}, governance.PackChanged),
        ({"version": "2.0.0", "controls": [{"id": "X"}]}, governance.PackInvalid),
    ],
)
def test_a_version_that_is_lower_changed_or_unfit_is_not_published(
    session: Session, signer: Signer, changes: dict[str, object], error: type[Exception]
) -> None:
    governance.publish_pack(session, signer, ANA, house())
    with pytest.raises(error):
        governance.publish_pack(session, signer, ANA, house(**changes))
    assert len([one for one in governance.published_packs(session) if one.id == "house"]) == 1


def test_versions_are_ordered_by_their_numbers(session: Session, signer: Signer) -> None:
    for version in ("1.9.0", "1.10.0"):
        governance.publish_pack(session, signer, ANA, house(version=version))
    made = governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="the newest")
    assert made.version == "1.10.0"


def test_only_a_person_publishes_and_switches_and_gives_a_reason(session: Session, signer: Signer) -> None:
    with pytest.raises(Denied):
        governance.publish_pack(session, signer, SYSTEM, house())
    governance.publish_pack(session, signer, ANA, house())
    with pytest.raises(Denied):
        governance.switch_pack(session, signer, SYSTEM, "house", is_on=True, reason="I like it")
    with pytest.raises(Invalid):
        governance.switch_pack(session, signer, ANA, "house", is_on=True, reason=" ")
    for name, version in (("nothing", None), ("house", "3.0.0")):
        with pytest.raises(governance.PackUnknown):
            governance.switch_pack(session, signer, ANA, name, is_on=True, reason="to see", version=version)


def test_two_packs_that_tell_differently_of_one_kind_of_evidence_cannot_both_be_on(
    session: Session, signer: Signer
) -> None:
    kind = {"name": "dpia", "title": "Another", "producer": "auto", "freshness_days": 3, "facts": {}}
    unfit = house(evidence_types=[kind], controls=[{**HOUSE["controls"][0], "evidence": ["dpia"]}])
    governance.publish_pack(session, signer, ANA, unfit)
    with pytest.raises(governance.PackInvalid, match="differs"):
        governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="to see")


def test_risk_facts_of_a_pack_that_was_switched_off_stay_and_hurt_nobody(
    session: Session, signer: Signer, ready: None
) -> None:
    governance.publish_pack(session, signer, ANA, house())
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="to see")
    governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"outside_hours": True})
    governance.switch_pack(session, signer, ANA, "house", is_on=False, reason="seen")
    governance.update_usecase(session, ANA, "lead-scoring", changes={"purpose": "call first who will buy"})
    assert governance.get_usecase(session, "lead-scoring").risk["outside_hours"] is True
    with pytest.raises(governance.FactsInvalid):
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"outside_hours": False})


def test_the_impact_of_a_published_pack_and_of_switching_one_off_is_told_before(
    session: Session, signer: Signer, storage: Any, ready: None
) -> None:
    approved(session)
    governance.issue_verdict(
        session,
        signer,
        storage,
        actor=ANA,
        subject=SUBJECT,
        subject_digest=SUBJECT_DIGEST,
        environment="production",
        usecase="lead-scoring",
    )
    governance.publish_pack(session, signer, ANA, house())
    (one,) = governance.pack_impact(session, published="house@1.0.0").usecases
    assert (one.subjects[0].before, one.subjects[0].after) == ("pass", "block")
    governance.switch_pack(session, signer, ANA, "house", is_on=True, reason="to see")
    (one,) = governance.pack_impact(session, without="house").usecases
    assert {made.id for made in one.subjects[0].controls} == {"HOUSE-1"}


@pytest.mark.parametrize("table", ["pack_switches", "pack_signatures"])
def test_what_was_switched_and_signed_cannot_be_rewritten(session: Session, signer: Signer, table: str) -> None:
    governance.publish_pack(session, signer, ANA, house())
    with pytest.raises(IntegrityError):
        session.execute(text(f"delete from governance.{table}"))  # noqa: S608  two names of ours
