"""Incidents: the register, what people said of jurisdictions, clocks, and files of clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036_incidents"
down_revision: str | None = "0035_mandates"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "state_known": "state in ('open', 'contained', 'corrected', 'closed')",
    "severity_known": "severity in ('low', 'medium', 'high', 'critical')",
    "risk_known": "risk_to_persons in ('unlikely', 'likely', 'high')",
    "ends_after_start": "ended_at >= started_at",
    "closed_by_somebody": (
        "(state = 'closed') = (closed_by is not null) and (closed_by is null) = (closed_at is null) "
        "and (closed_by is null) = (closed_because is null)"
    ),
    "closed_by_another": "closed_by <> opened_by",
    "closed_with_cause": "state <> 'closed' or cause is not null",
    "people_only": "opened_by like 'person:%' and closed_by like 'person:%'",
}
CLOCK_CHECKS = {
    "state_known": "state in ('running', 'met', 'judged', 'stopped')",
    "answer_known": "answer in ('yes', 'unknown', 'no')",
    "judged_by_a_person": "state <> 'judged' or settled_by like 'person:%'",
    "settled_by_somebody": (
        "(state in ('met', 'judged')) = (settled_at is not null) and (settled_at is null) = (settled_by is null)"
    ),
}

# Nobody deletes an incident or says who else opened it. A closed one stays as it was signed off, until it is opened again.
KEEP_INCIDENT = """
create function incidents.keep_incident() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.id, new.opened_by, new.opened_at) = (old.id, old.opened_by, old.opened_at)
     and (old.state <> 'closed' or new.state = 'open') then
    return new;
  end if;
  raise exception 'incidents.incidents: an incident stays, and a closed one is only opened again'
    using errcode = 'integrity_constraint_violation';
end $$
"""
# A clock that was met or that a person judged stays so; no clock is forgotten.
KEEP_CLOCK = """
create function incidents.keep_clock() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.incident, new.id) = (old.incident, old.id)
     and (old.state not in ('met', 'judged')
          or (new.state, new.settled_by, new.settled_at) = (old.state, old.settled_by, old.settled_at)) then
    return new;
  end if;
  raise exception 'incidents.clocks: what was met or judged stays so' using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_SET = """
create function incidents.keep_set() returns trigger language plpgsql as $$
begin
  raise exception 'incidents.clock_sets: a published file is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema incidents")
    _incidents()
    _clocks()
    for function, table, when in (
        (KEEP_INCIDENT, "incidents", "update or delete"),
        (KEEP_CLOCK, "clocks", "update or delete"),
        (KEEP_SET, "clock_sets", "update or delete"),
    ):
        op.execute(function)
        name = function.split("incidents.", 1)[1].split("(", 1)[0]
        op.execute(
            f"create trigger {name} before {when} on incidents.{table} for each row execute function incidents.{name}()"
        )


def downgrade() -> None:
    """Drop them."""
    op.execute("drop schema incidents cascade")


def _incidents() -> None:
    said = ("id", "title", "what", "department", "found_by", "state", "opened_by")
    later = ("severity", "risk_to_persons", "cause", "alert", "closed_by", "closed_because")
    op.create_table(
        "incidents",
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        *(sa.Column(name, sa.Text()) for name in later),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("concerns", "usecases")),
        sa.Column("harm", JSONB()),
        *(sa.Column(name, sa.Boolean()) for name in ("widespread", "personal_data_breach")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("found_at", "aware_at", "opened_at", "changed_at")),
        *(sa.Column(name, MOMENT) for name in ("started_at", "ended_at", "contained_at", "corrected_at", "closed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_incidents_{name}")) for name, rule in CHECKS.items()),
        schema="incidents",
    )
    op.create_index("ix_incidents_department", "incidents", ["department"], schema="incidents")
    op.create_index("ix_incidents_usecases", "incidents", ["usecases"], schema="incidents", postgresql_using="gin")
    op.create_table(
        "places",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("incident", "jurisdiction", "said_by", "reason")),
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("incident", "jurisdiction", name="pk_places"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.incidents.id"], name="fk_places_incident_incidents"),
        schema="incidents",
    )


def _clocks() -> None:
    said = ("incident", "id", "set_name", "set_digest", "state", "answer", "why")
    op.create_table(
        "clocks",
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        *(sa.Column(name, sa.Text()) for name in ("settled_by", "reason")),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("rule", "missing")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("since", "until")),
        *(sa.Column(name, MOMENT) for name in ("settled_at", "reminded_at", "escalated_at")),
        sa.PrimaryKeyConstraint("incident", "id", name="pk_clocks"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.incidents.id"], name="fk_clocks_incident_incidents"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_clocks_{name}")) for name, rule in CLOCK_CHECKS.items()),
        schema="incidents",
    )
    op.create_index(
        "ix_clocks_running", "clocks", ["until"], schema="incidents", postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "clock_sets",
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "version", "digest", "published_by")),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_clock_sets"),
        schema="incidents",
    )
    op.create_index("uq_clock_sets_id_version", "clock_sets", ["id", "version"], unique=True, schema="incidents")
