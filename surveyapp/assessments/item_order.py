"""In which order a person is asked, or which booklet or variant: chosen once, kept.

An arrangement is stored as text, such as `rotated:3`, `booklets:30:17` or, where a
campaign splits its ballot, `variant:b:rotated:3`, so that a campaign which changes its
mind later changes nothing for those who have begun.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    """One order of the blocks, or one booklet in one order; counted from 0.

    `variant` is the letter of the variant of the form, None in a campaign that gives
    everybody the same.
    """

    kind: str
    number: int
    length: int | None = None
    variant: str | None = None

    @classmethod
    def read(cls, text: str) -> "Arrangement":
        kind, *numbers = text.split(":")
        if kind == "variant":
            letter, kind, *numbers = numbers
            return replace(cls.read(":".join([kind, *numbers])), variant=letter)
        *length, number = map(int, numbers)
        return cls(kind, number, length[0] if length else None)

    @property
    def text(self) -> str:
        variant = [] if self.variant is None else ["variant", self.variant]
        length = [] if self.length is None else [self.length]
        return ":".join(map(str, [*variant, self.kind, *length, self.number]))

    def of(self, ref: str) -> Instrument:
        """The instrument `ref` in this arrangement."""
        ordered = self._in_order(ref)
        return bank.in_variant(ordered, self.variant) if self.variant else ordered

    def _in_order(self, ref: str) -> Instrument:
        if self.kind == "booklets":
            return bank.booklets(ref, self.length).for_person(self.number)
        if self.kind == "mixed":
            return bank.mixed(ref, self.number)
        whole = bank.instrument(ref)
        if self.kind == "as_printed":
            return whole
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
    """Whether a form is given as it is; an adaptive one chooses as it goes."""
    form = bank.instrument(ref)
    has_own_order = campaign.item_order == "as_printed"
    return bool(form.adaptive) or has_own_order and not variants_of(campaign, ref)


def variants_of(campaign: Campaign, ref: str) -> tuple[str, ...]:
    """Letters of the variants of a form that this campaign shares out; none if one."""
    letter = campaign.split_ballot
    if letter is None or letter not in bank.variants(bank.instrument(ref)):
        return ()
    return bank.AS_PUBLISHED, letter


def balanced_orders(session: Session, campaign: Campaign, ref: str) -> Iterator[str]:
    """Arrangements as text, without end, each the one that is used least by then.

    Where the campaign splits its ballot, the variants are as even as they can be, and
    within each of them the orders and booklets are.
    """
    way, used = order_kind_of(campaign, ref), _used(session, campaign, ref)
    letters = variants_of(campaign, ref)
    numbers = {
        letter: _least_used(ref, way, used[letter, way]) for letter in letters or [None]
    }
    crowds = {
        v: sum(n.total() for (w, _), n in used.items() if w == v) for v in numbers
    }
    while True:
        letter = min(crowds, key=lambda each: (crowds[each], each))
        crowds[letter] += 1
        number = next(numbers[letter])
        yield Arrangement(way[0], number, way[1], letter).text


def _least_used(ref: str, way: Ordering, used: Counter[int]) -> Iterator[int]:
    """Numbers of orders or booklets, each the one that is used least by then."""
    kind, length = way
    turns = n_orders(ref, kind)
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
        yield number


def n_orders(ref: str, kind: str) -> int:
    """In how many orders of its blocks, or of its mixed items, a form is given."""
    if kind == "as_printed":
        return 1
    return bank.n_mixed_orders(ref) if kind == "mixed" else _n_blocks(ref)


def _n_blocks(ref: str) -> int:
    return len(bank.instrument(ref).blocks)


def order_kind_of(campaign: Campaign, ref: str) -> Ordering:
    """The kind of arrangement of a form, and the length of its booklets.

    A form with no more questions than a booklet is given whole, in turns.
    """
    length = campaign.booklet_length
    if campaign.item_order in ("as_printed", "mixed"):
        return campaign.item_order, None
    if campaign.item_order != "booklets" or length is None or length >= n_items(ref):
        return "rotated", None
    return "booklets", length


def n_items(ref: str) -> int:
    return len(bank.instrument(ref).items)


def _used(
    session: Session, campaign: Campaign, ref: str
) -> dict[tuple[str | None, Ordering], Counter[int]]:
    """(variant, way of ordering) -> how often each number of it was given."""
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
    used: dict[tuple[str | None, Ordering], Counter[int]] = defaultdict(Counter)
    read = ((Arrangement.read(t), n) for t, n in session.execute(query) if t)
    for given, n in read:
        used[given.variant, (given.kind, given.length)][given.number] += n
    return used


def example_form(campaign: Campaign, perspective: str) -> Instrument:
    """The instrument as somebody of a perspective is given it in this campaign."""
    ref = campaign.instrument_ref(perspective)
    if is_as_printed(campaign, ref):
        return bank.instrument(ref)
    kind, length = order_kind_of(campaign, ref)
    return Arrangement(kind, 0, length).of(ref)
