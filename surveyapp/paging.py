"""A long list, some at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

AT_ONCE = 50
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Page(Generic[Thing]):
    """Part of a list; pages are numbered from 1, `n` is how many things there are."""

    things: Sequence[Thing]
    number: int
    n_pages: int
    n: int


def page_of(things: Sequence[Thing], number: int, *, at_once: int = AT_ONCE):
    """One page; a number beyond either end is that of the first or last."""
    n_pages = max(1, -(-len(things) // at_once))
    number = min(max(number, 1), n_pages)
    start = (number - 1) * at_once
    return Page(things[start : start + at_once], number, n_pages, len(things))
