"""What can go wrong with minima."""

from __future__ import annotations

from headway.kernel.errors import Invalid


class MinimaInvalid(Invalid):
    """Minima, or a product's criticality, do not say what they must; every fault is told."""

    code = "catalog.minima_invalid"
