"""Descriptors of data products, deprecations of their versions, and changes of contracts that consumers answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0051_odps"
down_revision: str | None = "0050_quarantine"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHANGE_RULES = {
    "known_level": "level in ('note', 'compatible', 'breaking')",
    "breaking_has_a_day": "level <> 'breaking' or answer_by is not null",
    "old_version_stays": "keep_days between 0 and 366",
    "ends_once": "effective_at is null or withdrawn_at is null",
    "effective_whole": "(effective_at is null) = (effective_because is null)",
    "withdrawn_whole": (
        "(withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_because is null)"
    ),
}
ANSWER_RULES = {
    "people_answer": "consumer like 'person:%' and (answered_by is null or answered_by like 'person:%')",
    "answered_for_oneself": "answered_by is null or answered_by = consumer or answered_by is not distinct from delegate",
    "answered_whole": "(accepted is null) = (answered_by is null) and (accepted is null) = (answered_at is null)",
    "objection_has_a_reason": "accepted is distinct from false or length(trim(coalesce(reason, ''))) >= 10",
    "handed_to_another": "delegate is null or (delegate <> consumer and delegate like 'person:%')",
}
KEEP_CHANGE = """
create function catalog.keep_contract_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.effective_at is not null or old.withdrawn_at is not null
     or (new.id, new.product, new.version_before, new.digest_before, new.version, new.digest, new.level, new.contract,
         new.reason, new.proposed_by, new.proposed_at, new.answer_by, new.keep_days)
        is distinct from
        (old.id, old.product, old.version_before, old.digest_before, old.version, old.digest, old.level, old.contract,
         old.reason, old.proposed_by, old.proposed_at, old.answer_by, old.keep_days) then
    raise exception 'catalog.contract_changes: what was proposed, took effect or was withdrawn is never changed'
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.effective_at is not null and new.level = 'breaking'
     and (new.effective_at at time zone 'UTC')::date <= new.answer_by
     and exists (select from catalog.contract_answers a where a.change = new.id and a.accepted is distinct from true) then
    raise exception 'catalog.contract_changes: a breaking change waits for every consumer, or for the day after %', new.answer_by
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""
KEEP_ANSWER = """
create function catalog.keep_contract_answer() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE'
     or exists (select from catalog.contract_changes c
                where c.id = new.change and (c.effective_at is not null or c.withdrawn_at is not null))
     or (tg_op = 'UPDATE' and ((new.change, new.consumer, new.because) is distinct from (old.change, old.consumer, old.because)
         or (old.accepted is not null and (new.accepted, new.reason, new.answered_by, new.answered_at, new.delegate)
             is distinct from (old.accepted, old.reason, old.answered_by, old.answered_at, old.delegate)))) then
    raise exception 'catalog.contract_answers: an answer is never changed, and none is given once the change has ended'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""
KEEP_DEPRECATION = """
create function catalog.keep_deprecation() returns trigger language plpgsql as $$
begin
  raise exception 'catalog.deprecations: an entry is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""
TRIGGERS = (
    ("keep_contract_change", "update or delete", "contract_changes"),
    ("keep_contract_answer", "insert or update or delete", "contract_answers"),
    ("keep_deprecation", "update or delete", "deprecations"),
)


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column("products", sa.Column("steward", sa.Text()), schema="catalog")
    op.add_column("products", sa.Column("next_contract", sa.Text()), schema="catalog")
    op.create_table(
        "product_descriptors",
        sa.Column("product", sa.Text(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("said", "levels")),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", name="pk_product_descriptors"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_product_descriptors_product_products"),
        schema="catalog",
    )
    op.create_table(
        "deprecations",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "product", "version", "made_by")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("successor", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deprecations"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_deprecations_product_products"),
        schema="catalog",
    )
    op.create_index(op.f("ix_deprecations_product"), "deprecations", ["product"], schema="catalog")
    _changes()
    for function in (KEEP_CHANGE, KEEP_ANSWER, KEEP_DEPRECATION):
        op.execute(function)
    for name, when, table in TRIGGERS:
        op.execute(
            f"create trigger {name} before {when} on catalog.{table} for each row execute function catalog.{name}()"
        )


def _changes() -> None:
    words = ("id", "product", "version_before", "digest_before", "version", "digest", "level", "reason", "proposed_by")
    op.create_table(
        "contract_changes",
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("contract", "changes")),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("answer_by", sa.Date()),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        *(sa.Column(name, MOMENT) for name in ("effective_at", "withdrawn_at")),
        *(sa.Column(name, sa.Text()) for name in ("effective_because", "withdrawn_by", "withdrawn_because")),
        sa.PrimaryKeyConstraint("id", name="pk_contract_changes"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_contract_changes_product_products"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_contract_changes_{name}")) for name, rule in CHANGE_RULES.items()),
        schema="catalog",
    )
    op.create_index(op.f("ix_contract_changes_product"), "contract_changes", ["product"], schema="catalog")
    op.create_index(
        "uq_contract_changes_one_open",
        "contract_changes",
        ["product"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("effective_at is null and withdrawn_at is null"),
    )
    op.create_table(
        "contract_answers",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("change", "consumer")),
        sa.Column("because", JSONB(), nullable=False),
        sa.Column("accepted", sa.Boolean()),
        *(sa.Column(name, sa.Text()) for name in ("reason", "answered_by", "delegate")),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "reminded_at")),
        sa.PrimaryKeyConstraint("change", "consumer", name="pk_contract_answers"),
        sa.ForeignKeyConstraint(
            ["change"], ["catalog.contract_changes.id"], name="fk_contract_answers_change_contract_changes"
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_contract_answers_{name}")) for name, rule in ANSWER_RULES.items()),
        schema="catalog",
    )
    op.create_index(op.f("ix_contract_answers_consumer"), "contract_answers", ["consumer"], schema="catalog")


def downgrade() -> None:
    """Take the tables away."""
    for table in ("contract_answers", "contract_changes", "deprecations", "product_descriptors"):
        op.drop_table(table, schema="catalog")
    for name, _, _ in TRIGGERS:
        op.execute(f"drop function catalog.{name}()")
    for column in ("steward", "next_contract"):
        op.drop_column("products", column, schema="catalog")
