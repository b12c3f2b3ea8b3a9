"""Templates of assessments that an organisation writes itself, and what somebody was given to do for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0044_own_templates"
down_revision: str | None = "0043_board_packs"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

KEEP = """
create function governance.keep_assessment_template() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.retired_at is null and new.retired_at is not null
     and (new.id, new.name, new.version, new.text, new.source, new.digest, new.published_by, new.published_at)
       = (old.id, old.name, old.version, old.text, old.source, old.digest, old.published_by, old.published_at) then
    return new;
  end if;
  raise exception 'governance.assessment_templates: what was published is never changed, only retired'
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger keep_assessment_template before update or delete on governance.assessment_templates
  for each row execute function governance.keep_assessment_template();
"""


def upgrade() -> None:
    """Make the table and what keeps it."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "assessment_templates",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("id", "name", "version", "text", "digest", "published_by")
        ),
        *(sa.Column(name, sa.Text()) for name in ("retired_by", "retired_because")),
        sa.Column("source", JSONB(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_templates"),
        sa.UniqueConstraint("name", "version", name="uq_assessment_templates_version"),
        sa.CheckConstraint(
            "published_by like 'person:%' and retired_by like 'person:%'",
            name=op.f("ck_assessment_templates_people_only"),
        ),
        sa.CheckConstraint(
            "(retired_by is null) = (retired_at is null) and (retired_by is null) = (retired_because is null)",
            name=op.f("ck_assessment_templates_retired_by_somebody"),
        ),
        schema="governance",
    )
    op.add_column("assessments", sa.Column("task", sa.Text()), schema="governance")
    op.execute(KEEP)


def downgrade() -> None:
    """Forget them."""
    op.drop_column("assessments", "task", schema="governance")
    op.drop_table("assessment_templates", schema="governance")
    op.execute("drop function governance.keep_assessment_template()")
