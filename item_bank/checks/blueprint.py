"""Rules about which items the forms ask, and how booklets share them out."""

from collections import Counter
from collections.abc import Iterator, Sequence

from item_bank.booklets import DIFFERENCE_SETS, BookletPlan
from item_bank.checks.registry import found, newest, rule
from item_bank.errors import Problem
from item_bank.models import PREREQUISITES, Bank, Instrument, Item

# Booklets are alike if their numbers of items of a location differ by no more.
MOST_APART = 2


def newest_forms(bank: Bank) -> list[Instrument]:
    """The newest version of each form whose items are fixed."""
    last: dict[str, Instrument] = {}
    for form in sorted(bank.instruments.values(), key=lambda form: form.version):
        last[form.id] = form
    return [form for form in last.values() if not form.adaptive]


@rule
def check_reserve(bank: Bank) -> Iterator[Problem]:
    """An item that none of the newest forms asks says why, until one asks it.

    A form that an analysis chose may bring back an item without touching its file;
    one that could not be read may ask any.
    """
    if bank.unread:
        return
    forms = newest_forms(bank)
    asked = {item.ref for form in forms for item in form.items}
    by_hand = {i.ref for form in forms if not form.provenance for i in form.items}
    for item in newest(bank):
        if item.ref not in asked and not item.reserve:
            said = "no form asks it: put it into one, retire it, or say why not"
            yield found(bank, "item", item, "reserve", said)
        if item.ref in by_hand and item.reserve:
            said = "a form asks it: take the reason out"
            yield found(bank, "item", item, "reserve", said)


@rule
def check_booklets(bank: Bank) -> Iterator[Problem]:
    """Booklets that a form names are complete, and alike in what they ask."""
    for form in bank.instruments.values():
        if form.booklets:
            for said in uneven(form):
                yield found(bank, "instrument", form, "booklets", said)


def uneven(form: Instrument) -> Iterator[str]:
    """In what the booklets of a form are not alike."""
    rest = sorted(item.id for item in form.items if item.id not in form.anchors)
    if sorted(name for cluster in form.booklets for name in cluster) != rest:
        yield "its clusters do not hold each item that is no anchor once"
        return
    if len(form.booklets) not in DIFFERENCE_SETS:
        known = ", ".join(map(str, DIFFERENCE_SETS))
        yield f"there is a design for {known} clusters, not for {len(form.booklets)}"
        return
    booklets = _booklets(form)
    for name in PREREQUISITES:
        sizes = {sum(i.prerequisite == name for i in booklet) for booklet in booklets}
        if len(sizes) > 1:
            yield f"booklets have {min(sizes)} to {max(sizes)} items of {name}"
    for level in ("low", "middle", "high"):
        counts = [sum(item.level == level for item in each) for each in booklets]
        if max(counts) - min(counts) > MOST_APART:
            yield f"booklets have {min(counts)} to {max(counts)} items of level {level}"
    for number, booklet in enumerate(booklets, start=1):
        levels = Counter(p for p, _ in {(i.prerequisite, i.level) for i in booklet})
        for name in (name for name in levels if levels[name] == 1):
            yield f"booklet {number} asks {name} at one level alone"


def _booklets(form: Instrument) -> list[Sequence[Item]]:
    plan = BookletPlan(form, form.booklets)
    return [plan.for_person(number).items for number in range(plan.n_booklets)]
