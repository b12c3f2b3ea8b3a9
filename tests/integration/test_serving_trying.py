"""One decision by hand: what is lent to whoever asks, what the ledger says of it, and what a node refuses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from headway import ledger, serving
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Scalar
from headway.kernel.web import Parts
from headway.serving import NodeRefused, NodeUnreachable, RecordRefused, TriedDecision
from tests.factories.serving import RECORD, deployed, prepare_keys, published, released

ADA = Actor(ref="person:local", name="Local owner")


class Node:
    """Stands for a node: knows the tokens that the published snapshot grants."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.asked = parts, []  # type: ignore[var-annotated]

    def __call__(self, url: str, token: str, record: Mapping[str, Scalar]) -> TriedDecision | None:
        from headway import identity

        self.asked.append((url, token, dict(record)))
        grants = published(self.parts).grants.get(identity.token_hash(token), ())
        return answer() if any(one.deployment == "leads" for one in grants) else None


def answer() -> TriedDecision:
    return TriedDecision(
        decision="dec_1",
        deployment="leads",
        environment="sandbox",
        release=None,
        version=None,
        arm="hold_out",
        score=None,
        band=None,
        action="call",
        reasons=(),
        reference=None,
        flags=(),
    )


@pytest.fixture
def live(parts: Parts) -> Parts:
    from headway import identity

    with parts.database.session() as session:
        identity.setup_home(session)
    prepare_keys(parts)
    deployed(parts, released(parts))
    return parts


def test_a_grant_is_lent_once_published_and_told_to_the_ledger(live: Parts) -> None:
    node = Node(live)
    for _ in range(2):
        made = serving.try_out(live, ADA, name="leads", environment="sandbox", record=RECORD, ask=node)
        assert made.decision == "dec_1"
    assert {url for url, _, _ in node.asked} == {"http://127.0.0.1:8470/v1/decisions/leads"}
    assert len({token for _, token, _ in node.asked}) == 1
    with live.database.session() as session:
        given = ledger.find(session, subject="deployment:sandbox/leads", type="grant.given").items
        grants, _ = serving.list_grants(session, deployment="leads", environment="sandbox")
    assert [one.actor for one in given] == [ADA.ref]
    assert [(one.principal, one.scope.value) for one in grants] == [(ADA.ref, "decide")]
    assert 14 * 60 < (grants[0].expires_at - grants[0].created_at).total_seconds() <= 15 * 60


def test_a_lent_grant_that_was_revoked_is_lent_anew(live: Parts) -> None:
    node = Node(live)
    serving.try_out(live, ADA, name="leads", environment="sandbox", record=RECORD, ask=node)
    with live.database.session() as session:
        [grant], _ = serving.list_grants(session, deployment="leads")
        serving.revoke_grant(session, ADA, grant.id, "over")
    serving.publish_due(live)
    assert serving.try_out(live, ADA, name="leads", environment="sandbox", record=RECORD, ask=node).arm == "hold_out"
    assert len({token for _, token, _ in node.asked}) == 2


def test_what_cannot_decide_is_told_before_anything_is_lent(live: Parts) -> None:
    node = Node(live)
    with pytest.raises(serving.UnknownDeployment):
        serving.try_out(live, ADA, name="leads", environment="production", record=RECORD, ask=node)
    with live.database.session() as session:
        serving.suspend(session, ADA, name="leads", environment="sandbox", reason="drift")
    with pytest.raises(serving.WrongState, match="suspended"):
        serving.try_out(live, ADA, name="leads", environment="sandbox", record=RECORD, ask=node)
    assert node.asked == []


def test_a_node_that_never_hears_of_the_grant_is_told_apart_from_one_that_refuses(live: Parts) -> None:
    with pytest.raises(NodeUnreachable, match="does not know of the grant"):
        serving.try_out(live, ADA, name="leads", environment="sandbox", record=RECORD, ask=lambda *_: None)

    def refuse(url: str, token: str, record: Mapping[str, Scalar]) -> TriedDecision | None:
        raise RecordRefused("1 fault", faults=[Fault(rule="required", column="age", message="is missing")])

    with pytest.raises(RecordRefused) as refused:
        serving.try_out(live, ADA, name="leads", environment="sandbox", record={}, ask=refuse)
    assert [fault.column for fault in refused.value.faults] == ["age"]
    assert NodeRefused.status == 409


def test_the_form_has_the_fields_of_the_contract_with_the_reference_row(live: Parts) -> None:
    with live.database.session() as session:
        fields = serving.asked_fields(live.storage, serving.get_deployment(session, "leads", "sandbox"))
    assert {field.name for field in fields} >= RECORD.keys() - {"lead_id"}
    record = serving.record_of(fields, {field.name: str(RECORD.get(field.name, "")) for field in fields})
    assert all(type(record[name]) is type(RECORD[name]) or isinstance(record[name], int | float) for name in record)
    assert serving.record_of(fields, {fields[0].name: "  "}) == {}
