"""Operations about changes of contracts, and versions of products."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from headway_client.answers.contract_changes import (
    AskedChanges,
    Consumers,
    ContractChange,
    ContractCheck,
    Deprecation,
    ProductVersions,
)
from headway_client.operations import Each, M, Namespace, get, lists, post


class ContractChanges(Namespace[M]):
    """New versions of contracts: look at a draft, propose, answer; and the end of old versions."""

    @post("/products/{slug}/contract/check")
    def check(
        self, slug: str, *, contract: str | None = None, columns: Sequence[dict[str, Any]] | None = None
    ) -> ContractCheck:
        """Look at a contract (ODCS; default is the one in force, with changes of columns) as the next one of a product."""

    @post("/products/{slug}/contract/changes")
    def propose(
        self,
        slug: str,
        *,
        reason: str,
        contract: str | None = None,
        columns: Sequence[dict[str, Any]] | None = None,
        answer_by: date | None = None,
        keep_days: int = 30,
    ) -> ContractChange:
        """Propose a contract: what breaks nobody takes effect at once, what breaks readers is put to every consumer."""

    @lists("/products/{slug}/contract/changes")
    def of_product(self, slug: str) -> Each[ContractChange]:
        """List the changes of a product's contract, newest first."""

    @get("/contract-changes")
    def asked(self) -> AskedChanges:
        """List the changes that wait for one's own answer."""

    @get("/contract-changes/{change_id}")
    def show(self, change_id: str) -> ContractChange:
        """Show a change to those who are asked, and to those who may read the product."""

    @post("/contract-changes/{change_id}/accept")
    def accept(self, change_id: str, *, reason: str = "", consumer: str | None = None) -> ContractChange:
        """Agree, as one who is asked; the change takes effect with the last who agrees."""

    @post("/contract-changes/{change_id}/object")
    def object_to(self, change_id: str, *, reason: str, consumer: str | None = None) -> ContractChange:
        """Object with a reason, as one who is asked."""

    @post("/contract-changes/{change_id}/hand-on")
    def hand_on(self, change_id: str, *, to: str) -> ContractChange:
        """Let another person give one's answer."""

    @post("/contract-changes/{change_id}/withdraw")
    def withdraw(self, change_id: str, *, reason: str) -> ContractChange:
        """Take a proposal back, as one who may change the product."""

    @get("/products/{slug}/consumers")
    def consumers(self, slug: str) -> Consumers:
        """List what depends on a product: grants, models that learned from it, and their deployments."""

    @get("/products/{slug}/versions")
    def versions(self, slug: str) -> ProductVersions:
        """List the versions of a product with their state and their last day."""

    @post("/products/{slug}/deprecate")
    def deprecate(
        self, slug: str, *, ends_on: date, reason: str, version: str | None = None, successor: str | None = None
    ) -> Deprecation:
        """Give a version, or the whole product, a last day; its readers are warned until then and refused afterwards."""

    @post("/products/{slug}/reinstate")
    def reinstate(self, slug: str, *, reason: str, version: str | None = None) -> Deprecation:
        """Take a deprecation back."""
