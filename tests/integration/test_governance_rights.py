"""Decision rights for real: drafted, adopted, confirmed and signed; then the authorizer narrows, and empty steps block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import mandates
from headway.governance.errors import SamePerson
from headway.governance.mandates import RightsClosed, RightsInvalid, RightsRow, StepUnheld
from headway.identity import CedarAuthorizer, Role
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, Resource
from headway.kernel.crypto import dsse_open
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import ANA, BEN, NOW, approved, ask, bring_evidence, open_usecase
from tests.factories.mandates import SIGNER, person

WHY = "what the council and the office agreed on"
COUNCIL = RightsRow(lane="every", stage="production", decides=("council",))
NOBODY = RightsRow(lane="every", stage="waiver", decides=("nobody",))


def in_force(session: Session, *rows: RightsRow) -> mandates.DecisionRights:
    mandates.save_draft(session, ANA, rows)
    made = mandates.adopt_rights(session, ANA, WHY)
    return mandates.confirm_rights(session, SIGNER, BEN, made.version, digest=made.digest)


def holding(session: Session, name: str, role: Role, department: str | None = None) -> Actor:
    one = person(session, name)
    identity.grant_role(session, SYSTEM, principal=Ref.parse(one.ref), role=role, department=department)
    return identity.get_actor(session, one.ref)


class TestKept:
    @pytest.fixture(autouse=True)
    def today(self) -> Iterator[None]:
        with clock.fixed(NOW):
            yield

    def test_it_is_adopted_by_one_and_confirmed_and_signed_by_another(self, session: Session) -> None:
        check = mandates.save_draft(session, ANA, [COUNCIL, NOBODY])
        assert not check.faults and "forbid" in check.policies
        assert identity.narrowing_in_force(session) is None
        made = mandates.adopt_rights(session, ANA, WHY)
        assert (made.state, made.policies) == ("waiting", check.policies)
        with pytest.raises(SamePerson):
            mandates.confirm_rights(session, SIGNER, ANA, 1, digest=made.digest)
        with pytest.raises(RightsInvalid):
            mandates.confirm_rights(session, SIGNER, BEN, 1, digest="sha256-0")
        assert identity.narrowing_in_force(session) is None
        done = mandates.confirm_rights(session, SIGNER, BEN, 1, digest=made.digest)
        narrowing = identity.narrowing_in_force(session)
        assert narrowing is not None and (narrowing.policies, narrowing.source) == (made.policies, "rights:1")
        body = dsse_open({SIGNER.key_id: SIGNER.public}, mandates.RIGHTS_TYPE, mandates.rights_envelope(session, 1))
        told = json.loads(body)
        assert (told["digest"], told["confirmed_by"], done.key_id) == (made.digest, BEN.ref, SIGNER.key_id)
        assert told["decision_rights"]["policies"] == made.policies
        with pytest.raises(RightsClosed):
            mandates.confirm_rights(session, SIGNER, BEN, 1, digest=made.digest)
        told_of = [one.type for one in ledger.find(session, subject=mandates.rights_ref(1)).items]
        assert sorted(told_of) == ["rights.adopted", "rights.confirmed"]

    def test_older_versions_stay_readable_and_an_empty_one_lifts_everything(self, session: Session) -> None:
        first = in_force(session, COUNCIL)
        second = in_force(session)
        assert [one.state for one in mandates.list_rights(session)] == ["in_force", "superseded"]
        assert mandates.get_rights(session, 1).rows == first.rows
        narrowing = identity.narrowing_in_force(session)
        assert narrowing is not None and not narrowing.policies and second.rows == ()

    def test_a_faulty_draft_is_kept_with_its_faults_and_not_adopted(self, session: Session) -> None:
        check = mandates.save_draft(session, ANA, [replace(COUNCIL, decides=("employee",)), replace(NOBODY, lane="x")])
        assert len(check.faults) == 2 and not check.policies
        with pytest.raises(RightsInvalid) as refused:
            mandates.adopt_rights(session, ANA, "short")
        assert len(refused.value.faults) == 3

    def test_no_service_keeps_decision_rights(self, session: Session) -> None:
        for act in (
            lambda: mandates.save_draft(session, SYSTEM, []),
            lambda: mandates.adopt_rights(session, SYSTEM, WHY),
            lambda: mandates.confirm_rights(session, SIGNER, SYSTEM, 1, digest="x"),
        ):
            with pytest.raises(Denied):
                act()

    @pytest.mark.parametrize(
        "change",
        [
            "update governance.decision_rights set rows = '[]'",
            "update governance.decision_rights set policies = ''",
            "update governance.decision_rights set confirmed_by = 'person:x'",
            "delete from governance.decision_rights",
            "update identity.narrowings set policies = ''",
            "delete from identity.narrowings",
        ],
    )
    def test_the_database_keeps_what_was_confirmed(self, session: Session, change: str) -> None:
        in_force(session, COUNCIL)
        with pytest.raises(IntegrityError):
            session.execute(text(change))

    def test_who_holds_what_is_told_by_department_with_what_is_weak(self, session: Session) -> None:
        identity.ensure_department(session, ANA, "sales")
        one = holding(session, "Cora Council", Role.council, "sales")
        found = {(s.department, s.stage, s.step, s.lane): s for s in mandates.who_holds(session, ["sales", "org"])}
        assert one.ref in found["sales", "production", "decides", "council"].people
        in_force(session, COUNCIL)
        found = {(s.department, s.stage, s.step, s.lane): s for s in mandates.who_holds(session, ["sales", "org"])}
        here = found["sales", "production", "decides", "council"]
        assert (here.people, here.weaknesses, here.is_named) == ((one.ref,), ("one_person",), True)
        assert found["org", "production", "decides", "council"].weaknesses == ("nobody",)
        identity.deactivate_person(session, ANA, one.ref.partition(":")[2])
        [again] = [s for s in mandates.who_holds(session, ["sales"]) if (s.stage, s.step, s.lane) == here_of(here)]
        assert again.weaknesses == ("nobody",)


def here_of(one: mandates.StepHeld) -> tuple[str, str, str]:
    return one.stage, one.step, one.lane


class TestBlocks:
    @pytest.fixture(autouse=True)
    def today(self) -> Iterator[None]:
        with clock.fixed(NOW):
            yield

    @pytest.fixture
    def ready(self, session: Session) -> Session:
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        bring_evidence(session)
        return session

    def control(self, session: Session, environment: str = "production") -> governance.ControlResult:
        name = f"HW-RIGHTS-{environment.upper()}"
        return next(one for one in ask(session, environment).controls if one.id == name)

    def test_an_empty_step_blocks_the_gate_with_its_reason_and_who_mends_it_until_somebody_holds_it(
        self, ready: Session
    ) -> None:
        office = holding(ready, "Mira Office", Role.ai_office)
        approved(ready)
        assert ask(ready).result == "pass"
        assert self.control(ready).status.value == "not_applicable"
        in_force(ready, COUNCIL)
        found = self.control(ready)
        assert (found.status.value, found.enforce, ask(ready).result) == ("failed", "block", "block")
        assert "nobody decides in sales: the matrix names the role council" in found.reason
        assert office.ref in found.reason and office.name not in found.reason, "what is kept names people by reference"
        holding(ready, "Cora Council", Role.council)
        assert self.control(ready).status.value == "passed"
        assert ask(ready).result == "pass"

    def test_another_environment_is_not_blocked(self, ready: Session) -> None:
        approved(ready, "pilot")
        in_force(ready, COUNCIL)
        assert ask(ready, "pilot").result == "pass"

    def test_what_would_wait_for_nobody_is_not_begun(self, ready: Session) -> None:
        office = holding(ready, "Mira Office", Role.ai_office)
        in_force(ready, NOBODY)
        case = governance.get_usecase(ready, "lead-scoring")
        with pytest.raises(StepUnheld) as refused:
            mandates.refuse_unheld(ready, ANA, "waiver", case)
        assert "nobody decides" in refused.value.message and office.ref not in str(refused.value.hint)
        assert office.name in str(refused.value.hint)
        in_force(ready, replace(NOBODY, decides=("ai_office",)))
        mandates.refuse_unheld(ready, ANA, "waiver", case)
        with pytest.raises(StepUnheld):
            mandates.refuse_unheld(ready, office, "waiver", case)


def test_who_is_told_of_what_was_decided(session: Session) -> None:
    with clock.fixed(NOW):
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        sue = holding(session, "Sue Sponsor", Role.sponsor, "sales")
        case = governance.get_usecase(session, "lead-scoring")
        assert mandates.told_of(session, case, "approval.approved", "production") == ()
        in_force(session, RightsRow(lane="reviewer", stage="production", told=("sponsor",)))
        assert mandates.told_of(session, case, "approval.approved", "production") == (sue.ref,)
        assert mandates.told_of(session, case, "approval.approved", "pilot") == ()


def test_a_version_counts_from_the_next_request_on(parts: Parts) -> None:
    rules = CedarAuthorizer(parts.database)
    asked = {"environment": "production", "requested_by": "person:x", "lane": "reviewer"}
    release = Resource(kind="release", id="r", attributes=asked)
    with parts.database.session() as session:
        cora = holding(session, "Cora Council", Role.council)
        office = holding(session, "Mira Office", Role.ai_office)
    assert rules.allows(cora, "release:approve", release) and rules.allows(office, "release:approve", release)
    with parts.database.session() as session:
        in_force(session, COUNCIL)
        cora, office = identity.get_actor(session, cora.ref), identity.get_actor(session, office.ref)
    assert rules.allows(cora, "release:approve", release) and not rules.allows(office, "release:approve", release)
    answer = rules.explain(office, "release:approve", release)
    assert answer.rule == "rights-production-every-decides" and "to the role council" in str(answer.access)
    assert rules.allows(office, "release:approve", replace(release, attributes={**asked, "environment": "pilot"}))
    assert rules.allows(office, "rights:adopt", Resource(kind="rights", id="new")), "who mends it is not locked out"
    unread = replace(office, narrowing=None)
    assert not rules.allows(unread, "release:approve", release), "what was not looked up is looked up"
    with parts.database.session() as session:
        in_force(session, replace(COUNCIL, decides=("ai_office",)))
        cora, office = identity.get_actor(session, cora.ref), identity.get_actor(session, office.ref)
        told = identity.effective_access(session, cora.ref)
    assert rules.allows(office, "release:approve", release) and not rules.allows(cora, "release:approve", release)
    situations = {
        one.situation.value for place in told.departments for one in place.actions if one.action == "release:approve"
    }
    assert situations == {"sandbox"}, "the council's right is left in the sandbox alone"
