"""Operations about descriptors of data products."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence

from headway_client.answers.descriptors import Descriptor
from headway_client.calls import File
from headway_client.operations import M, Namespace, get, post, put


class Descriptors(Namespace[M]):
    """Who answers for a product, what for, its ports, versions and service levels; as ODPS too."""

    @get("/products/{slug}/descriptor")
    def show(self, slug: str) -> Descriptor:
        """Describe a product as it stands now."""

    @put("/products/{slug}/descriptor")
    def edit(
        self,
        slug: str,
        *,
        owner: str | None = None,
        steward: str | None = None,
        domain: str | None = None,
        purpose: str | None = None,
        limitations: str | None = None,
        usage: str | None = None,
        type: str | None = None,
        classification: str | None = None,
        tags: Sequence[str] | None = None,
        freshness_hours: float | None = None,
        completeness: float | None = None,
        latency_hours: float | None = None,
    ) -> Descriptor:
        """Write what is said of a product; what is left out is emptied."""

    @get("/products/{slug}/odps")
    def odps(self, slug: str) -> str:
        """Give a product's descriptor as YAML of the Open Data Product Standard."""

    @post("/products/{slug}/odps", files=("file",))
    def import_odps(self, slug: str, file: File) -> Descriptor:
        """Write what a document of the Open Data Product Standard says of a product; ports are not taken."""
