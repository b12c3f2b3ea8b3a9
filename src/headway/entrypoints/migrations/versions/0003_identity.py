"""Tables of identity."""

from __future__ import annotations

revision = "0003_identity"
down_revision: str | None = "0002_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
