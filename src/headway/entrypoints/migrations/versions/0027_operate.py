"""Findings of the operate gate, and what of a deployment it holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_operate"
down_revision: str | None = "0026_intake"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = ("usecase", "environment", "subject", "subject_digest", "pack", "control", "title", "reason", "remedy", "state")

KEEP_FINDING = """
create function governance.keep_finding() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state <> 'cleared'
     and (new.id, new.usecase, new.environment, new.subject, new.subject_digest, new.pack, new.control, new.since)
       = (old.id, old.usecase, old.environment, old.subject, old.subject_digest, old.pack, old.control, old.since) then
    return new;
  end if;
  raise exception 'governance.operate_findings: what was found stays, and what was cleared does not change'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the table; what is at work counts as put to work when it last changed."""
    op.execute("set local lock_timeout = '5s'")
    _make_findings()
    op.execute(KEEP_FINDING)
    op.execute(
        "create trigger keep_finding before update or delete on governance.operate_findings "
        "for each row execute function governance.keep_finding()"
    )
    op.add_column("deployments", sa.Column("held", sa.String()), schema="serving")
    op.add_column("deployments", sa.Column("released_at", MOMENT), schema="serving")
    op.execute("update serving.deployments set released_at = changed_at")
    op.alter_column("deployments", "released_at", nullable=False, schema="serving")


def downgrade() -> None:
    """Forget findings."""
    op.drop_column("deployments", "released_at", schema="serving")
    op.drop_column("deployments", "held", schema="serving")
    op.drop_table("operate_findings", schema="governance")
    op.execute("drop function governance.keep_finding")


def _make_findings() -> None:
    op.create_table(
        "operate_findings",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("grace_days", sa.Integer()),
        sa.Column("suspends_at", MOMENT),
        sa.Column("suspended_at", MOMENT),
        sa.Column("cleared_at", MOMENT),
        sa.Column("cleared_because", sa.Text()),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operate_findings")),
        sa.ForeignKeyConstraint(
            ["usecase"], ["governance.usecases.slug"], name=op.f("fk_operate_findings_usecase_usecases")
        ),
        sa.CheckConstraint("state in ('warned', 'suspended', 'cleared')", name=op.f("ck_operate_findings_state_known")),
        sa.CheckConstraint(
            "state <> 'suspended' or suspended_at is not null", name=op.f("ck_operate_findings_suspended_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'cleared') = (cleared_at is not null)", name=op.f("ck_operate_findings_cleared_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'cleared') = (cleared_because is not null)", name=op.f("ck_operate_findings_cleared_has_cause")
        ),
        sa.CheckConstraint(
            "suspended_at is null or suspended_at >= suspends_at", name=op.f("ck_operate_findings_warned_first")
        ),
        schema="governance",
    )
    op.create_index("ix_operate_findings_usecase", "operate_findings", ["usecase"], schema="governance")
    op.create_index(
        "uq_operate_findings_open",
        "operate_findings",
        ["usecase", "environment", "subject_digest", "pack", "control"],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("state <> 'cleared'"),
    )
