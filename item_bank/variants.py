"""Variants of a form, for a split ballot: the same items with other response sets.

A response set says itself which other it is a variant of. `a` is the form as it was
published; in variant `b` every item whose set has a variant of that letter is asked
with it. Items, codes and reasons stay, so answers to both are scored alike and the
words alone are compared.
"""

from dataclasses import replace

from item_bank.models import Bank, Instrument, Item, ResponseSet

AS_PUBLISHED = "a"


def variants(bank: Bank, form: Instrument) -> dict[str, tuple[ResponseSet, ...]]:
    """Letter -> the response sets that this variant of a form has of its own."""
    used = {item.responses.ref for item in form.items}
    found: dict[str, tuple[ResponseSet, ...]] = {}
    for ref in sorted(bank.response_sets):
        held = bank.response_sets[ref]
        if held.variant and held.variant["of"] in used:
            letter = held.variant["letter"]
            found[letter] = (*found.get(letter, ()), held)
    return dict(sorted(found.items()))


def in_variant(bank: Bank, form: Instrument, letter: str) -> Instrument:
    """A form, as arranged for one person, with the response sets of a variant.

    Raises
    ------
    ValueError
        Where the form has no variant of that letter.
    """
    if letter == AS_PUBLISHED:
        return form
    sets = variants(bank, form).get(letter)
    if sets is None:
        raise ValueError(f"{form.ref} has no variant {letter}")
    instead = {each.variant["of"]: each for each in sets}

    def asked(item: Item) -> Item:
        return replace(item, responses=instead.get(item.responses.ref, item.responses))

    return replace(
        form,
        blocks=tuple(
            replace(block, items=tuple(map(asked, block.items)))
            for block in form.blocks
        ),
    )
