"""In which order a person is asked, or which booklet: chosen once, then kept.

An arrangement is stored as text, such as `rotated:3` or `booklets:30:17`, so that a
campaign which changes its mind later changes nothing for those who have begun.
"""

from collections import Counter
from dataclasses import dataclass
from math import lcm

from sqlalchemy import func, select

from .. import bank
from ..models import Assessment, Campaign


@dataclass(frozen=True)
class Arrangement:
    """One order of the blocks, or one booklet in one order; counted from 0."""

    kind: str
    number: int
    length: int | None = None

    @classmethod
    def read(cls, text):
        kind, *numbers = text.split(":")
        return cls(kind, int(numbers[-1]), *map(int, numbers[:-1]))

    @property
    def text(self):
        length = [] if self.length is None else [self.length]
        return ":".join(map(str, [self.kind, *length, self.number]))

    def of(self, ref):
        """The instrument `ref` in this arrangement."""
        if self.kind == "booklets":
            return bank.booklets(ref, self.length).for_person(self.number)
        whole = bank.instrument(ref)
        order = [block.prerequisite for block in whole.blocks]
        turn = self.number % len(order)
        everything = [item.id for item in whole.items]
        return whole.subset(everything, order=order[turn:] + order[:turn])

    def booklet(self, ref):
        """The number of the booklet, counted from 1; None where the form is whole."""
        if self.kind != "booklets":
            return None
        return self.number % bank.booklets(ref, self.length).n_booklets + 1


def assign_order(session, assessment):
    """Give an assessment its arrangement: the one used least so far.

    A printed form has its own, or none where it was printed whole. Those who
    withdrew are not counted, so that their place is filled again. The campaign's row
    is held until the caller commits: two who begin at once are given different ones.
    """
    campaign, invitation = assessment.campaign, assessment.invitation
    printed = invitation and invitation.arrangement
    stays = assessment.mode == "paper" or is_as_printed(campaign, assessment.instrument)
    if printed or stays:
        assessment.arrangement = printed
    else:
        held = select(Campaign.id).where(Campaign.id == campaign.id)
        # Lets inserts of others go on, which only hold the campaign's key.
        session.execute(held.with_for_update(key_share=True))
        choices = balanced_orders(session, campaign, assessment.instrument)
        assessment.arrangement = next(choices)


def is_as_printed(campaign, ref):
    """Whether a form has no order but its own; an adaptive one chooses as it goes."""
    return campaign.item_order == "as_printed" or bool(bank.instrument(ref).adaptive)


def balanced_orders(session, campaign, ref):
    """Arrangements as text, without end, each the one that is used least by then."""
    kind, length = order_kind_of(campaign, ref)
    used = _used(session, campaign, ref, (kind, length))
    turns = len(bank.instrument(ref).blocks)
    n_forms = bank.booklets(ref, length).n_booklets if length else 1
    forms, orders = Counter(), Counter()
    for number, n in used.items():
        forms[number % n_forms] += n
        orders[number % turns] += n

    def crowd(number):
        form, order = number % n_forms, number % turns
        return forms[form], orders[order], used[number], number

    while True:
        number = min(range(lcm(n_forms, turns)), key=crowd)
        used[number] += 1
        forms[number % n_forms] += 1
        orders[number % turns] += 1
        yield Arrangement(kind, number, length).text


def order_kind_of(campaign, ref):
    """The kind of arrangement of a form, and the length of its booklets.

    A form with no more questions than a booklet is given whole, in turns.
    """
    length = campaign.booklet_length
    is_long = campaign.item_order == "booklets" and length < n_items(ref)
    return ("booklets", length) if is_long else ("rotated", None)


def n_items(ref):
    return len(bank.instrument(ref).items)


def _used(session, campaign, ref, way):
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
    used = Counter()
    for text, n in session.execute(query):
        given = Arrangement.read(text)
        if (given.kind, given.length) == way:
            used[given.number] += n
    return used


def example_form(campaign, perspective):
    """The instrument as somebody of a perspective is given it in this campaign."""
    ref = campaign.instrument_ref(perspective)
    if is_as_printed(campaign, ref):
        return bank.instrument(ref)
    kind, length = order_kind_of(campaign, ref)
    return Arrangement(kind, 0, length).of(ref)
