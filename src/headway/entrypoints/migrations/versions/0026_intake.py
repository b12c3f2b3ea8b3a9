"""Intake: why entries are not twins, who joined, umbrellas with who registered, and tools that were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_intake"
down_revision: str | None = "0025_systems"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SCHEMA = "governance"

# What was asked for, approved or ended stays; only the next step may be written, and the approval not after the end.
KEEP_UMBRELLAS = """
create function governance.keep_umbrella() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null
     and (new.id, new.usecase, new.conditions, new.tier, new.valid_until, new.asked_by, new.asked_on, new.asked_at)
       = (old.id, old.usecase, old.conditions, old.tier, old.valid_until, old.asked_by, old.asked_on, old.asked_at)
     and (old.approved_by is null or (new.approved_by, new.approved_at) = (old.approved_by, old.approved_at)) then
    return new;
  end if;
  raise exception 'governance.umbrellas: only the approval and the end may be written, each once'
    using errcode = 'integrity_constraint_violation';
end $$
"""
NEED_UMBRELLA = """
create function governance.need_umbrella() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select from governance.umbrellas u
    where u.id = new.umbrella and u.approved_by is not null and u.ended_at is null
      and u.valid_until >= (new.registered_at at time zone 'UTC')::date
  ) then
    return new;
  end if;
  raise exception 'governance.registrations: only under an umbrella in force, and never changed'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP = """
create function governance.keep_intake() returns trigger language plpgsql as $$
begin
  raise exception 'governance.%: what was said stays as it was said', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""
TRIGGERS = (
    ("keep_umbrella", "before update or delete on governance.umbrellas", "keep_umbrella"),
    ("need_umbrella", "before insert or update or delete on governance.registrations", "need_umbrella"),
    *(
        (f"keep_{table}", f"before update or delete on governance.{table}", "keep_intake")
        for table in ("distinctions", "joins", "sighting_reports", "gateway_logs")
    ),
)


def upgrade() -> None:
    """Make the tables, then let triggers keep what was said and decided."""
    op.execute("set local lock_timeout = '5s'")
    _make_twins()
    _make_umbrellas()
    _make_sightings()
    for function in (KEEP_UMBRELLAS, NEED_UMBRELLA, KEEP):
        op.execute(function)
    for name, when, function in TRIGGERS:
        op.execute(f"create trigger {name} {when} for each row execute function governance.{function}()")


def downgrade() -> None:
    """Take intake away."""
    tables = ("sighting_reports", "sightings", "gateway_logs", "registrations", "umbrellas", "joins", "distinctions")
    for table in tables:
        op.drop_table(table, schema=SCHEMA)
    for function in ("keep_intake", "need_umbrella", "keep_umbrella"):
        op.execute(f"drop function governance.{function}()")


def _text(*names: str, nullable: bool = False) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=nullable) for name in names)


def _entry(table: str, column: str = "usecase") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["governance.usecases.slug"], name=f"fk_{table}_{column}_usecases")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _make_twins() -> None:
    op.create_table(
        "distinctions",
        *_text("usecase", "other", "reason", "said_by"),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("usecase", "other", name="pk_distinctions"),
        _entry("distinctions"),
        _entry("distinctions", "other"),
        _check("distinctions", "two_entries", "usecase <> other"),
        schema=SCHEMA,
    )
    op.create_index("ix_distinctions_other", "distinctions", ["other"], schema=SCHEMA)
    op.create_table(
        "joins",
        *_text("id", "usecase", "department", "person", "what_for"),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_joins"),
        sa.UniqueConstraint("usecase", "department", "person", name="uq_joins_usecase_department_person"),
        _entry("joins"),
        schema=SCHEMA,
    )


def _make_umbrellas() -> None:
    op.create_table(
        "umbrellas",
        *_text("id", "usecase", "conditions", "tier"),
        sa.Column("valid_until", sa.Date(), nullable=False),
        *_text("asked_by"),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        *_text("approved_by", "ended_by", "ended_because", nullable=True),
        *(sa.Column(name, MOMENT) for name in ("approved_at", "ended_at")),
        sa.PrimaryKeyConstraint("id", name="pk_umbrellas"),
        _entry("umbrellas"),
        _check("umbrellas", "two_people", "approved_by <> asked_by"),
        _check("umbrellas", "people_only", "asked_by like 'person:%' and approved_by like 'person:%'"),
        _check("umbrellas", "approved_by_somebody", "(approved_by is null) = (approved_at is null)"),
        _check(
            "umbrellas",
            "ended_by_somebody",
            "(ended_by is null) = (ended_at is null) and (ended_by is null) = (ended_because is null)",
        ),
        _check("umbrellas", "low_tier", "tier in ('minimal', 'transparency')"),
        _check("umbrellas", "a_year_at_most", "valid_until <= asked_on + 365"),
        schema=SCHEMA,
    )
    op.create_index("ix_umbrellas_usecase", "umbrellas", ["usecase"], schema=SCHEMA)
    open_ones = sa.text("ended_at is null")
    op.create_index(
        "uq_umbrellas_open", "umbrellas", ["usecase"], unique=True, postgresql_where=open_ones, schema=SCHEMA
    )
    op.create_table(
        "registrations",
        *_text("id", "umbrella", "department", "person", "what_for"),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registrations"),
        sa.UniqueConstraint(
            "umbrella", "department", "person", "what_for", name="uq_registrations_umbrella_department_person_what_for"
        ),
        sa.ForeignKeyConstraint(["umbrella"], ["governance.umbrellas.id"], name="fk_registrations_umbrella_umbrellas"),
        schema=SCHEMA,
    )


def _make_sightings() -> None:
    op.create_table(
        "sightings",
        *_text("id", "tool"),
        *_text("host", "department", nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("uses", "users")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("first_seen", "last_seen")),
        *_text("state"),
        sa.Column("opened_at", MOMENT, nullable=False),
        *_text("settled_by", nullable=True),
        sa.Column("settled_at", MOMENT),
        *_text("reason", "usecase", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.UniqueConstraint(
            "tool", "department", name="uq_sightings_tool_department", postgresql_nulls_not_distinct=True
        ),
        _entry("sightings"),
        _check("sightings", "known_state", "state in ('open', 'entry', 'umbrella', 'joined', 'dismissed')"),
        _check(
            "sightings",
            "settled_by_somebody",
            "(state = 'open') = (settled_by is null) and (settled_by is null) = (settled_at is null)",
        ),
        _check("sightings", "dismissed_for_a_reason", "state <> 'dismissed' or reason is not null"),
        _check(
            "sightings",
            "settled_in_an_entry",
            "state not in ('entry', 'joined', 'umbrella') or usecase is not null",
        ),
        schema=SCHEMA,
    )
    op.create_index("ix_sightings_state", "sightings", ["state"], schema=SCHEMA)
    op.create_table(
        "sighting_reports",
        *_text("id", "sighting", "reporter"),
        sa.Column("is_unnamed", sa.Boolean(), nullable=False),
        *_text("what_for"),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sighting_reports"),
        sa.ForeignKeyConstraint(
            ["sighting"], ["governance.sightings.id"], name="fk_sighting_reports_sighting_sightings"
        ),
        schema=SCHEMA,
    )
    for column in ("sighting", "reporter"):
        op.create_index(f"ix_sighting_reports_{column}", "sighting_reports", [column], schema=SCHEMA)
    op.create_table(
        "gateway_logs",
        *_text("digest", "filename"),
        sa.Column("lines", sa.Integer(), nullable=False),
        *_text("read_by"),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_gateway_logs"),
        schema=SCHEMA,
    )
