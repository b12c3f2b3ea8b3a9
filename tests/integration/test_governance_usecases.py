"""The inventory and tiers on a real database."""

from __future__ import annotations

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Tier, store
from headway.governance.adapters import built_in_packs, read_pack
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied, NotFound
from headway.kernel.ids import Ref
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, open_usecase


def test_a_use_case_needs_a_department_that_exists(session: Session) -> None:
    with pytest.raises(NotFound):
        open_usecase(session, department="atlantis")


def test_what_a_file_cannot_tell_stays_empty_and_is_named(session: Session) -> None:
    entry = open_usecase(session, complete=False)
    assert entry.owner is None
    assert entry.purpose is None
    assert entry.missing[:5] == (
        "say what the use case is for (purpose)",
        "name the accountable owner",
        "name the sponsor",
        "say how success is measured (success measure)",
        "say which people it affects",
    )
    assert "decide the legal tier of the use case" in entry.missing


def test_an_opened_use_case_is_listed_and_in_the_ledger(session: Session) -> None:
    opened = open_usecase(session)
    open_usecase(session, slug="churn")
    page = governance.list_usecases(session, department="sales", limit=1)
    assert [u.slug for u in page.items] == ["churn"]
    assert governance.list_usecases(session, limit=5, cursor=page.next).items == (opened,)
    assert [e.type for e in ledger.find(session, subject=Ref("usecase", "churn")).items] == ["usecase.opened"]


def test_a_taken_name_and_every_fault_of_the_facts_are_told(session: Session) -> None:
    open_usecase(session)
    with pytest.raises(governance.UseCaseTaken):
        open_usecase(session)
    with pytest.raises(governance.FactsInvalid) as caught:
        open_usecase(
            session, slug="Not A Slug", title=" ", risk={"annex_iii": ["9z"], "profiling": "yes", "shoe_size": 44}
        )
    assert {f.column for f in caught.value.faults} == {"slug", "title", "annex_iii", "profiling", "shoe_size"}
    with pytest.raises(governance.FactsInvalid):
        open_usecase(session, slug="other", purpose="a\0b")


def test_rules_decide_the_tier_and_leave_a_trace(session: Session) -> None:
    open_usecase(session)
    decision = governance.classify(session, ANA, "lead-scoring")
    assert (decision.tier, decision.rule, decision.method, decision.decider) == (Tier.minimal, "CL-6", "rules", ANA.ref)
    assert [s.result for s in decision.trace] == ["false"] * 5 + ["true"]
    assert decision.pack_id == "eu-ai-act-core"
    assert decision.pack_digest.startswith("sha256-")
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.minimal
    assert governance.get_decision(session, "lead-scoring") == decision


def test_an_unknown_fact_leaves_the_tier_undecided_and_says_what_to_find_out(session: Session) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "annex_iii": None})
    decision = governance.classify(session, ANA, "lead-scoring")
    assert decision.tier is Tier.undecided
    entry = governance.get_usecase(session, "lead-scoring")
    assert any("which uses of Annex III it falls under" in line for line in entry.missing)


def test_a_person_decides_with_reasons_and_the_trace_stays(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    with pytest.raises(governance.FactsInvalid):
        governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.high, reasons="because")
    with pytest.raises(Denied):
        governance.decide_tier(session, SYSTEM, "lead-scoring", tier=Tier.high, reasons="it scores employees too")
    decision = governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.high, reasons="it scores employees too")
    assert (decision.method, decision.decider, decision.rule) == ("person", BEN.ref, None)
    assert len(decision.trace) == 6
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.high
    assert [d.method for d in governance.list_decisions(session, "lead-scoring")] == ["person", "rules"]


def test_a_prohibited_use_cannot_be_argued_away(session: Session) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "prohibited_hits": ["5-1-f"]})
    with pytest.raises(governance.TierFixed):
        governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.minimal, reasons="we really would like to")


def test_a_change_of_purpose_reopens_what_a_person_decided_and_rules_decide_anew(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"interacts_with_people": True})
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.transparency

    governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.high, reasons="it scores employees too")
    governance.update_usecase(session, ANA, "lead-scoring", changes={"owner": "Otto"})
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.high
    entry = governance.update_usecase(session, ANA, "lead-scoring", changes={"purpose": "Rank employees"})
    assert entry.tier is Tier.undecided
    assert governance.get_decision(session, "lead-scoring") is None


def test_an_empty_text_or_none_makes_a_field_unknown_again(session: Session) -> None:
    open_usecase(session)
    entry = governance.update_usecase(
        session, ANA, "lead-scoring", changes={"owner": " ", "sponsor": None}, risk={"profiling": None}
    )
    assert (entry.owner, entry.sponsor) == (None, None)
    assert "profiling" not in entry.risk
    with pytest.raises(governance.FactsInvalid):
        governance.update_usecase(session, ANA, "lead-scoring", changes={"title": ""})
    with pytest.raises(governance.FactsInvalid):
        governance.update_usecase(session, ANA, "lead-scoring", changes={"slug": "other"})


def test_a_pack_of_the_past_stays_readable_by_version_and_digest(session: Session) -> None:
    file = built_in_packs()[0]
    old = {**file.body, "version": "0.9.0"}
    store.publish_pack(session, id=file.pack.id, version="0.9.0", digest=digest(old), body=old, at=clock.now())
    found = governance.get_pack(session, file.pack.id, "0.9.0")
    assert (found.version, found.digest) == ("0.9.0", digest(old))
    assert governance.get_pack(session, file.pack.id, digest=digest(old)) == found
    assert governance.get_pack(session, file.pack.id).version == file.pack.version
    with pytest.raises(governance.PackUnknown):
        governance.get_pack(session, file.pack.id, "0.8.0")


def test_packs_are_published_once_and_a_changed_version_is_refused(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = governance.list_packs(session)
    assert governance.list_packs(session) == packs
    assert len(ledger.find(session, type="pack.published").items) == len(built_in_packs())
    pack = packs[0]
    assert governance.get_pack(session, pack.id, digest=pack.digest) == pack
    with pytest.raises(governance.PackUnknown):
        governance.get_pack(session, "no-such-pack")
    other = read_pack(yaml.safe_dump({**built_in_packs()[0].body, "note": "Another."}))
    monkeypatch.setattr("headway.governance.service.packs.built_in_packs", lambda: (other,))
    with pytest.raises(governance.PackChanged):
        governance.list_packs(session)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from governance.packs",
        "update governance.packs set digest = 'x'",
        "delete from governance.tier_decisions",
        "update governance.tier_decisions set tier = 'minimal'",
    ],
)
def test_what_was_decided_cannot_be_rewritten_even_in_sql(session: Session, statement: str) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    with pytest.raises(IntegrityError, match="append-only"), session.begin_nested():
        session.execute(text(statement))
