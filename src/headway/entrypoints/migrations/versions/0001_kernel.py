"""Tables of kernel."""

from __future__ import annotations

revision = "0001_kernel"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
