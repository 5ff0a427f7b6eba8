"""The organisation whose numbers these are: its zone, currency, week and fiscal year."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """The ``[organisation]`` block of the configuration, checked (zone, currency and month exist)."""

    name: str = "My company"
    timezone: str = "UTC"
    currency: str = "USD"
    locale: str = "en-US"
    week_start: str = "monday"
    fiscal_year_start: int = 1
    fiscal_year_named_by: str = "start"
    business_hours: str = "mon-fri 09:00-18:00"
