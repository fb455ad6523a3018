"""The order of the pages: which follows which, as data made from what is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ..bank import Block, Instrument, Item, Question
from ..models import Assessment
from . import companions, gate
from .questions import AssignedQuestions, adaptive_questions, questions_of

REST_AFTER = 6  # questions of an adaptive form
PAGES_TO_A_REST = 12  # of items, before the next part offers one
BEGIN = "before-you-start"
WANTS_PLAN = "wants-plan"
YOUR_CODE = "your-code"  # after the first answer that is stored
SINCE = "since-last-time"  # asked first, since it is what a retest cannot do without


@dataclass(frozen=True, eq=False)
class Journey:
    """Stops between consent and thanks; each is the last part of its address.

    The words used come first, with the question about the care plan; a number is a
    page of items, `pause-n` a rest between two blocks, `more-n` questions beside the
    items. Who comes back is asked the questions in `follow_up` before the plan.
    """

    instrument: Instrument
    per_page: int = 1
    follow_up: tuple[Question, ...] = ()
    settled: frozenset[str] = frozenset()  # ids of items that the gate answers
    asks_wanted: bool = False  # whether a plan would be wanted, of who has none
    companions: tuple[tuple[Question, ...], ...] = ()  # pages of other measures

    @cached_property
    def pages(self) -> list[tuple[Item, ...]]:
        pages = self.instrument.pages(self.per_page)
        return [page for page in map(self._unsettled, pages) if page]

    def _unsettled(self, items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(item for item in items if item.id not in self.settled)

    @cached_property
    def more(self) -> list[tuple[Question, ...]]:
        """Questions beside the items, on two pages: what the person would like, with
        what got in the way; then the person. Other measures stand between them.
        """
        instrument, preferred = self.instrument, self.instrument.preferred_involvement
        wishes = (*([preferred] if preferred else []), *instrument.context)
        pages = [wishes, *self.companions, instrument.background]
        return [page for page in pages if page]

    @property
    def gate_stop(self) -> str:
        """Where the care plan is asked about: with the first words, where it can be."""
        return "care-plan" if self.follow_up else BEGIN

    @cached_property
    def stops(self) -> tuple[str, ...]:
        first = [SINCE] if self.follow_up else []
        first += [self.gate_stop] if self.instrument.gate and self.follow_up else []
        first += [WANTS_PLAN] if self.asks_wanted else []
        more = [f"more-{n}" for n, _ in enumerate(self.more, start=1)]
        questions = [*self._questions(), *more]
        is_asked = bool(first or self.instrument.gate)
        # Once something is stored there is something to come back to.
        questions.insert(0 if is_asked else 1, YOUR_CODE)
        return (BEGIN, *first, *questions, "comment", "check")

    def _questions(self) -> Iterator[str]:
        """Numbers of pages, with a rest between two parts after a good many."""
        pauses, since = 0, 0
        for number, page in enumerate(self.pages, start=1):
            yield str(number)
            since += 1
            following = self.pages[number][0] if number < len(self.pages) else page[0]
            is_new = following.prerequisite != page[0].prerequisite
            if is_new and since >= PAGES_TO_A_REST:
                pauses, since = pauses + 1, 0
                yield f"pause-{pauses}"

    # A fixed form has the questions it has; an adaptive one says these.
    at_most: int | None = None
    n_all = 0

    @cached_property
    def asked(self) -> list[Item]:
        """The items in the order in which they are asked."""
        return [item for page in self.pages for item in page]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks with the items that are asked; none that the gate settles."""
        asked = {item.id for item in self.asked}
        kept = (
            replace(block, items=tuple(i for i in block.items if i.id in asked))
            for block in self.instrument.blocks
        )
        return tuple(block for block in kept if block.items)

    def opens_block(self, items: Sequence[Item]) -> bool:
        """Whether these are the first items of their block."""
        return items[0] is self._unsettled(self.block(items[0]).items)[0]

    def page(self, number: int) -> tuple[Item, ...] | None:
        """Items of a page counted from 1, or None where there is no such page."""
        return self.pages[number - 1] if 1 <= number <= len(self.pages) else None

    def page_of(self, number: int, sent: Sequence[str]) -> int:
        """The page that these item ids were sent from, as pages are laid out now.

        What was sent may be on no page any more, since the gate settles it now.
        """
        here = {item.id for item in self.page(number) or ()}
        if here and here.issuperset(sent):
            return number
        stop = self.stop_of(sent[-1]) if sent else None
        return int(stop) if stop else min(number, len(self.pages))

    def block(self, item: Item) -> Block:
        return next(b for b in self.instrument.blocks if item in b.items)

    def after(self, stop: str) -> str:
        """The stop that follows; the check page is the last."""
        place = self.stops.index(stop) + 1
        return self.stops[min(place, len(self.stops) - 1)]

    def before(self, stop: str) -> str | None:
        """The stop before, or None before the first."""
        place = self.stops.index(stop)
        return self.stops[place - 1] if place else None

    def position(self, stop: str) -> str:
        """What is stored of a stop: a page is known by its first item.

        Page numbers change when someone chooses more questions a page.
        """
        page = self.page(int(stop)) if stop.isascii() and stop.isdecimal() else None
        return f"item:{page[0].id}" if page else stop

    def stop(self, position: str | None) -> str:
        """The stop at a stored position; the first where it no longer exists."""
        kind, _, item_id = (position or "").partition(":")
        if kind == "item":
            return self.stop_of(item_id) or self._stop_beyond(item_id)
        return kind if kind in self.stops else self._moved(kind)

    def _moved(self, kind: str) -> str:
        """Where a stop of earlier journeys is now; the first where it is nowhere."""
        name, _, number = kind.partition("-")
        if name in ("helped", "extra"):
            return "comment" if name == "helped" or not self.more else "more-1"
        if name == "more" and self.more:
            return f"more-{len(self.more)}"
        if name == "pause" and number.isdecimal() and self.pages:
            asked = [self.stop_of(b.items[0].id) for b in self.blocks[int(number) :]]
            return next((stop for stop in asked if stop), str(len(self.pages)))
        return self.stops[0]

    def _stop_beyond(self, item_id: str) -> str:
        """Where to go on from an item that is not asked any more."""
        ids = [item.id for item in self.instrument.items]
        later = ids[ids.index(item_id) :] if item_id in ids else None
        if later is None:
            return self.stops[0]
        stops = (self.stop_of(each) for each in later)
        after = self.stops.index(str(len(self.pages))) + 1 if self.pages else 0
        return next((stop for stop in stops if stop), self.stops[after])

    def stop_of(self, item_id: str) -> str | None:
        """The number of the page that an item is on, as a stop."""
        for number, page in enumerate(self.pages, start=1):
            if any(item.id == item_id for item in page):
                return str(number)
        return None


@dataclass(frozen=True, eq=False)
class AdaptiveJourney(Journey):
    """Pages in the order in which items were given; more come while it goes on.

    `at_most` items are given; None once no more will come. `n_all` is the number of
    questions for whoever wants to see them all.
    """

    given: tuple[str, ...] = ()
    at_most: int | None = None
    n_all: int = 0

    @cached_property
    def pages(self) -> list[tuple[Item, ...]]:
        by_id = {item.id: item for item in self.instrument.items}
        asked = (item_id for item_id in self.given if item_id not in self.settled)
        return [(by_id[item_id],) for item_id in asked]

    def _questions(self) -> Iterator[str]:
        for number, _ in enumerate(self.pages, start=1):
            yield str(number)
            if number == REST_AFTER and number < len(self.pages):
                yield "pause-1"

    def after(self, stop: str) -> str:
        """The last page is followed by itself until the next item is given."""
        is_last = stop == str(len(self.pages))
        return stop if is_last and self.at_most else super().after(stop)

    def opens_block(self, items: Sequence[Item]) -> bool:
        """Whether these are the first that were given of their prerequisite."""
        same = [i for (i,) in self.pages if i.prerequisite == items[0].prerequisite]
        return items[0] is same[0]


def journey_of(assessment: Assessment) -> Journey:
    """The order of pages for this person, as they asked to see them."""
    shown = assessment.presentation or {}
    per_page = int(shown.get("per_page") or assessment.campaign.items_per_page)
    questions = questions_of(assessment)
    settled = frozenset(gate.settled_items(assessment, questions.instrument))
    asks_wanted = gate.asks_wanted(assessment, questions.instrument)
    in_english = (assessment.language or companions.LANGUAGE) == companions.LANGUAGE
    beside = tuple(assessment.campaign.companion_measures or ()) if in_english else ()
    adaptive = questions.whole.adaptive
    if questions.given is None or adaptive is None:
        return _fixed_journey(questions, per_page, settled, asks_wanted, beside)
    goes_on = assessment.sitting is not None and assessment.sitting.stop_reason is None
    return AdaptiveJourney(
        questions.instrument,
        follow_up=questions.follow_up,
        given=questions.given,
        at_most=adaptive.max_items if goes_on else None,
        n_all=len(adaptive_questions(questions.whole.ref, questions.given, True).items),
        settled=settled,
        companions=companions.pages(beside),
        asks_wanted=asks_wanted,
    )


@lru_cache(maxsize=1024)
def _fixed_journey(
    questions: AssignedQuestions,
    per_page: int,
    settled: frozenset[str],
    asks_wanted: bool,
    beside: tuple[str, ...],
) -> Journey:
    """The journey through a form that does not choose: one for all who are alike."""
    return Journey(
        questions.instrument,
        per_page,
        questions.follow_up,
        settled,
        asks_wanted,
        companions.pages(beside),
    )
