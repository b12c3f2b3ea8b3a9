"""What a pack or a day would change, told before it comes; and old verdicts that still explain themselves."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal

import pytest
import yaml
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Tier, adapters
from headway.governance.adapters import PackFile, built_in_packs, read_pack
from headway.kernel import clock
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    MINIMAL_RISK,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    bring_evidence,
    open_usecase,
)

CORE, LAW = "headway-core", "eu-ai-act-core"
ANNEX_III = date(2027, 12, 2)
HIGH = {**MINIMAL_RISK, "annex_iii": ["4a"], "roles": ["deployer"], "workplace_use": True}


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


def body(pack: str) -> dict[str, Any]:
    """The text of a pack that comes with Headway, to be changed; without its cases, which would refuse the change."""
    made = copy.deepcopy(dict(next(one.body for one in built_in_packs() if one.pack.id == pack)))
    return {name: value for name, value in made.items() if name != "golden"}


def changed(pack: str, version: str, control: str, **fields: object) -> str:
    made = body(pack) | {"version": version}
    next(one for one in made["controls"] if one["id"] == control).update(fields)
    return yaml.safe_dump(made)


@pytest.fixture
def released(session: Session, storage: Storage, signer: Signer) -> governance.VerdictRecord:
    """A use case of minimal tier that two people let into production, and one that nobody released."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    approved(session)
    open_usecase(session, slug="churn-warning")
    governance.classify(session, ANA, "churn-warning")
    return issue(session, storage, signer)


def issue(
    session: Session, storage: Storage, signer: Signer, environment: Literal["sandbox", "production"] = "production"
) -> governance.VerdictRecord:
    governance.issue_verdict(
        session,
        signer,
        storage,
        actor=ANA,
        subject=SUBJECT,
        subject_digest=SUBJECT_DIGEST,
        environment=environment,
        usecase="lead-scoring",
    )
    return governance.list_verdicts(session, usecase="lead-scoring").items[0]


def test_nothing_changes_under_the_packs_in_force_today(session: Session, released: governance.VerdictRecord) -> None:
    found = governance.pack_impact(session)
    assert (found.looked_at, found.gates_asked, found.usecases) == (2, 1, ())
    assert found.packs_before == found.packs_after == released.pack_digests and found.on == NOW.date()


def test_a_stricter_control_is_told_with_the_release_that_it_would_stop(
    session: Session, released: governance.VerdictRecord
) -> None:
    stricter = changed(CORE, "9.0.0", "HW-EVALUATED", check="evidence.eval_report.n_test > 5000")
    events = ledger.find(session, subject=SUBJECT).items
    found = governance.pack_impact(session, pack=stricter)
    (one,) = found.usecases
    (subject,) = one.subjects
    assert (one.usecase, one.tier_before, one.tier_after) == ("lead-scoring", Tier.minimal, Tier.minimal)
    assert (subject.verdict, subject.environment, subject.before, subject.after) == (
        released.id,
        "production",
        "pass",
        "block",
    )
    (control,) = subject.controls
    assert (control.id, control.before, control.after) == ("HW-EVALUATED", "passed", "failed")
    assert "800" in control.reason
    assert set(found.packs_after) - set(found.packs_before) == {f"{CORE}@9.0.0"}
    # Nothing was switched on and nothing written: the gate says what it said.
    assert governance.get_pack(session, CORE).version != "9.0.0"
    assert ledger.find(session, subject=SUBJECT).items == events
    assert governance.pack_impact(session).usecases == ()


def test_another_rule_for_the_tier_reaches_what_is_released_and_what_is_not(
    session: Session, released: governance.VerdictRecord
) -> None:
    law = body(LAW) | {"version": "9.0.0"}
    law["tier_rules"].insert(0, {**law["tier_rules"][0], "id": "NEW", "tier": "high", "when": "sys.profiling"})
    governance.decide_tier(session, ANA, "churn-warning", tier=Tier.minimal, reasons="read by two lawyers, in writing")
    found = {one.usecase: one for one in governance.pack_impact(session, pack=yaml.safe_dump(law)).usecases}
    assert set(found) == {"lead-scoring", "churn-warning"}
    for one in found.values():
        assert (one.tier, one.tier_before, one.tier_after) == (Tier.minimal, Tier.minimal, Tier.high)
    assert found["churn-warning"].is_by_person and not found["churn-warning"].subjects
    (subject,) = found["lead-scoring"].subjects
    assert {made.id for made in subject.controls}  # what begins for high-risk systems


def test_a_fact_that_nobody_asked_for_yet_is_named(session: Session, released: governance.VerdictRecord) -> None:
    law = body(LAW) | {"version": "9.0.0"}
    law["facts"].append(
        {"name": "on_the_moon", "kind": "boolean", "values": [], "question": "whether it runs on the moon"}
    )
    law["tier_rules"].insert(0, {**law["tier_rules"][0], "id": "NEW", "tier": "high", "when": "sys.on_the_moon"})
    (one, other) = governance.pack_impact(session, pack=yaml.safe_dump(law)).usecases
    assert one.facts_needed == other.facts_needed == ("whether it runs on the moon",)
    assert one.tier_after is Tier.undecided


def test_a_day_of_the_law_is_told_before_it_comes(
    session: Session, storage: Storage, signer: Signer, today: FixedClock
) -> None:
    open_usecase(session, risk=HIGH)
    assert governance.classify(session, ANA, "lead-scoring").tier is Tier.high
    bring_evidence(session)
    approved(session)
    issue(session, storage, signer, "sandbox")
    before = governance.pack_impact(session, on=ANNEX_III - timedelta(days=1))
    begun = {c.id for one in before.usecases for s in one.subjects for c in s.controls if c.before == "upcoming"}
    assert begun == {"AIA-5-ba"}  # the ban that begins on 2 December 2026
    (one,) = governance.pack_impact(session, on=ANNEX_III).usecases
    (subject,) = one.subjects
    begins = {made.id: made for made in subject.controls if made.before == "upcoming"}
    assert len(begins) >= 3 and {made.after for made in begins.values()} <= {"indeterminate", "failed", "passed"}
    assert one.tier_before is one.tier_after is Tier.high
    with pytest.raises(governance.FactsInvalid, match="has passed"):
        governance.pack_impact(session, on=NOW.date() - timedelta(days=1))


def test_an_old_verdict_explains_itself_under_its_pack_when_a_date_moves(
    session: Session,
    storage: Storage,
    signer: Signer,
    released: governance.VerdictRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Acceptance 6: the date of a control changes; the impact lists both answers, the new verdict differs, the old one stays."""
    later = changed(CORE, "9.0.0", "HW-EVALUATED", valid_from="2099-01-01")
    (one,) = governance.pack_impact(session, pack=later).usecases
    (control,) = one.subjects[0].controls
    assert (control.before, control.after) == ("passed", "upcoming")
    files: tuple[PackFile, ...] = tuple(read_pack(later) if f.pack.id == CORE else f for f in built_in_packs())
    for place in ("packs", "switching"):
        monkeypatch.setattr(f"headway.governance.service.{place}.built_in_packs", lambda: files)
    assert governance.pack_impact(session).usecases == ()  # a version that came with an upgrade waits for a person
    governance.switch_pack(session, signer, ANA, CORE, is_on=True, reason="looked at its impact")
    approved(session)  # the old approval was for the old rules
    new = issue(session, storage, signer)
    old = governance.get_verdict(session, released.id)
    said = [{c.id: c.status for c in one.controls}["HW-EVALUATED"] for one in (old, new)]
    assert said == ["passed", "upcoming"] and old.pack_digest != new.pack_digest
    for verdict in (old, new):
        for name, digest in verdict.pack_digests.items():
            pack = governance.get_pack(session, name.partition("@")[0], digest=digest)
            assert f"{pack.id}@{pack.version}" == name
    kept = governance.get_pack(
        session, CORE, digest=old.pack_digests[next(n for n in old.pack_digests if n.startswith(CORE))]
    )
    assert {c.id: c.valid_from for c in kept.controls}["HW-EVALUATED"] is None


def test_what_was_revoked_is_over_or_replaced_is_not_asked_again(
    session: Session, storage: Storage, signer: Signer, released: governance.VerdictRecord, today: FixedClock
) -> None:
    newer = issue(session, storage, signer)
    stricter = changed(CORE, "9.0.0", "HW-EVALUATED", check="evidence.eval_report.n_test > 5000")
    (one,) = governance.pack_impact(session, pack=stricter).usecases
    assert [subject.verdict for subject in one.subjects] == [newer.id]
    governance.revoke(session, ANA, SUBJECT_DIGEST, "wrong data, found by the owner")
    assert governance.pack_impact(session, pack=stricter).gates_asked == 0


def test_packs_that_cannot_be_are_refused(session: Session, released: governance.VerdictRecord) -> None:
    with pytest.raises(governance.PackInvalid, match="faults"):
        governance.pack_impact(session, pack="id: x")
    with pytest.raises(governance.PackUnknown):
        governance.diff_pack(session, new=changed(CORE, "9", "HW-EVALUATED"), old_version="0.0.0")
    clash = body(LAW) | {"id": "own", "version": "1"}
    clash["evidence_types"][0]["title"] = "something else"
    with pytest.raises(governance.PackInvalid, match="differs from another"):
        governance.pack_impact(session, pack=yaml.safe_dump(clash))
    assert adapters.MAX_PACK_CHARACTERS > 100_000
    found = governance.diff_pack(session, new=changed(CORE, "9", "HW-EVALUATED", enforce="warn"))
    assert [(one.id, one.change) for one in found.changes] == [("HW-EVALUATED", "changed")]
