"""The state's tables as they are at the newest migration."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
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
