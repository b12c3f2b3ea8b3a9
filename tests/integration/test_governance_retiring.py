"""Retired use cases on a real database: nothing new is released for them, and they can be taken up again."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.kernel.crypto import Signer
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.storage import Storage
from tests.factories.governance import ANA, BEN, SUBJECT, SUBJECT_DIGEST, approved, ask, bring_evidence, open_usecase


def test_a_retired_use_case_keeps_its_reason_and_leaves_an_entry(session: Session) -> None:
    before = open_usecase(session)
    with pytest.raises(governance.FactsInvalid):
        governance.retire_usecase(session, BEN, "lead-scoring", "  ")
    made = governance.retire_usecase(session, BEN, "lead-scoring", " sales left the market ")
    assert (made.retired_by, made.retired_because) == (BEN.ref, "sales left the market")
    assert made.digest == before.digest
    assert governance.get_usecase(session, "lead-scoring") == made
    with pytest.raises(governance.UseCaseRetired):
        governance.retire_usecase(session, BEN, "lead-scoring", "again")
    entry = ledger.find(session, subject=Ref("usecase", "lead-scoring")).items[0]
    assert (entry.type, entry.payload) == ("usecase.retired", {"reason": "sales left the market"})
    found = governance.find_usecases(session, ListQuery(filters={"retired": ("true",)}))
    assert [case.slug for case in found.items] == ["lead-scoring"]


def test_a_retired_use_case_is_refused_everywhere_until_it_is_taken_up_again(
    session: Session, signer: Signer, storage: Storage
) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    given = approved(session)
    assert ask(session).result == "pass"
    governance.retire_usecase(session, BEN, "lead-scoring", "no longer wanted")
    gate = ask(session)
    assert gate.result == "block"
    assert gate.missing[0] == "reopen the use case: it was retired"

    def release() -> str:
        return governance.issue_verdict(
            session,
            signer,
            storage,
            actor=ANA,
            environment="production",
            subject=SUBJECT,
            subject_digest=SUBJECT_DIGEST,
            usecase="lead-scoring",
        ).id

    with pytest.raises(governance.UseCaseRetired):
        release()
    with pytest.raises(governance.UseCaseRetired):
        approved(session, "pilot")
    again = governance.reopen_usecase(session, BEN, "lead-scoring", "a new market")
    assert (again.retired_at, again.retired_by, again.retired_because) == (None, None, None)
    assert given.id in ask(session).approvals
    assert release().startswith("vdt_")
    with pytest.raises(Conflict):
        governance.reopen_usecase(session, BEN, "lead-scoring", "twice")
