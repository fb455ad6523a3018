"""Reads what an analysis leaves behind: retained items, parameters, the data's seal.

CSV as `to_frame().to_csv()` of a result writes it, or JSON. Everything that cannot be
used is told at once, each with the row it stands in.
"""

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from item_bank.checks.evidence_and_forms import wrong_parameters
from item_bank.contents import Content
from item_bank.errors import BankError, Problem
from item_bank.models import Instrument, Item

RULE = "publish"
KEPT = ("retained", "kept", "selected")  # columns that say yes or no
YES = {"1", "true", "yes"}
_CUT = re.compile(r"^([bd])(\d+)$")  # thresholds, or intercepts, of `to_frame`

# One item of a file: cells of a CSV, or values of a JSON object.
Row: TypeAlias = dict[str, Any]
Placed: TypeAlias = tuple[str, Row]  # the place that a problem names, and what is there
Estimate: TypeAlias = tuple[float, tuple[float, ...]]  # discrimination, thresholds


@dataclass(frozen=True)
class Data:
    """A file of answers: its SHA-256, its rows, and how many are made up.

    `n_synthetic` is None where no column says.
    """

    fingerprint: str
    n: int
    n_synthetic: int | None


def read_data(path: str | Path) -> Data:
    """The fingerprint of a file of answers, and what it says of itself."""
    raw = _bytes(path)
    try:
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    except UnicodeDecodeError as error:
        raise _refused(path, "", f"is not UTF-8: {error}") from error
    marks = [row["synthetic"] for row in rows if row.get("synthetic") is not None]
    made_up = sum(mark.strip().lower() in YES for mark in marks)
    digest = hashlib.sha256(raw).hexdigest()
    return Data(digest, len(rows), made_up if marks else None)


def read_items(
    path: str | Path, form: Instrument, *, number: int = 1
) -> tuple[list[str], Content]:
    """Ids of the items that a file keeps, in its order, and what else it says.

    A text file has an item a line; a CSV a column `item`, or items in its first
    column, and perhaps `retained` (or kept, selected), `decision` (all but
    `removed` are kept) or `form` (of several forms the one of this `number`). JSON
    is a list, or an object with `items`.
    """
    rows, about = _rows(path, "items")
    chosen = [(place, row) for place, row in rows if _is_kept(row, number)]
    return _of_form(path, chosen, form)[0], about


def read_parameters(
    path: str | Path, form: Instrument, *, model: str
) -> tuple[dict[str, Estimate], Content]:
    """Item id -> (discrimination, thresholds), and what else the file says.

    The columns are `item` (or the first), `discrimination`, and b1, b2, ... for
    thresholds or d1, d2, ... for intercepts, which are turned into thresholds.
    JSON is an object by item, or one with `parameters` by item; its own `model`
    comes before the one that is passed.
    """
    rows, about = _rows(path, "parameters")
    model = about.setdefault("model", model)
    items = {item.id: item for item in form.items}
    ids, problems = _of_form(path, rows, form, refuse=False)
    found = {}
    for (place, row), item in zip(rows, ids):
        try:
            found[item] = _parameters(row, items.get(item), model)
        except ValueError as wrong:
            problems.append(_problem(path, place, f"{item}: {wrong}"))
    if problems:
        raise BankError(problems)
    return found, about


def _parameters(row: Row, item: Item | None, model: str) -> Estimate:
    slope = _number(row, "discrimination")
    if slope <= 0:
        raise ValueError(f"discrimination {slope:g} is not above 0")
    cuts = _cuts(row, "b") or [-d / slope for d in _cuts(row, "d")]
    if not cuts:
        raise ValueError("there is no threshold (b1, b2, ...) or intercept (d1, ...)")
    wrong = item and wrong_parameters(item, model, cuts)
    if wrong:
        raise ValueError(f"{wrong}: {', '.join(f'{cut:g}' for cut in cuts)}")
    return slope, tuple(cuts)


def _cuts(row: Row, letter: str) -> list[float]:
    """The steps of one kind, in order; an item with fewer ends with empty cells."""
    listed = row.get("thresholds") if letter == "b" else row.get("intercepts")
    if isinstance(listed, list):
        row = {f"{letter}{n}": value for n, value in enumerate(listed, start=1)}
    steps = {int(m[2]): m[0] for m in map(_CUT.match, row) if m and m[1] == letter}
    filled = [n for n in sorted(steps) if not _is_empty(row[steps[n]])]
    missing = sorted(set(range(1, max(filled, default=0))) - set(filled))
    if missing:
        raise ValueError(f"{letter}{missing[0]} is missing")
    return [_number(row, steps[n]) for n in filled]


def _is_empty(cell: object) -> bool:
    return cell is None or str(cell).strip().lower() in ("", "na", "nan")


def _number(row: Row, column: str) -> float:
    try:
        value = float(row[column])
    except KeyError:
        raise ValueError(f"has no column {column}") from None
    except (TypeError, ValueError):
        raise ValueError(f"{column} is {row[column]!r}, not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{column} is {row[column]!r}, not a number")
    return value


def _is_kept(row: Row, number: int) -> bool:
    if "form" in row and str(row["form"]).strip() != str(number):
        return False
    if "decision" in row and str(row["decision"]).strip() == "removed":
        return False
    return all(str(row[name]).strip().lower() in YES for name in KEPT if name in row)


def _of_form(
    path: str | Path, rows: Sequence[Placed], form: Instrument, *, refuse: bool = True
) -> tuple[list[str], list[Problem]]:
    """The item id of each row; problems where one is not in the form, or twice."""
    by_name = {item.id: item for item in form.items}
    by_name |= {item.ref: item for item in form.items}
    ids, problems = [], []
    for place, row in rows:
        name = str(row["item"]).strip()
        item = by_name.get(name)
        ids.append(item.id if item else name)
        if item is None:
            problems.append(_problem(path, place, f"{form.ref} has no item {name!r}"))
        elif ids.count(item.id) > 1:
            problems.append(_problem(path, place, f"{name} stands in it twice"))
    if not rows:
        problems.append(_problem(path, "", "keeps no item"))
    if problems and refuse:
        raise BankError(problems)
    return ids, problems


def _rows(path: str | Path, what: str) -> tuple[list[Placed], Content]:
    """(place, row) for each item of a file, and what a JSON file says beside them."""
    text = _bytes(path).decode("utf-8-sig", errors="replace")
    if Path(path).suffix == ".json":
        return _json_rows(path, text, what)
    if Path(path).suffix != ".csv":
        lines = enumerate(text.splitlines(), start=1)
        return [(f"row {n}", {"item": line}) for n, line in lines if line.strip()], {}
    rows = csv.DictReader(io.StringIO(text))
    header = rows.fieldnames or [""]
    first = "item" if "item" in header else header[0]
    return [
        (f"row {number}", {**row, "item": row[first]})
        for number, row in enumerate(rows, start=2)
        if row[first]
    ], {}


def _json_rows(path: str | Path, text: str, what: str) -> tuple[list[Placed], Content]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise _refused(path, "", f"is not JSON: {error}") from error
    about = {}
    if isinstance(content, dict) and what in content:
        about = {name: value for name, value in content.items() if name != what}
        content = content[what]
    if isinstance(content, dict):
        content = [{**_mapping(v), "item": name} for name, v in content.items()]
    if not isinstance(content, list):
        raise _refused(path, what, "is neither a list nor an object by item")
    rows = [row if isinstance(row, dict) else {"item": row} for row in content]
    unnamed = [n for n, row in enumerate(rows, start=1) if "item" not in row]
    if unnamed:
        raise _refused(path, f"entry {unnamed[0]}", "names no item")
    return [(f"entry {n}", row) for n, row in enumerate(rows, start=1)], about


def _mapping(value: object) -> Row:
    return value if isinstance(value, dict) else {"value": value}


def _bytes(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def _problem(path: str | Path, place: str, said: str) -> Problem:
    return Problem(Path(path).name, place, said, RULE)


def _refused(path: str | Path, place: str, said: str) -> BankError:
    return BankError([_problem(path, place, said)])
