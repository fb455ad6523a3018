"""What one person is asked: which items, in which order, in blocks.

Pages, progress, the check page, scores, exports and keyed paper forms all ask here,
so that an item which a person was never shown counts as missing nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Protocol, cast

from .. import bank
from ..bank import Block, Instrument, Item, Question
from ..models import Answer, Assessment, Campaign
from .item_order import Arrangement

# Kind of wave -> kind of the question without which it cannot be interpreted.
ANCHORS = {"retest": "stability", "follow_up": "transition"}


class Sitting(Protocol):
    """An assessment, or what has its answers while it is in no database yet."""

    @property
    def instrument(self) -> str: ...

    @property
    def arrangement(self) -> str | None: ...

    @property
    def care_plan(self) -> str | None: ...

    @property
    def wants_plan(self) -> str | None: ...

    @property
    def wave(self) -> int: ...

    @property
    def answers(self) -> Sequence[Answer]: ...


@dataclass(frozen=True, eq=False)
class AssignedQuestions:
    """The questions of one assessment.

    `instrument` is the form as this person is given it, perhaps with fewer items
    or its blocks in another order; `whole` is the form as the bank has it. `follow_up`
    holds what is asked of who comes back: whether things have changed.
    """

    instrument: Instrument
    whole: Instrument
    given: tuple[str, ...] | None = None  # ids in the order of an adaptive form
    follow_up: tuple[Question, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """One a prerequisite, in the order in which they are asked."""
        return self.instrument.blocks

    @property
    def items(self) -> tuple[Item, ...]:
        return self.instrument.items

    @cached_property
    def not_asked(self) -> frozenset[str]:
        """Ids of the items of the whole form that this person is not asked."""
        return self.not_asked_of(self.whole)

    def not_asked_of(self, instrument: Instrument) -> frozenset[str]:
        """The same for another form, of which this one has some of the items."""
        asked = {item.id for item in self.items}
        return frozenset(i.id for i in instrument.items if i.id not in asked)


def questions_of(assessment: Sitting) -> AssignedQuestions:
    """What an assessment asks; NotFound where the bank has no such instrument."""
    questions = _asked(assessment)
    if assessment.wave == 1:
        return questions
    campaign = cast("Assessment", assessment).campaign
    return _coming_back(questions, campaign, assessment.wave)


def questions_on_paper(
    campaign: Campaign, ref: str, arrangement: str | None, wave: int
) -> AssignedQuestions:
    """What is asked on paper, before there is an assessment."""
    is_adaptive = bank.instrument(ref).adaptive
    questions = (
        adaptive_questions(ref, (), True)
        if is_adaptive
        else arranged_questions(ref, arrangement)
    )
    return questions if wave == 1 else _coming_back(questions, campaign, wave)


def whole_form(campaign: Campaign, perspective: str) -> Instrument:
    """The form with everything in it; of an adaptive form the fixed one."""
    return bank.fixed_form(bank.instrument(campaign.instrument_ref(perspective)))


def _coming_back(
    questions: "AssignedQuestions", campaign: Campaign, wave: int
) -> AssignedQuestions:
    """The questions, with those for who comes back at a later wave."""
    kinds = {each.number: each.kind for each in campaign.waves}
    return _anchored(questions, ANCHORS.get(kinds.get(wave, "")))


@lru_cache(maxsize=1024)
def _anchored(questions: AssignedQuestions, wanted: str | None) -> AssignedQuestions:
    asked = tuple(q for q in questions.whole.follow_up if q.kind == wanted)
    return replace(questions, follow_up=asked)


def _asked(assessment: Sitting) -> AssignedQuestions:
    if bank.instrument(assessment.instrument).adaptive:
        stored = cast("Assessment", assessment)  # no other is given such a form
        sitting = stored.sitting
        given = sitting.given if sitting is not None else ()
        sees_all = stored.mode == "paper" or (sitting and sitting.sees_all)
        return adaptive_questions(assessment.instrument, given, bool(sees_all))
    return arranged_questions(assessment.instrument, assessment.arrangement)


@lru_cache(maxsize=1024)
def adaptive_questions(
    ref: str, given: tuple[str, ...], sees_all: bool
) -> AssignedQuestions:
    """What an adaptive form asks: what was given so far, or with it the fixed form.

    The question about the care plan comes before the items that it settles.
    """
    whole, ids = bank.instrument(ref), set(given)
    if sees_all:
        ids |= {item.id for item in bank.fixed_form(whole).items}
    kept = whole.subset(ids)
    if whole.gate:
        settled = tuple(i for i in whole.gate.when_no if i in ids)
        kept = replace(kept, gate=replace(whole.gate, when_no=settled))
    return AssignedQuestions(
        instrument=kept, whole=whole, given=None if sees_all else given
    )


@cache
def arranged_questions(ref: str, arrangement: str | None = None) -> AssignedQuestions:
    """The questions of a form, as printed or in an arrangement such as `rotated:3`."""
    whole = bank.instrument(ref)
    given = Arrangement.read(arrangement).of(ref) if arrangement else whole
    return AssignedQuestions(instrument=given, whole=whole)
