"""What `python -m item_bank` does: one function for each command."""

import difflib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from item_bank import lock as locking
from item_bank.checks import check as run_checks
from item_bank.contents import BankFolder
from item_bank.coverage import asked, blueprint, matrix
from item_bank.crosswalk import CrosswalkRow, crosswalk
from item_bank.csv_cells import csv_text
from item_bank.errors import UnknownReference
from item_bank.fields import put_into, reference
from item_bank.languages import side_by_side
from item_bank.loader import BUILT_IN, folders_of, load
from item_bank.models import Bank, Instrument, Versioned
from item_bank.printing import to_html, to_pdf
from item_bank.ratings import GROUPS, read_ratings
from item_bank.review import review_item
from item_bank.sorting import read_sorting, summary
from item_bank.yaml_writer import dump

# What a command says, and its exit code.
Printed: TypeAlias = tuple[str, int]


def check(folder: BankFolder) -> Printed:
    """Print every problem of the bank; the exit code says if there are any."""
    problems = run_checks(folder)
    if problems:
        plural = "s" if len(problems) > 1 else ""
        return "\n".join([*map(str, problems), f"{len(problems)} problem{plural}"]), 1
    bank = load(folder)
    counts = f"{len(bank.items)} items, {len(bank.findings)} findings"
    return f"{counts}, {len(bank.instruments)} forms: in order", 0


def overview(
    folder: BankFolder, *, kind: str, prerequisite: str | None, status: str | None
) -> Printed:
    """One line for each record of a kind; items can be narrowed down."""
    bank = load(folder)
    table = locking.tables(bank)[kind]
    if kind != "item":
        return "\n".join(f"{r.ref:40} {_headline(r)}" for r in table.values()), 0
    lines = [
        f"{item.ref:40} {bank.status(item.ref):10} {_headline(item)}"
        for item in bank.items.values()
        if prerequisite in (None, item.prerequisite)
        and status in (None, bank.status(item.ref))
    ]
    return "\n".join([*lines, f"{len(lines)} items"]), 0


def _headline(record: Versioned) -> str:
    for field in ("title", "stem", "text", "labels", "model"):
        value: str | dict[Any, str] | None = getattr(record, field, None)
        if value:
            return next(iter(value.values())) if isinstance(value, dict) else value
    return ""


def show(folder: BankFolder, *, ref: str) -> Printed:
    """A record as its file has it; for an item also its grounds and its life."""
    bank = load(folder)
    record = _find(bank, ref)
    if ref not in bank.items:
        return dump(record).rstrip(), 0
    entry = review_item(bank, bank.items[ref])
    lines = [dump(record).rstrip(), "", f"status: {entry.status}"]
    lines += [f"finding {f.id}: {f.says}" for f in entry.findings]
    lines += [f"flag: {flag}" for flag in entry.flags]
    lines += [f"grade, {who}: {g.grade:.1f}" for who, g in entry.grades.items()]
    lines += [f"words to look at: {', '.join(entry.hard_words) or 'none'}"]
    lines += [f"asked in: {', '.join(entry.forms) or 'no form'}"]
    lines += [f"interview: {note['finding']}" for note in entry.notes]
    return "\n".join(lines), 0


def _find(bank: Bank, ref: str) -> Versioned:
    for table in locking.tables(bank).values():
        if ref in table:
            return table[ref]
    known = [name for table in locking.tables(bank).values() for name in table]
    raise UnknownReference("bank", ref, known)


def coverage(folder: BankFolder, *, as_matrix: bool) -> Printed:
    """Each finding and what asks it; or items x findings as CSV."""
    bank = load(folder)
    if as_matrix:
        return _matrix_csv(bank), 0
    lines = []
    for row in matrix(bank):
        said = ", ".join(row["items"]) or f"left out: {row['left_out'] or 'not asked'}"
        lines.append(
            f"{row['finding']:38} {row['perspective']:13} {row['strength']:14} {said}"
        )
    return "\n".join(lines), 0


def blueprint_of(folder: BankFolder, *, ref: str) -> Printed:
    """One form's items by prerequisite, location and facet, and its findings."""
    bank = load(folder)
    form = _form(bank, ref)
    head: tuple[str, ...] = (
        "",
        "low",
        "middle",
        "high",
        "current",
        "process",
        "outcome",
    )
    head += ("findings", "left out")
    lines = [f"{form.ref}: {form.title}", "{:18}".format(head[0]) + _cells(head[1:])]
    for row in blueprint(bank, form):
        counts = [
            row[k] for k in ("low", "middle", "high", "current", "process", "outcome")
        ]
        n_findings = (len(row["findings"]), len(row["left_out"]))
        lines.append(f"{row['prerequisite']:18}" + _cells((*counts, *n_findings)))
    lines += [f"  - {name}: {why}" for name, why in form.findings_left_out.items()]
    return "\n".join(lines), 0


def crosswalk_of(folder: BankFolder, *, old: str, new: str) -> Printed:
    """Each item of two forms: same, other answers, reworded, new or dropped, as CSV."""
    bank = load(folder)
    rows = crosswalk(_form(bank, old), _form(bank, new))
    names = [*CrosswalkRow.__annotations__]
    cells = ([row.get(name, "") for name in names] for row in rows)
    return csv_text([names, *cells]).rstrip("\n"), 0


def _form(bank: Bank, ref: str) -> Instrument:
    try:
        return bank.instruments[ref]
    except KeyError:
        raise UnknownReference("instrument", ref, bank.instruments) from None


def _cells(values: Sequence[object]) -> str:
    return "".join(f"{value!s:>9}" for value in values)


def _matrix_csv(bank: Bank) -> str:
    """Items x findings; a cell holds the perspectives that are asked."""
    asking, letters = asked(bank), {"service_user": "S", "carer": "C"}
    letters["professional"] = "P"
    rows = [["item", *bank.findings]]
    for ref in bank.items:
        cells = [
            "".join(
                letter
                for who, letter in letters.items()
                if ref in asking.get((finding, who), ())
            )
            for finding in bank.findings
        ]
        rows.append([ref, *cells])
    return csv_text(rows).rstrip()


def diff(folder: BankFolder, *, old: str, new: str) -> Printed:
    """What changed between two records, such as two versions of an item."""
    bank = load(folder)
    before, after = (dump(_find(bank, ref)).splitlines() for ref in (old, new))
    lines = difflib.unified_diff(before, after, old, new, lineterm="", n=1)
    return "\n".join(lines) or "no difference", 0


def lock(folder: BankFolder, *, refs: Sequence[str]) -> Printed:
    """Publish forms: their words, and those of all they show, are fixed for ever."""
    folder = folders_of(folder)[0]  # an installation's own forms have their own lock
    problems = run_checks(folder)
    if problems:
        return check(folder)
    bank = load(folder)
    missing = [ref for ref in refs if ref not in bank.instruments]
    if missing:
        raise UnknownReference("instrument", missing[0], bank.instruments)
    lines = locking.locked(bank, [bank.instruments[ref] for ref in refs])
    locking.write(folder, lines)
    return f"published.lock holds {len(lines)} lines, {len(bank.lock)} before", 0


def print_bank(folder: BankFolder, *, out: str) -> Printed:
    """Write the whole bank for review, as HTML or PDF after the name of the file."""
    bank, path = load(folder), Path(out)
    today = date.today().isoformat()
    if path.suffix == ".pdf":
        path.write_bytes(to_pdf(bank, date=today))
    else:
        path.write_text(to_html(bank, date=today), encoding="utf-8")
    return f"{len(bank.items)} items written to {path}", 0


def ratings(folder: BankFolder, *, file: str) -> Printed:
    """How many raters find each item relevant and clear, by group."""
    given = read_ratings(_text(file), load(folder), name=Path(file).name)
    lines = [f"{'about':40} {'scale':10} {'group':17} {'n':>3} {'share':>6}"]
    for group in (None, *GROUPS):
        for row in given.percentages(group=group):
            flag = "  below 85 %" if row["is_low"] else ""
            lines.append(
                f"{row['about']:40} {row['scale']:10} {group or 'all':17} "
                f"{row['n']:3} {row['share']:6.0%}{flag}"
            )
    return "\n".join(lines), 0


def sorting(folder: BankFolder, *, file: str) -> Printed:
    """How far readers file wordings under the prerequisite they were written for."""
    filed = read_sorting(_text(file), load(folder), name=Path(file).name)
    return "\n".join(summary(filed)), 0


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error


def translation(folder: BankFolder, *, language: str, ref: str) -> Printed:
    """A form in two languages, text beside text, as CSV for a reader."""
    bank = load(folder)
    if ref not in bank.instruments:
        raise UnknownReference("instrument", ref, bank.instruments)
    header = ["kind", "reference", "place", "status", "source", language]
    rows = side_by_side(bank, bank.instruments[ref], language)
    return csv_text([header, *rows]).rstrip(), 0


def fields(folder: BankFolder, *, into: str | None) -> Printed:
    """The field reference; or renew it in a page such as docs/bank.md."""
    if into is None:
        return reference(), 0
    path = Path(into)
    path.write_text(put_into(path.read_text(encoding="utf-8")), encoding="utf-8")
    return f"field reference renewed in {into}", 0


DEFAULT_FOLDER = BUILT_IN
