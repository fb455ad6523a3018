"""The calendar of the trusts: days, quarters and times of day in Europe/London."""

from calendar import monthrange
from datetime import date, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local_time(at):
    """A stored time as people in the trust read it: 3 March 2026, 2:05pm."""
    here = at.astimezone(LONDON)
    hour = here.hour % 12 or 12
    half = "am" if here.hour < 12 else "pm"
    return f"{local_date(at)}, {hour}:{here.minute:02d}{half}"


def local_date(at):
    """The day of a stored time in Europe/London: 3 March 2026."""
    here = at.astimezone(LONDON)
    return f"{here.day} {here:%B %Y}"


def day_before(at):
    """The last day in London of which something is over at a moment: a date."""
    return (at - timedelta(microseconds=1)).astimezone(LONDON).date()


def quarter_of(at):
    """First day of the quarter of a time, by the calendar in London."""
    here = at.astimezone(LONDON)
    return date(here.year, 3 * ((here.month - 1) // 3) + 1, 1)


def months_before(at, months):
    """The same time of day so many months before, by the calendar in London.

    The last day of a month that is too short stands for those that it lacks.
    """
    here = at.astimezone(LONDON)
    year, month = divmod(12 * here.year + here.month - 1 - months, 12)
    day = min(here.day, monthrange(year, month + 1)[1])
    return here.replace(year=year, month=month + 1, day=day)
