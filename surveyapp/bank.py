"""The only way to the item bank: what is asked, in which words, how it is coded.

The bank is files under review that do not change while the application runs, so
it is read once in each process.
"""

from functools import cache

import item_bank
import item_bank.booklets

from .errors import NotFound

PREREQUISITES = item_bank.models.PREREQUISITES
SCALES = ("involvement", *PREREQUISITES)


@cache
def instrument(ref):
    """The instrument `id.vN`; NotFound where the bank has none of that name."""
    try:
        return item_bank.instrument(ref)
    except item_bank.UnknownReference as problem:
        raise NotFound(str(problem)) from problem


def instruments(perspective=None):
    """The instruments that can be given, or those for one perspective."""
    every = [instrument(ref) for ref in item_bank.instruments()]
    return [i for i in every if perspective in (None, i.perspective)]


@cache
def booklets(ref, length):
    """An instrument cut into booklets; ValueError where it is too short for that."""
    return item_bank.booklets.plan(instrument(ref), length=length)


def document(ref):
    """A text that a person reads or agrees to, by reference."""
    return item_bank.document(ref)


def check():
    """Read the whole bank; BankError lists every problem with file and place."""
    item_bank.load()
