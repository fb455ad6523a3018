"""The item bank: instruments as data under review.

References name a version: ``item("trust_listened.v1")``. A published wording
never changes; a new wording is a new version.
"""

from item_bank.easy_read import editions_of, in_edition
from item_bank.errors import BankError, Problem, UnknownReference
from item_bank.languages import PSEUDO, given_in, in_language
from item_bank.loader import load
from item_bank.models import SOURCE_LANGUAGE

__all__ = [
    "BankError",
    "Problem",
    "UnknownReference",
    "calibration",
    "companion",
    "document",
    "editions",
    "instrument",
    "instruments",
    "item",
    "languages_of",
    "load",
    "worded",
]


def _get(kind, table, ref):
    if ref not in table:
        raise UnknownReference(kind, ref, table)
    return table[ref]


def item(ref):
    """The item with this reference, such as ``trust_listened.v1``."""
    return _get("item", load().items, ref)


def instrument(ref, *, language=SOURCE_LANGUAGE, edition=None, pilot=False, bank=None):
    """The instrument with this reference, such as ``pilot_carer.v1``.

    In another language it raises BankError unless every text is validated, or
    `pilot` says that the campaign is a pilot of the translation. `edition` names
    other words for the same questions, such as ``easy_read``, in its newest
    version, or one version of it, such as ``easy_read.v1``; the form then has
    `pictures`. It raises BankError where the edition is not written for the form.
    `bank` is one that was loaded before, with an installation's own forms.
    """
    bank = bank or load()
    form = _get("instrument", bank.instruments, ref)
    return worded(bank, form, language=language, edition=edition, pilot=pilot)


def worded(bank, form, *, language=SOURCE_LANGUAGE, edition=None, pilot=False):
    """A form of `bank`, perhaps a part of it in another order, as `instrument` says."""
    if edition is None:
        return in_language(bank, form, language, pilot=pilot)
    if language in PSEUDO:  # made from the words of the edition themselves
        form = in_edition(bank, form, edition)
        return in_language(bank, form, language, pilot=pilot)
    return in_edition(bank, in_language(bank, form, language, pilot=pilot), edition)


def editions(ref, *, language=SOURCE_LANGUAGE, bank=None):
    """The editions written for this instrument, the newest of each, by id."""
    bank = bank or load()
    form = _get("instrument", bank.instruments, ref)
    return editions_of(bank, form, language)


def languages_of(ref, *, bank=None):
    """Tag -> name of the languages in which all that this form shows is validated."""
    bank = bank or load()
    return given_in(bank, _get("instrument", bank.instruments, ref))


def instruments():
    """The references of every instrument, in alphabetical order."""
    return tuple(sorted(load().instruments))


def calibration(ref, *, bank=None):
    """The item parameters with this reference."""
    return _get("calibration", (bank or load()).calibrations, ref)


def document(ref):
    """The information text, privacy notice or consent statement named by `ref`."""
    return _get("document", load().documents, ref)


def companion(ref):
    """The companion measure with this reference."""
    return _get("companion", load().companions, ref)
