"""Other people's measures that a campaign gives beside its form, on the web.

They are asked after the items, in English as published, and may be left out. Their
scores stand in exports and are set beside ours in a report; no page shows them.
"""

from collections.abc import Collection, Iterable, Mapping

from .. import bank
from ..bank import CompanionMeasure, Question
from ..models import Campaign

KIND = "companion"
LANGUAGE = "en"


def measures(campaign: Campaign) -> tuple[CompanionMeasure, ...]:
    """The measures that a campaign gives, in the order of the bank."""
    return _measures(campaign.companion_measures or ())


def _measures(refs: Collection[str]) -> tuple[CompanionMeasure, ...]:
    return tuple(m for m in bank.companions() if m.ref in refs)


def pages(refs: Collection[str]) -> tuple[tuple[Question, ...], ...]:
    """A page for each measure `id.vN`, of its items as questions."""
    return tuple(tuple(_question(m, item) for item in m.items) for m in _measures(refs))


def questions(given: Iterable[CompanionMeasure]) -> tuple[Question, ...]:
    """The items of these measures, as questions beside the items."""
    return tuple(_question(m, item) for m in given for item in m.items)


def score_columns(measure: CompanionMeasure) -> dict[str, str]:
    """Column of an export -> scale: the measure's own name, with that of the scale."""
    return {_named(measure, scale): scale for scale in measure.scales}


def scores(measure: CompanionMeasure, said: Mapping[str, str]) -> dict[str, str]:
    """Column -> sum or mean of the categories, empty where an item was left out.

    `said` maps questions' ids to codes.
    """
    found = {}
    for column, scale in score_columns(measure).items():
        codes = [said.get(_named(measure, item)) for item in measure.scales[scale]]
        total = sum(int(code) for code in codes if code)
        value = total if measure.scoring == "sum" else total / len(codes)
        found[column] = f"{value:g}" if all(codes) else ""
    return found


def _question(measure: CompanionMeasure, item: str) -> Question:
    return Question(
        id=_named(measure, item),
        version=measure.version,
        kind=KIND,
        text=dict.fromkeys(bank.PERSPECTIVES, measure.items[item]),
        type="one",
        options={str(code): label for code, label in measure.labels.items()},
        hint=measure.recall,
        source=measure.source,
    )


def _named(measure: CompanionMeasure, part: str) -> str:
    return measure.id if part == measure.id else f"{measure.id}_{part}"
