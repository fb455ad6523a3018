"""A form whose items are mixed over the prerequisites, under a heading that names none.

Items that stand together under one heading are answered alike for that reason too, and
a factor of theirs may be one of the page. Where half of a sample is given the items
mixed, the two halves tell which it is (as questionnaire research does with the order of
questions: Schuman and Presser, 1981).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import TypeVar

from item_bank.models import Block, Instrument

Thing = TypeVar("Thing")


def n_orders(form: Instrument) -> int:
    """How many orders there are: each prerequisite first, the plan first or last."""
    return len(_parts(form)[0]) * (2 if _parts(form)[1] else 1)


def mixed(form: Instrument, number: int) -> Instrument:
    """The `number`-th order of a form, counted from 0, its items dealt in turn.

    One item of each prerequisite, then the next of each. Which begins, and with which
    of its items, turns with the number. Items that a gate settles stay together,
    since who has no plan leaves them out as one, and come last or, in the second half
    of the orders, first. The form keeps its reference: it is the same items.
    """
    free, settled = _parts(form)
    turn = number % len(free)
    piles = [_turned(block.items, turn) for block in _turned(free, turn)]
    dealt = tuple(i for i in chain.from_iterable(zip_longest(*piles)) if i is not None)
    heading = Block(
        "mixed", dealt[0].prerequisite, form.title, form.intro, dealt, is_mixed=True
    )
    is_last = number // len(free) % 2 == 0
    blocks = (heading, *settled) if is_last else (*settled, heading)
    return replace(form, blocks=blocks)


def _parts(form: Instrument) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The blocks without a gate before them, and that which a gate settles."""
    gated = form.gate.prerequisite if form.gate else None
    free = tuple(b for b in form.blocks if b.prerequisite != gated)
    return free, tuple(b for b in form.blocks if b.prerequisite == gated)


def _turned(things: Sequence[Thing], turn: int) -> tuple[Thing, ...]:
    at = turn % len(things)
    return (*things[at:], *things[:at])
