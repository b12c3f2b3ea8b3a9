"""One-time codes tell what they are for: to join, or to sign in by a link; and who made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_sign_in_links"
down_revision: str | None = "0011_kept_forms"
branch_labels = None
depends_on = None

SCHEMA = "identity"


def upgrade() -> None:
    """Add purpose and maker; the codes there are were made to join."""
    op.execute("set local lock_timeout = '5s'")
    purpose = sa.Column("purpose", sa.Text(), nullable=False, server_default=sa.text("'join'"))
    op.add_column("codes", purpose, schema=SCHEMA)
    op.add_column("codes", sa.Column("made_by", sa.Text(), nullable=True), schema=SCHEMA)
    op.create_check_constraint(op.f("ck_codes_purpose"), "codes", "purpose in ('join', 'sign-in')", schema=SCHEMA)


def downgrade() -> None:
    """Drop both columns, and the codes that sign in: without a purpose they would set passwords."""
    op.execute("delete from identity.codes where purpose = 'sign-in'")
    op.drop_constraint("ck_codes_purpose", "codes", schema=SCHEMA)
    op.drop_column("codes", "made_by", schema=SCHEMA)
    op.drop_column("codes", "purpose", schema=SCHEMA)
