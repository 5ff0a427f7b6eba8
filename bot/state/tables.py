"""The state's tables as they are at the newest migration."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept and given back in UTC; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a zone can't be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


DELIVERIES: Table = Table(
    "deliveries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("workspace", String, nullable=False),
    Column("digest_id", String, nullable=False),
    Column("period", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("part", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("code", String),  # why it is skipped, failed or unknown: for programs, and in words
    Column("why", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_by", String),
    Column("claimed_at", Instant),
    Column("lease_until", Instant),
    Column("posted_from", Instant),  # the first and the last post whose message may be in Slack
    Column("posted_until", Instant),
    Column("channel", String),
    Column("ts", String),
    Column("sent_at", Instant),
    Column[Any]("figures", JSON),
    UniqueConstraint("workspace", "digest_id", "period", "recipient", "part", "revision"),
    CheckConstraint("part in ('main', 'details', 'correction')", name="part"),
    CheckConstraint("state in ('due', 'claimed', 'sent', 'skipped', 'failed', 'unknown')", name="state"),
    CheckConstraint("state <> 'sent' or (channel is not null and ts is not null and sent_at is not null)", name="sent"),
)

# Every target that was ever set. One stands until a later change ends it; on a KPI, scope and period at most one does.
TARGETS: Table = Table(
    "targets",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("change", Integer, nullable=False),  # what was written at once has one number, a later change a greater one
    Column("kpi", String, nullable=False),
    Column("scope_type", String, nullable=False),
    Column("scope_id", String, nullable=False),  # empty: the company
    Column("period", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("value", String, nullable=False),  # an exact decimal, which SQLite has no type for
    Column("origin", String, nullable=False),
    Column("whole_scope_type", String),  # the target on the same KPI that it was split from
    Column("whole_scope_id", String),
    Column("whole_period", String),
    Column("set_by", String, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("ended_change", Integer),  # the change that replaced it or took it away
    Column("ended_by", String),
    Column("ended_at", Instant),
    CheckConstraint("scope_type in ('company', 'team', 'rep')", name="scope_type"),
    CheckConstraint("(scope_type = 'company') = (scope_id = '')", name="scope_id"),
    CheckConstraint("kind in ('number', 'money', 'yes_no')", name="kind"),
    CheckConstraint("origin in ('set', 'split')", name="origin"),
    CheckConstraint("(origin = 'split') = (whole_period is not null)", name="whole"),
    CheckConstraint("(ended_change is null) = (ended_at is null)", name="ended"),
)
_STANDS = text("ended_change is null")
Index(
    "ix_targets_kpi",
    TARGETS.c.kpi,
    TARGETS.c.scope_type,
    TARGETS.c.scope_id,
    TARGETS.c.period,
    unique=True,
    sqlite_where=_STANDS,
    postgresql_where=_STANDS,
)

# What sources hand out and must be kept, such as renewed tokens; never in plain text.
SECRETS: Table = Table(
    "secrets",
    METADATA,
    Column("name", String, primary_key=True),
    Column("salt", String, nullable=False),
    Column("encrypted", String, nullable=False),
    Column("written_at", Instant, nullable=False),
)
