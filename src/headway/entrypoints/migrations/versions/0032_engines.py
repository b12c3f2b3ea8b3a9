"""A verdict tells what answered its rules; those of before do not say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032_engines"
down_revision: str | None = "0031_tier_exceptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    column = sa.Column("engines", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    op.add_column("verdicts", column, schema="governance")


def downgrade() -> None:
    """Forget what answered."""
    op.drop_column("verdicts", "engines", schema="governance")
