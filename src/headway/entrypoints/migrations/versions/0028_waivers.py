"""Waivers, which only another person grants, for 30 days at most; and the exceptions that a verdict rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028_waivers"
down_revision: str | None = "0024_pack_switches"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# A waiver begins as a request, is answered once, and ends at most once; nothing that was said is written over. Whatever the
# code above does, a control that its pack does not let be waived, in the version that is on, is not waived.
KEEP_WAIVER = """
create function governance.keep_waiver() returns trigger language plpgsql as $$
declare
  said text;
begin
  if tg_op <> 'DELETE' and new.state = 'granted' or tg_op = 'INSERT' then
    select coalesce(c ->> 'waivable', 'true') into said
    from governance.pack_switches s join governance.packs p on p.digest = s.digest,
         jsonb_array_elements(p.body -> 'controls') c
    where s.number = (select max(number) from governance.pack_switches where pack = new.pack) and s.is_on
      and c ->> 'id' = new.control;
    if said is distinct from 'true' then
      raise exception 'governance.waivers: % of % can never be waived', new.control, new.pack
        using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  if tg_op = 'INSERT' and new.state = 'requested' then
    return new;
  end if;
  if tg_op = 'UPDATE'
     and (new.id, new.usecase, new.environment, new.pack, new.control, new.reason, new.compensation, new.days,
          new.requested_by, new.requested_at)
       = (old.id, old.usecase, old.environment, old.pack, old.control, old.reason, old.compensation, old.days,
          old.requested_by, old.requested_at)
     and new.subject_digest is not distinct from old.subject_digest
     and ((old.state = 'requested' and new.state in ('granted', 'rejected'))
          or (old.state = 'granted' and new.state = 'ended'
              and (new.answered_by, new.answered_at, new.answer, new.ends_at)
                = (old.answered_by, old.answered_at, old.answer, old.ends_at))) then
    return new;
  end if;
  raise exception 'governance.waivers: only the answer to an open request, or an early end, may be written'
    using errcode = 'integrity_constraint_violation';
end $$
"""
CHECKS = {
    "two_people": "state not in ('granted', 'ended') or answered_by <> requested_by",
    "people_only": "requested_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
    "known_state": "state in ('requested', 'rejected', 'granted', 'ended')",
    "known_environment": "environment in ('sandbox', 'pilot', 'production')",
    "days_in_range": "days between 1 and 30",
    "at_most_as_asked": "ends_at > answered_at and ends_at <= answered_at + days * interval '24 hours'",
    "answered_after": "answered_at >= requested_at",
    "ended_in_time": "ended_at >= answered_at and ended_at < ends_at",
    "says_enough": "char_length(btrim(reason)) >= 10 and char_length(btrim(compensation)) >= 10",
    "answered_by_somebody": (
        "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
        "and (answered_by is null) = (answer is null)"
    ),
    "granted_until": "(state in ('granted', 'ended')) = (ends_at is not null)",
    "ended_by_somebody": (
        "(state = 'ended') = (ended_by is not null) and (ended_by is null) = (ended_at is null) "
        "and (ended_by is null) = (ended_because is null)"
    ),
}


def upgrade() -> None:
    """Make the table and what keeps it; verdicts of before rest on no exception."""
    op.execute("set local lock_timeout = '5s'")
    asked = ("id", "usecase", "environment", "pack", "control", "reason", "compensation", "state", "requested_by")
    later = ("subject_digest", "answered_by", "answer", "ended_by", "ended_because")
    op.create_table(
        "waivers",
        *(sa.Column(name, sa.Text(), nullable=False) for name in asked),
        *(sa.Column(name, sa.Text()) for name in later),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "ends_at", "ended_at")),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_waivers_usecase_usecases"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_waivers_{name}")) for name, rule in CHECKS.items()),
        schema="governance",
    )
    op.create_index("ix_waivers_usecase_control", "waivers", ["usecase", "control", "environment"], schema="governance")
    op.create_index(
        "uq_waivers_open",
        "waivers",
        ["usecase", "environment", "pack", "control", sa.text("coalesce(subject_digest, '')")],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.execute(KEEP_WAIVER)
    op.execute(
        "create trigger keep_waiver before insert or update or delete on governance.waivers "
        "for each row execute function governance.keep_waiver()"
    )
    op.add_column(
        "verdicts",
        sa.Column("exceptions", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        schema="governance",
    )


def downgrade() -> None:
    """Take away the table and the column."""
    op.drop_column("verdicts", "exceptions", schema="governance")
    op.drop_table("waivers", schema="governance")
    op.execute("drop function governance.keep_waiver()")
