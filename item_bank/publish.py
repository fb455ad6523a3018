"""New files of the bank made from an analysis: short forms and calibrations."""

from pathlib import Path

from item_bank.checks import check
from item_bank.dump import dump, kind_of
from item_bank.errors import BankError, Problem
from item_bank.loader import FOLDERS
from item_bank.models import Calibration

OWN = {"citation": "Written for this bank.", "licence": "CC-BY-4.0"}


def short_form(form, item_ids, *, id, title, version=1, provenance):
    """A form with some of the items of another, in the same order.

    Parameters
    ----------
    form : Instrument
    item_ids : collection of str
    provenance : dict
        method, sample, fingerprint (SHA-256 of the data), software, synthetic.

    Raises
    ------
    ValueError
        If an item is not in `form`.
    """
    made = {"made_from": form.ref, **provenance}
    changes = {"id": id, "version": version, "title": title, "provenance": made}
    return form.subset(item_ids, **changes)


def calibration(
    form,
    parameters,
    *,
    id,
    model,
    sample,
    fingerprint,
    method,
    software,
    synthetic,
    version=1,
):
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
    written = {
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
        sample=dict(sample),
        fingerprint=fingerprint,
        software=software,
        method=method,
        synthetic=bool(synthetic),
        source=OWN,
    )


def write(record, folder):
    """Write a new file into a bank, if the bank is in order with it.

    Returns
    -------
    Path
        The file. Nothing is written if a check fails.

    Raises
    ------
    BankError
        With every problem, or if a file of this name is there already.
    """
    path = Path(folder) / FOLDERS[kind_of(record)] / f"{record.ref}.yaml"
    name = path.relative_to(folder).as_posix()
    if path.exists():
        said = "is there already; a new one needs a new version"
        raise BankError([Problem(name, "", said, "publish")])
    path.parent.mkdir(exist_ok=True)
    path.write_text(dump(record), encoding="utf-8")
    problems = check(folder)
    if problems:
        path.unlink()
        raise BankError(problems)
    return path
