"""Operations about what every data product must reach at least."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from headway_client.answers.minima import MinimaVersion, MinimaVersions, ProductMinimum
from headway_client.operations import M, Namespace, get, post

Criticality = Literal["low", "standard", "high", "critical"]


class QualityMinima(Namespace[M]):
    """What every data product must reach at least, by how critical it is."""

    @get("/quality-minima")
    def list(self) -> MinimaVersions:
        """List what was and is asked of data products by criticality."""

    @post("/quality-minima")
    def set(self, *, minima: Mapping[str, Mapping[str, float]], valid_from: date, reason: str) -> MinimaVersion:
        """Set what is asked from a day on, such as ``{"high": {"completeness": 0.99}}``."""

    @get("/products/{slug}/minimum")
    def of_product(self, slug: str) -> ProductMinimum:
        """Show how critical a product is, what that asks of it today, and what its contract and newest snapshot lack."""

    @post("/products/{slug}/criticality")
    def rate(self, slug: str, *, level: Criticality, reason: str) -> ProductMinimum:
        """Say how critical a product is: ``low``, ``standard``, ``high`` or ``critical``."""
