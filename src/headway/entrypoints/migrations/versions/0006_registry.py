"""Tables of registry."""

from __future__ import annotations

revision = "0006_registry"
down_revision: str | None = "0005_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
