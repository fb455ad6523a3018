"""The item bank: instruments as data under review.

References name a version: ``item("trust_listened.v1")``. A published wording
never changes; a new wording is a new version.
"""

from item_bank.errors import BankError, Problem, UnknownReference
from item_bank.loader import load

__all__ = [
    "BankError",
    "Problem",
    "UnknownReference",
    "calibration",
    "companion",
    "document",
    "instrument",
    "instruments",
    "item",
    "load",
]


def _get(kind, table, ref):
    if ref not in table:
        raise UnknownReference(kind, ref, table)
    return table[ref]


def item(ref):
    """The item with this reference, such as ``trust_listened.v1``."""
    return _get("item", load().items, ref)


def instrument(ref):
    """The instrument with this reference, such as ``pilot_carer.v1``."""
    return _get("instrument", load().instruments, ref)


def instruments():
    """The references of every instrument, in alphabetical order."""
    return tuple(sorted(load().instruments))


def calibration(ref):
    """The item parameters with this reference."""
    return _get("calibration", load().calibrations, ref)


def document(ref):
    """The information text, privacy notice or consent statement named by `ref`."""
    return _get("document", load().documents, ref)


def companion(ref):
    """The companion measure with this reference."""
    return _get("companion", load().companions, ref)
