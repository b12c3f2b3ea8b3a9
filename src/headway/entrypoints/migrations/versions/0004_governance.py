"""Tables of governance."""

from __future__ import annotations

revision = "0004_governance"
down_revision: str | None = "0003_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
