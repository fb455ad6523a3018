"""What one person is asked: which items, in which order, in blocks.

Pages, progress, the check page, scores, exports and keyed paper forms all ask here,
so that an item which a person was never shown counts as missing nowhere.
"""

from dataclasses import dataclass
from functools import cache, cached_property

from .. import bank
from .arrangement import Arrangement


@dataclass(frozen=True, eq=False)
class Plan:
    """The questions of one assessment.

    `instrument` is the form as this person is given it, perhaps with fewer items
    or its blocks in another order; `whole` is the form as the bank has it.
    """

    instrument: object
    whole: object

    @property
    def blocks(self):
        """One a prerequisite, in the order in which they are asked."""
        return self.instrument.blocks

    @property
    def items(self):
        return self.instrument.items

    @cached_property
    def not_asked(self):
        """Ids of the items of the whole form that this person is not asked."""
        asked = {item.id for item in self.items}
        return frozenset(i.id for i in self.whole.items if i.id not in asked)


def plan_of(assessment):
    """The plan of an assessment; NotFound where the bank has no such instrument."""
    return arranged(assessment.instrument, assessment.arrangement)


@cache
def arranged(ref, arrangement=None):
    """The plan of a form, as printed or in an arrangement such as `rotated:3`."""
    whole = bank.instrument(ref)
    given = Arrangement.read(arrangement).of(ref) if arrangement else whole
    return Plan(instrument=given, whole=whole)
