"""From a number back to its source: score, items, wordings, findings, publications."""

from dataclasses import dataclass

from .. import bank
from ..errors import NotFound
from .item_results import form_of
from .presenter import TITLES

STRENGTHS = {
    "direct": "people of this perspective said so themselves",
    "others_only": "only others said so of them, such as carers and staff",
    "staff_only": "only staff said so of them",
    "therapist_only": "only therapists said so of them",
    "extrapolated": "carried over from another perspective, to be confirmed",
}
CODINGS = {
    "lowest": "counts as the lowest category",
    "structural": "the item does not apply and is left out",
    "missing": "the item applied and has no answer",
}


@dataclass(frozen=True)
class ScoreMade:
    """How a score is made: of which items of which form, and by which rule."""

    scale: str
    title: str
    form: object
    items: tuple  # (item, wording)
    rule: str
    metric: str


@dataclass(frozen=True)
class Ground:
    """A finding that an item rests on; `strength` is in words, None if unsaid."""

    says: str
    strength: str | None
    sources: tuple  # (theme, citation, design, doi or "")


@dataclass(frozen=True)
class ItemMade:
    """One item as it stands in the bank, with what it rests on."""

    item: object
    wording: str
    title: str
    categories: tuple  # (label, points)
    reasons: tuple  # (label, what it counts as)
    grounds: tuple


def score_made(what, scale):
    """How a scale of what a page is about was made; NotFound where it is none."""
    form = form_of(what.family)
    if form is None or scale not in form.scales:
        raise NotFound()
    ids = set(form.scales[scale])
    items = tuple((i, form.stem(i)) for i in form.items if i.id in ids)
    rule = (
        f"A person's score is the mean of their answers to these items, from 0 to 100."
        f" It takes answers to {form.scoring.min_share:.0%} at least of the items that"
        " apply to the person; else there is none."
    )
    metric = what.series.partition(" ")[0]
    return ScoreMade(scale, TITLES[scale], form, items, rule, metric)


def item_made(what, ref):
    """One item of the form that a page is about; NotFound where it has none such."""
    form = form_of(what.family)
    item = next((i for i in form.items if i.ref == ref), None) if form else None
    if item is None:
        raise NotFound()
    values = item.responses.values
    low, high = min(values), max(values)
    return ItemMade(
        item=item,
        wording=form.stem(item),
        title=TITLES[item.prerequisite],
        categories=tuple(
            (label, round(100 * (value - low) / (high - low)))
            for value, label in item.responses.labels.items()
        ),
        reasons=tuple(
            (item.responses.reason_labels[reason], CODINGS[coding])
            for reason, coding in item.reasons.items()
        ),
        grounds=tuple(ground_of(name, what.perspective) for name in item.evidence),
    )


def ground_of(name, perspective):
    """What one finding says, who said it of a perspective, and where."""
    finding = bank.finding(name)
    support = finding.perspectives.get(perspective)
    told = support or next(iter(finding.perspectives.values()))
    return Ground(
        says=finding.says,
        strength=STRENGTHS[support["strength"]] if support else None,
        sources=tuple(source_of(each) for each in told["sources"]),
    )


def source_of(told):
    """(Theme, citation, design, doi) of a source as a finding names it."""
    name, _, theme = told.partition(": ")
    source = bank.source(name)
    return theme, source["citation"], source["design"], source.get("doi", "")
