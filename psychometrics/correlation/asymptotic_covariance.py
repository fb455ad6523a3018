"""How each person moves the two-step estimates, and the errors that follow.

Every statistic is ordered as in `ordinal_pairs`: the thresholds item by item, then
the correlations (2,1), (3,1), ..., (p,1), (3,2), ...
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from ..errors import InvalidOption
from .bivariate_normal import normal_density
from .cell_probabilities import density_slopes, score_parts
from .two_step_polychoric import OrdinalPairs


def threshold_count(pairs: OrdinalPairs) -> int:
    """Return the number of thresholds, which come before the correlations."""
    return int((pairs.n_categories - 1).sum())


def influence(
    pairs: OrdinalPairs,
    codes: np.ndarray,
    *,
    observed: bool = False,
    thresholds: bool = True,
    dtype: type = float,
) -> np.ndarray:
    """Return each person's influence on the thresholds and correlations.

    The influence is n_persons times the inverse of the matrix of summed
    derivatives, times the person's scores (Muthen, 1984; the information of each
    correlation and its crossing with the thresholds are sums of products of
    scores, as in lavaan). Its cross-product over persons, divided by n_persons, is
    the asymptotic covariance of sqrt(n) times the estimates (`asymptotic_covariance`);
    summed within clusters first, the cluster-robust one.

    Parameters
    ----------
    pairs : OrdinalPairs
        Fitted to these `codes`, with thresholds from the items.
    codes : int array, shape (n_persons, n_items)
        -1 where unanswered: such a person does not move that statistic's part.
    observed : bool
        Take second derivatives themselves instead of sums of products of scores,
        which holds also where the responses behind are not normal.
    thresholds : bool
        False leaves out the columns of thresholds, not their part in the others.
    dtype : type
        Single precision halves the time of the products that follow.

    Returns
    -------
    float array, shape (n_persons, n_thresholds + n_pairs)
        Columns: thresholds item by item, then correlations in the order (2,1),
        (3,1), ..., (p,1), (3,2), ... (the lower triangle column by column).
    """
    if pairs.own_thresholds:
        raise InvalidOption("influence needs thresholds from the items, not from pairs")
    n_thresholds = threshold_count(pairs) if thresholds else 0
    # a statistic is a row, since rows are written, and multiplied later, as they lie
    moved: np.ndarray = np.empty((n_thresholds + len(pairs.rho), len(codes)), dtype)
    unanswered = pairs.tables.shape[1]
    place = np.where(codes < 0, unanswered, codes).T.astype(np.intp, order="C")
    if thresholds:
        _place_thresholds(moved, pairs, place)
    lookup: np.ndarray = (_pair_influence(pairs, observed) * pairs.n_persons).astype(
        dtype
    )
    side = lookup.shape[2]
    table = side * side * np.arange(len(place))[:, None]
    second, first = place + table, place * side - table - side * side
    row = 0
    for i in range(len(place) - 1):  # the pairs of one item with all after it
        cell = second[i + 1 :] + first[i]
        own = slice(row, row + len(cell))
        block = moved[n_thresholds:][own]
        np.take(lookup[own].ravel(), cell, out=block, mode="clip")
        row += len(cell)
    return moved.T


def _place_thresholds(
    moved: np.ndarray, pairs: OrdinalPairs, place: np.ndarray
) -> None:
    """Write the first rows of `moved`: each threshold's change by each person."""
    by_category = _threshold_influence(pairs.margins, pairs.cuts) * pairs.n_persons
    by_category = np.pad(by_category, ((0, 0), (0, 0), (0, 1)))
    row = 0
    for item, n_categories in enumerate(pairs.n_categories):
        per_cut = by_category[item, : n_categories - 1]
        block = moved[row : row + n_categories - 1]
        np.take(per_cut, place[item], axis=1, out=block, mode="clip")
        row += n_categories - 1


def asymptotic_covariance(
    pairs: OrdinalPairs, codes: np.ndarray, *, observed: bool = False
) -> np.ndarray:
    """Return n_persons times the covariance of thresholds and correlations.

    lavaan's NACOV for two-step polychorics (Muthen, 1984; Joreskog, 1994). Rows
    and columns are ordered as the columns of `influence`.
    """
    moved = influence(pairs, codes, observed=observed)
    return moved.T @ moved / pairs.n_persons


def correlation_errors(pairs: OrdinalPairs, *, observed: bool = False) -> np.ndarray:
    """Return standard errors of all correlations, thresholds' errors included.

    The same as the square root of the diagonal of `asymptotic_covariance` divided
    by n_persons, but from the pairs' tables alone.
    """
    lookup = _pair_influence(pairs, observed)
    both, row, column = lookup[:, :-1, :-1], lookup[:, :-1, -1], lookup[:, -1, :-1]
    variance = (pairs.tables * both**2).sum(axis=(1, 2))
    if not pairs.own_thresholds:
        alone = pairs.margins[pairs.first] - pairs.tables.sum(axis=2)
        variance += (alone.clip(0) * row**2).sum(axis=1)
        alone = pairs.margins[pairs.second] - pairs.tables.sum(axis=1)
        variance += (alone.clip(0) * column**2).sum(axis=1)
    return np.sqrt(variance)


def _threshold_influence(margins: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return the change of each threshold by one answer: n x cuts x categories.

    A threshold is the normal quantile of a share, so the delta method is exact.
    """
    total = margins.sum(axis=1)[:, None, None]
    below = np.arange(margins.shape[1]) <= np.arange(cuts.shape[1])[:, None]
    shares = ndtr(cuts)[:, :, None]
    density = normal_density(cuts)[:, :, None]
    change = (below[None] - shares) / np.where(density > 0, density, np.inf)
    return change / total


def _pair_influence(pairs: OrdinalPairs, observed: bool) -> np.ndarray:
    """Return the change of each correlation by one person, by the pair of answers.

    Shape n_pairs x (categories + 1) x (categories + 1); the last row and column
    are for a person who did not answer the first or the second item.
    """
    probability, by_rho, by_first, by_second = score_parts(
        pairs.cuts_first, pairs.cuts_second, pairs.rho, pairs.cells
    )
    cell = by_rho / probability
    information = (pairs.tables * cell**2).sum(axis=(1, 2))
    score = pairs.tables * cell
    slope_first = _crossing(score, probability, by_first)
    turned = score.transpose(0, 2, 1), probability.transpose(0, 2, 1)
    slope_second = _crossing(*turned, by_second)
    if observed:
        bend, bend_first, bend_second = _bends(pairs, probability)
        information = information - bend
        slope_first, slope_second = slope_first - bend_first, slope_second - bend_second
    if pairs.own_thresholds:
        margin_first, margin_second = pairs.tables.sum(axis=2), pairs.tables.sum(axis=1)
    else:
        margin_first = pairs.margins[pairs.first]
        margin_second = pairs.margins[pairs.second]
    moved_first = _threshold_influence(margin_first, pairs.cuts_first)
    moved_second = _threshold_influence(margin_second, pairs.cuts_second)
    row = -np.einsum("pm,pmk->pk", slope_first, moved_first)
    column = -np.einsum("pm,pmk->pk", slope_second, moved_second)
    lookup = np.zeros(np.add(pairs.tables.shape, (0, 1, 1)))
    lookup[:, :-1, :-1] = cell
    lookup[:, :-1] += row[:, :, None]
    lookup[:, :, :-1] += column[:, None, :]
    # At its limit a correlation has no finite error.
    information = np.where(information > 1e-12, information, np.nan)
    return lookup / information[:, None, None]


def _crossing(
    score: np.ndarray, probability: np.ndarray, strip: np.ndarray
) -> np.ndarray:
    """Sum scores of the correlation times those of each threshold over persons."""
    below = score[:, :-1] * (strip / probability[:, :-1])
    above = score[:, 1:] * (strip / probability[:, 1:])
    return (below - above).sum(axis=2)


def _bends(
    pairs: OrdinalPairs, probability: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum over persons the second derivatives of cell probabilities, over these.

    In the correlation twice; in it and each threshold of the first and the second
    item. Under normality each has expectation zero.
    """
    by_rho, by_first, by_second = density_slopes(
        pairs.cuts_first, pairs.cuts_second, pairs.rho
    )
    turned = pairs.tables.transpose(0, 2, 1), probability.transpose(0, 2, 1)
    return (
        (pairs.tables * (by_rho / probability)).sum(axis=(1, 2)),
        _crossing(pairs.tables, probability, by_first),
        _crossing(*turned, by_second),
    )
