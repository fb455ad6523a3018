"""Fit of single items: S-X2, infit and outfit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, zip_longest
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes
from ..figures import bound, finish, mark_style, name_rows
from ..results import Result, axes
from .patterns import sets_of
from .person_slopes import blocks, category_shares
from .sum_scores import distributions_without

if TYPE_CHECKING:
    from .parameters import ItemParameters
    from .patterns import Patterns
    from .result import IrtResult

SMALLEST = 1.0  # expected persons in a cell of S-X2
FEWEST = 50  # persons who answered the same items, for a table of their sum scores


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemFit(Result):
    """Fit of each item.

    Attributes
    ----------
    table : DataFrame
        S-X2 with df, p, RMSEA and its persons n (Orlando and Thissen, 2000; Kang and
        Chen, 2008), infit and outfit mean squares with z (Wright and Masters, 1982).
        An item whose tables leave no degree of freedom has no S-X2: NaN.
    n_complete : int
        Persons who answered every item.
    n_sets : int
        Sets of items that at least `FEWEST` persons answered: S-X2 is from these.
    """

    _headline = ("p=table.p", "rmsea=table.rmsea", "items=table.index")

    table: pd.DataFrame
    n_complete: int
    n_sets: int

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw infit and outfit of each item between the lines at 0.5 and 1.5."""
        ax = axes(ax, rows=len(self.table))
        at = name_rows(ax, self.table.index)
        for k, name in enumerate(("infit", "outfit")):
            ax.plot(
                self.table[name], at + 0.12 * (2 * k - 1), label=name, **mark_style(k)
            )
        bound(ax, 1.0, "expected", k=1)
        bound(ax, 0.5, "0.5 and 1.5: productive between")
        ax.axvline(1.5, color="0.25", linestyle="--", linewidth=1)
        return finish(ax, f"Fit of {len(at)} items", x="mean square", key=True)

    def _about(self) -> Sequence[str]:
        n = self.table["n"]
        if self.n_sets < 2 and (n == self.n_complete).all():
            return (f"S-X2 from {self.n_complete} persons who answered every item.",)
        return (
            f"S-X2 of each item from {n.min()} to {n.max()} persons, by the sum score "
            f"of what they answered, in the sets of items that {FEWEST} or more "
            f"answered ({self.n_sets}); {self.n_complete} answered every item.",
        )

    def _caveats(self) -> Sequence[str]:
        lost = self.table.index[self.table["s_x2"].isna()]
        if not len(lost):
            return ()
        named = "every item" if len(lost) == len(self.table) else ", ".join(lost)
        return (
            f"S-X2 cannot be computed for {named}: among people who answered the same "
            f"items, at least {FEWEST} of them, the scores leave no degree of freedom; "
            "infit and outfit need no such set.",
        )


def item_fit(result: IrtResult, method: str = "eap") -> ItemFit:
    """Return `ItemFit` of a one-dimensional calibration.

    Parameters
    ----------
    result : IrtResult
    method : {"eap", "map", "wle", "ml"}
        The theta at which infit and outfit take their residuals.
    """
    result.parameters._one_dimension("item fit statistics")
    theta = result.persons(method).theta
    squares = mean_squares(result.parameters, result.patterns, theta)
    table = sum_score_fit(result).join(squares)
    n_complete = int(result.patterns.counts[result.patterns.is_complete].sum())
    return ItemFit(
        table=table, n_complete=n_complete, n_sets=len(_answered_sets(result.patterns))
    )


def mean_squares(
    parameters: ItemParameters, patterns: Patterns, theta: pd.Series
) -> pd.DataFrame:
    """Return infit and outfit with z at persons' theta, where that is finite."""
    values = theta.to_numpy(float)
    finite = np.isfinite(values)
    codes = patterns.codes[patterns.rows[finite]]
    residual, variance, fourth = residuals(parameters, values[finite], codes)
    seen = (codes >= 0).T
    n = seen.sum(axis=1)
    variance, fourth = variance * seen, fourth * seen
    square = np.where(seen, residual, 0.0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit = np.nansum(square / variance, axis=1) / n
        q_out = np.sqrt(np.nansum(fourth / variance**2, axis=1) / n**2 - 1 / n)
    infit = square.sum(axis=1) / variance.sum(axis=1)
    q_in = np.sqrt((fourth - variance**2).sum(axis=1)) / variance.sum(axis=1)
    columns = {
        "infit": infit,
        "infit_z": _cube_root_z(infit, q_in),
        "outfit": outfit,
        "outfit_z": _cube_root_z(outfit, q_out),
    }
    return pd.DataFrame(columns, parameters.items)


def _cube_root_z(mean_square: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Standardise a mean square by its cube root (Wright and Masters, 1982, p. 101)."""
    return (np.cbrt(mean_square) - 1) * 3 / q + q / 3


def residuals(
    parameters: ItemParameters, theta: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return residuals, model variances and fourth moments of answers, (J, n)."""
    mean, variance, fourth = np.zeros((3, *codes.shape))
    for rows in blocks(len(codes), codes.shape[1]):
        shares = category_shares(parameters, theta[rows])
        for level, p in enumerate(shares):
            mean[rows] += level * p
        for level, p in enumerate(shares):
            square = (level - mean[rows]) ** 2
            p *= square
            variance[rows] += p
            p *= square
            fourth[rows] += p
    return (codes - mean).T, variance.T, fourth.T


def _answered_sets(patterns: Patterns) -> list[tuple[np.ndarray, Patterns]]:
    """Return each set of items that enough persons answered, with their patterns.

    Complete answers are one such set, each booklet another. A score of fewer than three
    items says too little of theta.
    """
    answered = patterns.codes >= 0
    first, place = sets_of(answered)
    sets, n = answered[first], np.bincount(place, patterns.counts)
    enough = (n >= FEWEST) | sets.all(axis=1)
    return [
        (np.flatnonzero(sets[k]), patterns.select(place == k))
        for k in np.flatnonzero(enough & (sets.sum(axis=1) > 2))
    ]


def sum_score_fit(result: IrtResult) -> pd.DataFrame:
    """Compare answers to each item with those expected at each sum score.

    A sum score has a meaning among persons who answered the same items: each such set
    has its own table of scores, and the item's S-X2 adds them up.
    """
    p = result.parameters.probabilities(result.latent.nodes)
    n_latent = len(result.jacobian) - result._n_full
    touched = _free_per_item(result) + n_latent
    found = np.zeros((len(result.items), 3))
    for items, patterns in _answered_sets(result.patterns):
        for j, tables in _score_tables(p, result.latent.weights, patterns, items):
            found[j] += [*_collapsed_chi2(*tables), patterns.counts.sum()]
    table = pd.DataFrame(found, result.items, ["s_x2", "df", "n"])
    table["df"] -= touched
    table.loc[table["df"] <= 0, ["s_x2", "df"]] = np.nan
    table["p"] = chdtrc(table["df"], table["s_x2"])
    excess = np.maximum(table["s_x2"] / table["df"] - 1, 0)
    table["rmsea"] = np.sqrt(excess / (table["n"] - 1).clip(lower=1))
    table["n"] = table["n"].astype(int)
    return table[["s_x2", "df", "p", "rmsea", "n"]]


def _free_per_item(result: IrtResult) -> np.ndarray:
    """Number of free parameters that each item's curves depend on."""
    by_item = result.jacobian[: result._n_full, : result.n_parameters]
    moved = np.abs(by_item).reshape(len(result.items), -1, by_item.shape[1])
    n_latent = len(result.jacobian) - result._n_full
    columns = moved.sum(axis=1) > 0
    return columns[:, : result.n_parameters - n_latent].sum(axis=1)


def _score_tables(
    p: np.ndarray,
    weights: np.ndarray,
    patterns: Patterns,
    items: np.ndarray,
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray]]]:
    """Yield each item with observed and expected persons: sum scores x categories."""
    n_categories = patterns.n_categories
    n_scores = int((n_categories[items] - 1).sum()) + 1
    for place, rest in distributions_without(p[items], n_categories[items]):
        j = items[place]
        n = int(n_categories[j])
        joint = np.zeros((n_scores, n))
        by_category = rest @ (weights * p[j, :n]).T
        for k in range(n):
            joint[k : k + len(rest), k] = by_category[:, k]
        cells = patterns.sum_scores * n + patterns.codes[:, j]
        observed = np.bincount(cells, patterns.counts, joint.size).reshape(joint.shape)
        share = joint / joint.sum(axis=1, keepdims=True)
        yield j, (observed, share * observed.sum(axis=1, keepdims=True))


def _collapsed_chi2(observed: np.ndarray, expected: np.ndarray) -> tuple[float, int]:
    """Return chi-square and its free cells after thin cells were merged.

    Scores at which some category cannot occur join the nearest score at which all can;
    the lowest and highest score tell nothing.
    """
    top = len(observed) - 1
    reach = observed.shape[1] - 1
    low, high = (reach, top - reach) if reach < top - reach else (1, top - 1)
    starts = [1, *range(low + 1, high + 1)]
    tables = np.stack([observed[:top], expected[:top]], axis=-1)
    scores = np.add.reduceat(tables, starts, axis=0)
    rows = _merged(scores[scores[:, :, 0].sum(axis=1) > 0])
    if len(rows) == 1 and _is_thin(rows[0]):
        return 0.0, 0
    o = np.array([cell for row in rows for cell in row[0]])
    e = np.array([cell for row in rows for cell in row[1]])
    return float(((o - e) ** 2 / e).sum()), len(o) - len(rows)


Row = tuple[list[float], list[float]]  # persons of a score, observed and expected


def merge_thin_cells(scores: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Merge cells and scores until each cell has one expected person.

    A score of too few persons for two cells joins the next. Then thin cells are merged
    within each score, as far as two cells. From the lowest on, a score that is still
    thin joins the neighbour with fewer persons, cell by cell as they now stand.

    Parameters
    ----------
    scores : sequence of arrays, categories x 2
        Persons, observed and expected.
    """
    return [np.transpose(row) for row in _merged(scores)]


def _merged(scores: Sequence[np.ndarray]) -> list[Row]:
    rows: list[Row] = np.swapaxes(scores, 1, 2).tolist() if len(scores) else []
    rows = [
        row if min(row[1]) >= SMALLEST else _merge_cells(row)
        for row in _join_small(rows)
    ]
    at = 0  # rows below are not thin
    while len(rows) > 1 and at < len(rows):
        if not _is_thin(rows[at]):
            at += 1
            continue
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(rows)]
        at = min(at, min(beside, key=lambda i: sum(rows[i][0])))
        rows[at : at + 2] = [_add(rows[at], rows[at + 1])]
    return rows


def _is_small(row: Row) -> bool:
    return sum(row[0]) < 2 * SMALLEST


def _is_thin(row: Row) -> bool:
    return len(row[1]) < 2 or min(row[1]) < SMALLEST


def _merge_cells(row: Row) -> Row:
    """Merge the thinnest category with its thinner neighbour, down to two cells."""
    observed, expected = row
    if min(expected) <= 0:
        possible = [e > 0 for e in expected]
        observed, expected = (list(compress(part, possible)) for part in row)
    while len(expected) > 2 and (thinnest := min(expected)) < SMALLEST:
        k = expected.index(thinnest)
        after = k + 1 < len(expected) and (k == 0 or expected[k + 1] < expected[k - 1])
        first = k if after else k - 1
        observed[first] += observed.pop(first + 1)
        expected[first] += expected.pop(first + 1)
    return observed, expected


def _join_small(rows: Sequence[Row]) -> list[Row]:
    """Join each score of too few persons to the next one; the last to that before."""
    if not any(map(_is_small, rows)):
        return [*rows]
    joined, waiting = [], None
    for row in rows:
        row = row if waiting is None else _add(waiting, row)
        waiting = row if _is_small(row) else None
        if waiting is None:
            joined.append(row)
    if waiting is not None:
        joined[-1:] = [_add(joined[-1], waiting)] if joined else [waiting]
    return joined


def _add(row: Row, other: Row) -> Row:
    observed, expected = (
        [one + two for one, two in zip_longest(*cells, fillvalue=0.0)]
        for cells in zip(row, other)
    )
    return observed, expected
