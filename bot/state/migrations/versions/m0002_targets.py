"""Targets: those that were set or split, and what they were before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("kpi", sa.String, nullable=False),
        sa.Column("scope_type", sa.String, nullable=False),
        sa.Column("scope_id", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("whole_scope_type", sa.String),
        sa.Column("whole_scope_id", sa.String),
        sa.Column("whole_period", sa.String),
        sa.Column("set_by", sa.String, nullable=False),
        sa.Column("set_at", instant, nullable=False),
        sa.Column("ended_change", sa.Integer),
        sa.Column("ended_by", sa.String),
        sa.Column("ended_at", instant),
        sa.CheckConstraint("scope_type in ('company', 'team', 'rep')", name="ck_targets_scope_type"),
        sa.CheckConstraint("(scope_type = 'company') = (scope_id = '')", name="ck_targets_scope_id"),
        sa.CheckConstraint("kind in ('number', 'money', 'yes_no')", name="ck_targets_kind"),
        sa.CheckConstraint("origin in ('set', 'split')", name="ck_targets_origin"),
        sa.CheckConstraint("(origin = 'split') = (whole_period is not null)", name="ck_targets_whole"),
        sa.CheckConstraint("(ended_change is null) = (ended_at is null)", name="ck_targets_ended"),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
    )
    stands = sa.text("ended_change is null")
    op.create_index(
        "ix_targets_kpi",
        "targets",
        ["kpi", "scope_type", "scope_id", "period"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )


def downgrade() -> None:
    op.drop_table("targets")
