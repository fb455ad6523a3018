"""Planned-missing booklets: each person answers a part, all pairs are seen.

Items are dealt into clusters, and a booklet holds the anchors and some of the
clusters. Which clusters go together follows a cyclic difference set, so that
every two clusters meet in the same number of booklets (Bose, 1939; for item
booklets Frey, Hartig and Rupp, 2009).
"""

from dataclasses import dataclass

from item_bank.models import PREREQUISITES, Instrument

# Number of clusters -> a difference set; any two clusters meet equally often.
DIFFERENCE_SETS = {
    7: (0, 1, 3),
    11: (1, 3, 4, 5, 9),
    13: (0, 1, 3, 9),
    21: (3, 6, 7, 12, 14),
}


@dataclass(frozen=True)
class BookletPlan:
    """A form cut into booklets of about one length."""

    form: Instrument
    clusters: tuple[tuple[str, ...], ...]  # of item ids

    @property
    def n_booklets(self) -> int:
        return len(self.clusters)

    @property
    def together(self) -> tuple[tuple[int, ...], ...]:
        """Which clusters stand in each booklet."""
        count = self.n_booklets
        first = DIFFERENCE_SETS[count]
        return tuple(
            tuple(sorted((start + step) % count for step in first))
            for start in range(count)
        )

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of items in each booklet, anchors included."""
        return tuple(
            len(self.form.anchors) + sum(len(self.clusters[at]) for at in clusters)
            for clusters in self.together
        )

    @property
    def share(self) -> float:
        """Share of people who are asked an item that is no anchor."""
        return len(DIFFERENCE_SETS[self.n_booklets]) / self.n_booklets

    def for_person(self, number: int) -> Instrument:
        """The instrument for the `number`-th person, counted from 0.

        Booklets are given in turn, and the order of the prerequisites turns
        with each person too, so that breaking off does not always cost the same
        one. The form keeps its reference: it is the same items, fewer of them.
        """
        ids = set(self.form.anchors)
        for at in self.together[number % self.n_booklets]:
            ids.update(self.clusters[at])
        turn = number % len(PREREQUISITES)
        order = PREREQUISITES[turn:] + PREREQUISITES[:turn]
        return self.form.subset(ids, order=order)


def plan(form: Instrument, *, length: int = 30) -> BookletPlan:
    """Cut a form into booklets of about `length` items.

    Parameters
    ----------
    form : Instrument
        Its anchors are in every booklet.
    length : int
        Items that a person is asked, anchors included; without effect on a form whose
        file says which clusters its booklets are made of.

    Raises
    ------
    ValueError
        If the form has no more items than `length`, or the anchors alone reach it.
    """
    rest = [item.id for item in form.items if item.id not in form.anchors]
    if length >= len(form.items):
        raise ValueError(f"{form.ref} has {len(form.items)} items; give it whole")
    if length <= len(form.anchors):
        raise ValueError(f"{form.ref} has {len(form.anchors)} anchors already")
    if form.booklets:
        return BookletPlan(form, form.booklets)

    def miss(count: int) -> float:
        share = len(DIFFERENCE_SETS[count]) / count
        return abs(len(form.anchors) + share * len(rest) - length)

    count = min(DIFFERENCE_SETS, key=miss)
    # Dealing block by block gives every cluster its share of each prerequisite.
    return BookletPlan(form, tuple(tuple(rest[at::count]) for at in range(count)))
