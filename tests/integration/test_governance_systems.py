"""Vendors and systems on a real database: what is refused, what is told, and what moves with a system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Tier, policy
from headway.governance.adapters import built_in_packs
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, SUBJECT, SUBJECT_DIGEST, open_usecase
from tests.factories.systems import open_system, open_vendor

UNASKED = {name: value for name, value in MINIMAL_RISK.items() if name != "generates_content"}


def events(session: Session, ref: str) -> list[str]:
    return [event.type for event in reversed(ledger.find(session, subject=Ref.parse(ref)).items)]


def payload(session: Session, ref: str) -> Mapping[str, Any]:
    return ledger.find(session, subject=Ref.parse(ref)).items[0].payload


# --- vendors -----------------------------------------------------------------------------------------------------


def test_a_vendor_says_what_is_not_in_order_until_it_is(session: Session) -> None:
    bare = open_vendor(session, contact=None, contract_ends=None, exit_plan=" ")
    assert (bare.status, bare.exit_plan, bare.systems) == ("active", None, ())
    assert bare.missing == (
        "name a contact",
        "say when the contract ends",
        "write the exit plan",
        "have it assessed",
    )
    today = clock.now().date()
    changes = {"contact": "Kim", "contract_ends": today - timedelta(days=1), "exit_plan": "score by hand"}
    changed = governance.change_vendor(session, ANA, "acme", changes=changes)
    assert changed.missing[0].startswith("renew the contract or leave: it ended on")
    assert changed.digest != bare.digest
    governance.attest(
        session, ANA, type="vendor_assessment", subject=Ref("vendor", "acme"), subject_digest=changed.digest, facts={}
    )
    assessed = governance.change_vendor(session, ANA, "acme", changes={"contract_ends": today})
    assert assessed.missing == ()
    assert assessed.assessed_at is not None and assessed.assessed_until == assessed.assessed_at + timedelta(days=365)
    assert events(session, "vendor:acme") == ["vendor.opened", "vendor.updated", "evidence.recorded", "vendor.updated"]
    assert payload(session, "vendor:acme")["contract_ends"] == today.isoformat()


def test_vendors_are_listed_searched_and_leafed_through(session: Session) -> None:
    open_vendor(session)
    open_vendor(session, "bolt", name="Bolt AG", contract_ends=date(2027, 1, 31))
    open_system(session, vendor="bolt")
    page = governance.list_vendors(session, limit=1)
    assert [one.slug for one in page.items] == ["acme"]
    assert [one.slug for one in governance.list_vendors(session, cursor=page.next).items] == ["bolt"]
    asked = ListQuery(search="AG", filters={"systems": ("1..",), "contract_ends": ("2027-01-01..",)})
    assert [one.slug for one in governance.find_vendors(session, asked).items] == ["bolt"]
    assert governance.find_vendors(session, ListQuery(filters={"usecases": ("1..",)})).items == ()


def test_what_a_vendor_cannot_be_is_refused_with_every_fault(session: Session) -> None:
    open_vendor(session)
    with pytest.raises(governance.VendorTaken):
        open_vendor(session)
    with pytest.raises(governance.FactsInvalid) as caught:
        governance.open_vendor(session, ANA, slug="Not A Slug", name=" ", exit_plan="a\0b")
    assert {fault.column for fault in caught.value.faults} == {"slug", "name", "exit_plan"}
    with pytest.raises(governance.FactsInvalid, match="no field 'colour'"):
        governance.change_vendor(session, ANA, "acme", changes={"colour": "red"})
    with pytest.raises(governance.VendorUnknown):
        governance.get_vendor(session, "nobody")
    with pytest.raises(governance.VendorUnknown):
        governance.attest(
            session,
            ANA,
            type="vendor_assessment",
            subject=Ref("vendor", "nobody"),
            subject_digest=digest("x"),
            facts={},
        )


def test_a_vendor_in_use_cannot_be_retired_and_nothing_new_rests_on_a_retired_one(session: Session) -> None:
    open_vendor(session)
    open_system(session)
    with pytest.raises(governance.StillUsed, match="still supplies scorer"):
        governance.retire_vendor(session, ANA, "acme", "the contract ended")
    with pytest.raises(governance.FactsInvalid):
        governance.retire_vendor(session, ANA, "acme", "  ")
    governance.retire_system(session, ANA, "scorer", "replaced")
    retired = governance.retire_vendor(session, ANA, "acme", " the contract ended ")
    assert (retired.status, retired.retired_because, retired.missing) == ("retired", "the contract ended", ())
    for act in (
        lambda: governance.retire_vendor(session, ANA, "acme", "again"),
        lambda: governance.change_vendor(session, ANA, "acme", changes={"name": "Other"}),
        lambda: open_system(session, "another"),
        lambda: governance.reopen_system(session, ANA, "scorer", "after all"),
    ):
        with pytest.raises(governance.VendorRetired):
            act()
    assert governance.reopen_vendor(session, BEN, "acme", "they are back").status == "active"
    with pytest.raises(Conflict):
        governance.reopen_vendor(session, BEN, "acme", "twice")
    assert events(session, "vendor:acme") == ["vendor.opened", "vendor.retired", "vendor.reopened"]


# --- systems -----------------------------------------------------------------------------------------------------


def test_kind_and_vendor_of_a_system_fit_together(session: Session) -> None:
    open_vendor(session)
    with pytest.raises(governance.FactsInvalid, match="name the vendor"):
        open_system(session, vendor=None)
    with pytest.raises(governance.FactsInvalid, match="has no vendor"):
        open_system(session, kind="own")
    with pytest.raises(governance.FactsInvalid, match="kind is one of"):
        open_system(session, kind="magic")
    with pytest.raises(governance.VendorUnknown):
        open_system(session, vendor="nobody")
    assert open_system(session).vendor == "acme"
    with pytest.raises(governance.SystemTaken):
        open_system(session)
    for slug, vendor in (("writer", "acme"), ("drawer", None)):
        assert open_system(session, slug, kind="generative", vendor=vendor).vendor == vendor
    with pytest.raises(governance.FactsInvalid, match="has no vendor"):
        governance.change_system(session, ANA, "scorer", changes={"kind": "own"})
    assert governance.change_system(session, ANA, "scorer", changes={"kind": "own", "vendor": None}).vendor is None
    with pytest.raises(governance.SystemUnknown):
        governance.change_system(session, ANA, "nothing", changes={"title": "x"})


def test_the_database_ties_kind_and_vendor_whoever_writes(session: Session) -> None:
    open_vendor(session)
    for kind, vendor in (("own", "acme"), ("vendor_supplied", None), ("magic", None), ("generative", "nobody")):
        values = {"kind": kind, "vendor": vendor, "at": clock.now()}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(
                text(
                    "insert into governance.systems (slug, title, kind, vendor, opened_by, opened_at, updated_at) "
                    "values ('x', 'X', :kind, :vendor, 'person:ana', :at, :at)"
                ),
                values,
            )


def test_systems_are_listed_by_vendor_and_searched(session: Session) -> None:
    open_vendor(session)
    open_vendor(session, "bolt")
    open_system(session)
    open_system(session, "writer", kind="generative", vendor="bolt")
    assert [one.slug for one in governance.list_systems(session, vendor="bolt").items] == ["writer"]
    page = governance.list_systems(session, limit=1)
    assert [one.slug for one in governance.list_systems(session, cursor=page.next).items] == ["writer"]
    asked = ListQuery(search="writer", filters={"kind": ("generative",)})
    assert [one.slug for one in governance.find_systems(session, asked).items] == ["writer"]


# --- what rests on them ------------------------------------------------------------------------------------------


def test_what_a_system_settles_fills_itself_in_and_the_tier_is_decided_anew(session: Session) -> None:
    before = open_usecase(session, risk=UNASKED)
    governance.classify(session, ANA, "lead-scoring")
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.undecided  # nobody said what it generates
    open_vendor(session)
    system = open_system(session, "writer", kind="generative", usecases=["lead-scoring"])
    assert system.usecases == ("lead-scoring",)
    case = governance.get_usecase(session, "lead-scoring")
    assert [(one.slug, one.kind, one.vendor) for one in case.systems] == [("writer", "generative", "acme")]
    assert {fact.name: (fact.value, fact.sources) for fact in case.derived} == {
        "departments": (["sales"], ("department:sales",)),
        "generates_content": (True, ("system:writer",)),
        "vendor_supplied": (True, ("system:writer", "vendor:acme")),
    }
    assert case.digest != before.digest and case.tier is Tier.transparency
    assert "vendor_supplied" not in case.risk
    assert events(session, "usecase:lead-scoring")[-2:] == ["usecase.settled", "tier.decided"]
    assert governance.usecases_of_vendor(session, "acme") == {"lead-scoring"}
    assert governance.list_usecases(session).items == (case,)
    assert governance.find_usecases(session, ListQuery()).items == (case,)
    governance.unlink_system(session, ANA, "writer", "lead-scoring")
    after = governance.get_usecase(session, "lead-scoring")
    assert (after.digest, after.tier, after.systems) == (before.digest, Tier.undecided, ())


def test_a_tier_that_a_person_decided_is_open_again_when_a_system_moves_a_fact(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.high, reasons="it sorts people for a scarce good")
    open_vendor(session)
    open_system(session, usecases=["lead-scoring"])
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.undecided


def test_a_change_of_the_system_moves_every_use_case_that_rests_on_it(session: Session) -> None:
    open_vendor(session)
    open_vendor(session, "bolt")
    for slug in ("churn", "lead-scoring"):
        open_usecase(session, slug=slug, risk=UNASKED)
        governance.classify(session, ANA, slug)
    open_system(session, usecases=["lead-scoring", "churn"])
    digests = {slug: governance.get_usecase(session, slug).digest for slug in ("churn", "lead-scoring")}
    governance.change_system(session, ANA, "scorer", changes={"title": "A better name", "description": "scores"})
    assert all(governance.get_usecase(session, slug).digest == digests[slug] for slug in digests)
    governance.change_system(session, ANA, "scorer", changes={"vendor": "bolt"})
    moved = {slug: governance.get_usecase(session, slug) for slug in digests}
    assert all(case.digest != digests[slug] for slug, case in moved.items())
    governance.change_system(session, ANA, "scorer", changes={"kind": "generative"})
    assert all(governance.get_usecase(session, slug).tier is Tier.transparency for slug in digests)
    assert governance.usecases_of_vendor(session, "bolt") == {"churn", "lead-scoring"}
    assert governance.usecases_of_vendor(session, "acme") == frozenset()


def test_what_is_typed_against_a_system_is_refused_and_what_agrees_is_not_kept_twice(session: Session) -> None:
    open_vendor(session)
    open_usecase(session, risk={**MINIMAL_RISK, "vendor_supplied": True})
    open_system(session, usecases=["lead-scoring"])
    assert "vendor_supplied" not in governance.get_usecase(session, "lead-scoring").risk
    with pytest.raises(governance.FactsInvalid) as caught:
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"vendor_supplied": False})
    assert [(f.column, f.rule) for f in caught.value.faults] == [("vendor_supplied", "risk.derived")]
    assert "vendor_supplied is yes, from system:scorer and vendor:acme" in caught.value.message
    for said in (True, None):
        kept = governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"vendor_supplied": said})
        assert "vendor_supplied" not in kept.risk
    with pytest.raises(governance.FactsInvalid, match="departments is sales"):
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"departments": []})
    with pytest.raises(governance.FactsInvalid, match="departments is sales"):
        open_usecase(session, slug="other", risk={"departments": []})


def test_a_link_against_what_people_said_is_refused_whole(session: Session) -> None:
    open_vendor(session)
    open_usecase(session, risk={**MINIMAL_RISK, "vendor_supplied": False})
    open_system(session)
    with pytest.raises(governance.FactsContradict) as caught, session.begin_nested():
        governance.link_system(session, ANA, "scorer", "lead-scoring")
    assert "--fact vendor_supplied=unknown" in str(caught.value.hint)
    assert governance.get_system(session, "scorer").usecases == ()
    open_system(session, "ours", kind="own", vendor=None, usecases=["lead-scoring"])
    with pytest.raises(governance.FactsContradict), session.begin_nested():
        governance.change_system(session, ANA, "ours", changes={"kind": "vendor_supplied", "vendor": "acme"})
    assert governance.get_system(session, "ours").kind == "own"


def test_links_that_cannot_be_are_refused(session: Session) -> None:
    open_vendor(session)
    open_usecase(session)
    open_system(session, usecases=["lead-scoring"])
    with pytest.raises(Conflict, match="already"):
        governance.link_system(session, ANA, "scorer", "lead-scoring")
    with pytest.raises(governance.UseCaseUnknown):
        governance.link_system(session, ANA, "scorer", "nothing")
    with pytest.raises(governance.SystemUnknown):
        governance.link_system(session, ANA, "nothing", "lead-scoring")
    with pytest.raises(governance.StillUsed, match="lead-scoring still rest"):
        governance.retire_system(session, ANA, "scorer", "replaced")
    governance.retire_usecase(session, ANA, "lead-scoring", "given up")
    assert governance.retire_system(session, ANA, "scorer", "replaced").status == "retired"
    open_usecase(session, slug="churn")
    with pytest.raises(governance.SystemRetired):
        governance.link_system(session, ANA, "scorer", "churn")
    open_system(session, "other", kind="own", vendor=None)
    with pytest.raises(governance.UseCaseRetired):
        governance.link_system(session, ANA, "other", "lead-scoring")
    with pytest.raises(Conflict, match="does not rest"):
        governance.unlink_system(session, ANA, "other", "churn")


# --- at the gate -------------------------------------------------------------------------------------------------


def test_the_gate_sees_what_is_known_and_the_assessment_of_the_weakest_vendor(session: Session) -> None:
    open_usecase(session)
    for slug in ("acme", "bolt"):
        open_vendor(session, slug)
        open_system(session, f"of-{slug}", vendor=slug, usecases=["lead-scoring"])
    at, packs = clock.now(), [pack.pack for pack in built_in_packs()]
    assert "vendor_assessment" in policy.evidence_types(packs)

    def known() -> Mapping[str, Any]:
        from headway.governance.service import gating

        now = clock.now()
        basis = gating.gather(session, subject_digest=SUBJECT_DIGEST, usecase="lead-scoring", at=now)
        return {"facts": gating.facts_of(basis, "production", 0), "evidence": basis.evidence}

    assert known()["facts"]["sys"]["vendor_supplied"] is True
    assert known()["facts"]["sys"]["departments"] == ["sales"]
    first = assess(session, "acme")
    assert "vendor_assessment" not in known()["evidence"]  # nobody looked at the other one
    assess(session, "bolt")
    assert known()["evidence"]["vendor_assessment"].id == first
    assert at <= known()["evidence"]["vendor_assessment"].made_at
    asked = governance.request_approval(
        session, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="lead-scoring"
    )
    governance.unlink_system(session, ANA, "of-bolt", "lead-scoring")
    with pytest.raises(governance.ApprovalDrift):
        governance.approve(session, BEN, asked.id, "read it all")


def assess(session: Session, vendor: str) -> str:
    about = governance.get_vendor(session, vendor)
    return governance.attest(
        session, BEN, type="vendor_assessment", subject=Ref("vendor", vendor), subject_digest=about.digest, facts={}
    ).id
