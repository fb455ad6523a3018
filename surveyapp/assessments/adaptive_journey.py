"""The order of the pages of an adaptive form: those given so far, one at a time."""

from dataclasses import dataclass
from functools import cached_property

from .journey import Journey

REST_AFTER = 6  # questions


@dataclass(frozen=True, eq=False)
class AdaptiveJourney(Journey):
    """Pages in the order in which items were given; more come while it goes on.

    `at_most` items are given; None once no more will come. `n_all` is the number of
    questions for whoever wants to see them all.
    """

    given: tuple = ()
    at_most: int | None = None
    n_all: int = 0

    @cached_property
    def pages(self):
        by_id = {item.id: item for item in self.instrument.items}
        asked = (item_id for item_id in self.given if item_id not in self.settled)
        return [(by_id[item_id],) for item_id in asked]

    def _questions(self):
        for number, _ in enumerate(self.pages, start=1):
            yield str(number)
            if number == REST_AFTER and number < len(self.pages):
                yield "pause-1"

    def after(self, stop):
        """The last page is followed by itself until the next item is given."""
        is_last = stop == str(len(self.pages))
        return stop if is_last and self.at_most else super().after(stop)

    def opens_block(self, items):
        """Whether these are the first that were given of their prerequisite."""
        same = [i for (i,) in self.pages if i.prerequisite == items[0].prerequisite]
        return items[0] is same[0]
