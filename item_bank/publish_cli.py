"""`publish-form`, `publish-calibration` and `publish-adaptive`.

They end an analysis: what a researcher's files say becomes a new file of the bank,
with where it comes from.
"""

import argparse
from collections.abc import Mapping
from datetime import date
from typing import Literal, Protocol, TypedDict, TypeVar, Unpack

from item_bank import publish
from item_bank.analysis_files import Data, read_data, read_items, read_parameters
from item_bank.cli import Printed
from item_bank.contents import BankFolder, Content, DataProvenance, Sample
from item_bank.errors import BankError, Problem, UnknownReference
from item_bank.loader import load
from item_bank.models import Adaptive, Versioned

# What has to be known of the data, unless the file itself says it.
ASKED: tuple[Literal["sample", "method", "software"], ...] = (
    "sample",
    "method",
    "software",
)
UNMARKED = "say --real or --synthetic: were the answers made up by a program?"


class AboutData(TypedDict):
    """What the options say of the data; None where one was left out."""

    data: str | None
    fingerprint: str | None
    sample: str | None
    method: str | None
    software: str | None
    date: str | None
    synthetic: bool | None


class AddCommand(Protocol):
    """Adds a command with its one line of help, and returns its parser."""

    def __call__(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


Record = TypeVar("Record")


def publish_form(
    folder: BankFolder,
    *,
    form: str,
    file: str,
    id: str,
    title: str,
    number: int = 1,
    version: int | None = None,
    **about: Unpack[AboutData],
) -> Printed:
    """Write a form of the items that an analysis keeps; the line to be printed."""
    bank = load(folder)
    whole = _get("instrument", bank.instruments, form)
    items, said = read_items(file, whole, number=number)
    record = publish.short_form(
        whole,
        items,
        id=id,
        title=title,
        version=version or publish.next_version(bank.instruments, id),
        provenance=_provenance(about, said),
    )
    return _written(record, folder, f"{len(items)} items"), 0


def publish_calibration(
    folder: BankFolder,
    *,
    form: str,
    file: str,
    id: str,
    model: str,
    collected: str,
    n: int | None = None,
    version: int | None = None,
    **about: Unpack[AboutData],
) -> Printed:
    """Write the parameters that an analysis estimated; the line to be printed."""
    bank = load(folder)
    whole = _get("instrument", bank.instruments, form)
    parameters, said = read_parameters(file, whole, model=model)
    data = _data(about)
    n = n or said.get("n") or (data.n if data else None)
    if not n:
        raise ValueError("say how many people answered: --n, or --data with the file")
    known = _provenance(about, said)
    sample: Sample = {
        "n": n,
        "description": known["sample"],
        "collected": collected,
    }
    record = publish.calibration(
        whole,
        parameters,
        id=id,
        model=said["model"],
        sample=sample,
        version=version or publish.next_version(bank.calibrations, id),
        fingerprint=known["fingerprint"],
        method=known["method"],
        software=known["software"],
        synthetic=known["synthetic"],
        date=known.get("date", ""),
    )
    made_up = ", from made-up answers: for demonstrations only"
    what = f"{len(parameters)} items{made_up if record.synthetic else ''}"
    return _written(record, folder, what), 0


def publish_adaptive(
    folder: BankFolder,
    *,
    calibration: str,
    fixed_form: str,
    id: str,
    title: str,
    version: int | None = None,
    **rule: Unpack[publish.Rule],
) -> Printed:
    """Write an adaptive form of the items of a calibration; the line to be printed."""
    bank = load(folder)
    known = _get("calibration", bank.calibrations, calibration)
    _get("instrument", bank.instruments, fixed_form)
    record = publish.adaptive_form(
        bank.instruments[known.instrument],
        known,
        fixed_form,
        id=id,
        title=title,
        version=version or publish.next_version(bank.instruments, id),
        **rule,
    )
    most = rule.get("max_items", Adaptive.max_items)
    what = f"at most {most} of {len(record.items)} items"
    return _written(record, folder, what), 0


def _provenance(about: AboutData, said: Content) -> DataProvenance:
    """Where the figures come from: typed options first, then what the file says.

    Answers that say of themselves that they are made up are never called real.
    """
    known: Content = {name: about[name] or said.get(name) for name in ASKED}
    data = _data(about)
    known["fingerprint"] = (
        data.fingerprint if data else about["fingerprint"] or said.get("fingerprint")
    )
    missing = [name for name, value in known.items() if not value]
    if missing:
        options = ", ".join("--" + name for name in missing)
        raise ValueError(
            f"say where it comes from: {options} (or --data with the file)"
        )
    return {
        "sample": known["sample"],
        "method": known["method"],
        "software": known["software"],
        "fingerprint": known["fingerprint"],
        "synthetic": _is_synthetic(about, said, data),
        "date": about["date"] or date.today().isoformat(),
    }


def _data(about: AboutData) -> Data | None:
    return read_data(about["data"]) if about["data"] else None


def _is_synthetic(about: AboutData, said: Content, data: Data | None) -> bool:
    typed = (
        about["synthetic"] if about["synthetic"] is not None else said.get("synthetic")
    )
    if data is None or data.n_synthetic is None:
        if typed is None:
            raise ValueError(UNMARKED)
        return bool(typed)
    if typed is False and data.n_synthetic:
        told = f"{data.n_synthetic} of {data.n} rows are marked as made up"
        raise BankError([Problem(str(about["data"]), "synthetic", told, "publish")])
    return bool(typed) or data.n_synthetic > 0


def _get(kind: str, table: Mapping[str, Record], ref: str) -> Record:
    if ref not in table:
        raise UnknownReference(kind, ref, table)
    return table[ref]


def _written(record: Versioned, folder: BankFolder, what: str) -> str:
    return f"{record.ref} ({what}) written to {publish.write(record, folder)}"


def add_commands(add: AddCommand) -> None:
    """The three commands and their options, as the parser of `__main__` has them."""
    form = add("publish-form", help="a form of the items that an analysis keeps")
    form.add_argument("form", help="the form that was analysed")
    form.add_argument("file", help="items: .csv, .json, or one a line")
    form.add_argument("--title", required=True)
    form.add_argument("--number", type=int, default=1, help="of several forms, which")
    _about_data(form)
    form.set_defaults(run=publish_form)
    parameters = add("publish-calibration", help="parameters that were estimated")
    parameters.add_argument("form", help="the form that was calibrated")
    parameters.add_argument("file", help="parameters: .csv or .json")
    parameters.add_argument("--model", default="graded_response")
    parameters.add_argument("--collected", required=True, help="when: YYYY-MM-DD")
    parameters.add_argument("--n", type=int, help="how many people, without --data")
    _about_data(parameters)
    parameters.set_defaults(run=publish_calibration)
    adaptive = add("publish-adaptive", help="an adaptive form from a calibration")
    adaptive.add_argument("calibration")
    adaptive.add_argument("fixed_form", help="for paper, and to see all questions")
    adaptive.add_argument("--title", required=True)
    for name, kind, usual, says in RULE:
        adaptive.add_argument(f"--{name}", type=kind, default=usual, help=says)
    _names(adaptive)
    adaptive.set_defaults(run=publish_adaptive)


RULE = (
    ("min-items", int, 6, "the least number of items given"),
    ("max-items", int, 12, "the largest number of items given"),
    ("se", float, 0.3, "end when the standard error is below this"),
    ("min-gain", float, 0.0, "or when the next item would lower it by less"),
    ("choose-among", int, 3, "draw from this many of the best items"),
)


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--id", required=True, help="lower case with underscores")
    parser.add_argument("--version", type=int, help="the next one unless it is given")


def _about_data(parser: argparse.ArgumentParser) -> None:
    """Where it comes from; a JSON file may say the same under these names."""
    _names(parser)
    parser.add_argument("--data", help="the file of answers, for its fingerprint")
    parser.add_argument("--fingerprint", help="SHA-256 of the answers, without --data")
    parser.add_argument("--sample", help="whose answers they were")
    parser.add_argument("--method", help="how it was chosen or estimated")
    parser.add_argument("--software", help="name and version of the program")
    parser.add_argument("--date", help="instead of today")
    marks = parser.add_mutually_exclusive_group()
    marks.add_argument("--synthetic", action="store_true", default=None)
    marks.add_argument("--real", dest="synthetic", action="store_false", default=None)
