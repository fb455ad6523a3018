"""The only way to the item bank: what is asked, in which words, how it is coded.

The bank of the package does not change while the application runs. Beside it may
lie a folder of the installation's own forms: a form that is added there is found
at once, and what was read stays as it was read, since published files never change.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import item_bank
import item_bank.booklets
import item_bank.crosswalk
import item_bank.interchange.fhir_responses
import item_bank.mixing
import item_bank.readability
import item_bank.strict_yaml
import item_bank.variants
from item_bank.languages import PseudoLanguage
from item_bank.models import (
    Action,
    Bank,
    Calibration,
    CompanionMeasure,
    Document,
    Edition,
    Finding,
    Instrument,
    Interpretation,
    ResponseSet,
)

from .errors import NotFound

Record = TypeVar("Record")
# Path, time of change and size of each file.
State: TypeAlias = tuple[tuple[str, int, int], ...]

# The nouns of the bank, for whoever handles its forms.
Block: TypeAlias = item_bank.models.Block
Item: TypeAlias = item_bank.models.Item
Part: TypeAlias = item_bank.models.Part
CrosswalkRow: TypeAlias = item_bank.crosswalk.CrosswalkRow
Question: TypeAlias = item_bank.models.Question
Readability: TypeAlias = item_bank.readability.Readability

PREREQUISITES = item_bank.models.PREREQUISITES
PERSPECTIVES = item_bank.models.PERSPECTIVES
REASONS = item_bank.models.REASONS
SCALES = ("involvement", *PREREQUISITES)
AS_PUBLISHED = item_bank.variants.AS_PUBLISHED
# Plans and settings of files are read as strictly as the bank itself.
strict_yaml = item_bank.strict_yaml


class ScoredTrust(Protocol):
    """A trust, as far as it matters to what it may give."""

    @property
    def is_demonstration(self) -> bool: ...


def instrument(ref: str) -> Instrument:
    """The instrument `id.vN`; NotFound where the bank has none of that name."""
    return _instrument(_own_folder(), ref)


@cache
def _instrument(own: Path | None, ref: str) -> Instrument:
    return _found(item_bank.instrument, own, ref)


def calibration(ref: str) -> Calibration:
    """The item parameters of this name; NotFound where the bank has none."""
    return _calibration(_own_folder(), ref)


@cache
def _calibration(own: Path | None, ref: str) -> Calibration:
    return _found(item_bank.calibration, own, ref)


def _found(read: Callable[..., Record], own: Path | None, ref: str) -> Record:
    try:
        return read(ref, bank=_bank(own))
    except item_bank.UnknownReference as problem:
        raise NotFound(str(problem)) from problem


def instruments(perspective: str | None = None) -> list[Instrument]:
    """The instruments that can be given, or those for one perspective."""
    every = [instrument(ref) for ref in sorted(_bank(_own_folder()).instruments)]
    return [i for i in every if perspective in (None, i.perspective)]


@cache
def companions() -> tuple[CompanionMeasure, ...]:
    """Other people's measures that can be given beside a form, by name."""
    held = item_bank.load().companions
    return tuple(held[ref] for ref in sorted(held))


@cache
def booklets(ref: str, length: int) -> item_bank.booklets.BookletPlan:
    """An instrument cut into booklets; ValueError where it is too short for that."""
    return item_bank.booklets.plan(instrument(ref), length=length)


def mixed(ref: str, number: int) -> Instrument:
    """An instrument in one of its mixed orders, under a heading that names no part."""
    return item_bank.mixing.mixed(instrument(ref), number)


def n_mixed_orders(ref: str) -> int:
    return item_bank.mixing.n_orders(instrument(ref))


def forms_before(form: Instrument) -> list[Instrument]:
    """The form in its earlier versions, the last one first."""
    earlier = [f"{form.id}.v{number}" for number in range(form.version - 1, 0, -1)]
    held = _bank(_own_folder()).instruments
    return [instrument(ref) for ref in earlier if ref in held]


def crosswalk(older: Instrument, newer: Instrument) -> list[CrosswalkRow]:
    """Each item of two forms, and how its words and answers are related."""
    return item_bank.crosswalk.crosswalk(older, newer)


def variants(form: Instrument) -> dict[str, tuple[ResponseSet, ...]]:
    """Letter of each variant of a form -> the response sets that are its own."""
    return item_bank.variants.variants(_bank(_own_folder()), form)


def in_variant(form: Instrument, letter: str) -> Instrument:
    """A form, as arranged for one person, in one of its variants."""
    return item_bank.variants.in_variant(_bank(_own_folder()), form, letter)


def fixed_form(form: Instrument) -> Instrument:
    """The form that asks everything: of an adaptive form, the one it names."""
    return instrument(form.adaptive.fixed_form) if form.adaptive else form


def is_synthetic(form: Instrument) -> bool:
    """Whether a form rests on parameters that were estimated from made-up answers."""
    if form.adaptive is None:
        return False
    return calibration(form.adaptive.calibration).synthetic


def may_score(form: Instrument, trust: ScoredTrust) -> bool:
    """Whether a trust may give a form: made-up parameters score no real person."""
    return trust.is_demonstration or not is_synthetic(form)


def worded(
    form: Instrument, *, language: str = "en", edition: str | None = None
) -> Instrument:
    """A form, as arranged for one person, in other words; in the usual where it must.

    What has no wording in the language stays English, as `form.language` then says;
    what has none in the edition keeps its usual words.
    """
    made_up = made_up_language(language) is not None
    bank = _bank(_own_folder())
    for wanted in ((language, edition), (language, None), ("en", edition)):
        try:
            return item_bank.worded(
                bank, form, language=wanted[0], edition=wanted[1], pilot=made_up
            )
        except item_bank.BankError:
            continue
    return form


def in_english(form: Instrument) -> Instrument:
    """The form in English, in the edition that it is in."""
    if form.language.startswith("en-GB"):
        return form
    return worded(instrument(form.ref), edition=form.edition or None)


def mapped(form: Instrument, change: Callable[[str], str]) -> Instrument:
    """The same form with each text replaced by what `change` makes of it."""
    return item_bank.texts.mapped(form, lambda key, text: change(text))


def picture(edition: str, name: str) -> str:
    """The drawing of an edition, as SVG; NotFound where it has none of that name."""
    held = _bank(_own_folder()).editions.get(edition)
    if held is None or name not in held.pictures:
        raise NotFound()
    return held.pictures[name].svg


def editions(ref: str) -> dict[str, Edition]:
    """The editions of an instrument, such as easy read, by id."""
    return item_bank.editions(ref, bank=_bank(_own_folder()))


def languages(ref: str) -> dict[str, str]:
    """Tag -> name of the languages in which an instrument can be given in earnest."""
    return item_bank.languages_of(ref, bank=_bank(_own_folder()))


def made_up_language(tag: str) -> PseudoLanguage | None:
    """A language that only shows whether pages could hold a real one, or None."""
    return item_bank.languages.PSEUDO.get(tag)


def readability(text: str) -> Readability:
    """The school grade at which an English text is read, and its hard words."""
    return item_bank.readability.readability(text)


def document(ref: str) -> Document:
    """A text that a person reads or agrees to, by reference."""
    return item_bank.document(ref)


def finding(name: str) -> Finding:
    """What the sources found, by the name that items give it; NotFound for none."""
    return _named(item_bank.load().findings, name)


def source(name: str) -> dict[str, str]:
    """A publication: citation, design and perhaps doi; NotFound for none."""
    return _named(item_bank.load().sources, name)


def _named(table: Mapping[str, Record], name: str) -> Record:
    if name not in table:
        raise NotFound()
    return table[name]


def actions() -> tuple[Action, ...]:
    """What could be done where a prerequisite falls short, in the order of the bank."""
    return tuple(item_bank.load().actions.values())


def interpretations() -> dict[str, Interpretation]:
    """Scale -> what its scores say."""
    return item_bank.load().interpretations


def fhir_responses(
    form: Instrument, answered: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Answers to a form as a FHIR Bundle; each has the fields of `Answered`."""
    fhir = item_bank.interchange.fhir_responses
    return fhir.bundle(form, [fhir.Answered(**each) for each in answered])


def state() -> State | None:
    """Changes with every change of what can be given; None while nothing can change."""
    own = _own_folder()
    return None if own is None else _state(own)


def check() -> None:
    """Read the whole bank; BankError lists every problem with file and place."""
    own = _own_folder()
    item_bank.load((item_bank.loader.BUILT_IN, own) if own else None)


def run_command(own: Path, typed: Sequence[str]) -> int:
    """Run a command of the bank with the installation's own folder; the exit code."""
    from item_bank.__main__ import main

    return main(["--own", str(own), *typed], prog="prom bank")


def help_of(command: str) -> str:
    """What a command of the bank says of itself and its options."""
    from item_bank.__main__ import help_of

    return help_of(command, prog="prom bank")


# What says where the installation's own folder is, once one does.
_locators: list[Callable[[], Path | None]] = []


def look_beside(locate: Callable[[], Path | None]) -> None:
    """Let `locate()` say where the installation's own folder is; None without one."""
    _locators[:] = [locate]


def _own_folder() -> Path | None:
    """The installation's own folder, where there is one."""
    return _locators[0]() if _locators else None


_readable: dict[Path, Bank] = {}  # the last state of each own folder that could be read


def _bank(own: Path | None) -> Bank:
    if own is None:
        return item_bank.load()
    try:
        _readable[own] = _read(own, _state(own))
    except item_bank.BankError as problem:
        if own not in _readable:
            raise
        # A file spoilt by hand must not stop those who are answering now.
        logging.getLogger(__name__).error(
            "the own forms are not read anew: %s",
            problem,
            extra={"told": {"says": str(problem)}},
        )
    return _readable[own]


@lru_cache(maxsize=4)
def _read(own: Path, state: State) -> Bank:
    return item_bank.load((item_bank.loader.BUILT_IN, own))


def _state(own: Path) -> State:
    """Changes whenever a file is added to the folder or changed."""
    files = ((path, path.stat()) for path in own.rglob("*.yaml"))
    return tuple(sorted((str(p), s.st_mtime_ns, s.st_size) for p, s in files))
