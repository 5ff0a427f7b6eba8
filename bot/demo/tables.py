"""The company's people and records as rows of the schema's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.demo.chance import Dice, stamp
from bot.demo.finance import Campaign
from bot.demo.journeys import probability
from bot.demo.records import Account, Deal, Lead, Subscription
from bot.demo.staff import STAFF, TEAMS

Row = dict[str, object]


def owner_rows() -> Iterator[Row]:
    for member in STAFF:
        yield {
            "id": member.id,
            "name": member.name,
            "email": member.email,
            "team_id": member.team_id,
            "manager_id": member.manager_id,
            "role": member.role,
            "active": str(member.active).lower(),
            "timezone": member.timezone,
            "locale": member.locale,
        }


def team_rows() -> Iterator[Row]:
    for team in TEAMS:
        yield {"id": team.id, "name": team.name, "parent_id": team.parent_id or ""}


def account_rows(accounts: Iterable[Account]) -> Iterator[Row]:
    for account in accounts:
        yield {
            "id": account.id,
            "name": account.name,
            "owner_id": account.owner.id,
            "industry": account.industry,
            "segment": account.segment,
            "region": account.region,
            "country": account.country,
            "employees": account.employees,
            "created_at": stamp(account.created_at),
            "customer_since": stamp(account.customer_since),
            "churned_at": stamp(account.churned_at),
        }


def campaign_rows(campaigns: Iterable[Campaign]) -> Iterator[Row]:
    for campaign in campaigns:
        yield {
            "id": campaign.id,
            "name": campaign.name,
            "channel": campaign.channel,
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat() if campaign.ends_on else "",
        }


def lead_rows(leads: Iterable[Lead]) -> Iterator[Row]:
    for lead in leads:
        yield {
            "id": lead.id,
            "account_id": lead.account.id if lead.account else "",
            "deal_id": lead.deal_id,
            "owner_id": lead.owner.id,
            "email": lead.email,
            "source": lead.source,
            "campaign_id": lead.campaign_id,
            "status": lead.status,
            "created_at": stamp(lead.created_at),
            "mql_at": stamp(lead.mql_at),
            "sql_at": stamp(lead.sql_at),
            "opportunity_at": stamp(lead.opportunity_at),
            "won_at": stamp(lead.won_at),
            "disqualified_at": stamp(lead.disqualified_at),
        }


def deal_rows(deals: Iterable[Deal], dice: Dice) -> Iterator[Row]:
    for deal in deals:
        stage = deal.stages[-1][0]
        yield {
            "id": deal.id,
            "name": f"{deal.account.name}: {deal.product}",
            "account_id": deal.account.id,
            "lead_id": deal.lead.id if deal.lead else "",
            "owner_id": deal.owner.id if deal.owner else "",
            "pipeline": "Customers" if deal.type == "renewal" else "Sales",
            "stage": stage,
            "type": deal.type,
            "status": deal.status,
            "amount": deal.amount,
            "cost": f"{deal.amount * dice.uniform(0.17, 0.34):.2f}" if dice.is_so(0.94) else "",
            "currency": deal.currency,
            "probability": probability(stage),
            "source": deal.source,
            "contact_method": deal.contact_method,
            "product": deal.product,
            "created_at": stamp(deal.created_at),
            "first_contact_at": stamp(deal.first_contact_at),
            "close_date": deal.closes_on.isoformat(),
            "closed_at": stamp(deal.closed_at),
            "term_months": deal.term_months,
            "mrr": deal.mrr,
        }


def subscription_rows(subscriptions: Iterable[Subscription]) -> Iterator[Row]:
    for number, subscription in enumerate(subscriptions, start=1):
        yield {
            "id": f"S{number}",
            "account_id": subscription.account.id,
            "owner_id": subscription.owner.id,
            "deal_id": subscription.deal_id,
            "product": subscription.product,
            "mrr": subscription.mrr,
            "currency": subscription.currency,
            "started_at": stamp(subscription.started_at),
            "ended_at": stamp(subscription.ended_at),
        }
