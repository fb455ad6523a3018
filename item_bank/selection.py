"""Which items make a short form that asks about the most findings."""

from collections.abc import Collection, Iterator
from itertools import combinations

from item_bank.checks.registry import newest
from item_bank.models import PREREQUISITES, Bank, Item

# Of the items of one prerequisite, so many may be about what only some people meet.
MOST_NARROW = 2


def choose(
    bank: Bank,
    perspective: str,
    *,
    anchors: Collection[str],
    before: Collection[str] = (),
    without: Collection[str] = (),
    per_prerequisite: int = 5,
) -> dict[str, tuple[Item, ...]]:
    """The items of each prerequisite that ask about the most of its findings.

    Every choice of each prerequisite is looked at, so that none is better: the anchors,
    and others so that each facet is asked, and what takes little, middling and much
    involvement to agree with. Of choices with as many findings the one goes first
    that everybody can answer, then the one nearest to the form `before`.

    Parameters
    ----------
    anchors, before, without : collection of str
        Ids of items: what has to stand in the form, what stood in the last one, and
        what shall not stand in it.

    Raises
    ------
    ValueError
        Where no choice of a prerequisite has every facet and location.
    """
    chosen = {}
    for name in PREREQUISITES:
        pool = [
            item
            for item in newest(bank)
            if item.prerequisite == name
            and perspective in item.stem
            and item.id not in without
        ]
        choices = list(_choices(pool, set(anchors), per_prerequisite))
        if not choices:
            raise ValueError(f"no choice of {name} has every facet and location")
        chosen[name] = max(
            choices, key=lambda made: merit(bank, perspective, made, before)
        )
    return chosen


def _choices(
    pool: list[Item], anchors: set[str], count: int
) -> Iterator[tuple[Item, ...]]:
    held = [item for item in pool if item.id in anchors]
    others = [item for item in pool if item.id not in anchors]
    for more in combinations(others, count - len(held)):
        made = (*held, *more)
        if is_spread(made) and n_narrow(more) <= MOST_NARROW:
            yield made


def is_spread(items: Collection[Item]) -> bool:
    """Whether items of one prerequisite have every location and every facet."""
    levels, facets = {i.level for i in items}, {i.facet for i in items}
    return levels == {"low", "middle", "high"} and len(facets) == 3


def n_narrow(items: Collection[Item]) -> int:
    """How many are about what only some people meet, beside having a plan."""
    return sum(
        "not_applicable" in item.reasons and item.prerequisite != "living_document"
        for item in items
    )


def merit(
    bank: Bank, perspective: str, items: Collection[Item], before: Collection[str]
) -> tuple[int, int, int, int, int]:
    """What a choice is judged by, the first part first; more is better."""
    home = next(iter(items)).prerequisite
    asked = {name for item in items for name in item.evidence}
    own = [f for f in map(bank.findings.__getitem__, asked) if f.prerequisite == home]
    said = [f.perspectives for f in own if perspective in f.perspectives]
    n_open = sum("do_not_know" in item.reasons for item in items)
    return (
        len(own),
        -n_open,
        sum(len(said_by[perspective]["sources"]) for said_by in said),
        -n_narrow(items),
        sum(item.id in before for item in items),
    )
