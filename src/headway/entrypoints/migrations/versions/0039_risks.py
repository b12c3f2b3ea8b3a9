"""Risk registers of use cases: estimates in ranges that are added and never changed, and what people do about each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0039_risks"
down_revision: str | None = "0038_council"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEEP = """
create function governance.keep_risk() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.closed_at is null and new.closed_at is not null
     and (new.id, new.usecase, new.opened_by, new.opened_at) = (old.id, old.usecase, old.opened_by, old.opened_at) then
    return new;
  end if;
  raise exception 'governance.risks: a risk is closed once'
    using errcode = 'integrity_constraint_violation';
end $$;
create function governance.keep_risk_estimate() returns trigger language plpgsql as $$
begin
  raise exception 'governance.risk_estimates: estimates are added and never changed'
    using errcode = 'integrity_constraint_violation';
end $$;
create function governance.keep_risk_treatment() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.done_at is null and new.done_at is not null
     and (new.id, new.risk, new.action, new.effect, new.owner, new.due_on, new.task, new.added_by, new.added_at)
       = (old.id, old.risk, old.action, old.effect, old.owner, old.due_on, old.task, old.added_by, old.added_at)
     and new.cost is not distinct from old.cost then
    return new;
  end if;
  raise exception 'governance.risk_treatments: what is to be done is never changed, only done'
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger keep_risk before update or delete on governance.risks
  for each row execute function governance.keep_risk();
create trigger keep_risk_estimate before update or delete on governance.risk_estimates
  for each row execute function governance.keep_risk_estimate();
create trigger keep_risk_treatment before update or delete on governance.risk_treatments
  for each row execute function governance.keep_risk_treatment();
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "risks",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "usecase", "opened_by")),
        *(sa.Column(name, sa.Text()) for name in ("closed_by", "closed_because")),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_risks"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_risks_usecase_usecases"),
        sa.CheckConstraint(
            "opened_by like 'person:%' and closed_by like 'person:%'", name=op.f("ck_risks_people_only")
        ),
        sa.CheckConstraint(
            "(closed_by is null) = (closed_at is null) and (closed_by is null) = (closed_because is null)",
            name=op.f("ck_risks_closed_by_somebody"),
        ),
        schema="governance",
    )
    op.create_index("ix_risks_usecase", "risks", ["usecase"], schema="governance")
    op.create_table(
        "risk_estimates",
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("estimate", JSONB(), nullable=False),
        sa.Column("estimated_by", sa.Text(), nullable=False),
        sa.Column("estimated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("risk", "version", name="pk_risk_estimates"),
        sa.ForeignKeyConstraint(["risk"], ["governance.risks.id"], name="fk_risk_estimates_risk_risks"),
        sa.CheckConstraint("estimated_by like 'person:%'", name=op.f("ck_risk_estimates_people_only")),
        schema="governance",
    )
    _treatments()
    op.execute(KEEP)


def _treatments() -> None:
    needed = ("id", "risk", "action", "effect", "owner", "task", "added_by")
    op.create_table(
        "risk_treatments",
        *(sa.Column(name, sa.Text(), nullable=False) for name in needed),
        *(sa.Column(name, sa.Text()) for name in ("cost", "done_by", "note")),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_risk_treatments"),
        sa.ForeignKeyConstraint(["risk"], ["governance.risks.id"], name="fk_risk_treatments_risk_risks"),
        sa.CheckConstraint(
            "owner like 'person:%' and added_by like 'person:%' and done_by like 'person:%'",
            name=op.f("ck_risk_treatments_people_only"),
        ),
        sa.CheckConstraint("(done_by is null) = (done_at is null)", name=op.f("ck_risk_treatments_done_by_somebody")),
        schema="governance",
    )
    op.create_index("ix_risk_treatments_risk", "risk_treatments", ["risk"], schema="governance")


def downgrade() -> None:
    """Forget them."""
    for name in ("risk_treatments", "risk_estimates", "risks"):
        op.drop_table(name, schema="governance")
    op.execute("drop function governance.keep_risk()")
    op.execute("drop function governance.keep_risk_estimate()")
    op.execute("drop function governance.keep_risk_treatment()")
