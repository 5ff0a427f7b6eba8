"""Deliveries: who was sent what, for which period, once."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("digest_id", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("code", sa.String),
        sa.Column("why", sa.String),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.String),
        sa.Column("claimed_at", instant),
        sa.Column("lease_until", instant),
        sa.Column("posted_from", instant),
        sa.Column("posted_until", instant),
        sa.Column("channel", sa.String),
        sa.Column("ts", sa.String),
        sa.Column("sent_at", instant),
        sa.Column("figures", sa.JSON),
        sa.UniqueConstraint(
            "workspace", "digest_id", "period", "recipient", "part", "revision", name="uq_deliveries_workspace"
        ),
        sa.CheckConstraint("part in ('main', 'details', 'correction')", name="ck_deliveries_part"),
        sa.CheckConstraint(
            "state in ('due', 'claimed', 'sent', 'skipped', 'failed', 'unknown')", name="ck_deliveries_state"
        ),
        sa.CheckConstraint(
            "state <> 'sent' or (channel is not null and ts is not null and sent_at is not null)",
            name="ck_deliveries_sent",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )


def downgrade() -> None:
    op.drop_table("deliveries")
