"""Operations about access to data products and SQL over them."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from headway_client.answers.data_access import DataAccess, DataUse, Offer, ResultTable, WaitingAccesses
from headway_client.operations import Each, M, Namespace, get, lists, post


class DataAccesses(Namespace[M]):
    """Access to data products: ask, answer, read with SQL, see who reads."""

    @post("/sql", fixed={"format": "json"})
    def query(self, sql: str, *, limit: int = 1000, as_of: str | None = None) -> ResultTable:
        """Run one SELECT over products that one may read; tables are written as ``sales.leads``."""

    @post("/sql", fixed={"format": "arrow"})
    def query_arrow(self, sql: str, *, limit: int = 1000, as_of: str | None = None) -> bytes:
        """Run one SELECT and give an Arrow IPC stream."""

    @get("/products/{slug}/rows")
    def download(
        self,
        slug: str,
        *,
        format: Literal["csv", "parquet", "arrow"] = "parquet",
        limit: int = 10_000_000,
        version: str | None = None,
        as_of: str | None = None,
    ) -> bytes:
        """Give the rows of a product, of its current or another version, as one's grant shows them."""

    @post("/products/{slug}/access")
    def request(self, slug: str, *, purpose: str, until: date, service: str | None = None) -> DataAccess:
        """Ask for access to a product, for oneself or for a service account whose tokens one may make."""

    @lists("/products/{slug}/access")
    def of_product(self, slug: str) -> Each[DataAccess]:
        """List requests and grants of a product, newest first, for those who answer for it or audit it."""

    @lists("/products/{slug}/uses")
    def uses(self, slug: str) -> Each[DataUse]:
        """List who read a product, when, which columns and how many rows, newest first."""

    @lists("/data-access")
    def own(self) -> Each[DataAccess]:
        """List what one asked for or holds, newest first."""

    @get("/data-access/waiting")
    def waiting(self) -> WaitingAccesses:
        """List the requests that one may answer, oldest first."""

    @lists("/data-access/offers")
    def offers(self) -> Each[Offer]:
        """List the products that can be asked for, by name, with how far one's own access to each is."""

    @get("/data-access/{access_id}")
    def show(self, access_id: str) -> DataAccess:
        """Show a request or grant to those who asked, hold or answer it."""

    @post("/data-access/{access_id}/approve")
    def approve(
        self,
        access_id: str,
        *,
        until: date | None = None,
        hidden: Sequence[str] = (),
        masked: Sequence[str] = (),
        unmasked: Sequence[str] = (),
        row_filter: str | None = None,
        reason: str = "",
    ) -> DataAccess:
        """Grant what was asked for, as the owner of the product and never as who asked.

        ``row_filter`` is a boolean SQL expression over the product's columns; restricted columns stay masked unless
        ``unmasked`` names them.
        """

    @post("/data-access/{access_id}/reject")
    def reject(self, access_id: str, *, reason: str) -> DataAccess:
        """Refuse what was asked for, with a reason."""

    @post("/data-access/{access_id}/withdraw")
    def withdraw(self, access_id: str, *, reason: str) -> DataAccess:
        """End a grant at once as the owner, or give back what one asked for or holds."""
