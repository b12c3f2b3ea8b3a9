"""Tables of ledger."""

from __future__ import annotations

revision = "0002_ledger"
down_revision: str | None = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
