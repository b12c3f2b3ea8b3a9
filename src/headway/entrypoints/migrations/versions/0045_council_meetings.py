"""Meetings of the council: planned in a rhythm, held with an agenda and attendance, told in minutes; calendars and reminders."""

from __future__ import annotations

from alembic import op

revision = "0045_council_meetings"
down_revision: str | None = "0044_own_templates"
branch_labels = None
depends_on = None

# Nothing could write a meeting or a rhythm before this version, so no row is lost.
BODIES = (
    "alter table governance.council_bodies drop constraint ck_council_bodies_rhythm_whole",
    "alter table governance.council_bodies drop constraint ck_council_bodies_known_rhythm",
    "update governance.council_bodies set rhythm = null, first_meeting = null",
    "alter table governance.council_bodies drop column rhythm",
    "alter table governance.council_bodies add column every_weeks integer",
    "alter table governance.council_bodies add column zone text not null default 'UTC'",
    "alter table governance.council_bodies alter column zone drop default",
    "alter table governance.council_bodies add constraint ck_council_bodies_weeks_in_range check (every_weeks between 1 and 26)",
    "alter table governance.council_bodies add constraint ck_council_bodies_rhythm_whole "
    "check ((every_weeks is null) = (first_meeting is null))",
)
TABLES = (
    "drop table governance.council_meetings",
    "drop function governance.keep_council_minutes()",
    """
CREATE TABLE governance.council_meetings (
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  slot TIMESTAMP WITH TIME ZONE,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  minutes_long INTEGER NOT NULL,
  place TEXT NOT NULL,
  state TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  agenda JSONB NOT NULL,
  struck JSONB NOT NULL,
  reason TEXT,
  chair TEXT,
  seats JSONB NOT NULL,
  quorum INTEGER,
  opened_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by TEXT,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_meetings PRIMARY KEY (id),
  CONSTRAINT uq_council_meetings_body_slot UNIQUE (body, slot),
  CONSTRAINT ck_council_meetings_known_state CHECK (state in ('planned', 'open', 'held', 'cancelled')),
  CONSTRAINT ck_council_meetings_minutes_in_range CHECK (minutes_long between 15 and 480),
  CONSTRAINT ck_council_meetings_opened_by_chair CHECK ((opened_at is not null) = (state in ('open', 'held'))
    and (opened_at is null) = (chair is null) and (opened_at is null) = (quorum is null)),
  CONSTRAINT ck_council_meetings_closed_by_somebody CHECK ((closed_at is not null) = (state = 'held')
    and (closed_at is null) = (closed_by is null)),
  CONSTRAINT ck_council_meetings_cancelled_with_reason CHECK (state <> 'cancelled' or reason is not null),
  CONSTRAINT ck_council_meetings_closes_after CHECK (closed_at >= opened_at),
  CONSTRAINT fk_council_meetings_body_council_bodies FOREIGN KEY(body) REFERENCES governance.council_bodies (slug)
)
""",
    "CREATE UNIQUE INDEX uq_council_meetings_open ON governance.council_meetings (body) WHERE state = 'open'",
    "CREATE INDEX ix_council_meetings_starts_at ON governance.council_meetings (starts_at)",
    """
CREATE TABLE governance.council_attendance (
  meeting TEXT NOT NULL,
  person TEXT NOT NULL,
  seat TEXT,
  capacity TEXT,
  noted_by TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_attendance PRIMARY KEY (meeting, person),
  CONSTRAINT uq_council_attendance_meeting_seat UNIQUE (meeting, seat),
  CONSTRAINT ck_council_attendance_people_only CHECK (person like 'person:%'),
  CONSTRAINT ck_council_attendance_seat_whole CHECK ((seat is null) = (capacity is null)),
  CONSTRAINT ck_council_attendance_known_capacity CHECK (capacity in ('holder', 'delegate', 'deputy')),
  CONSTRAINT fk_council_attendance_meeting_council_meetings FOREIGN KEY(meeting) REFERENCES governance.council_meetings (id)
)
""",
    """
CREATE TABLE governance.council_minutes (
  meeting TEXT NOT NULL,
  number INTEGER NOT NULL,
  locale TEXT NOT NULL,
  pdf TEXT NOT NULL,
  docx TEXT NOT NULL,
  content TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  approved_by TEXT,
  approved_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_council_minutes PRIMARY KEY (meeting, number),
  CONSTRAINT ck_council_minutes_approved_by_somebody CHECK ((approved_at is null) = (approved_by is null)),
  CONSTRAINT ck_council_minutes_people_approve CHECK (approved_by like 'person:%'),
  CONSTRAINT ck_council_minutes_counted_from_one CHECK (number >= 1),
  CONSTRAINT fk_council_minutes_meeting_council_meetings FOREIGN KEY(meeting) REFERENCES governance.council_meetings (id)
)
""",
    "CREATE UNIQUE INDEX uq_council_minutes_approved ON governance.council_minutes (meeting) WHERE approved_at is not null",
    """
CREATE TABLE governance.council_calendars (
  person TEXT NOT NULL,
  secret_digest TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_calendars PRIMARY KEY (person),
  CONSTRAINT uq_council_calendars_secret_digest UNIQUE (secret_digest),
  CONSTRAINT ck_council_calendars_people_only CHECK (person like 'person:%')
)
""",
    """
CREATE TABLE governance.council_reminders (
  mark TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_council_reminders PRIMARY KEY (mark)
)
""",
    "alter table governance.council_votes add column meeting text",
    "alter table governance.council_votes add constraint fk_council_votes_meeting_council_meetings "
    "foreign key (meeting) references governance.council_meetings (id)",
    "alter table governance.council_items add column meeting text",
    "alter table governance.council_items add constraint fk_council_items_meeting_council_meetings "
    "foreign key (meeting) references governance.council_meetings (id)",
    "alter table governance.council_items add constraint ck_council_items_decided_in_meeting "
    "check (meeting is null or decided_at is not null)",
)

# A vote names the meeting in which it was given: one of the same council that is open, with the item on its agenda, in which
# who votes is there. Nobody validates what they proposed or made.
KEEP_BALLOT = """
create or replace function governance.keep_council_vote() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.council_items i
    where i.id = new.item and i.state = 'open' and i.lane = 'council' and i.requested_by <> new.person
      and new.at >= i.opened_at and new.at < i.closes_at
      and not exists (select from governance.council_recusals r where r.item = i.id and r.person = new.person)
      and not (new.seat = 'validator' and coalesce(i.rules -> 'makers', '[]'::jsonb) @> to_jsonb(new.person))
      and (exists (select from governance.council_members m
                   where m.body = i.body and m.seat = new.seat and m.person = new.person
                     and m.since <= new.at and (m.until is null or new.at < m.until))
           or exists (select from governance.council_delegations d
                      where d.body = i.body and d.seat = new.seat and d.taker = new.person
                        and d.since <= new.at and new.at < d.until))
      and (new.meeting is null or exists (
        select from governance.council_meetings g join governance.council_attendance a on a.meeting = g.id
        where g.id = new.meeting and g.body = i.body and g.state = 'open' and g.agenda @> to_jsonb(i.id)
          and a.person = new.person and a.at <= new.at))
  ) then
    return new;
  end if;
  raise exception 'governance.council_votes: a vote is cast once, in time, by a member who neither asked nor is recused'
    using errcode = 'integrity_constraint_violation';
end $$
"""

# A planned meeting is moved or cancelled; an open one gets its agenda and is closed; what was held stays as it was.
KEEP_MEETING = """
create function governance.keep_council_meeting() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.state = 'planned' then
    return new;
  end if;
  if tg_op = 'UPDATE' and (new.id, new.body) = (old.id, old.body) and new.slot is not distinct from old.slot
     and (old.state = 'planned' and new.state in ('planned', 'open', 'cancelled')
          or old.state = 'open' and new.state in ('open', 'held')
             and (new.starts_at, new.opened_at, new.chair, new.quorum, new.seats)
               = (old.starts_at, old.opened_at, old.chair, old.quorum, old.seats)) then
    return new;
  end if;
  raise exception 'governance.council_meetings: planned, then opened and closed, or cancelled; it then stays as it is'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_ATTENDANCE = """
create function governance.keep_council_attendance() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.council_meetings g where g.id = new.meeting and g.state = 'open' and new.at >= g.opened_at
  ) then
    return new;
  end if;
  raise exception 'governance.council_attendance: written once, while the meeting is open'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_MINUTES = """
create function governance.keep_council_minutes() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.approved_at is null
     and exists (select from governance.council_meetings g where g.id = new.meeting and g.state = 'held')
     and not exists (
       select from governance.council_minutes m where m.meeting = new.meeting and m.approved_at is not null) then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.approved_at is null and new.approved_at is not null
     and to_jsonb(new) - 'approved_at' - 'approved_by' = to_jsonb(old) - 'approved_at' - 'approved_by' then
    return new;
  end if;
  raise exception 'governance.council_minutes: made after the meeting, approved once; they stay as they are'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_REMINDER = """
create function governance.keep_council_reminder() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    return new;
  end if;
  raise exception 'governance.council_reminders: what was told was told' using errcode = 'integrity_constraint_violation';
end $$
"""
KEPT = {
    "meetings": ("keep_council_meeting", KEEP_MEETING),
    "attendance": ("keep_council_attendance", KEEP_ATTENDANCE),
    "minutes": ("keep_council_minutes", KEEP_MINUTES),
    "reminders": ("keep_council_reminder", KEEP_REMINDER),
}


def upgrade() -> None:
    """Give bodies a rhythm, make the tables, then what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    for statement in (*BODIES, *TABLES, KEEP_BALLOT):
        op.execute(statement)
    for table, (function, source) in KEPT.items():
        op.execute(source)
        op.execute(
            f"create trigger {function} before insert or update or delete on governance.council_{table} "
            f"for each row execute function governance.{function}()"
        )


BEFORE = (
    "alter table governance.council_items drop column meeting",
    "alter table governance.council_votes drop column meeting",
    *(
        f"drop table governance.council_{name}"
        for name in ("reminders", "calendars", "minutes", "attendance", "meetings")
    ),
    *(f"drop function governance.{function}()" for function, _ in KEPT.values()),
    """
create table governance.council_meetings (
  id text constraint pk_council_meetings primary key,
  body text not null constraint fk_council_meetings_body_council_bodies references governance.council_bodies (slug),
  starts_at timestamp with time zone not null,
  state text not null constraint ck_council_meetings_known_state check (state in ('planned', 'open', 'held', 'cancelled')),
  agenda jsonb not null,
  present jsonb not null,
  notes text not null,
  opened_at timestamp with time zone,
  closed_at timestamp with time zone,
  closed_by text,
  signed_by text,
  signed_at timestamp with time zone,
  constraint uq_council_meetings_body_starts_at unique (body, starts_at)
)
""",
    "create function governance.keep_council_minutes() returns trigger language plpgsql as $$ begin return new; end $$",
    "alter table governance.council_bodies drop constraint ck_council_bodies_rhythm_whole",
    "alter table governance.council_bodies drop column every_weeks, drop column zone",
    "update governance.council_bodies set first_meeting = null",
    "alter table governance.council_bodies add column rhythm text",
    "alter table governance.council_bodies add constraint ck_council_bodies_known_rhythm "
    "check (rhythm in ('weekly', 'fortnightly', 'monthly'))",
    "alter table governance.council_bodies add constraint ck_council_bodies_rhythm_whole "
    "check ((rhythm is null) = (first_meeting is null))",
)


def downgrade() -> None:
    """Take the meetings away, and lay out the tables as they were."""
    for statement in BEFORE:
        op.execute(statement)
