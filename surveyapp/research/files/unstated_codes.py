"""Codes that leave a hole beside the others: 9 beside 1 to 5 is hardly an answer."""

from dataclasses import dataclass

import numpy as np

from ...table_files.raw_table import InvalidTable
from .end_codes import ends_out_of_order

MOST_NAMED = 5
MOST_CODES = 5  # more different ones apart than this are no codes for no answer
MOST_OPTIONS = 10  # more beyond those of the other items are no options


@dataclass(frozen=True)
class CodeBeside:
    """A code apart from the run of codes that most answers have."""

    code: int
    n: int  # how often it stands
    items: tuple
    low: int
    high: int
    label: str = ""
    row: int | None = None  # of the file, where it stands once
    is_end: bool = False  # next to the others, but out of order

    @property
    def says(self):
        what = f"{self.code} ({self.label})" if self.label else f"{self.code}"
        times = "once" if self.n == 1 else f"{self.n} times"
        where = f"{_few(self.items)}, row {self.row}" if self.row else _few(self.items)
        if self.is_end:
            near = self.low if self.code < self.low else self.high
            return (
                f"{what} stands {times} next to {self.low} to {self.high} in {where}, "
                "but who has it answers the other items less like the end of the "
                f"scale than who has {near}"
            )
        return f"{what} stands {times} beside {self.low} to {self.high} in {where}"


def _few(items):
    return ", ".join(items[:MOST_NAMED]) + (" ..." if len(items) > MOST_NAMED else "")


def unstated(name, codes):
    """The error for codes that stand apart: of so many that nobody states, another."""
    apart = sorted(beside.code for beside in codes)
    items = list(dict.fromkeys(item for beside in codes for item in beside.items))
    rows = {beside.row for beside in codes}
    if len(codes) > 2 and len(rows) == 1 and rows != {None}:
        return InvalidTable(
            f"{name}: row {rows.pop()}: {apart[0]} to {apart[-1]} beside "
            f"{codes[0].low} to {codes[0].high} in {_few(items)}; a row of sums is "
            "nobody's answers: take it out"
        )
    if len(codes) <= MOST_CODES:
        return UnstatedCodes(name, codes)
    leave = items[0] if len(items) == 1 else "such columns"
    return InvalidTable(
        f"{name}: {len(apart)} different numbers from {apart[0]} to {apart[-1]} stand "
        f"beside {codes[0].low} to {codes[0].high} in {_few(items)}: days, ages or "
        "amounts rather than answers",
        command=f"leave {leave} out of --scales",
        page=f"leave {leave} out of the scales",
    )


class UnstatedCodes(InvalidTable):
    """Nobody said whether a code is an answer; `codes` has each that is apart."""

    def __init__(self, name, codes):
        self.codes = tuple(codes)
        listed = ",".join(str(beside.code) for beside in self.codes)
        low = min(beside.low for beside in self.codes)
        high = max(beside.high for beside in self.codes)
        self.categories = (
            min(low, *(beside.code for beside in self.codes)),
            max(high, *(beside.code for beside in self.codes)),
        )
        stand = "it stands" if len(self.codes) == 1 else "they stand"
        are = "it is an answer" if len(self.codes) == 1 else "they are answers"
        super().__init__(
            f"{name}: {'; '.join(beside.says for beside in self.codes)}",
            command=f"--missing {listed} if {stand} for no answer, "
            f"--categories {'{}-{}'.format(*self.categories)} if {are}",
            page=f"say in the plan whether {listed} is missing, or the categories",
        )


def amounts_beside(name, codes, scales):
    """The error for an item that counts something: a person's number, a sum, an age.

    Its numbers may follow one another and leave no hole, so it is told by how many
    lie beyond all that the other items of its scale have. None where there is none.
    """
    for items in filter(lambda items: len(items) > 1, map(list, scales)):
        for item in items:
            own = np.unique(codes[item].dropna())
            others = codes[[other for other in items if other != item]].to_numpy()
            if np.isnan(others).all():
                continue
            low, high = np.nanmin(others), np.nanmax(others)
            beyond = own[(own < low) | (own > high)]
            if len(beyond) > max(MOST_OPTIONS, len(own) / 2):
                return InvalidTable(
                    f"{name}: column {item} has {len(own)} different numbers from "
                    f"{own[0]:g} to {own[-1]:g}, where the other items of its scale "
                    f"have {low:g} to {high:g}: numbers of persons, sums or amounts "
                    "rather than answers",
                    command=f"leave {item} out of --scales",
                    page=f"leave {item} out of the scales",
                )
    return None


def codes_beside(codes, scales, labels=None, known=()):
    """Every code that leaves a hole beside the others of its scale.

    Parameters
    ----------
    codes : DataFrame of float
        Persons x items; NaN where unanswered.
    scales : sequence of sequence of str
        Items that share their options; their codes are looked at together, so that
        an option that nobody chose in one item is no hole.
    labels : dict of str to str, optional
        What the file calls each code.
    known : collection of int, optional
        Codes that are answers by what was stated, used or not.

    Returns
    -------
    list of CodeBeside
        The run of consecutive codes with most answers is what the items share; each
        code outside of it is returned, the most frequent first, and so is a code at
        an end of it whose holders do not answer like people at that end.
    """
    found = {}
    for items in scales:
        values = codes[list(items)].to_numpy()
        given = np.concatenate([values[~np.isnan(values)], np.array([*known], float)])
        used, counts = np.unique(given, return_counts=True)
        runs = np.split(np.arange(len(used)), np.flatnonzero(np.diff(used) > 1) + 1)
        main = max(runs, key=lambda run: counts[run].sum())
        low, high = int(used[main[0]]), int(used[main[-1]])
        for place in set(range(len(used))) - set(main.tolist()):
            code = int(used[place])
            having = [i for i in items if (codes[i] == code).any()]
            n = int(counts[place])
            once = codes[having].eq(code).any(axis=1).idxmax() if n == 1 else None
            beside = CodeBeside(
                code,
                n,
                tuple(having),
                low,
                high,
                (labels or {}).get(str(code), ""),
                once,
            )
            found.setdefault(code, beside)
        if len(runs) == 1 and not known:
            for beside in _ends(codes, items, labels or {}):
                found.setdefault(beside.code, beside)
    return sorted(found.values(), key=lambda beside: -beside.n)


def _ends(codes, items, labels):
    for code, _, n in ends_out_of_order(codes, items):
        used = np.unique(codes[list(items)].to_numpy())
        ends = used[~np.isnan(used) & (used != code)]
        having = tuple(i for i in items if (codes[i] == code).any())
        label = labels.get(str(code), "")
        low, high = int(ends[0]), int(ends[-1])
        yield CodeBeside(code, n, having, low, high, label, is_end=True)
