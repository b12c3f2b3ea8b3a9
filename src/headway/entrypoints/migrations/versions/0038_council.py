"""The council: bodies, seats, ballots, conditions and meetings, with triggers that let no decision past the rules."""

from __future__ import annotations

from alembic import op

revision = "0038_council"
down_revision: str | None = "0037_assessments"
branch_labels = None
depends_on = None

TABLES = (
    """
CREATE TABLE governance.council_bodies (
  slug TEXT NOT NULL,
  title TEXT NOT NULL,
  department TEXT,
  seats JSONB NOT NULL,
  quorum INTEGER NOT NULL,
  required JSONB NOT NULL,
  reviews JSONB NOT NULL,
  tie TEXT NOT NULL,
  chair TEXT,
  days INTEGER NOT NULL,
  rhythm TEXT,
  first_meeting TIMESTAMP WITH TIME ZONE,
  minutes_long INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_council_bodies PRIMARY KEY (slug),
  CONSTRAINT ck_council_bodies_quorum_of_two CHECK (quorum >= 2),
  CONSTRAINT ck_council_bodies_known_tie CHECK (tie in ('chair', 'rejected')),
  CONSTRAINT ck_council_bodies_days_in_range CHECK (days between 1 and 60),
  CONSTRAINT ck_council_bodies_known_rhythm CHECK (rhythm in ('weekly', 'fortnightly', 'monthly')),
  CONSTRAINT ck_council_bodies_rhythm_whole CHECK ((rhythm is null) = (first_meeting is null)),
  CONSTRAINT ck_council_bodies_minutes_in_range CHECK (minutes_long between 15 and 480)
)
""",
    """
CREATE UNIQUE INDEX uq_council_bodies_department ON governance.council_bodies (coalesce(department, '')) WHERE ended_at is null
""",
    """
CREATE TABLE governance.council_members (
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  seat TEXT NOT NULL,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_council_members PRIMARY KEY (id),
  CONSTRAINT ck_council_members_known_kind CHECK (kind in ('holder', 'deputy')),
  CONSTRAINT ck_council_members_people_only CHECK (person like 'person:%'),
  CONSTRAINT ck_council_members_ends_after CHECK (until >= since),
  CONSTRAINT fk_council_members_body_council_bodies FOREIGN KEY(body) REFERENCES governance.council_bodies (slug)
)
""",
    """
CREATE INDEX ix_council_members_body ON governance.council_members (body)
""",
    """
CREATE UNIQUE INDEX uq_council_members_holder ON governance.council_members (body, seat) WHERE kind = 'holder' and until is null
""",
    """
CREATE TABLE governance.council_delegations (
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  seat TEXT NOT NULL,
  giver TEXT NOT NULL,
  taker TEXT NOT NULL,
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  until TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_delegations PRIMARY KEY (id),
  CONSTRAINT ck_council_delegations_two_people CHECK (giver <> taker),
  CONSTRAINT ck_council_delegations_people_only CHECK (giver like 'person:%' and taker like 'person:%'),
  CONSTRAINT ck_council_delegations_ends_in_time CHECK (until >= since and until <= since + interval '90 days'),
  CONSTRAINT fk_council_delegations_body_council_bodies FOREIGN KEY(body) REFERENCES governance.council_bodies (slug)
)
""",
    """
CREATE INDEX ix_council_delegations_body ON governance.council_delegations (body)
""",
    """
CREATE TABLE governance.council_items (
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  approval TEXT,
  subject TEXT NOT NULL,
  usecase TEXT NOT NULL,
  environment TEXT,
  requested_by TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closes_at TIMESTAMP WITH TIME ZONE NOT NULL,
  rules JSONB NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  decided_by TEXT,
  why JSONB NOT NULL,
  CONSTRAINT pk_council_items PRIMARY KEY (id),
  CONSTRAINT ck_council_items_known_lane CHECK (lane in ('automatic', 'reviewer', 'council')),
  CONSTRAINT ck_council_items_known_state CHECK (state in ('open', 'escalated', 'approved', 'rejected', 'lapsed')),
  CONSTRAINT ck_council_items_decided_once CHECK ((state in ('open', 'escalated')) = (decided_at is null)),
  CONSTRAINT ck_council_items_decided_by_somebody CHECK ((decided_at is null) = (decided_by is null)),
  CONSTRAINT ck_council_items_closes_after CHECK (closes_at >= opened_at),
  CONSTRAINT ck_council_items_people_ask CHECK (requested_by like 'person:%'),
  CONSTRAINT ck_council_items_rules_decide_no_approval CHECK (lane <> 'automatic' or (approval is null and state = 'approved')),
  CONSTRAINT fk_council_items_body_council_bodies FOREIGN KEY(body) REFERENCES governance.council_bodies (slug),
  CONSTRAINT uq_council_items_approval UNIQUE (approval),
  CONSTRAINT fk_council_items_approval_approvals FOREIGN KEY(approval) REFERENCES governance.approvals (id),
  CONSTRAINT fk_council_items_usecase_usecases FOREIGN KEY(usecase) REFERENCES governance.usecases (slug)
)
""",
    """
CREATE INDEX ix_council_items_body ON governance.council_items (body)
""",
    """
CREATE INDEX ix_council_items_state ON governance.council_items (state)
""",
    """
CREATE INDEX ix_council_items_usecase ON governance.council_items (usecase)
""",
    """
CREATE TABLE governance.council_recusals (
  item TEXT NOT NULL,
  person TEXT NOT NULL,
  reason TEXT NOT NULL,
  is_automatic BOOLEAN NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_recusals PRIMARY KEY (item, person),
  CONSTRAINT fk_council_recusals_item_council_items FOREIGN KEY(item) REFERENCES governance.council_items (id)
)
""",
    """
CREATE TABLE governance.council_reviews (
  item TEXT NOT NULL,
  part TEXT NOT NULL,
  person TEXT NOT NULL,
  supports BOOLEAN NOT NULL,
  text TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_reviews PRIMARY KEY (item, part),
  CONSTRAINT ck_council_reviews_people_only CHECK (person like 'person:%'),
  CONSTRAINT fk_council_reviews_item_council_items FOREIGN KEY(item) REFERENCES governance.council_items (id)
)
""",
    """
CREATE TABLE governance.council_votes (
  item TEXT NOT NULL,
  seat TEXT NOT NULL,
  person TEXT NOT NULL,
  capacity TEXT NOT NULL,
  choice TEXT NOT NULL,
  reason TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_votes PRIMARY KEY (item, seat),
  CONSTRAINT uq_council_votes_item_person UNIQUE (item, person),
  CONSTRAINT ck_council_votes_people_only CHECK (person like 'person:%'),
  CONSTRAINT ck_council_votes_known_choice CHECK (choice in ('yes', 'no', 'abstain')),
  CONSTRAINT ck_council_votes_known_capacity CHECK (capacity in ('holder', 'delegate', 'deputy')),
  CONSTRAINT ck_council_votes_reason_given CHECK (length(trim(reason)) > 0),
  CONSTRAINT fk_council_votes_item_council_items FOREIGN KEY(item) REFERENCES governance.council_items (id)
)
""",
    """
CREATE TABLE governance.council_conditions (
  id TEXT NOT NULL,
  item TEXT NOT NULL,
  text TEXT NOT NULL,
  owner TEXT NOT NULL,
  days INTEGER NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE,
  met_by TEXT,
  met_at TIMESTAMP WITH TIME ZONE,
  evidence TEXT,
  accepted_by TEXT,
  accepted_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_council_conditions PRIMARY KEY (id),
  CONSTRAINT ck_council_conditions_days_in_range CHECK (days between 0 and 365),
  CONSTRAINT ck_council_conditions_two_people CHECK (owner like 'person:%' and accepted_by <> met_by),
  CONSTRAINT ck_council_conditions_met_whole CHECK ((met_at is null) = (met_by is null) and (met_at is null) = (evidence is null)),
  CONSTRAINT ck_council_conditions_accepted_by_somebody CHECK ((accepted_at is null) = (accepted_by is null)),
  CONSTRAINT ck_council_conditions_met_first CHECK (accepted_at is null or met_at is not null),
  CONSTRAINT ck_council_conditions_decided_first CHECK (met_at is null or due_at is not null),
  CONSTRAINT fk_council_conditions_item_council_items FOREIGN KEY(item) REFERENCES governance.council_items (id)
)
""",
    """
CREATE INDEX ix_council_conditions_item ON governance.council_conditions (item)
""",
    """
CREATE TABLE governance.council_meetings (
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  state TEXT NOT NULL,
  agenda JSONB NOT NULL,
  present JSONB NOT NULL,
  notes TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by TEXT,
  signed_by TEXT,
  signed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_council_meetings PRIMARY KEY (id),
  CONSTRAINT uq_council_meetings_body_starts_at UNIQUE (body, starts_at),
  CONSTRAINT ck_council_meetings_known_state CHECK (state in ('planned', 'open', 'held', 'cancelled')),
  CONSTRAINT ck_council_meetings_signed_by_somebody CHECK ((signed_at is null) = (signed_by is null)),
  CONSTRAINT ck_council_meetings_signed_after CHECK (signed_at is null or state = 'held'),
  CONSTRAINT fk_council_meetings_body_council_bodies FOREIGN KEY(body) REFERENCES governance.council_bodies (slug)
)
""",
)

# The vote of a seat is cast once, in time, by somebody of the seat who neither asked nor stepped back; nobody votes twice.
KEEP_BALLOT = """
create function governance.keep_council_vote() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.council_items i
    where i.id = new.item and i.state = 'open' and i.lane = 'council' and i.requested_by <> new.person
      and new.at >= i.opened_at and new.at < i.closes_at
      and not exists (select from governance.council_recusals r where r.item = i.id and r.person = new.person)
      and (exists (select from governance.council_members m
                   where m.body = i.body and m.seat = new.seat and m.person = new.person
                     and m.since <= new.at and (m.until is null or new.at < m.until))
           or exists (select from governance.council_delegations d
                      where d.body = i.body and d.seat = new.seat and d.taker = new.person
                        and d.since <= new.at and new.at < d.until))
  ) then
    return new;
  end if;
  raise exception 'governance.council_votes: a vote is cast once, in time, by a member who neither asked nor is recused'
    using errcode = 'integrity_constraint_violation';
end $$
"""

# An item is decided once, and approved only with its quorum, its required seats, its reviews and a majority.
KEEP_ITEM = """
create function governance.keep_council_item() returns trigger language plpgsql as $$
declare
  yes int; no int; cast_ int; chair text;
begin
  if tg_op = 'INSERT' and (new.state = 'open' or new.lane = 'automatic') then
    return new;
  end if;
  if tg_op = 'UPDATE'
     and (new.id, new.body, new.lane, new.subject, new.usecase, new.requested_by, new.opened_at, new.rules)
       = (old.id, old.body, old.lane, old.subject, old.usecase, old.requested_by, old.opened_at, old.rules)
     and new.approval is not distinct from old.approval then
    if new.state in ('rejected', 'lapsed') and old.state in ('open', 'escalated') and new.closes_at = old.closes_at
       or new.state = 'escalated' and old.state = 'open' and new.closes_at = old.closes_at
       or new.state = 'open' and old.state = 'escalated' and new.closes_at > old.closes_at then
      return new;
    end if;
    if new.state = 'approved' and old.state = 'open' and new.closes_at = old.closes_at then
      select count(*) filter (where v.choice = 'yes'), count(*) filter (where v.choice = 'no'), count(*),
             max(v.choice) filter (where v.seat = new.rules ->> 'chair')
      into yes, no, cast_, chair from governance.council_votes v where v.item = new.id;
      if cast_ >= (new.rules ->> 'quorum')::int and yes >= (new.rules ->> 'needed')::int
         and (yes > no or yes = no and new.rules ->> 'tie' = 'chair' and chair = 'yes')
         and not exists (
           select from jsonb_array_elements_text(new.rules -> 'required') s
           where not exists (select from governance.council_votes v where v.item = new.id and v.seat = s))
         and not exists (
           select from jsonb_array_elements_text(new.rules -> 'reviews') p
           where not exists (select from governance.council_reviews r where r.item = new.id and r.part = p)) then
        return new;
      end if;
    end if;
  end if;
  raise exception 'governance.council_items: it is not decided by its rules, or was decided before'
    using errcode = 'integrity_constraint_violation';
end $$
"""

KEEP_ONCE = """
create function governance.keep_council_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.council_items i where i.id = new.item and i.state = 'open' and new.at < i.closes_at
  ) and not (tg_table_name = 'council_recusals' and exists (
    select from governance.council_votes v where v.item = new.item and v.person = new.person
  )) then
    return new;
  end if;
  raise exception 'governance.%: written once, while the item is open, and before an own vote', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""

# A condition is part of what is voted on: none comes after the first vote. It is met with evidence, and accepted by another.
KEEP_CONDITION = """
create function governance.keep_council_condition() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.due_at is null and exists (
    select from governance.council_items i where i.id = new.item and i.state = 'open'
      and not exists (select from governance.council_votes v where v.item = i.id)
  ) then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.accepted_at is null
     and (new.id, new.item, new.text, new.owner, new.days, new.proposed_by, new.proposed_at)
       = (old.id, old.item, old.text, old.owner, old.days, old.proposed_by, old.proposed_at)
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

KEEP_SEAT = """
create function governance.keep_council_seat() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    return new;
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'council_members' and old.until is null and new.until is not null
     and to_jsonb(new) - 'until' = to_jsonb(old) - 'until' then
    return new;
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'council_delegations' and new.until < old.until
     and to_jsonb(new) - 'until' = to_jsonb(old) - 'until' then
    return new;
  end if;
  raise exception 'governance.%: only an earlier end may be written', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""

KEEP_MINUTES = """
create function governance.keep_council_minutes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or tg_op = 'UPDATE' and old.signed_at is null then
    return new;
  end if;
  raise exception 'governance.council_meetings: signed minutes stay as they are'
    using errcode = 'integrity_constraint_violation';
end $$
"""

# An approval that is before the council counts only once the council said yes, and with the votes that were cast there.
NEED_COUNCIL = """
create function governance.need_council() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'approvals' and exists (
    select from governance.council_items i where i.approval = new.id and i.state <> 'approved'
  ) then
    raise exception 'governance.approvals: the council has not said yes'
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$
"""
NEED_BALLOT = """
create function governance.need_ballot() returns trigger language plpgsql as $$
begin
  if exists (
    select from governance.council_items i where i.approval = new.approval and not (
      i.state = 'approved' and exists (
        select from governance.council_votes v where v.item = i.id and v.person = new.person and v.choice = 'yes'))
  ) then
    raise exception 'governance.votes: the council decides this; a yes is cast there'
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$
"""
KEPT = {
    "votes": "keep_council_vote",
    "items": "keep_council_item",
    "recusals": "keep_council_words",
    "reviews": "keep_council_words",
    "conditions": "keep_council_condition",
    "members": "keep_council_seat",
    "delegations": "keep_council_seat",
    "meetings": "keep_council_minutes",
}
FUNCTIONS = (
    KEEP_BALLOT, KEEP_ITEM, KEEP_ONCE, KEEP_CONDITION, KEEP_SEAT, KEEP_MINUTES, NEED_COUNCIL, NEED_BALLOT,
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, then what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    for statement in (*TABLES, *FUNCTIONS):
        op.execute(statement)
    for table, function in KEPT.items():
        op.execute(
            f"create trigger {function} before insert or update or delete on governance.council_{table} "
            f"for each row execute function governance.{function}()"
        )
    op.execute(
        "create trigger need_council after insert or update on governance.approvals "
        "for each row when (new.state = 'approved') execute function governance.need_council()"
    )
    op.execute(
        "create trigger need_ballot after insert on governance.votes "
        "for each row execute function governance.need_ballot()"
    )


def downgrade() -> None:
    """Take away what keeps them, and the tables."""
    op.execute("drop trigger need_ballot on governance.votes")
    op.execute("drop trigger need_council on governance.approvals")
    tables = ("votes", "recusals", "reviews", "conditions", "meetings", "items", "members", "delegations", "bodies")
    for table in tables:
        op.execute(f"drop table governance.council_{table}")
    for function in ("need_council", "need_ballot", *sorted(set(KEPT.values()))):
        op.execute(f"drop function governance.{function}()")
