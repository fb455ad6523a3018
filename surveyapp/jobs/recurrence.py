"""When a job comes back: at every so much time, or at a time of day in London."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from ..calendar import LONDON

START = datetime(2026, 1, 1, tzinfo=UTC)  # from which intervals are counted


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """Either an interval `every`, or a time of day `at` in Europe/London."""

    every: timedelta | None = None
    at: time | None = None

    def __post_init__(self):
        if (self.every is None) == (self.at is None):
            raise ValueError("say either every or at")
        if self.every is not None and self.every < timedelta(seconds=1):
            raise ValueError("every is a second at least")

    def latest(self, now):
        """The last moment, up to `now`, at which it was due; the same for everybody."""
        if self.every is not None:
            return START + (now - START) // self.every * self.every
        today = now.astimezone(LONDON).date()
        due = _on(today, self.at)
        return due if due <= now else _on(today - timedelta(days=1), self.at)


def _on(day, at):
    """A time of day in London as a moment; one that is skipped in spring is later."""
    return datetime.combine(day, at, LONDON).astimezone(UTC)
