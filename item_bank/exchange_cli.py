"""The commands that take a form to another system, and look at what came back."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from item_bank.cli import Printed
from item_bank.contents import BankFolder, Words
from item_bank.errors import UnknownReference
from item_bank.interchange import fhir, limesurvey, redcap
from item_bank.languages import in_language
from item_bank.loader import load
from item_bank.models import SOURCE_LANGUAGE, Instrument
from item_bank.texts import texts


def export(
    folder: BankFolder, *, ref: str, format: str, languages: Sequence[str], out: str
) -> Printed:
    """Write a form for another system; the file is named by --out."""
    bank = load(folder)
    if ref not in bank.instruments:
        raise UnknownReference("instrument", ref, bank.instruments)
    form = bank.instruments[ref]
    others = [in_language(bank, form, each, pilot=True) for each in languages]
    Path(out).write_text(_WRITERS[format](form, others), encoding="utf-8")
    return f"{ref} written to {out} as {format}", 0


def back(folder: BankFolder, *, file: str, format: str) -> Printed:
    """What was reworded in another system: the bank's text, then the file's."""
    bank = load(folder)
    lines = []
    for language, form in _READERS[format](_text(file)).items():
        if form.ref not in bank.instruments:
            raise UnknownReference("instrument", form.ref, bank.instruments)
        ours = bank.instruments[form.ref]
        if language != SOURCE_LANGUAGE:
            ours = in_language(bank, ours, language, pilot=True)
        lines.append(f"{form.ref} in {language}: {_same_bones(ours, form)}")
        lines += _reworded(texts(ours), texts(form))
    return "\n".join(lines), 0


def _text(file: str) -> str:
    with open(file, encoding="utf-8-sig", newline="") as opened:
        return opened.read()


def _same_bones(ours: Instrument, theirs: Instrument) -> str:
    """Whether the file was written from the form as the bank has it now."""
    is_same = [item.ref for item in ours.items] == [item.ref for item in theirs.items]
    return "the same items" if is_same else "other items than the bank's form now has"


def _reworded(ours: Words, theirs: Words) -> Iterator[str]:
    for key, text in theirs.items():
        if ours.get(key) != text:
            yield from (f"  {key}", f"    bank: {ours.get(key)}", f"    file: {text}")


def _fhir(form: Instrument, others: Sequence[Instrument]) -> str:
    return json.dumps(fhir.write(form, others), indent=1, ensure_ascii=False)


def _redcap(form: Instrument, others: Sequence[Instrument]) -> str:
    if len(others) > 1:
        raise ValueError("a data dictionary has one language")
    return redcap.write(others[0] if others else form)


def _read_redcap(text: str) -> dict[str, Instrument]:
    form = redcap.read(text)
    return {form.language: form}


_WRITERS: Mapping[str, Callable[[Instrument, Sequence[Instrument]], str]] = {
    "fhir": _fhir,
    "redcap": _redcap,
    "limesurvey": limesurvey.write,
}
_READERS: Mapping[str, Callable[[str], dict[str, Instrument]]] = {
    "fhir": fhir.from_json,
    "redcap": _read_redcap,
    "limesurvey": limesurvey.read,
}
FORMATS = tuple(_WRITERS)
