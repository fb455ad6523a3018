"""In which order a person is asked, or which booklet: chosen once, then kept.

An arrangement is stored as text, such as `rotated:3` or `booklets:30:17`, so that a
campaign which changes its mind later changes nothing for those who have begun.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import bank
from ..bank import Instrument
from ..models import Assessment, Campaign

# A kind of arrangement, and the length of its booklets.
Ordering: TypeAlias = tuple[str, int | None]


@dataclass(frozen=True)
class Arrangement:
    """One order of the blocks, or one booklet in one order; counted from 0."""

    kind: str
    number: int
    length: int | None = None

    @classmethod
    def read(cls, text: str) -> "Arrangement":
        kind, *numbers = text.split(":")
        return cls(kind, int(numbers[-1]), *map(int, numbers[:-1]))

    @property
    def text(self) -> str:
        length = [] if self.length is None else [self.length]
        return ":".join(map(str, [self.kind, *length, self.number]))

    def of(self, ref: str) -> Instrument:
        """The instrument `ref` in this arrangement."""
        if self.kind == "booklets":
            return bank.booklets(ref, self.length).for_person(self.number)
        whole = bank.instrument(ref)
        order = [block.prerequisite for block in whole.blocks]
        turn = self.number % len(order)
        everything = [item.id for item in whole.items]
        return whole.subset(everything, order=order[turn:] + order[:turn])

    def booklet(self, ref: str) -> int | None:
        """The number of the booklet, counted from 1; None where the form is whole."""
        if self.kind != "booklets":
            return None
        return self.number % bank.booklets(ref, self.length).n_booklets + 1


def assign_order(session: Session, assessment: Assessment) -> None:
    """Give an assessment its arrangement: the one used least so far.

    A printed form has its own, or none where it was printed whole. Those who
    withdrew are not counted, so that their place is filled again. The campaign's row
    is held until the caller commits: two who begin at once are given different ones.
    """
    campaign, invitation = assessment.campaign, assessment.invitation
    printed = invitation.arrangement if invitation else None
    stays = assessment.mode == "paper" or is_as_printed(campaign, assessment.instrument)
    if printed or stays:
        assessment.arrangement = printed
    else:
        held = select(Campaign.id).where(Campaign.id == campaign.id)
        # Lets inserts of others go on, which only hold the campaign's key.
        session.execute(held.with_for_update(key_share=True))
        choices = balanced_orders(session, campaign, assessment.instrument)
        assessment.arrangement = next(choices)


def is_as_printed(campaign: Campaign, ref: str) -> bool:
    """Whether a form has no order but its own; an adaptive one chooses as it goes."""
    return campaign.item_order == "as_printed" or bool(bank.instrument(ref).adaptive)


def balanced_orders(session: Session, campaign: Campaign, ref: str) -> Iterator[str]:
    """Arrangements as text, without end, each the one that is used least by then."""
    kind, length = order_kind_of(campaign, ref)
    used = _used(session, campaign, ref, (kind, length))
    turns = len(bank.instrument(ref).blocks)
    n_forms = bank.booklets(ref, length).n_booklets if length else 1
    forms: Counter[int] = Counter()
    orders: Counter[int] = Counter()
    for number, n in used.items():
        forms[number % n_forms] += n
        orders[number % turns] += n

    def crowd(number: int) -> tuple[int, int, int, int]:
        form, order = number % n_forms, number % turns
        return forms[form], orders[order], used[number], number

    while True:
        number = min(range(lcm(n_forms, turns)), key=crowd)
        used[number] += 1
        forms[number % n_forms] += 1
        orders[number % turns] += 1
        yield Arrangement(kind, number, length).text


def order_kind_of(campaign: Campaign, ref: str) -> Ordering:
    """The kind of arrangement of a form, and the length of its booklets.

    A form with no more questions than a booklet is given whole, in turns.
    """
    length = campaign.booklet_length
    if campaign.item_order != "booklets" or length is None or length >= n_items(ref):
        return "rotated", None
    return "booklets", length


def n_items(ref: str) -> int:
    return len(bank.instrument(ref).items)


def _used(
    session: Session, campaign: Campaign, ref: str, way: Ordering
) -> Counter[int]:
    """How often each number was given in this way of ordering."""
    query = (
        select(Assessment.arrangement, func.count())
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.is_of(ref),
            Assessment.wave == 1,
            Assessment.withdrawn_at.is_(None),
            Assessment.arrangement.is_not(None),
        )
        .group_by(Assessment.arrangement)
    )
    used: Counter[int] = Counter()
    read = ((Arrangement.read(t), n) for t, n in session.execute(query) if t)
    for given, n in read:
        if (given.kind, given.length) == way:
            used[given.number] += n
    return used


def example_form(campaign: Campaign, perspective: str) -> Instrument:
    """The instrument as somebody of a perspective is given it in this campaign."""
    ref = campaign.instrument_ref(perspective)
    if is_as_printed(campaign, ref):
        return bank.instrument(ref)
    kind, length = order_kind_of(campaign, ref)
    return Arrangement(kind, 0, length).of(ref)
