"""The gate for what runs elsewhere, on a real database: what is let in, what is not and why, what the ledger is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Admission, admissions, kubernetes
from headway.governance.service import Webhook, answer_review
from headway.governance.service.refusing import MOST_A_MINUTE, OTHERS
from headway.kernel import clock
from headway.kernel.canonical import sha256
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    JOB,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    bring_evidence,
    open_usecase,
)
from tests.factories.reviews import UID, image, pod, review

IMAGE, STRANGER = sha256(b"an image"), sha256(b"a stranger")


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def released(session: Session, signer: Signer, storage: Storage) -> Session:
    """The subject has a verdict for production."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    approved(session)
    governance.issue_verdict(
        session, signer, storage, actor=ANA, environment="production", subject=SUBJECT,
        subject_digest=SUBJECT_DIGEST, usecase="lead-scoring",
    )  # fmt: skip
    return session


def answered(
    session: Session,
    signer: Signer,
    subject: str = SUBJECT_DIGEST,
    environment: str = "production",
    halted: tuple[str, ...] = (),
    **more: Any,
) -> governance.AdmissionAnswer:
    found = governance.find_subject(session, subject, environment)
    asked = governance.Asked(found=found, environment=environment, **more)
    return governance.admit(session, signer, JOB, asked, lambda digest, where: halted)


def admitted(session: Session, signer: Signer, *args: Any, **more: Any) -> Admission:
    return answered(session, signer, *args, **more).admission


def codes(given: Admission) -> list[str]:
    assert given.allowed == (not given.reasons) == (given.result != "block")
    return [one.code for one in given.reasons]


def refusals(session: Session) -> list[dict[str, Any]]:
    found = ledger.find(session, type="gate.refused", limit=100).items
    return [{**(one.payload or {}), "subject": one.subject} for one in reversed(found)]


@pytest.mark.parametrize(
    "subject",
    [
        SUBJECT_DIGEST,
        SUBJECT_DIGEST.replace("-", ":"),
        f"registry.example/leads@{SUBJECT_DIGEST.replace('-', ':')}",
        str(SUBJECT),
        "lead-scoring",
    ],
)
def test_an_approved_subject_is_let_in_by_every_name_it_has(released: Session, signer: Signer, subject: str) -> None:
    given = admitted(released, signer, subject)
    assert codes(given) == []
    assert (given.subject_digest, given.usecase, given.result) == (SUBJECT_DIGEST, "lead-scoring", "pass")
    assert given.verdict is not None and given.pack_digests and given.facts_digest
    assert given.valid_until - given.at == timedelta(minutes=5)
    assert refusals(released) == []


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (STRANGER, "no gate has let"),
        ("model:lead-scoring@7", "nobody knows model:lead-scoring@7"),
        ("model:lead-scoring", "names no version"),
        ("model:", "not a reference"),
        ("no-such-thing", "nobody knows"),
    ],
)
def test_what_nobody_knows_is_never_let_in(released: Session, signer: Signer, subject: str, reason: str) -> None:
    given = admitted(released, signer, subject)
    assert codes(given) and reason in given.reasons[0].reason
    [told] = refusals(released)
    assert told["via"] == "gate check" and told["resource"] == subject and told["environment"] == "production"


def test_another_environment_was_never_judged(released: Session, signer: Signer) -> None:
    given = admitted(released, signer, environment="pilot")
    assert codes(given)[0] == "gate.no_verdict"
    assert "HW-TWO-PEOPLE" in " ".join(one.reason for one in given.reasons), "the gate is asked anew too"


def test_a_verdict_ends(released: Session, signer: Signer, today: FixedClock) -> None:
    today.advance(timedelta(days=366))
    assert "gate.over" in codes(admitted(released, signer))


def test_a_gate_that_does_not_pass_any_more_lets_nothing_in(released: Session, signer: Signer) -> None:
    bring_evidence(released, changed={"parity_report": {"decision_flips": 3}})
    given = admitted(released, signer)
    assert set(codes(given)) == {"gate.blocked"}
    assert any("HW-PARITY" in one.reason and "decision_flips = 3" in one.reason for one in given.reasons)


def test_stale_evidence_stops_it(released: Session, signer: Signer, today: FixedClock) -> None:
    today.advance(timedelta(days=31))
    given = admitted(released, signer)
    assert any("data_quality_report" in one.reason for one in given.reasons)


def test_what_was_revoked_or_suspended_or_retired_stays_out(released: Session, signer: Signer) -> None:
    halted = admitted(released, signer, halted=("the deployment leads is suspended: it harms",))
    assert codes(halted) == ["gate.suspended"]
    governance.retire_usecase(released, ANA, "lead-scoring", "it is over")
    assert codes(admitted(released, signer)) == ["gate.blocked"]
    governance.revoke(released, BEN, SUBJECT_DIGEST, "it leaks")
    assert codes(admitted(released, signer))[0] == "gate.revoked"


def test_what_the_asker_found_wrong_refuses_and_can_do_nothing_else(released: Session, signer: Signer) -> None:
    given = admitted(released, signer, problems=("model.txt was changed after it was packed",))
    assert codes(given) == ["gate.changed"]
    assert refusals(released)[0]["reason"] == "model.txt was changed after it was packed"


def test_the_answer_is_believed_with_the_key_alone(released: Session, signer: Signer) -> None:
    answer = answered(released, signer)
    trusted = {signer.key_id: signer.public}
    assert admissions.opened(trusted, answer.envelope.encode()) == answer.admission
    whole = json.dumps({"admission": {}, "envelope": answer.envelope}).encode()
    found = admissions.opened(trusted, whole)
    assert admissions.objections(found, now=NOW, subject=SUBJECT_DIGEST, environment="production") == ()
    later = admissions.objections(found, now=NOW + timedelta(minutes=5))
    other = admissions.objections(found, now=NOW, subject=STRANGER, environment="pilot")
    assert [one.code for one in later] == ["gate.answer_over"]
    assert [one.code for one in other] == ["gate.other_environment", "gate.other_subject"]
    with pytest.raises(governance.AdmissionInvalid):
        admissions.opened({}, answer.envelope.encode())


def test_a_changed_answer_is_not_believed(released: Session, signer: Signer) -> None:
    envelope = json.loads(answered(released, signer, STRANGER).envelope)
    forged = admissions.sign(signer, replace(admitted(released, signer, STRANGER), allowed=True, reasons=()))
    envelope["payload"] = json.loads(forged.envelope)["payload"]
    trusted = {signer.key_id: signer.public}
    with pytest.raises(governance.AdmissionInvalid, match="no trusted key"):
        admissions.opened(trusted, json.dumps(envelope).encode())
    for broken in (b"", b"[]", b"{}", b'{"envelope": 3}', b"\xff"):
        with pytest.raises(governance.AdmissionInvalid):
            admissions.opened(trusted, broken)


# --- images ------------------------------------------------------------------------------------------------------


def test_an_image_is_let_in_for_the_bundle_its_build_said_it_carries(released: Session, signer: Signer) -> None:
    assert codes(admitted(released, signer, image(IMAGE))) == ["gate.no_verdict"]
    made = governance.bind_image(released, JOB, image=image(IMAGE), bundle=SUBJECT_DIGEST)
    given = admitted(released, signer, image(IMAGE))
    assert codes(given) == []
    assert (given.image_digest, given.subject_digest, given.binding) == (IMAGE, SUBJECT_DIGEST, made.id)
    governance.bind_image(released, JOB, image=image(IMAGE), bundle=STRANGER)
    assert codes(admitted(released, signer, image(IMAGE))) == ["gate.no_verdict"], "the newest word counts"


def test_an_image_can_be_revoked_by_itself(released: Session, signer: Signer) -> None:
    governance.bind_image(released, JOB, image=image(IMAGE), bundle=SUBJECT_DIGEST)
    governance.revoke(released, BEN, IMAGE, "its base image is broken")
    assert codes(admitted(released, signer, image(IMAGE))) == ["gate.revoked"]
    assert codes(admitted(released, signer)) == []


def test_no_person_says_what_an_image_carries_and_both_digests_are_needed(released: Session) -> None:
    with pytest.raises(governance.EvidenceRefused):
        governance.bind_image(released, ANA, image=image(IMAGE), bundle=SUBJECT_DIGEST)
    with pytest.raises(governance.EvidenceRefused):
        governance.attest(
            released, ANA, type="image_binding", subject=SUBJECT, subject_digest=IMAGE,
            facts={"image": "x", "bundle_digest": SUBJECT_DIGEST},
        )  # fmt: skip
    with pytest.raises(governance.FactsInvalid) as caught:
        governance.bind_image(released, JOB, image="registry.example/leads:v1", bundle="leads")
    assert [fault.column for fault in caught.value.faults] == ["image", "bundle"]


# --- clusters ----------------------------------------------------------------------------------------------------


def asked_by_cluster(
    session: Session, signer: Signer, body: dict[str, Any], environment: str | None = "production", may: bool = True
) -> dict[str, Any]:
    webhook = Webhook(environment=environment, may=lambda found: may, halted=lambda digest, where: ())
    made = answer_review(session, signer, JOB, kubernetes.read(body), webhook)
    response = made["response"]
    assert isinstance(response, dict) and response["uid"] == UID
    return response


def test_a_cluster_runs_approved_images_alone(released: Session, signer: Signer) -> None:
    governance.bind_image(released, JOB, image=image(IMAGE), bundle=SUBJECT_DIGEST)
    let_in = asked_by_cluster(released, signer, review(pod(image(IMAGE))))
    assert let_in["allowed"] is True and "warnings" not in let_in
    assert let_in["auditAnnotations"]["environment"] == "production"
    kept_out = asked_by_cluster(released, signer, review(pod(image(IMAGE), "nginx:1.27", image(STRANGER))))
    assert kept_out["allowed"] is False and kept_out["status"]["code"] == 403
    assert "nginx:1.27 is not named by its digest" in kept_out["status"]["message"]
    assert f"no gate has let {STRANGER}" in kept_out["status"]["message"]
    assert {(one["code"], one["via"]) for one in refusals(released)} == {
        ("gate.no_digest", "kubernetes"),
        ("gate.no_verdict", "kubernetes"),
    }


def test_what_a_cluster_only_tries_is_not_told(released: Session, signer: Signer) -> None:
    tried = asked_by_cluster(released, signer, review(pod(image(STRANGER), "nginx"), dry_run=True))
    assert tried["allowed"] is False
    assert refusals(released) == []


def test_nothing_keeps_a_cluster_from_removing(released: Session, signer: Signer) -> None:
    gone = asked_by_cluster(released, signer, review(None, operation="DELETE", old=pod("nginx")), environment=None)
    assert gone["allowed"] is True
    same = review(pod("nginx", labels={"a": "b"}), operation="UPDATE", old=pod("nginx"))
    assert asked_by_cluster(released, signer, same)["allowed"] is True


@pytest.mark.parametrize(
    ("labelled", "fixed", "why"),
    [
        (None, None, "no environment is named"),
        ("sandbox", "production", "several environments"),
        ("moon", None, "is no environment"),
    ],
)
def test_a_cluster_must_say_which_environment_it_is(
    released: Session, signer: Signer, labelled: str | None, fixed: str | None, why: str
) -> None:
    labels = {kubernetes.ENVIRONMENT: labelled} if labelled else {}
    found = asked_by_cluster(released, signer, review(pod(image(SUBJECT_DIGEST), labels=labels)), environment=fixed)
    assert found["allowed"] is False and why in found["status"]["message"]


def test_a_cluster_may_not_ask_about_what_is_not_its_own(released: Session, signer: Signer) -> None:
    found = asked_by_cluster(released, signer, review(pod(image(SUBJECT_DIGEST))), may=False)
    assert found["allowed"] is False and "may not ask" in found["status"]["message"]


def test_a_thing_that_the_gate_does_not_know_is_kept_out(released: Session, signer: Signer) -> None:
    thing = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r"}, "spec": {}}
    found = asked_by_cluster(released, signer, review(thing))
    assert found["allowed"] is False and "does not know" in found["status"]["message"]


# --- the ledger --------------------------------------------------------------------------------------------------


def test_the_same_within_a_minute_is_told_once_and_counted(
    released: Session, signer: Signer, today: FixedClock
) -> None:
    for _ in range(7):
        admitted(released, signer, STRANGER)
    assert [one["count"] for one in refusals(released)] == [1]
    assert governance.tell_repeats(released) == 0, "the minute is not over"
    today.advance(timedelta(minutes=2))
    assert governance.tell_repeats(released) == 1
    assert governance.tell_repeats(released) == 0
    assert [(one["count"], one.get("repeated")) for one in refusals(released)] == [(1, None), (6, True)]
    admitted(released, signer, STRANGER)
    assert [one["count"] for one in refusals(released)] == [1, 6, 1]


def test_different_ones_are_told_apart_until_there_are_too_many(released: Session, signer: Signer) -> None:
    for number in range(MOST_A_MINUTE + 25):
        admitted(released, signer, sha256(str(number).encode()))
    admitted(released, signer, sha256(b"3"))
    told = refusals(released)
    assert len(told) == MOST_A_MINUTE + 1
    assert (told[-1]["code"], told[-1]["subject"]) == (OTHERS, "environment:production")


def test_counts_of_long_ago_are_forgotten_once_they_are_told(
    released: Session, signer: Signer, today: FixedClock
) -> None:
    from headway.governance.tables import RefusalRow

    admitted(released, signer, STRANGER)
    admitted(released, signer, STRANGER)
    today.advance(timedelta(days=2))
    governance.tell_repeats(released)
    assert released.query(RefusalRow).count() == 0
    assert sum(one["count"] for one in refusals(released)) == 2
