"""The tables every connector fills and every KPI reads, as data: one literal per table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a column holds; how each is stored in SQL stands in ``SQL_TYPES``."""

    ID = "id"  # text, carries its source's name once stored
    TEXT = "text"
    TIME = "time"  # UTC instant
    DATE = "date"
    MONEY = "money"  # exact decimal, 4 places
    DECIMAL = "decimal"  # exact decimal, 8 places
    PROBABILITY = "probability"  # exact decimal, 0 to 1
    INT = "int"
    BOOL = "bool"


SQL_TYPES: Mapping[Type, str] = {
    Type.ID: "VARCHAR",
    Type.TEXT: "VARCHAR",
    Type.TIME: "TIMESTAMP",
    Type.DATE: "DATE",
    Type.MONEY: "DECIMAL(18,4)",
    Type.DECIMAL: "DECIMAL(18,8)",
    Type.PROBABILITY: "DECIMAL(9,8)",
    Type.INT: "BIGINT",
    Type.BOOL: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, whether a row without it is set aside, the values it may hold (empty: any)."""

    name: str
    type: Type = Type.TEXT
    required: bool = False
    values: tuple[str, ...] = ()
    default: str | None = None  # what an empty value means, as text


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema. Rows are told apart by ``id`` where there is one."""

    name: str
    columns: tuple[Column, ...]

    @property
    def has_id(self) -> bool:
        return self.columns[0].name == "id"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _id(name: str = "id", *, required: bool = False) -> Column:
    return Column(name, Type.ID, required=required or name == "id")


def _need(name: str, type_: Type = Type.TEXT, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type_, required=True, values=values)


def _times(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Type.TIME) for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


DEAL_STATUSES = ("open", "won", "lost")

_ALL = (
    Table(
        "owners",
        (
            _id(),
            _need("name"),
            Column("email"),
            _id("team_id"),
            _id("manager_id"),
            Column("role", values=("ae", "bdr", "csm", "manager", "other")),
            Column("active", Type.BOOL, default="true"),
            *_texts("timezone", "locale"),
        ),
    ),
    Table("teams", (_id(), _need("name"), _id("parent_id"))),
    Table(
        "accounts",
        (
            _id(),
            Column("name"),
            _id("owner_id"),
            *_texts("industry", "segment", "region", "country"),
            Column("employees", Type.INT),
            *_times("created_at", "customer_since", "churned_at"),
        ),
    ),
    Table(
        "campaigns",
        (_id(), _need("name"), Column("channel"), Column("starts_on", Type.DATE), Column("ends_on", Type.DATE)),
    ),
    Table(
        "leads",
        (
            _id(),
            _id("account_id"),
            _id("deal_id"),
            _id("owner_id"),
            *_texts("email", "source"),
            _id("campaign_id"),
            Column("status", values=("open", "converted", "disqualified")),
            _need("created_at", Type.TIME),
            *_times("mql_at", "sql_at", "opportunity_at", "won_at", "disqualified_at"),
        ),
    ),
    Table(
        "deals",
        (
            _id(),
            Column("name"),
            _id("account_id"),
            _id("lead_id"),
            _id("owner_id"),
            *_texts("pipeline", "stage"),
            Column("type", values=("new", "expansion", "renewal")),
            _need("status", values=DEAL_STATUSES),
            Column("amount", Type.MONEY),
            Column("cost", Type.MONEY),
            Column("currency"),
            Column("probability", Type.PROBABILITY),
            *_texts("source", "contact_method", "product"),
            _need("created_at", Type.TIME),
            Column("first_contact_at", Type.TIME),
            Column("close_date", Type.DATE),
            Column("closed_at", Type.TIME),
            Column("term_months", Type.INT),
            Column("mrr", Type.MONEY),
        ),
    ),
    Table(
        "stage_changes",
        (
            _id("deal_id", required=True),
            _need("stage"),
            _need("at", Type.TIME),
            Column("status", values=DEAL_STATUSES),
            Column("amount", Type.MONEY),
            Column("probability", Type.PROBABILITY),
        ),
    ),
    Table(
        "activities",
        (
            _id(),
            _need("type", values=("call", "email", "meeting", "chat", "task", "demo", "onboarding")),
            Column("direction", values=("outbound", "inbound")),
            _id("owner_id"),
            _id("lead_id"),
            _id("account_id"),
            _id("deal_id"),
            _need("at", Type.TIME),
            Column("created_at", Type.TIME),
            Column("duration_seconds", Type.INT),
            Column("outcome", values=("connected", "no_answer", "completed", "no_show", "scheduled", "cancelled")),
            Column("opened", Type.BOOL),
            Column("replied", Type.BOOL),
        ),
    ),
    Table(
        "quotes",
        (
            _id(),
            _id("deal_id"),
            _id("owner_id"),
            Column("amount", Type.MONEY),
            Column("currency"),
            _need("sent_at", Type.TIME),
            Column("accepted_at", Type.TIME),
        ),
    ),
    Table(
        "line_items",
        (
            _id(),
            _id("deal_id", required=True),
            _need("product"),
            Column("family"),
            Column("quantity", Type.DECIMAL),
            Column("amount", Type.MONEY),
            Column("cost", Type.MONEY),
        ),
    ),
    Table(
        "subscriptions",
        (
            _id(),
            _id("account_id", required=True),
            _id("owner_id"),
            _id("deal_id"),
            Column("product"),
            _need("mrr", Type.MONEY),
            Column("currency"),
            _need("started_at", Type.TIME),
            Column("ended_at", Type.TIME),
        ),
    ),
    Table(
        "spend",
        (
            _id(),
            _need("date", Type.DATE),
            _need("category", values=("sales", "marketing")),
            _need("amount", Type.MONEY),
            Column("currency"),
            _id("campaign_id"),
            Column("segment"),
        ),
    ),
    Table(
        "targets",
        (
            _need("kpi"),
            _need("scope", values=("company", "team", "rep")),
            _id("scope_id"),  # an email stands for the owner who has it, and carries no source
            _need("period"),
            Column("kind", values=("number", "money", "yes_no")),
            _need("value", Type.MONEY),
        ),
    ),
    Table("fx_rates", (_need("currency"), _need("date", Type.DATE), _need("rate", Type.DECIMAL))),
    Table("holidays", (_need("date", Type.DATE), *_texts("name", "country"))),
)

TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}

# Tables that others point to: their rows cannot do without an id of the source's own.
REFERRED_TO = frozenset({"owners", "teams", "accounts", "campaigns", "leads", "deals"})
