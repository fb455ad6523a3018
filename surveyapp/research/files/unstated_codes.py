"""Codes that leave a hole beside the others: 9 beside 1 to 5 is hardly an answer."""

from dataclasses import dataclass

import numpy as np

from ...table_files.raw_table import InvalidTable


@dataclass(frozen=True)
class CodeBeside:
    """A code apart from the run of codes that most answers have."""

    code: int
    n: int  # how often it stands
    items: tuple
    low: int
    high: int
    label: str = ""

    @property
    def says(self):
        what = f"{self.code} ({self.label})" if self.label else f"{self.code}"
        listed = ", ".join(self.items[:5]) + (" ..." if len(self.items) > 5 else "")
        times = "once" if self.n == 1 else f"{self.n} times"
        return f"{what} stands {times} beside {self.low} to {self.high} in {listed}"


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
        code outside of it is returned, the most frequent first.
    """
    found = {}
    for items in scales:
        values = codes[list(items)].to_numpy()
        given = np.concatenate([values[~np.isnan(values)], np.array([*known], float)])
        used, counts = np.unique(given, return_counts=True)
        runs = np.split(np.arange(len(used)), np.flatnonzero(np.diff(used) > 1) + 1)
        if len(runs) < 2:
            continue
        main = max(runs, key=lambda run: counts[run].sum())
        low, high = int(used[main[0]]), int(used[main[-1]])
        for place in set(range(len(used))) - set(main.tolist()):
            code = int(used[place])
            having = [i for i in items if (codes[i] == code).any()]
            beside = CodeBeside(
                code,
                int(counts[place]),
                tuple(having),
                low,
                high,
                (labels or {}).get(str(code), ""),
            )
            found.setdefault(code, beside)
    return sorted(found.values(), key=lambda beside: -beside.n)
