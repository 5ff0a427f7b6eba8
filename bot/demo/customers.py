"""What becomes of customers: subscriptions that grow, shrink, renew or end, and the deals that this takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.demo.chance import Dice, Span, local_day, midnight, work_day
from bot.demo.markets import PRODUCTS
from bot.demo.records import Account, Book, Deal, Subscription
from bot.demo.sales import Sales
from bot.demo.staff import SELLERS, Member, helper_of

_OLD_CUSTOMERS = 70  # who were there before the two years began
_YEAR = timedelta(days=365)
_RENEWED = 0.74
_TALKED_ABOUT = 0.4  # renewals to come that have an open deal
_EXPANSIONS_A_YEAR = 0.4
_EXPANSION_WON = 0.45


class Customers:
    """Goes through each customer's life from year to year."""

    def __init__(self, book: Book, span: Span, dice: Dice, sales: Sales) -> None:
        self._book = book
        self._span = span
        self.dice = dice
        self.end = span.end
        self._sales = sales

    def fill(self) -> None:
        """Old customers, and all that were won; with their subscriptions, expansions and renewals."""
        won = [deal for deal in self._book.deals if deal.status == "won" and deal.closed_at]
        for _ in range(_OLD_CUSTOMERS):
            self._live_old()
        for deal in won:
            if deal.owner and deal.closed_at:
                deal.account.customer_since = deal.closed_at
                starts_on = local_day(deal.closed_at) + timedelta(days=self.dice.randint(1, 12))
                _Life(self, deal.account, deal.owner, deal.product, deal.mrr, deal.id).live(starts_on)

    def _live_old(self) -> None:
        seller = self.dice.choice(SELLERS)
        starts_on = self._span.first_day - timedelta(days=self.dice.randint(1, 360))
        account = self._sales.open_account(seller, midnight(starts_on) - timedelta(days=40))
        account.customer_since = midnight(starts_on)
        product = self.dice.pick({key: row[0] for key, row in PRODUCTS.items()})
        _Life(self, account, seller, product, self._sales.mrr(account), "").live(starts_on)

    def follow_up(self, account: Account, kind: str, mrr: int, closes_on: date, *, won: bool) -> Deal | None:
        """A deal of a customer's manager that closes about that day; None for one before the two years."""
        manager = helper_of(account.owner.market, "csm")
        owner = manager if kind == "renewal" or self.dice.is_so(0.5) else account.owner
        owner = owner if owner.active else manager
        created_at = self.dice.work_time(closes_on - timedelta(days=self.dice.randint(25, 60)), owner.timezone)
        if not midnight(self._span.first_day) <= created_at < self._span.end:
            return None
        deal = self._sales.add_deal(
            Deal(
                id="",
                account=account,
                owner=owner,
                type=kind,
                source="Customer",
                product=self.dice.pick({key: row[0] for key, row in PRODUCTS.items()}),
                mrr=mrr,
                term_months=12,
                currency=account.currency,
                contact_method=self.dice.pick({"meeting": 3, "email": 2, "call": 2}),
                created_at=created_at,
                closes_on=work_day(closes_on),
            )
        )
        self._sales.close(deal, "won" if won else "lost")
        return deal

    def subscribe(self, life: _Life, deal_id: str, started_at: datetime, ended_at: datetime | None) -> None:
        self._book.subscriptions.append(
            Subscription(
                life.account, life.owner, deal_id, life.product, life.mrr, life.account.currency, started_at, ended_at
            )
        )


@dataclass(slots=True)
class _Life:
    """One customer's subscription. ``since`` is when the row that runs now began."""

    customers: Customers
    account: Account
    owner: Member
    product: str
    mrr: int
    deal_id: str
    since: datetime = field(init=False)

    def live(self, starts_on: date) -> None:
        """Years of one customer, each with perhaps an expansion and a renewal at its end."""
        if midnight(starts_on) >= self.customers.end:
            return
        self.since = midnight(starts_on)
        renews_on = starts_on + _YEAR
        while midnight(renews_on) < self.customers.end:
            self._perhaps_expand(renews_on - _YEAR)
            if not self._renew(renews_on):
                return
            renews_on += _YEAR
        self._perhaps_expand(renews_on - _YEAR)
        if self.customers.dice.is_so(_TALKED_ABOUT):
            self.customers.follow_up(self.account, "renewal", self.mrr, renews_on - timedelta(days=8), won=True)
        self.customers.subscribe(self, self.deal_id, self.since, None)

    def _perhaps_expand(self, year_from: date) -> None:
        if not self.customers.dice.is_so(_EXPANSIONS_A_YEAR):
            return
        closes_on = work_day(year_from + timedelta(days=self.customers.dice.randint(70, 300)))
        added = _in_tens(self.mrr * self.customers.dice.uniform(0.15, 0.7))
        won = self.customers.dice.is_so(_EXPANSION_WON)
        deal = self.customers.follow_up(self.account, "expansion", added, closes_on, won=won)
        if deal and deal.status == "won" and deal.closed_at:
            self._change(self.mrr + added, local_day(deal.closed_at) + timedelta(days=1), deal.id)

    def _renew(self, renews_on: date) -> bool:
        """Whether the customer stays, perhaps for another price. One that just goes on takes no deal."""
        stays = self.customers.dice.is_so(_RENEWED)
        factor = self.customers.dice.pick({1.0: 60, 1.06: 25, 0.75: 15}) if stays else 1.0
        mrr, closes_on = _in_tens(self.mrr * factor), renews_on - timedelta(days=8)
        if not stays:
            self.customers.follow_up(self.account, "renewal", mrr, closes_on, won=False)
            self.account.churned_at = midnight(renews_on)
            self.customers.subscribe(self, self.deal_id, self.since, midnight(renews_on))
        elif mrr != self.mrr:
            deal = self.customers.follow_up(self.account, "renewal", mrr, closes_on, won=True)
            self._change(mrr, renews_on, deal.id if deal else "")
        return stays

    def _change(self, mrr: int, from_day: date, deal_id: str) -> None:
        """The old row ends at the very instant at which the new one begins."""
        at = midnight(from_day)
        if self.since < at < self.customers.end:
            self.customers.subscribe(self, self.deal_id, self.since, at)
            self.since, self.mrr, self.deal_id = at, mrr, deal_id


def _in_tens(mrr: float) -> int:
    return max(round(mrr / 10), 1) * 10
