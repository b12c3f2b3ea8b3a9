"""The kill switch stops all that a use case, a department or a vendor has at work, or nothing."""

from __future__ import annotations

import pytest

from headway import governance, identity, ledger, serving
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import MINIMAL_RISK
from tests.factories.serving import ACTOR, deployed, published, released
from tests.factories.systems import open_system, open_vendor

BECAUSE = "it harms those who are called"


@pytest.fixture
def company(parts: Parts) -> Parts:
    """Two deployments of one use case in sales, one in a department below it, one elsewhere."""
    with parts.database.session() as session:
        for slug, parent in (("sales", None), ("hr", None), ("sales-north", "sales")):
            identity.add_department(session, ACTOR, slug=slug, **({"parent": parent} if parent else {}))
        for slug, place in (("lead-scoring", "sales"), ("churn", "sales-north"), ("screening", "hr")):
            governance.open_usecase(session, ACTOR, slug=slug, title=slug, department=place, risk=MINIMAL_RISK)
            governance.classify(session, ACTOR, slug)
    subject = released(parts)
    deployed(parts, subject)
    deployed(parts, subject, name="leads-two")
    for usecase in ("churn", "screening"):
        deployed(parts, released(parts, usecase=usecase), name=usecase, usecase=usecase)
    return parts


def states(parts: Parts) -> dict[str, str]:
    with parts.database.session() as session:
        return {one.name: one.state.value for one in serving.list_deployments(session)[0]}


def test_a_use_case_stops_whole_and_nothing_else_does(company: Parts) -> None:
    with company.database.session() as session:
        assert {one.name for one in serving.at_work(session, usecase="lead-scoring")} == {"leads", "leads-two"}
        made = serving.stop(session, ACTOR, usecase="lead-scoring", reason=f" {BECAUSE} ")
    assert made.scope == "usecase:lead-scoring" and {one.name for one in made.deployments} == {"leads", "leads-two"}
    assert states(company) == {"leads": "suspended", "leads-two": "suspended", "churn": "active", "screening": "active"}
    serving.publish_due(company)
    told = published(company).deployments
    assert {name for name, one in told.items() if one.state == "suspended"} == {"leads", "leads-two"}
    with company.database.session() as session:
        (pulled,) = [
            e
            for e in ledger.find(session, subject=Ref("usecase", "lead-scoring")).items
            if e.type == "kill_switch.pulled"
        ]
        assert pulled.actor == ACTOR.ref and pulled.payload == {
            "reason": BECAUSE,
            "stopped": ["sandbox/leads", "sandbox/leads-two"],
        }
        for name in ("leads", "leads-two"):
            newest = ledger.find(session, subject=Ref("deployment", f"sandbox/{name}")).items[0]
            assert (newest.type, newest.payload["reason"]) == ("deployment.suspended", BECAUSE)
        again = serving.stop(session, ACTOR, usecase="lead-scoring", reason=BECAUSE)
        assert again.deployments == () and serving.at_work(session, usecase="lead-scoring") == []
        back = serving.resume(session, ACTOR, name="leads", environment="sandbox", reason="found and mended")
        assert back.state.value == "active"


def test_a_department_stops_with_those_below_it(company: Parts) -> None:
    with company.database.session() as session:
        made = serving.stop(session, ACTOR, department="sales", reason=BECAUSE)
    assert {one.name for one in made.deployments} == {"leads", "leads-two", "churn"}
    assert states(company)["screening"] == "active"
    with company.database.session() as session:
        assert [one.name for one in serving.stop(session, ACTOR, department="hr", reason=BECAUSE).deployments] == [
            "screening"
        ]


def test_a_vendor_stops_with_every_use_case_that_rests_on_one_of_their_systems(company: Parts) -> None:
    with company.database.session() as session:
        for vendor, system, usecases in (
            ("acme", "scorer", ["churn"]),
            ("acme", "ranker", ["churn", "lead-scoring"]),
            ("bolt", "reader", ["screening"]),
            ("idle", "unused", []),
        ):
            if vendor not in {one.slug for one in governance.list_vendors(session).items}:
                open_vendor(session, vendor)
            risk = {"vendor_supplied": None}
            for slug in usecases:
                governance.update_usecase(session, ACTOR, slug, changes={}, risk=risk)
            open_system(session, system, vendor=vendor, usecases=usecases)
        assert {one.name for one in serving.at_work(session, vendor="acme")} == {"leads", "leads-two", "churn"}
        assert serving.resource_to_stop(session, vendor="acme").department is None  # they may serve every department
        made = serving.stop(session, ACTOR, vendor="acme", reason=BECAUSE)
    assert (made.scope, len(made.deployments)) == ("vendor:acme", 3)
    assert states(company) == {
        "leads": "suspended",
        "leads-two": "suspended",
        "churn": "suspended",
        "screening": "active",
    }
    serving.publish_due(company)
    assert {name for name, one in published(company).deployments.items() if one.state == "suspended"} == {
        "leads",
        "leads-two",
        "churn",
    }
    with company.database.session() as session:
        pulled = ledger.find(session, subject=Ref("vendor", "acme")).items[0]
        assert pulled.type == "kill_switch.pulled" and pulled.payload["reason"] == BECAUSE
        assert len(pulled.payload["stopped"]) == 3
        assert serving.stop(session, ACTOR, vendor="idle", reason=BECAUSE).deployments == ()
        governance.unlink_system(session, ACTOR, "reader", "screening")
        assert serving.stop(session, ACTOR, vendor="bolt", reason=BECAUSE).deployments == ()
    assert states(company)["screening"] == "active"


def test_what_cannot_be_stopped_is_refused_and_nothing_moves(company: Parts) -> None:
    with company.database.session() as session:
        for said in ({}, {"usecase": "lead-scoring", "department": "sales"}, {"vendor": "acme", "department": "sales"}):
            with pytest.raises(Invalid, match="one of them"):
                serving.stop(session, ACTOR, **said, reason=BECAUSE)
        with pytest.raises(Invalid, match="say why"):
            serving.stop(session, ACTOR, usecase="lead-scoring", reason="  ")
        with pytest.raises(governance.UseCaseUnknown):
            serving.stop(session, ACTOR, usecase="nothing", reason=BECAUSE)
        with pytest.raises(governance.VendorUnknown):
            serving.stop(session, ACTOR, vendor="nobody", reason=BECAUSE)
        with pytest.raises(identity.DepartmentNotFound):
            serving.stop(session, ACTOR, department="nowhere", reason=BECAUSE)
    assert set(states(company).values()) == {"active"}
