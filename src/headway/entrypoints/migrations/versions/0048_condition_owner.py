"""A condition that nobody has shown as met can be given to somebody else: who had it may have left."""

from __future__ import annotations

from alembic import op

revision = "0048_condition_owner"
down_revision: str | None = "0047_narrowings"
branch_labels = None
depends_on = None

KEEP_CONDITION = """
create or replace function governance.keep_council_condition() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.due_at is null and exists (
    select from governance.council_items i where i.id = new.item and i.state = 'open'
      and not exists (select from governance.council_votes v where v.item = i.id)
  ) then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.accepted_at is null
     and (new.id, new.item, new.text, new.days, new.proposed_by, new.proposed_at)
       = (old.id, old.item, old.text, old.days, old.proposed_by, old.proposed_at)
     and {owner}
     and (new.due_at is not distinct from old.due_at
          or old.due_at is null and exists (
            select from governance.council_items i where i.id = new.item and i.state = 'approved'
              and new.due_at = i.decided_at + new.days * interval '24 hours')) then
    return new;
  end if;
  raise exception 'governance.council_conditions: proposed before the first vote, due by the decision, accepted once'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEPT = "new.owner = old.owner"
GIVEN = "(new.owner = old.owner or old.due_at is not null and old.met_at is null and new.met_at is null)"


def upgrade() -> None:
    """Let the owner change between the decision and what shows that it is met."""
    op.execute("set local lock_timeout = '5s'")
    op.execute(KEEP_CONDITION.format(owner=GIVEN))


def downgrade() -> None:
    """Let nobody change it again; who has a condition keeps it."""
    op.execute(KEEP_CONDITION.format(owner=KEPT))
