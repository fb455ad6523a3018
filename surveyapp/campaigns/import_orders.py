"""In which order, or as which booklet, an earlier form was given, from its columns."""

from dataclasses import replace
from functools import cache
from math import lcm

from .. import bank
from ..assessments.item_order import Arrangement, n_orders
from ..assessments.questions import arranged_questions
from ..models.campaign import ITEM_ORDERS

UNEVEN = 3  # by how many items booklets of one plan differ from its length


def arrangement_of(instrument, about, not_asked):
    """The stored text of an arrangement, or None for a form as printed.

    ValueError where the columns do not fit each other, such as an item without
    code 97 that is not in the booklet.
    """
    variant = about.get("variant") or None
    plain = _order_of(instrument, about, not_asked)
    if variant is None:
        return plain
    if variant not in (bank.AS_PUBLISHED, *bank.variants(instrument)):
        raise ValueError(f"{instrument.ref} has no variant {variant[:40]!r}")
    given = Arrangement("as_printed", 0) if plain is None else Arrangement.read(plain)
    return replace(given, variant=variant).text


def _order_of(instrument, about, not_asked):
    kind = about.get("item_order") or "as_printed"
    first, booklet = about.get("first_part") or None, about.get("booklet") or None
    if kind not in ITEM_ORDERS:
        raise ValueError(f"{kind[:40]!r} is none of {', '.join(ITEM_ORDERS)}")
    if kind == "as_printed" and not booklet:
        if not_asked:
            raise ValueError("code 97 needs item_order booklets, and the booklet")
        return None
    n_asked = len(instrument.items) - len(not_asked)
    text = _known(instrument.ref, kind, n_asked).get(
        (first, booklet, frozenset(not_asked))
    )
    if text is None:
        raise ValueError("no such order or booklet leaves out the items with code 97")
    return text


@cache
def _known(ref, kind, n_asked):
    """(first part, booklet, items not asked) -> an arrangement that has them.

    Booklets differ by a few items in length, and a file does not say which length
    was asked for: those nearest to what this booklet has are looked at first.
    """
    known = {}
    for text in _arrangements(ref, kind, n_asked):
        given, booklet = (
            arranged_questions(ref, text),
            Arrangement.read(text).booklet(ref),
        )
        number = None if booklet is None else str(booklet)
        for first in (given.blocks[0].prerequisite, None):
            known.setdefault((first, number, given.not_asked), text)
    return known


def _arrangements(ref, kind, n_asked):
    turns = n_orders(ref, kind)
    if kind != "booklets":
        yield from (Arrangement(kind, number).text for number in range(turns))
        return
    for off in sorted(range(-UNEVEN, UNEVEN + 1), key=abs):
        try:
            n_forms = bank.booklets(ref, n_asked + off).n_booklets
        except ValueError:
            continue
        for number in range(lcm(n_forms, turns)):
            yield Arrangement(kind, number, n_asked + off).text
