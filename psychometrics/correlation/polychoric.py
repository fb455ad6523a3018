"""Correlations between items: product-moment, rank, and of the latent responses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..annotations import AnswerTable
from ..counted import counted
from ..errors import (
    InvalidOption,
    InvalidResponses,
    SmoothingWarning,
    SparseCategoryWarning,
)
from ..options import check_option
from ..responses import Responses, check_responses
from ..step_labels import by_step, steps_in_use
from .asymptotic_covariance import asymptotic_covariance, correlation_errors
from .cell_probabilities import FAR
from .nearest_positive_definite import smoothed
from .result import CorrelationResult, PolychoricResult
from .two_step_polychoric import OrdinalPairs, fit_pairs

MISSING = ("pairwise", "complete")


def pearson(responses: pd.DataFrame, *, missing: str = "pairwise") -> CorrelationResult:
    """Return product-moment correlations (Pearson, 1896).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Numbers, not only whole ones; NaN where unanswered.
    missing : {"pairwise", "complete"}
        Use all persons who answered both items, or all items.

    Returns
    -------
    CorrelationResult
        Standard errors are (1 - r^2) / sqrt(n - 1).

    Raises
    ------
    InvalidResponses
        As `check_responses`; or an item does not vary among those who answered both
        of a pair.
    InvalidOption
        An unknown `missing`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [1, 2, 3, 4], "safe": [1, 3, 3, 4]})
    >>> round(float(pearson(answers).corr.loc["calm", "safe"]), 3)
    0.923
    """
    checked = _checked(responses, missing, ordinal=False)
    return _moment_result(
        checked, _pairwise_pearson(checked.values), "Pearson", missing
    )


def spearman(
    responses: pd.DataFrame, *, missing: str = "pairwise"
) -> CorrelationResult:
    """Return rank correlations, ties given their mean rank (Spearman).

    Arguments and result are those of `pearson`; ranks are taken anew in each
    pair's persons. Standard errors are sqrt((1 + r^2 / 2) / (n - 3)) times
    (1 - r^2) (Bonett & Wright, 2000).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        As in `pearson`.
    missing : {"pairwise", "complete"}
        As in `pearson`.

    Returns
    -------
    CorrelationResult

    Raises
    ------
    InvalidResponses, InvalidOption
        As `pearson`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [1, 2, 3, 4], "safe": [1, 3, 3, 5]})
    >>> round(float(spearman(answers).corr.loc["calm", "safe"]), 3)
    0.949
    """
    checked = _checked(responses, missing, ordinal=False)
    if not checked.missing.any():
        corr = np.corrcoef(_ranks(checked.values), rowvar=False)
    else:
        corr = _pairwise_spearman(checked.values)
    return _moment_result(checked, corr, "Spearman", missing)


def polychoric(
    responses: pd.DataFrame,
    *,
    missing: str = "pairwise",
    thresholds: str = "item",
    correction: float = 0.0,
    acov: bool = False,
    information: str = "product",
    smooth: bool = True,
) -> PolychoricResult:
    """Correlate the normal responses behind ordinal items (two-step ML; Olsson, 1979).

    Thresholds come from the margins, then each correlation maximises the likelihood
    of its two-way table given those. docs/methods/correlation.md has the formulas.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Consecutive integer codes, NaN where unanswered.
    missing : {"pairwise", "complete"}
        Use all persons who answered both items, or all items.
    thresholds : {"item", "pair"}
        From all who answered the item, or anew from each pair's persons.
    correction : float
        Count put into each empty cell of a two-way table (0.5 is usual), which
        keeps correlations of sparse tables away from -1 and 1.
    acov : bool
        Also give n times the asymptotic covariance of the thresholds (item by
        item) and correlations (2,1), (3,1), ..., (p,1), (3,2), ... as ordinal
        factor analysis needs it (Muthen, 1984; lavaan's NACOV). It belongs to the
        estimates before smoothing.
    information : {"product", "observed"}
        What errors rest on: products of scores, as in lavaan, or second
        derivatives, which hold also where the responses behind are not normal.
    smooth : bool
        Make an indefinite matrix positive definite, with a SmoothingWarning.

    Returns
    -------
    PolychoricResult

    Warns
    -----
    SmoothingWarning
        The matrix was indefinite and has been changed.
    SparseCategoryWarning
        A correlation ran to -1 or 1, which empty cells cause.

    Raises
    ------
    InvalidResponses
        As `check_responses`; or the correction outweighs the answers of a pair.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> latent = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 900)
    >>> codes = np.digitize(latent, [-1, 0, 1])
    >>> answers = pd.DataFrame(codes, columns=["calm", "safe"])
    >>> float(polychoric(answers).corr.loc["calm", "safe"].round(2))
    0.58
    """
    checked = _checked(responses, missing, ordinal=True)
    _check_options(thresholds, correction, acov, information)
    pairs = _fitted(checked, thresholds, correction)
    observed = information == "observed"
    return _polychoric("Polychoric", checked, pairs, missing, acov, observed, smooth)


def tetrachoric(
    responses: pd.DataFrame,
    *,
    missing: str = "pairwise",
    thresholds: str = "item",
    correction: float = 0.0,
    acov: bool = False,
    information: str = "product",
    smooth: bool = True,
) -> PolychoricResult:
    """Correlate the normal responses behind items of two categories (Pearson, 1900).

    Arguments and result are those of `polychoric`.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Two consecutive integer codes an item, NaN where unanswered.
    missing, thresholds, correction, acov, information, smooth
        As in `polychoric`.

    Returns
    -------
    PolychoricResult

    Raises
    ------
    InvalidResponses
        An item has more than two categories in use.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [0, 0, 0, 1, 1, 1], "safe": [0, 0, 1, 0, 1, 1]})
    >>> round(float(tetrachoric(answers).corr.loc["calm", "safe"]), 2)
    0.5
    """
    checked = _checked(responses, missing, ordinal=True)
    for item, used in zip(checked.items, checked.categories):
        if len(used) > 2:
            raise InvalidResponses(
                f"item {item} has {len(used)} categories in use; "
                "a tetrachoric correlation needs two (use polychoric)"
            )
    _check_options(thresholds, correction, acov, information)
    pairs = _fitted(checked, thresholds, correction)
    observed = information == "observed"
    return _polychoric("Tetrachoric", checked, pairs, missing, acov, observed, smooth)


def check_missing(missing: str) -> None:
    """Raise InvalidOption unless `missing` is "pairwise" or "complete"."""
    check_option("missing", missing, MISSING)


def _checked(responses: AnswerTable, missing: str, ordinal: bool) -> Responses:
    check_missing(missing)
    checked = check_responses(responses, ordinal=ordinal)
    if missing == "complete":
        checked = check_responses(checked.complete(), ordinal=ordinal)
    _check_overlap(checked)
    return checked


def _check_overlap(checked: Responses) -> None:
    together = _answered_both(checked.values)
    if together.min() >= 3:
        return
    i, j = divmod(int(together.argmin()), len(together))
    raise InvalidResponses(
        f"items {checked.items[i]} and {checked.items[j]} were answered together by "
        f"{counted(int(together[i, j]), 'person')}; a correlation needs three, "
        "leave one out"
    )


def _check_options(
    thresholds: str, correction: float, acov: bool, information: str
) -> None:
    check_option("information", information, ("product", "observed"))
    check_option("thresholds", thresholds, ("item", "pair"))
    if correction < 0:
        raise InvalidOption(f"correction is {correction}; give zero or a small count")
    if acov and thresholds == "pair":
        raise InvalidOption("acov needs thresholds='item'")


def _answered_both(values: np.ndarray) -> np.ndarray:
    answered = (~np.isnan(values)).astype(float)
    return answered.T @ answered


def pairwise_covariance(checked: Responses) -> np.ndarray:
    """Return covariances, each over the persons who answered both items.

    Parameters
    ----------
    checked : Responses
    """
    _check_overlap(checked)
    return covariance_of(checked.values)


def covariance_of(values: np.ndarray) -> np.ndarray:
    """Return covariances of a float array, NaN where unanswered, pair by pair."""
    covariance, _, n = _pair_moments(values)
    return covariance / (n - 1)


def _pair_moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sums of products, of squares and counts for each pair's own persons."""
    # Centring first keeps the sums of squares from cancelling.
    centred = values - np.nanmean(values, axis=0)
    answered = ~np.isnan(centred)
    filled, seen = np.where(answered, centred, 0.0), answered.astype(float)
    n, total, square = seen.T @ seen, filled.T @ seen, (filled**2).T @ seen
    return filled.T @ filled - total * total.T / n, square - total**2 / n, n


def _pairwise_pearson(values: np.ndarray) -> np.ndarray:
    if not np.isnan(values).any():
        return np.corrcoef(values, rowvar=False)
    covariance, spread, _ = _pair_moments(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return covariance / np.sqrt(spread * spread.T)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks within each column, ties at their mean."""
    return pd.DataFrame(values).rank().to_numpy()


def _pairwise_spearman(values: np.ndarray) -> np.ndarray:
    n_items = values.shape[1]
    corr = np.eye(n_items)
    for i, j in zip(*np.triu_indices(n_items, 1)):
        pair = values[:, [i, j]]
        ranks = _ranks(pair[~np.isnan(pair).any(axis=1)])
        # An item that does not vary here gives NaN, which the caller names.
        with np.errstate(invalid="ignore"):
            corr[i, j] = corr[j, i] = np.corrcoef(ranks, rowvar=False)[0, 1]
    return corr


def _moment_result(
    checked: Responses, corr: np.ndarray, method: str, missing: str
) -> CorrelationResult:
    n = _answered_both(checked.values)
    if np.isnan(corr).any():
        i, j = np.argwhere(np.isnan(corr))[0]
        raise InvalidResponses(
            f"items {checked.items[i]} and {checked.items[j]}: one does not vary among "
            "those who answered both; leave one of them out"
        )
    if method == "Spearman":
        se = (1 - corr**2) * np.sqrt((1 + corr**2 / 2) / np.maximum(n - 3, 1))
    else:
        se = (1 - corr**2) / np.sqrt(n - 1)
    np.fill_diagonal(se, np.nan)
    return CorrelationResult(
        corr=_square(corr, checked.items),
        se=_square(se, checked.items),
        n=_square(n, checked.items),
        n_persons=checked.n_persons,
        method=method,
        missing=missing,
    )


def _square(values: np.ndarray, items: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(values, index=items, columns=items)


def _fitted(checked: Responses, thresholds: str, correction: float) -> OrdinalPairs:
    n_categories = np.array([len(used) for used in checked.categories])
    own = thresholds == "pair"
    pairs = fit_pairs(
        checked.codes, n_categories, correction=correction, own_thresholds=own
    )
    _check_pairs_vary(pairs, checked.items, correction)
    if own and correction:
        _check_pair_thresholds(pairs, checked.items)
    return pairs


def _check_pairs_vary(pairs: OrdinalPairs, items: pd.Index, correction: float) -> None:
    found = pairs.tables > correction
    for axis, item in ((2, pairs.first), (1, pairs.second)):
        alike = found.any(axis=axis).sum(axis=1) < 2
        if alike.any():
            k = int(alike.argmax())
            raise InvalidResponses(
                f"items {items[pairs.first[k]]} and {items[pairs.second[k]]}: "
                f"{items[item[k]]} does not vary among those who answered both; "
                "leave one of them out"
            )


def _polychoric(
    method: str,
    checked: Responses,
    pairs: OrdinalPairs,
    missing: str,
    acov: bool,
    observed: bool,
    smooth: bool,
) -> PolychoricResult:
    items, own = checked.items, pairs.own_thresholds
    notes = _sparse_notes(pairs, items)
    corr, lowest = smoothed(pairs.corr)
    if smooth and lowest <= 0:
        notes.append(f"smoothed: the smallest eigenvalue was {lowest:.4f}")
        warnings.warn(
            f"{method} matrix was not positive definite; {notes[-1]}",
            SmoothingWarning,
            stacklevel=3,
        )
    return PolychoricResult(
        corr=_square(corr if smooth else pairs.corr, items),
        se=_square(_errors(pairs, observed), items),
        n=_square(_answered_both(checked.values), items),
        n_persons=checked.n_persons,
        method=method,
        missing=missing,
        notes=tuple(notes),
        thresholds=_threshold_table(pairs.cuts, checked.categories, items),
        pair_thresholds=_pair_threshold_table(pairs, checked) if own else None,
        acov=_acov_table(pairs, checked, observed) if acov else None,
        min_eigenvalue=lowest,
    )


def _errors(pairs: OrdinalPairs, observed: bool) -> np.ndarray:
    se = np.full((pairs.n_items, pairs.n_items), np.nan)
    se[pairs.first, pairs.second] = correlation_errors(pairs, observed=observed)
    return np.fmax(se, se.T)


def _sparse_notes(pairs: OrdinalPairs, items: pd.Index) -> list[str]:
    extreme = np.abs(pairs.rho) > 0.99999
    for i, j in zip(pairs.first[extreme], pairs.second[extreme]):
        warnings.warn(
            f"items {items[i]} and {items[j]} have empty cells that send their "
            "correlation to its limit; correction=0.5 holds it back",
            SparseCategoryWarning,
            stacklevel=4,
        )
    at_limit = f"{counted(extreme.sum(), 'correlation')} at the limit"
    notes = [at_limit] if extreme.any() else []
    n_cells = pairs.n_categories[pairs.first] * pairs.n_categories[pairs.second]
    gaps = (pairs.tables > 0).sum(axis=(1, 2)) < n_cells
    if gaps.any():
        notes.append(f"{gaps.sum()} of {len(gaps)} pairs of items have empty cells")
    return notes


def _check_pair_thresholds(pairs: OrdinalPairs, items: pd.Index) -> None:
    n_cuts = pairs.n_categories - 1
    for cuts, item in (
        (pairs.cuts_first, pairs.first),
        (pairs.cuts_second, pairs.second),
    ):
        last = cuts[np.arange(len(cuts)), n_cuts[item] - 1]
        if (last >= FAR).any():
            k = int((last >= FAR).argmax())
            raise InvalidResponses(
                f"items {items[pairs.first[k]]} and {items[pairs.second[k]]}: the "
                "correction outweighs the answers of the persons who gave both; use "
                "thresholds='item' or correction=0"
            )


def _threshold_table(
    cuts: np.ndarray, codes: Sequence[np.ndarray], items: pd.Index
) -> pd.DataFrame:
    most = max(map(len, codes)) - 1
    table = by_step(np.where(np.abs(cuts) < FAR, cuts, np.nan)[:, :most], codes, items)
    return table.rename(columns="t{}".format)


def _pair_threshold_table(pairs: OrdinalPairs, checked: Responses) -> pd.DataFrame:
    both = np.concatenate([pairs.cuts_first, pairs.cuts_second])
    own = np.concatenate([pairs.first, pairs.second])
    other = np.concatenate([pairs.second, pairs.first])
    labels = [checked.items[own], checked.items[other]]
    index = pd.MultiIndex.from_arrays(labels, names=["item", "with"])
    return _threshold_table(both, [checked.categories[j] for j in own], index)


def _acov_table(
    pairs: OrdinalPairs, checked: Responses, observed: bool
) -> pd.DataFrame:
    items = checked.items
    names = [
        f"{item}|t{step}"
        for item, steps in zip(items, steps_in_use(checked.categories))
        for step in steps
    ]
    names += [f"{items[i]}~~{items[j]}" for i, j in zip(pairs.first, pairs.second)]
    acov = asymptotic_covariance(pairs, checked.codes, observed=observed)
    return pd.DataFrame(acov, names, names)
