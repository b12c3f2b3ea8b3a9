"""Tables of catalog."""

from __future__ import annotations

revision = "0005_catalog"
down_revision: str | None = "0004_governance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
