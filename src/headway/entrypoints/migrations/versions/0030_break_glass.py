"""Break-glass: two people let a subject in for three days, a third reviews it; and releases that came in this way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_break_glass"
down_revision: str | None = "0029_refusals"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# It begins as a request, is answered once and reviewed once. While one of a use case was not reviewed in time, whatever the code
# above does, no other is asked for or confirmed there; nor is one for a revoked subject.
KEEP_BREAK_GLASS = """
create function governance.keep_break_glass() returns trigger language plpgsql as $$
declare
  moment timestamptz;
begin
  if tg_op = 'INSERT' and new.state = 'requested' or tg_op = 'UPDATE' and old.state = 'requested' and new.state = 'confirmed' then
    moment := coalesce(new.answered_at, new.requested_at);
    if exists (
      select from governance.break_glass b
      where b.usecase = new.usecase and b.id <> new.id and b.state = 'confirmed' and b.ends_at <= moment
    ) or exists (select from governance.revocations r where r.subject_digest = new.subject_digest) then
      raise exception 'governance.break_glass: the last one was not reviewed, or the subject was revoked'
        using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  if tg_op = 'INSERT' and new.state = 'requested' then
    return new;
  end if;
  if tg_op = 'UPDATE'
     and (new.id, new.usecase, new.environment, new.subject, new.subject_digest, new.reason, new.requested_by, new.requested_at)
       = (old.id, old.usecase, old.environment, old.subject, old.subject_digest, old.reason, old.requested_by, old.requested_at)
     and ((old.state = 'requested' and new.state in ('confirmed', 'rejected'))
          or (old.state = 'confirmed' and new.state = 'reviewed'
              and (new.answered_by, new.answered_at, new.answer, new.ends_at)
                = (old.answered_by, old.answered_at, old.answer, old.ends_at))) then
    return new;
  end if;
  raise exception 'governance.break_glass: only the answer to an open request, or a review, may be written'
    using errcode = 'integrity_constraint_violation';
end $$
"""
CHECKS = {
    "two_people": "state not in ('confirmed', 'reviewed') or answered_by <> requested_by",
    "third_person": "reviewed_by <> requested_by and reviewed_by <> answered_by",
    "people_only": "requested_by like 'person:%' and answered_by like 'person:%' and reviewed_by like 'person:%'",
    "known_state": "state in ('requested', 'rejected', 'confirmed', 'reviewed')",
    "known_environment": "environment in ('sandbox', 'pilot', 'production')",
    "known_finding": "finding in ('justified', 'not_justified')",
    "says_enough": "char_length(btrim(reason)) >= 10",
    "answered_by_somebody": (
        "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
        "and (answered_by is null) = (answer is null)"
    ),
    "confirmed_until": "(state in ('confirmed', 'reviewed')) = (ends_at is not null)",
    "confirmed_in_time": (
        "answered_at >= requested_at and (ends_at is null or answered_at <= requested_at + interval '24 hours')"
    ),
    "three_days": "ends_at > answered_at and ends_at <= answered_at + interval '72 hours'",
    "reviewed_by_somebody": (
        "(state = 'reviewed') = (reviewed_by is not null) and (reviewed_by is null) = (reviewed_at is null) "
        "and (reviewed_by is null) = (finding is null) and (reviewed_by is null) = (review is null)"
    ),
}
TWO_PEOPLE = (
    "environment = 'sandbox' or status not in ('approved', 'released') "
    "or ({given} and decided_by is not null and decided_by <> requested_by)"
)


def upgrade() -> None:
    """Make the table and what keeps it; a release names the break-glass it came in by, in place of an approval."""
    op.execute("set local lock_timeout = '5s'")
    asked = ("id", "usecase", "environment", "subject", "subject_digest", "reason", "state", "requested_by")
    later = ("answered_by", "answer", "reviewed_by", "finding", "review")
    op.create_table(
        "break_glass",
        *(sa.Column(name, sa.Text(), nullable=False) for name in asked),
        *(sa.Column(name, sa.Text()) for name in later),
        sa.Column("requested_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "ends_at", "reviewed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_break_glass"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_break_glass_usecase_usecases"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_break_glass_{name}")) for name, rule in CHECKS.items()),
        schema="governance",
    )
    op.create_index("ix_break_glass_usecase", "break_glass", ["usecase"], schema="governance")
    op.create_index(
        "uq_break_glass_open",
        "break_glass",
        ["usecase", "environment", "subject_digest"],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.execute(KEEP_BREAK_GLASS)
    op.execute(
        "create trigger keep_break_glass before insert or update or delete on governance.break_glass "
        "for each row execute function governance.keep_break_glass()"
    )
    op.add_column("releases", sa.Column("break_glass", sa.Text()), schema="registry")
    _two_people("(approval is not null or break_glass is not null)")


def downgrade() -> None:
    """Take away the table; releases that came in by it cannot stay."""
    op.execute("delete from registry.releases where break_glass is not null")
    op.drop_column("releases", "break_glass", schema="registry")
    _two_people("approval is not null")
    op.drop_table("break_glass", schema="governance")
    op.execute("drop function governance.keep_break_glass()")


def _two_people(given: str) -> None:
    op.execute("alter table registry.releases drop constraint if exists ck_releases_two_people")
    op.create_check_constraint(
        op.f("ck_releases_two_people"), "releases", TWO_PEOPLE.format(given=given), schema="registry"
    )
