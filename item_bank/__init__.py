"""The item bank: instruments as data under review.

References name a version: ``item("trust_listened.v1")``. A published wording
never changes; a new wording is a new version.
"""

from collections.abc import Mapping
from typing import TypeVar

from item_bank.easy_read import editions_of, in_edition
from item_bank.errors import BankError, Problem, UnknownReference
from item_bank.languages import PSEUDO, given_in, in_language
from item_bank.loader import load
from item_bank.models import (
    SOURCE_LANGUAGE,
    Bank,
    Calibration,
    CompanionMeasure,
    Document,
    Edition,
    Instrument,
    Item,
)

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


Record = TypeVar("Record")


def _get(kind: str, table: Mapping[str, Record], ref: str) -> Record:
    if ref not in table:
        raise UnknownReference(kind, ref, table)
    return table[ref]


def item(ref: str) -> Item:
    """The item with this reference, such as ``trust_listened.v1``."""
    return _get("item", load().items, ref)


def instrument(
    ref: str,
    *,
    language: str = SOURCE_LANGUAGE,
    edition: str | None = None,
    pilot: bool = False,
    bank: Bank | None = None,
) -> Instrument:
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


def worded(
    bank: Bank,
    form: Instrument,
    *,
    language: str = SOURCE_LANGUAGE,
    edition: str | None = None,
    pilot: bool = False,
) -> Instrument:
    """A form of `bank`, perhaps a part of it in another order, as `instrument` says."""
    if edition is None:
        return in_language(bank, form, language, pilot=pilot)
    if language in PSEUDO:  # made from the words of the edition themselves
        form = in_edition(bank, form, edition)
        return in_language(bank, form, language, pilot=pilot)
    return in_edition(bank, in_language(bank, form, language, pilot=pilot), edition)


def editions(
    ref: str, *, language: str = SOURCE_LANGUAGE, bank: Bank | None = None
) -> dict[str, Edition]:
    """The editions written for this instrument, the newest of each, by id."""
    bank = bank or load()
    form = _get("instrument", bank.instruments, ref)
    return editions_of(bank, form, language)


def languages_of(ref: str, *, bank: Bank | None = None) -> dict[str, str]:
    """Tag -> name of the languages in which all that this form shows is validated."""
    bank = bank or load()
    return given_in(bank, _get("instrument", bank.instruments, ref))


def instruments() -> tuple[str, ...]:
    """The references of every instrument, in alphabetical order."""
    return tuple(sorted(load().instruments))


def calibration(ref: str, *, bank: Bank | None = None) -> Calibration:
    """The item parameters with this reference."""
    return _get("calibration", (bank or load()).calibrations, ref)


def document(ref: str) -> Document:
    """The information text, privacy notice or consent statement named by `ref`."""
    return _get("document", load().documents, ref)


def companion(ref: str) -> CompanionMeasure:
    """The companion measure with this reference."""
    return _get("companion", load().companions, ref)
