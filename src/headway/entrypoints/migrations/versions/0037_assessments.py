"""Assessments of use cases by the people who hold a seat: answers are added, what was submitted and signed stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037_assessments"
down_revision: str | None = "0036_incidents"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEEP = """
create function governance.keep_assessment() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state = 'opened' then
      return new;
    end if;
  elsif tg_op = 'UPDATE'
     and (new.id, new.usecase, new.template, new.template_version, new.template_digest, new.seat, new.number, new.opened_by,
          new.opened_at)
       = (old.id, old.usecase, old.template, old.template_version, old.template_digest, old.seat, old.number, old.opened_by,
          old.opened_at)
     and ((old.state = 'opened' and new.state = 'submitted')
          or (old.state = 'submitted' and new.state in ('signed', 'returned')
              and (new.known, new.facts_digest, new.submitted_by, new.submitted_at, new.answers_digest)
                = (old.known, old.facts_digest, old.submitted_by, old.submitted_at, old.answers_digest))) then
    return new;
  end if;
  raise exception 'governance.assessments: what was submitted or signed is never changed'
    using errcode = 'integrity_constraint_violation';
end $$;
create function governance.keep_assessment_answer() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and exists (
    select 1 from governance.assessments a where a.id = new.assessment and a.state = 'opened'
  ) then
    return new;
  end if;
  raise exception 'governance.assessment_answers: answers are added to open assessments and never changed'
    using errcode = 'integrity_constraint_violation';
end $$;
create function governance.keep_assessor() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
     and (new.id, new.seat, new.person, new.appointed_by, new.appointed_at)
       = (old.id, old.seat, old.person, old.appointed_by, old.appointed_at)
     and new.department is not distinct from old.department then
    return new;
  end if;
  raise exception 'governance.assessors: who held a seat is never changed, only ended'
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger keep_assessment before insert or update or delete on governance.assessments
  for each row execute function governance.keep_assessment();
create trigger keep_assessment_answer before insert or update or delete on governance.assessment_answers
  for each row execute function governance.keep_assessment_answer();
create trigger keep_assessor before update or delete on governance.assessors
  for each row execute function governance.keep_assessor();
"""
CHECKS = {
    "known_state": "state in ('opened', 'submitted', 'signed', 'returned')",
    "people_only": "opened_by like 'person:%' and submitted_by like 'person:%' and signed_by like 'person:%'",
    "two_people": "signed_by <> submitted_by",
    "submitted_by_somebody": (
        "(state = 'opened') = (submitted_by is null) and (submitted_by is null) = (submitted_at is null) "
        "and (submitted_by is null) = (facts_digest is null) and (submitted_by is null) = (answers_digest is null)"
    ),
    "signed_by_somebody": (
        "(state in ('signed', 'returned')) = (signed_by is not null) and (signed_by is null) = (signed_at is null)"
    ),
}


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    _assessors()
    _assessments()
    op.create_table(
        "assessment_answers",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "assessment", "question", "answered_by")),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_answers"),
        sa.ForeignKeyConstraint(["assessment"], ["governance.assessments.id"], name="fk_assessment_answers_assessment"),
        schema="governance",
    )
    op.create_index(
        "ix_assessment_answers_assessment", "assessment_answers", ["assessment", "question"], schema="governance"
    )
    op.execute(KEEP)


def _assessors() -> None:
    op.create_table(
        "assessors",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "seat", "person", "appointed_by")),
        *(sa.Column(name, sa.Text()) for name in ("department", "ended_by")),
        sa.Column("appointed_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_assessors"),
        sa.CheckConstraint("person like 'person:%'", name=op.f("ck_assessors_people_only")),
        sa.CheckConstraint("(ended_by is null) = (ended_at is null)", name=op.f("ck_assessors_ended_by_somebody")),
        schema="governance",
    )
    op.create_index(
        "uq_assessors_seat",
        "assessors",
        ["seat", "person", sa.text("coalesce(department, '')")],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("ended_at is null"),
    )


def _assessments() -> None:
    needed = ("id", "usecase", "template", "template_version", "template_digest", "seat", "state", "opened_by")
    later = ("facts_digest", "submitted_by", "answers_digest", "signed_by", "remark", "evidence")
    op.create_table(
        "assessments",
        *(sa.Column(name, sa.Text(), nullable=False) for name in needed),
        *(sa.Column(name, sa.Text()) for name in later),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("submitted_at", "signed_at")),
        sa.Column("known", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_assessments_usecase_usecases"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_assessments_{name}")) for name, rule in CHECKS.items()),
        schema="governance",
    )
    op.create_index(
        "uq_assessments_number", "assessments", ["usecase", "template", "number"], unique=True, schema="governance"
    )
    op.create_index(
        "uq_assessments_open",
        "assessments",
        ["usecase", "template"],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("state in ('opened', 'submitted')"),
    )


def downgrade() -> None:
    """Forget them."""
    for name in ("assessment_answers", "assessments", "assessors"):
        op.drop_table(name, schema="governance")
    for name in ("keep_assessment", "keep_assessment_answer", "keep_assessor"):
        op.execute(f"drop function governance.{name}()")
