"""New files of the bank made from an analysis: short forms and calibrations."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack, cast

from item_bank import lock, record_builders, schema_checks
from item_bank.checks import broken_rules
from item_bank.contents import (
    BankFolder,
    DataProvenance,
    ItemParameters,
    Provenance,
    Sample,
    Source,
)
from item_bank.errors import BankError, Problem
from item_bank.loader import FOLDERS, folders_of, read
from item_bank.models import Adaptive, Bank, Calibration, Instrument, Versioned
from item_bank.record_builders import Tables
from item_bank.strict_yaml import parse
from item_bank.yaml_writer import dump, kind_of

IS_THERE = "is there already; a new one needs a new version"
OWN: Source = {"citation": "Written for this bank.", "licence": "CC-BY-4.0"}


class Rule(TypedDict, total=False):
    """When an adaptive form ends, and how freely it chooses, as in `Adaptive`."""

    min_items: int
    max_items: int
    se: float
    min_gain: float
    choose_among: int


def short_form(
    form: Instrument,
    item_ids: Collection[str],
    *,
    id: str,
    title: str,
    version: int = 1,
    provenance: DataProvenance,
) -> Instrument:
    """A form with some of the items of another, in the same order.

    Parameters
    ----------
    form : Instrument
    item_ids : collection of str
    provenance : dict
        method, sample, fingerprint (SHA-256 of the data), software, synthetic, and
        perhaps date.

    Raises
    ------
    ValueError
        If an item is not in `form`.
    """
    made: Provenance = {"made_from": form.ref, **provenance}
    chosen = form.subset(item_ids, id=id, version=version, title=title, provenance=made)
    gone = sorted(form.evidence - chosen.evidence)
    why = f"Left with the items that were not chosen from {form.ref} by its provenance."
    left_out = {**form.findings_left_out, **dict.fromkeys(gone, why)}
    return replace(chosen, findings_left_out=left_out)


def calibration(
    form: Instrument,
    parameters: Mapping[str, tuple[float, Sequence[float]]],
    *,
    id: str,
    model: str,
    sample: Sample,
    fingerprint: str,
    method: str,
    software: str,
    synthetic: bool,
    version: int = 1,
    date: str = "",
) -> Calibration:
    """Item parameters of a form, as the bank keeps them.

    Parameters
    ----------
    parameters : dict
        Item id -> (discrimination, thresholds) on the theta metric.
    sample : dict
        n, description, collected.
    synthetic : bool
        True if the answers were made up; such a calibration scores nobody.

    Raises
    ------
    ValueError
        If parameters are given for an item that is not in `form`.
    """
    refs = {item.id: item.ref for item in form.items}
    unknown = sorted(set(parameters) - set(refs))
    if unknown:
        raise ValueError(f"{form.ref} has no item {', '.join(unknown)}")
    written: dict[str, ItemParameters] = {
        refs[name]: {
            "discrimination": float(slope),
            "thresholds": [float(cut) for cut in thresholds],
        }
        for name, (slope, thresholds) in parameters.items()
    }
    return Calibration(
        id=id,
        version=version,
        instrument=form.ref,
        model=model,
        parameters=written,
        sample=sample.copy(),
        fingerprint=fingerprint,
        software=software,
        method=method,
        synthetic=bool(synthetic),
        source=OWN,
        date=date,
    )


def adaptive_form(
    form: Instrument,
    calibration: Calibration,
    fixed_form: str,
    *,
    id: str,
    title: str,
    version: int = 1,
    **rule: Unpack[Rule],
) -> Instrument:
    """A form that gives each person some of the items of a calibration.

    Parameters
    ----------
    form : Instrument
        The form that was calibrated; its items without parameters are left out.
    calibration : Calibration
    fixed_form : str
        Reference of the form for paper, and for whoever wants to see everything.
    **rule
        min_items, max_items, se, min_gain and choose_among, as `Adaptive` has them.
    """
    kept = [item.id for item in form.items if item.ref in calibration.parameters]
    made = form.subset(kept, id=id, version=version, title=title)
    chosen = Adaptive(calibration=calibration.ref, fixed_form=fixed_form, **rule)
    return replace(made, adaptive=chosen, provenance={})


def next_version(table: Mapping[str, Versioned], id: str) -> int:
    """The version that a new record of this id gets in one table of the bank."""
    return 1 + max((r.version for r in table.values() if r.id == id), default=0)


def write(record: Versioned, folder: BankFolder) -> Path:
    """Write a new file into a bank, if the bank is in order with it.

    Where `folder` is a pair, the file goes into the second, the installation's own,
    and its seal into the lock there.

    Returns
    -------
    Path
        The file. Nothing is written if a check fails.

    Raises
    ------
    BankError
        With every problem, or if a file of this name is there already.
    """
    home = folders_of(folder)[-1]
    kind, text = kind_of(record), dump(record)
    path = home / FOLDERS[kind] / f"{record.ref}.yaml"
    name = path.relative_to(home).as_posix()
    if path.exists():
        raise BankError([Problem(name, "", IS_THERE, "publish")])
    problems = _problems_with(kind, record, folder, name, text)
    if problems:
        raise BankError(problems)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, name, text)
    if home != folders_of(folder)[0]:
        lock.add(home, kind, record)
    return path


def _problems_with(
    kind: str, record: Versioned, folder: BankFolder, name: str, text: str
) -> list[Problem]:
    """What would be wrong with the bank if it had this record; nothing is written."""
    bank, problems = read(folder)
    content, wrong = parse(text, name)
    wrong = wrong or schema_checks.problems(kind, content, text, name)
    if wrong:
        return [*problems, *wrong]
    table = lock.tables(bank)[kind]
    if record.ref in table:
        return [Problem(name, "id", IS_THERE, "publish")]
    table[record.ref] = record_builders.BUILDERS[kind](content, found_in(bank))
    bank.files[kind, record.ref] = name
    return [*problems, *sorted(broken_rules(bank))]


def found_in(bank: Bank) -> Tables:
    """The tables of a bank as the builders look things up in them."""
    return cast("Tables", {**lock.tables(bank), "finding": bank.findings})


def _write_new(path: Path, name: str, text: str) -> None:
    """Write a file whole and never over another, whoever else writes just now."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    try:
        os.link(part, path)
    except FileExistsError:
        raise BankError([Problem(name, "", IS_THERE, "publish")]) from None
    finally:
        part.unlink()
