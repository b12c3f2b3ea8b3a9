"""Drafts of notifications and what was sent, what incidents stopped, and who keeps a deployment stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0046_notices"
down_revision: str | None = "0045_council_meetings"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEEP = """
create function incidents.keep_{table}() returns trigger language plpgsql as $$
begin
  raise exception 'incidents.{table}: what is kept is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""
# A stop is lifted once, and nothing else of it changes.
KEEP_STOP = """
create function incidents.keep_stops() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.lifted_at is not null or new.lifted_at is null
     or (new.incident, new.deployment_id, new.stopped_at, new.environment, new.deployment, new.stopped_by, new.reason)
        is distinct from
        (old.incident, old.deployment_id, old.stopped_at, old.environment, old.deployment, old.stopped_by, old.reason) then
    raise exception 'incidents.stops: a stop is only lifted, once' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""
STOPS = {
    "lifted_by_somebody": "(lifted_at is null) = (lifted_by is null) and (lifted_by is null) = (lifted_because is null) "
    "and (lifted_by is null) = (told is null)",
    "lifted_by_another": "environment = 'sandbox' or lifted_by <> stopped_by",
    "lifted_by_a_person": "lifted_by like 'person:%'",
}
NOTICES = {"kind_known": "kind in ('initial', 'follow_up')", "made_by_a_person": "made_by like 'person:%'"}
SENDINGS = {
    "noted_by_a_person": "noted_by like 'person:%'",
    "file_whole": "(file is null) = (file_digest is null)",
    "sent_before_noted": "sent_at <= noted_at + interval '5 minutes'",
}


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    kept = sa.Column("kept", JSONB(), nullable=False, server_default=sa.text("'[]'"))
    op.add_column("deployments", kept, schema="serving")
    _stops()
    _notices()
    op.execute(KEEP_STOP)
    for table in ("notices", "sendings"):
        op.execute(KEEP.format(table=table))
    for table in ("stops", "notices", "sendings"):
        op.execute(
            f"create trigger keep_{table} before update or delete on incidents.{table} "
            f"for each row execute function incidents.keep_{table}()"
        )


def downgrade() -> None:
    """Forget them."""
    for table in ("sendings", "notices", "stops"):
        op.drop_table(table, schema="incidents")
        op.execute(f"drop function incidents.keep_{table}()")
    op.drop_column("deployments", "kept", schema="serving")


def _stops() -> None:
    said = ("incident", "deployment_id", "environment", "deployment", "stopped_by", "reason")
    op.create_table(
        "stops",
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        *(sa.Column(name, sa.Text()) for name in ("lifted_by", "lifted_because", "told")),
        sa.Column("stopped_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.PrimaryKeyConstraint("incident", "deployment_id", "stopped_at", name="pk_stops"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.incidents.id"], name="fk_stops_incident_incidents"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_stops_{name}")) for name, rule in STOPS.items()),
        schema="incidents",
    )


def _notices() -> None:
    said = ("id", "incident", "clock", "kind", "digest", "made_by")
    op.create_table(
        "notices",
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.incidents.id"], name="fk_notices_incident_incidents"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_notices_{name}")) for name, rule in NOTICES.items()),
        schema="incidents",
    )
    op.create_index("uq_notices_number", "notices", ["incident", "clock", "number"], unique=True, schema="incidents")
    op.create_table(
        "sendings",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("notice", "recipient", "noted_by")),
        *(sa.Column(name, sa.Text()) for name in ("reference", "file", "file_digest")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("sent_at", "noted_at")),
        sa.PrimaryKeyConstraint("notice", name="pk_sendings"),
        sa.ForeignKeyConstraint(["notice"], ["incidents.notices.id"], name="fk_sendings_notice_notices"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_sendings_{name}")) for name, rule in SENDINGS.items()),
        schema="incidents",
    )
