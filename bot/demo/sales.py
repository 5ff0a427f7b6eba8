"""New business: companies, the deals with them, and the leads that these came from or that came to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.demo.chance import Dice, Span, work_day
from bot.demo.finance import Campaign
from bot.demo.markets import (
    CONTACT_METHODS,
    EUROS,
    INDUSTRIES,
    MARKETS,
    MEDIAN_MRR,
    NAME_PARTS,
    PRODUCTS,
    SEASON,
    SEGMENTS,
    SOURCES,
    Market,
    growth,
)
from bot.demo.records import Account, Book, Deal, Lead
from bot.demo.staff import SELLERS, Member, helper_of

_MANY_NAMES = 4000  # beyond which the words do not suffice
_WARM_UP = timedelta(days=120)  # deals that were open when the two years begin
_DEALS_A_WEEK = 1.9
_MEAN_WIN_RATE = 0.2
_LEADS_PER_DEAL = 1.4  # beside those that became the deal
_DEALS_WITH_A_LEAD = 0.76


class Sales:
    """Fills a book with new business, week by week and seller by seller."""

    def __init__(self, book: Book, span: Span, dice: Dice, campaigns: tuple[Campaign, ...]) -> None:
        self._book = book
        self._span = span
        self._dice = dice
        self._campaigns = campaigns
        self._names: set[str] = set()

    def fill(self) -> None:
        """All accounts, leads and deals of type new, closed or open as they stand at the end."""
        start = self._span.first_day - _WARM_UP
        for monday in (start + timedelta(days=7 * week) for week in range((self._span.today - start).days // 7 + 1)):
            for seller in SELLERS:
                if self._works(seller, monday):
                    self._fill_week(seller, monday)
        self._close_last_week()

    def open_account(self, seller: Member, created_at: datetime) -> Account:
        """A company of the seller's market, which nobody else has."""
        dice, market = self._dice, MARKETS[seller.market]
        name = self._free_name(market)
        segment = dice.pick({key: row[0] for key, row in SEGMENTS.items()})
        account = Account(
            id=f"A{len(self._book.accounts) + 1}",
            name=name,
            owner=seller,
            industry=dice.pick(INDUSTRIES),
            segment=segment,
            region=market.region,
            country=dice.choice(market.countries),
            currency=dice.pick(market.currencies),
            employees=dice.randint(*SEGMENTS[segment][4:]),
            created_at=created_at,
        )
        self._book.accounts.append(account)
        return account

    def _free_name(self, market: Market) -> str:
        dice = self._dice
        name = f"{dice.choice(market.names)} {dice.choice(market.forms)}"
        while name in self._names:
            name = f"{dice.choice(market.names)} {dice.choice(NAME_PARTS)} {dice.choice(market.forms)}"
            name = name if len(self._names) < _MANY_NAMES else f"{name} {dice.randrange(1000)}"
        self._names.add(name)
        return name

    def mrr(self, account: Account) -> int:
        """What a company of that size pays a month, in its own currency, as sellers round it."""
        euros = self._dice.about(MEDIAN_MRR * SEGMENTS[account.segment][1], 0.45)
        step = 1000 if account.currency == "JPY" else 10
        return max(round(euros / EUROS[account.currency or "EUR"] / step), 1) * step

    def add_deal(self, deal: Deal) -> Deal:
        """The deal with its number in the book."""
        numbered = replace(deal, id=f"D{len(self._book.deals) + 1}")
        self._book.deals.append(numbered)
        return numbered

    def _works(self, seller: Member, day: date) -> bool:
        part = self._span.part(day)
        return (seller.joined == 0 or part >= seller.joined) and (seller.left is None or part < seller.left)

    def _fill_week(self, seller: Member, monday: date) -> None:
        mean = _DEALS_A_WEEK * seller.pace * SEASON[monday.month - 1] * growth(self._span.part(monday))
        for _ in range(self._dice.count(mean)):
            self._add_new_deal(seller, self._moment(monday, seller))
        for _ in range(self._dice.count(mean * _LEADS_PER_DEAL)):
            self._add_lost_lead(seller, self._moment(monday, seller))

    def _moment(self, monday: date, seller: Member) -> datetime:
        return self._dice.work_time(monday + timedelta(days=self._dice.randrange(5)), seller.timezone)

    def _add_new_deal(self, seller: Member, created_at: datetime) -> None:
        if created_at >= self._span.end:
            return
        dice = self._dice
        account = self.open_account(seller, created_at)
        source = dice.pick({key: row[0] for key, row in SOURCES.items()})
        segment = SEGMENTS[account.segment]
        days = max(round(dice.about(segment[2], 0.5)), 4)
        chance = _MEAN_WIN_RATE * seller.skill * segment[3] * SOURCES[source][1]
        status = "won" if dice.is_so(chance) else "lost"
        if status == "lost":
            days = max(round(days * 0.8), 3)
        deal = self.add_deal(
            Deal(
                id="",
                account=account,
                owner=seller,
                type="new",
                source=source,
                product=dice.pick({key: row[0] for key, row in PRODUCTS.items()}),
                mrr=self.mrr(account),
                term_months=dice.pick({12: 80, 24: 15, 36: 5}),
                currency=account.currency,
                contact_method=dice.pick(CONTACT_METHODS),
                created_at=created_at,
                closes_on=self._closing_day(created_at.date() + timedelta(days=days), status),
            )
        )
        self.close(deal, status)
        if dice.is_so(_DEALS_WITH_A_LEAD):
            self._add_won_lead(deal, seller)

    def _closing_day(self, day: date, status: str) -> date:
        """Sellers hurry at the end of a month."""
        if status == "won" and day.day < 24 and self._dice.is_so(0.2):  # noqa: PLR2004 - the last week begins
            day = day.replace(day=self._dice.randrange(24, 29))
        return work_day(day)

    def close(self, deal: Deal, status: str) -> None:
        """Gives the deal its end, if that lies before the end of the two years; otherwise it stays open."""
        zone = deal.owner.timezone if deal.owner else "UTC"
        closed_at = self._dice.work_time(deal.closes_on, zone)
        if deal.created_at < closed_at < self._span.end:
            deal.status, deal.closed_at = status, closed_at
            if deal.lead:
                deal.lead.won_at = closed_at if status == "won" else None

    def _close_last_week(self) -> None:
        """Some more wins in the last finished week, so that its digest has something to tell."""
        monday = self._span.last_week
        ripe = [
            deal
            for deal in self._book.deals
            if deal.status == "open" and deal.created_at.date() < monday and deal.account.segment != "Enterprise"
        ]
        for seller in SELLERS:
            own = [deal for deal in ripe if deal.owner is seller and seller.active]
            for deal in own[: self._dice.pick({0: 55, 1: 35, 2: 10})]:
                deal.closes_on = monday + timedelta(days=self._dice.randrange(1, 5))
                self.close(deal, "won")

    def _add_won_lead(self, deal: Deal, seller: Member) -> None:
        dice = self._dice
        created_at = dice.work_time(deal.created_at.date() - timedelta(days=dice.randint(2, 24)), seller.timezone)
        if created_at >= deal.created_at:
            return
        lead = self._add_lead(seller, created_at, deal.source)
        lead.account, lead.deal_id, lead.status = deal.account, deal.id, "converted"
        deal.account.created_at = created_at
        lead.mql_at = created_at + (deal.created_at - created_at) * dice.uniform(0, 0.3)
        lead.sql_at = lead.mql_at + (deal.created_at - lead.mql_at) * dice.uniform(0.2, 0.8)
        lead.opportunity_at = deal.created_at
        lead.won_at = deal.closed_at if deal.status == "won" else None
        deal.lead = lead

    def _add_lost_lead(self, seller: Member, created_at: datetime) -> None:
        """A lead that was turned down, or that is still open where it is young."""
        if created_at >= self._span.end:
            return
        dice, end = self._dice, self._span.end
        lead = self._add_lead(seller, created_at, dice.pick({key: row[0] for key, row in SOURCES.items()}))
        if dice.is_so(0.45):
            lead.mql_at = _before(created_at + timedelta(hours=dice.uniform(1, 96)), end)
            if lead.mql_at and dice.is_so(0.4):
                lead.sql_at = _before(lead.mql_at + timedelta(days=dice.uniform(1, 9)), end)
        given_up_at = (lead.sql_at or lead.mql_at or created_at) + timedelta(days=dice.about(12, 0.6))
        lead.disqualified_at = _before(given_up_at, end)
        lead.status = "disqualified" if lead.disqualified_at else "open"

    def _add_lead(self, seller: Member, created_at: datetime, source: str) -> Lead:
        dice = self._dice
        owner = helper_of(seller.market, "bdr") if dice.is_so(0.4) else seller
        number = len(self._book.leads) + 1
        channel = SOURCES[source][2]
        running = [row.id for row in self._campaigns if row.channel == channel and row.runs_on(created_at.date())]
        lead = Lead(
            id=f"L{number}",
            owner=owner,
            email=f"contact{number}@customer{dice.randrange(1, 2000)}.example",
            source=source,
            campaign_id=dice.choice(running) if running else "",
            created_at=created_at,
        )
        self._book.leads.append(lead)
        return lead


def _before(moment: datetime, end: datetime) -> datetime | None:
    return moment if moment < end else None
