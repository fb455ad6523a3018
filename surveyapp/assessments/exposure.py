"""How often each item of an adaptive form was given: counts, never who got what."""

from collections import Counter
from collections.abc import Iterable

from ..bank import Instrument
from ..models import Assessment

EXPOSURE_COLUMNS = {
    "prerequisite": "Which prerequisite of involvement it belongs to",
    "n_given": "To how many people it was given",
    "rate": "The same as a share of all who were given items one by one",
    "n_first": "How often it was the first",
}


def exposure(
    assessments: Iterable[Assessment], instrument: Instrument
) -> list[list[str | int | float]]:
    """A row an item: how often it was given, and how often first."""
    sittings = [a.sitting for a in assessments if a.sitting is not None]
    given = Counter(item for sitting in sittings for item in sitting.given)
    first = Counter(sitting.given[0] for sitting in sittings)
    n = max(len(sittings), 1)
    rows: list[list[str | int | float]] = [
        [i.id, i.prerequisite, given[i.id], round(given[i.id] / n, 4), first[i.id]]
        for i in instrument.items
    ]
    return [["item", *EXPOSURE_COLUMNS], *rows]
