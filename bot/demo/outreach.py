"""What people did: calls, emails, chats, meetings, demos, tasks and onboardings with leads, deals and customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.chance import Dice, Span, stamp
from bot.demo.records import Account, Book, Deal, Lead
from bot.demo.staff import Member, helper_of

Row = dict[str, object]

_TOUCHES = {"call": 45, "email": 45, "chat": 10}
_DEAL_WORK = {"call": 34, "email": 32, "meeting": 18, "task": 12, "chat": 4}
_CALL_OUTCOMES = {"connected": 38, "no_answer": 50, "completed": 12}
_MEETING_OUTCOMES = {"completed": 82, "no_show": 8, "cancelled": 7, "": 3}
_NEVER_ANSWERED = 0.06


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom an activity is with."""

    lead: str = ""
    account: str = ""
    deal: str = ""


class Outreach:
    """Activities, one by one in no order of time; ``fill_first_contacts`` is done as they are made."""

    def __init__(self, book: Book, span: Span, dice: Dice) -> None:
        self._book = book
        self._span = span
        self._dice = dice
        self._number = 0

    def rows(self) -> Iterator[Row]:
        """All activities. Gives the deals their first contact."""
        for lead in self._book.leads:
            yield from self._with_lead(lead)
        for deal in self._book.deals:
            yield from self._with_deal(deal)
        for account in self._book.accounts:
            if account.customer_since:
                yield from self._with_customer(account, account.customer_since)

    def _with_lead(self, lead: Lead) -> Iterator[Row]:
        dice = self._dice
        if not lead.deal_id and dice.is_so(_NEVER_ANSWERED):
            return
        subject = _Subject(lead=lead.id, account=lead.account.id if lead.account else "")
        until = min(lead.settled_at or self._span.end, self._span.end)
        at = lead.created_at + timedelta(minutes=dice.about(lead.owner.reply_minutes, 1.1))
        first: datetime | None = None
        for _ in range(dice.randint(1, 4)):
            if at >= until:
                break
            first = first or at
            yield self._row(dice.pick(_TOUCHES), lead.owner, subject, at)
            at = dice.work_time((at + timedelta(days=dice.randint(1, 4))).date(), lead.owner.timezone)
        if lead.sql_at and first and lead.sql_at > first:
            yield self._row("meeting", lead.owner, subject, lead.sql_at)
        for deal in self._deals_of(lead):
            deal.first_contact_at = first

    def _deals_of(self, lead: Lead) -> list[Deal]:
        return [self._book.deals[int(lead.deal_id.removeprefix("D")) - 1]] if lead.deal_id else []

    def _with_deal(self, deal: Deal) -> Iterator[Row]:
        dice, until = self._dice, deal.closed_at or self._span.end
        worker = deal.owner or deal.account.owner
        if not worker.active and not deal.closed_at:
            return
        subject = _Subject(deal.lead.id if deal.lead else "", deal.account.id, deal.id)
        deal.first_contact_at = deal.first_contact_at or deal.created_at
        days = max((until - deal.created_at).days, 1)
        for kind in [*(dice.pick(_DEAL_WORK) for _ in range(dice.randint(2, 5))), *["demo"] * dice.is_so(0.55)]:
            at = dice.work_time((deal.created_at + timedelta(days=dice.randint(0, days))).date(), worker.timezone)
            if deal.created_at <= at < until:
                yield self._row(kind, worker, subject, at)

    def _with_customer(self, account: Account, since: datetime) -> Iterator[Row]:
        """Onboarding, then a word every couple of months."""
        dice, manager = self._dice, helper_of(account.owner.market, "csm")
        until = min(account.churned_at or self._span.end, self._span.end)
        at = since + timedelta(days=dice.randint(3, 20))
        kind = "onboarding"
        while at < until:
            at = dice.work_time(at.date(), manager.timezone)
            if since < at < until and at.date() >= self._span.first_day:
                yield self._row(kind, manager, _Subject(account=account.id), at)
            kind = dice.pick({"call": 4, "email": 5, "meeting": 2})
            at += timedelta(days=dice.randint(20, 75))

    def _row(self, kind: str, owner: Member, subject: _Subject, at: datetime) -> Row:
        self._number += 1
        dice = self._dice
        row: Row = {
            "id": f"X{self._number}",
            "type": kind,
            "direction": "outbound",
            "owner_id": owner.id,
            "lead_id": subject.lead,
            "account_id": subject.account,
            "deal_id": subject.deal,
            "at": stamp(at),
            "created_at": stamp(at),
        }
        if kind == "call":
            row["outcome"] = dice.pick(_CALL_OUTCOMES)
            row["duration_seconds"] = 0 if row["outcome"] == "no_answer" else round(dice.about(260, 0.7))
            row["direction"] = "inbound" if dice.is_so(0.1) else "outbound"
        elif kind == "email":
            row["direction"] = "inbound" if dice.is_so(0.12) else "outbound"
            row["opened"] = str(dice.is_so(0.48)).lower()
            row["replied"] = str(row["opened"] == "true" and dice.is_so(0.28)).lower()
        elif kind in ("meeting", "demo", "onboarding"):
            row["created_at"] = stamp(at - timedelta(days=dice.randint(1, 6), minutes=dice.randrange(300)))
            row["duration_seconds"] = dice.choice((1800, 2700, 3600))
            row["outcome"] = dice.pick(_MEETING_OUTCOMES)
        return row
