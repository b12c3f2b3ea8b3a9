"""The quorum of each environment, and the votes of approvals; what was approved before has its one vote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_quorum"
down_revision: str | None = "0017_staged_files"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# An open request changes by its answer, and by what it needs, which never becomes less.
KEEP_APPROVALS = """
create or replace function governance.keep_approval() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'requested'
     and (new.id, new.subject, new.subject_digest, new.environment, new.usecase, new.pack_digest, new.evidence_digest,
          new.requested_by, new.requested_at)
       = (old.id, old.subject, old.subject_digest, old.environment, old.usecase, old.pack_digest, old.evidence_digest,
          old.requested_by, old.requested_at){and_needed} then
    return new;
  end if;
  raise exception 'governance.approvals: only the answer to an open request may be written'
    using errcode = 'integrity_constraint_violation';
end $$
"""

# Whatever the code above does, nothing is approved with fewer votes of others than were asked for and are in force.
NEED_QUORUM = """
create function governance.need_quorum() returns trigger language plpgsql as $$
begin
  if (select count(*) from governance.votes v where v.approval = new.id and v.person <> new.requested_by) < new.needed
     or not exists (select from governance.votes v where v.approval = new.id and v.person = new.approved_by)
     or new.needed < (select q.needed from governance.quorums q where q.environment = new.environment) then
    raise exception 'governance.approvals: the quorum is not reached'
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$
"""

KEEP_VOTES = """
create function governance.keep_vote() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.approvals a
    where a.id = new.approval and a.state = 'requested' and a.requested_by <> new.person
  ) then
    return new;
  end if;
  raise exception 'governance.votes: a yes is given once, to an open request, by somebody else than who asked'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables, fill in what was, then let triggers keep it."""
    op.execute("set local lock_timeout = '5s'")
    _make_quorums()
    op.add_column(
        "approvals",
        sa.Column("needed", sa.Integer(), nullable=False, server_default=sa.text("1")),
        schema="governance",
    )
    op.create_check_constraint(
        op.f("ck_approvals_needed_in_range"), "approvals", "needed between 1 and 9", schema="governance"
    )
    _make_votes()
    op.execute(
        "insert into governance.votes (approval, person, reason, at) "
        "select id, approved_by, coalesce(reason, ''), coalesce(decided_at, requested_at) "
        "from governance.approvals where state = 'approved'"
    )
    op.execute(KEEP_APPROVALS.format(and_needed="\n     and new.needed >= old.needed"))
    op.execute(NEED_QUORUM)
    op.execute(KEEP_VOTES)
    op.execute(
        "create trigger keep_vote before insert or update or delete on governance.votes "
        "for each row execute function governance.keep_vote()"
    )
    op.execute(
        "create trigger need_quorum after insert or update on governance.approvals "
        "for each row when (new.state = 'approved') execute function governance.need_quorum()"
    )


def downgrade() -> None:
    """Go back to one vote, which stands in the approval itself."""
    op.execute("drop trigger need_quorum on governance.approvals")
    op.execute(KEEP_APPROVALS.format(and_needed=""))
    op.drop_table("votes", schema="governance")
    op.execute("drop function governance.keep_vote()")
    op.execute("drop function governance.need_quorum()")
    op.drop_column("approvals", "needed", schema="governance")
    op.drop_table("quorums", schema="governance")


def _make_quorums() -> None:
    op.create_table(
        "quorums",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text()),
        sa.Column("changed_at", MOMENT),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("environment", name="pk_quorums"),
        sa.CheckConstraint("needed between 1 and 9", name=op.f("ck_quorums_in_range")),
        sa.CheckConstraint("environment in ('pilot', 'production')", name=op.f("ck_quorums_above_sandbox")),
        schema="governance",
    )
    op.execute("insert into governance.quorums (environment, needed) values ('pilot', 1), ('production', 1)")


def _make_votes() -> None:
    op.create_table(
        "votes",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("approval", "person", "reason")),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("approval", "person", name="pk_votes"),
        sa.ForeignKeyConstraint(["approval"], ["governance.approvals.id"], name="fk_votes_approval_approvals"),
        sa.CheckConstraint("person like 'person:%'", name=op.f("ck_votes_people_only")),
        schema="governance",
    )
