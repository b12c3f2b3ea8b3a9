"""Tables of serving."""

from __future__ import annotations

revision = "0007_serving"
down_revision: str | None = "0006_registry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""


def downgrade() -> None:
    """Drop the schema with its tables."""
