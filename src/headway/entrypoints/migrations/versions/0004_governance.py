"""Tables of governance, and the triggers that keep what was decided as it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_governance"
down_revision: str | None = "0003_identity"
branch_labels = None
depends_on = None

APPEND_ONLY = ("packs", "tier_decisions", "evidence", "verdicts", "revocations")

REFUSE_CHANGE = """
create function governance.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'governance.% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'integrity_constraint_violation';
end $$
"""

# What was asked and answered cannot be rewritten: a decided approval never changes, an open one only by its answer.
KEEP_APPROVALS = """
create function governance.keep_approval() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'requested'
     and (new.id, new.subject, new.subject_digest, new.environment, new.usecase, new.pack_digest, new.evidence_digest,
          new.requested_by, new.requested_at)
       = (old.id, old.subject, old.subject_digest, old.environment, old.usecase, old.pack_digest, old.evidence_digest,
          old.requested_by, old.requested_at) then
    return new;
  end if;
  raise exception 'governance.approvals: only the answer to an open request may be written'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema governance")
    _make_usecases()
    _make_evidence()
    _make_approvals()
    _make_verdicts()
    op.execute(REFUSE_CHANGE)
    op.execute(KEEP_APPROVALS)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on governance.{table} "
            "for each row execute function governance.refuse_change()"
        )
    op.execute(
        "create trigger answer_once before update or delete on governance.approvals "
        "for each row execute function governance.keep_approval()"
    )


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute("drop schema governance cascade")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _json(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, JSONB(), nullable=False) for name in names]


def _usecase_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name=f"fk_{table}_usecase_usecases")


def _make_usecases() -> None:
    op.create_table(
        "usecases",
        *_texts("slug", "title", "department"),
        *_texts("solution", "purpose", "owner", "sponsor", "success_measure", "people_affected", nullable=True),
        *_json("risk"),
        *_texts("opened_by"),
        *_times("opened_at", "updated_at"),
        sa.PrimaryKeyConstraint("slug", name="pk_usecases"),
        schema="governance",
    )
    op.create_index("ix_usecases_department", "usecases", ["department"], schema="governance")
    op.create_table(
        "packs",
        *_texts("id", "version", "digest"),
        *_json("body"),
        *_times("published_at"),
        sa.PrimaryKeyConstraint("id", "version", name="pk_packs"),
        sa.UniqueConstraint("digest", name="uq_packs_digest"),
        schema="governance",
    )
    op.create_table(
        "tier_decisions",
        *_texts("id", "usecase", "usecase_digest", "tier"),
        *_texts("rule", nullable=True),
        *_texts("method", "decider"),
        *_texts("reasons", nullable=True),
        *_json("trace", "facts_needed"),
        *_texts("pack_id", "pack_version", "pack_digest"),
        *_texts("confidence", nullable=True),
        *_times("decided_at"),
        sa.CheckConstraint(
            "method <> 'person' or reasons is not null", name=op.f("ck_tier_decisions_person_gives_reasons")
        ),
        _usecase_key("tier_decisions"),
        sa.PrimaryKeyConstraint("id", name="pk_tier_decisions"),
        schema="governance",
    )
    op.create_index("ix_tier_decisions_usecase_id", "tier_decisions", ["usecase", "id"], schema="governance")


def _make_evidence() -> None:
    op.create_table(
        "evidence",
        *_texts("id", "type", "subject", "subject_digest"),
        *_json("facts"),
        *_texts("producer"),
        *_times("made_at"),
        *_texts("payload_digest", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        schema="governance",
    )
    op.create_index("ix_evidence_subject_digest_type", "evidence", ["subject_digest", "type"], schema="governance")
    op.create_index("ix_evidence_subject_type", "evidence", ["subject", "type"], schema="governance")
    op.create_table(
        "revocations",
        *_texts("id", "subject_digest", "reason", "revoked_by"),
        *_times("revoked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_revocations"),
        sa.UniqueConstraint("subject_digest", name="uq_revocations_subject_digest"),
        schema="governance",
    )


def _make_approvals() -> None:
    checks = {
        "two_people": "approved_by <> requested_by",
        "people_only": "requested_by like 'person:%' and approved_by like 'person:%'",
        "known_state": "state in ('requested', 'approved', 'rejected')",
        "approved_by_somebody": "(state = 'approved') = (approved_by is not null)",
        "rejected_by_somebody": "(state = 'rejected') = (rejected_by is not null)",
    }
    op.create_table(
        "approvals",
        *_texts("id", "subject", "subject_digest", "environment", "usecase", "pack_digest", "evidence_digest", "state"),
        *_texts("requested_by"),
        *_times("requested_at"),
        *_texts("approved_by", "rejected_by", nullable=True),
        *_times("decided_at", nullable=True),
        *_texts("reason", nullable=True),
        *[sa.CheckConstraint(text, name=op.f(f"ck_approvals_{name}")) for name, text in checks.items()],
        _usecase_key("approvals"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        schema="governance",
    )
    op.create_index(
        "ix_approvals_subject_digest_environment", "approvals", ["subject_digest", "environment"], schema="governance"
    )


def _make_verdicts() -> None:
    op.create_table(
        "verdicts",
        *_texts("id", "gate", "environment", "usecase", "subject", "subject_digest", "result", "tier"),
        *_json("controls", "missing", "approvals", "facts"),
        *_texts("facts_digest"),
        *_json("pack_digests"),
        *_texts("pack_digest", "issued_by"),
        *_times("issued_at", "serve_until"),
        *_texts("key_id", "envelope"),
        _usecase_key("verdicts"),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        schema="governance",
    )
    op.create_index("ix_verdicts_usecase", "verdicts", ["usecase"], schema="governance")
    op.create_index(
        "ix_verdicts_subject_digest_environment", "verdicts", ["subject_digest", "environment"], schema="governance"
    )
