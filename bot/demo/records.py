"""The records of the made-up CRM while they are being made; ``tables`` writes them as rows of the schema."""

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.demo.staff import Member


@dataclass(slots=True)
class Account:
    id: str
    name: str
    owner: Member
    industry: str
    segment: str
    region: str
    country: str
    currency: str
    employees: int
    created_at: datetime
    customer_since: datetime | None = None
    churned_at: datetime | None = None


@dataclass(slots=True)
class Lead:
    id: str
    owner: Member
    email: str
    source: str
    campaign_id: str
    created_at: datetime
    account: Account | None = None
    deal_id: str = ""
    status: str = "open"
    mql_at: datetime | None = None
    sql_at: datetime | None = None
    opportunity_at: datetime | None = None
    won_at: datetime | None = None
    disqualified_at: datetime | None = None

    @property
    def settled_at(self) -> datetime | None:
        """When nobody needs to be after it any more."""
        return self.opportunity_at or self.disqualified_at


@dataclass(slots=True)
class Deal:
    """``closes_on`` is when it was or is expected to be closed; ``owner`` is None for an unassigned one."""

    id: str
    account: Account
    owner: Member | None
    type: str
    source: str
    product: str
    mrr: int
    term_months: int
    currency: str
    contact_method: str
    created_at: datetime
    closes_on: date
    status: str = "open"
    closed_at: datetime | None = None
    lead: Lead | None = None
    first_contact_at: datetime | None = None
    stages: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def amount(self) -> int:
        return self.mrr * self.term_months


@dataclass(frozen=True, slots=True)
class Subscription:
    account: Account
    owner: Member
    deal_id: str
    product: str
    mrr: int
    currency: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class Book:
    """All records of the company."""

    accounts: list[Account] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
