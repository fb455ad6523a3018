"""When messages may go: hours of the day in London, and days that are no holidays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

from ..calendar import LONDON
from ..models import MessagePlan

DAY = timedelta(days=1)
WEEKEND = (5, 6)


@cache
def holidays() -> frozenset[date]:
    """Bank holidays of England and Wales, from the package's own list."""
    held = BankHolidays(use_cached_holidays=True)
    days = held.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(day["date"] for day in days)


def known_until() -> date:
    """The last day that the list of holidays reaches to; later ones count as open."""
    return max(holidays())


@dataclass(frozen=True)
class SendingDays:
    """The days and hours of a plan."""

    from_hour: int
    until_hour: int
    on_weekends: bool

    def is_open(self, day: date) -> bool:
        is_weekend = day.weekday() in WEEKEND
        return (self.on_weekends or not is_weekend) and day not in holidays()

    def next_open(self, day: date) -> date:
        """The day itself, or the first after it that is open."""
        while not self.is_open(day):
            day += DAY
        return day

    def next_moment(self, now: datetime) -> datetime:
        """Now, or the first moment after it at which messages may go."""
        here = now.astimezone(LONDON)
        day = here.date()
        if self.is_open(day) and here.hour < self.until_hour:
            return max(now, self.begins(day))
        return self.begins(self.next_open(day + DAY))

    def begins(self, day: date) -> datetime:
        """The first moment of a day."""
        return datetime.combine(day, time(self.from_hour), LONDON).astimezone(UTC)

    def first_day(self, now: datetime) -> date:
        """The day on which something may go next."""
        return self.next_moment(now).astimezone(LONDON).date()


def of(plan: MessagePlan) -> SendingDays:
    """Those of a campaign's plan."""
    return SendingDays(plan.from_hour, plan.until_hour, plan.on_weekends)
