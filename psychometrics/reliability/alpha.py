"""Internal consistency of a sum score: alpha and what goes with it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, PerPerson, Rng
from ..correlation.nearest_positive_definite import smoothed
from ..correlation.polychoric import (
    check_missing,
    pairwise_covariance,
    polychoric,
)
from ..errors import NotIdentified, ReversedItemWarning
from ..figures import bound, dots, finish, name_rows
from ..options import check_level
from ..responses import Responses, check_responses
from ..results import Result, axes
from .alpha_inference import (
    alpha_influence,
    alpha_of,
    bootstrap_interval,
    effective_n,
    feldt_interval,
    jackknife_error,
    log_interval,
    normal_error,
    robust_error,
)

# of the persons with an answer in every pair: below it gaps widen the interval by more
# than a fortieth, above it psych's figures stand
NEARLY_ALL = 0.95


@dataclass(frozen=True, eq=False, kw_only=True)
class AlphaResult(Result):
    """Coefficient alpha with its interval and the tables that go with it.

    Attributes
    ----------
    alpha, standardized, lambda6 : float
        Of the covariances, of the correlations, and Guttman's lambda 6.
    ci : tuple of float
        Feldt's, by influences or bootstrap (see `cronbach_alpha`), at `level`.
    se : float
        Asymptotic standard error under normality (van Zyl et al., 2000); with
        many missing answers the jackknife's, with clusters or for ordinal alpha from
        influences, without that assumption.
    average_r, median_r, signal_noise : float
        Of the inter-item correlations; n r / (1 - r).
    if_dropped : DataFrame
        The same figures with each item left out in turn.
    item_stats : DataFrame
        n, mean, sd and four item-total correlations: raw_r and std_r with the
        total, r_cor corrected for overlap by squared multiple correlations, r_drop
        with the total of the others; NaN where what is summed cancels out.
    n, n_complete : int
        Persons with an answer, and with an answer to every item.
    n_effective : float
        How many normal persons without gaps would leave as wide an interval; n where
        hardly anything is missing, so that `se` is the normal one.
    ordinal : bool
        Whether covariances are polychoric correlations.
    n_redrawn : int
        Resamples drawn again for want of variation.
    notes : tuple of str
    """

    _headline = ("alpha", "ci", "n_items", "n")

    alpha: float
    ci: tuple
    se: float
    standardized: float
    lambda6: float
    average_r: float
    median_r: float
    signal_noise: float
    if_dropped: pd.DataFrame
    item_stats: pd.DataFrame
    n: int
    n_complete: int
    level: float
    ordinal: bool
    n_effective: float
    n_redrawn: int = 0
    notes: tuple = ()

    @property
    def n_items(self) -> int:
        return len(self.item_stats)

    def to_frame(self) -> pd.DataFrame:
        return self.item_stats.join(self.if_dropped.add_suffix("_if_dropped"))

    def _about(self) -> Sequence[str]:
        low, high = self.ci
        name = "ordinal alpha" if self.ordinal else "alpha"
        return (
            f"{name} = {self.alpha:.3f} ({self.level:.0%} interval {low:.3f} to "
            f"{high:.3f}), standardized {self.standardized:.3f}, "
            f"lambda 6 {self.lambda6:.3f}",
            f"{len(self.item_stats)} items, {self.n} persons with an answer "
            f"({self.n_complete} complete{self._worth()}); "
            f"average inter-item r = {self.average_r:.3f}",
        )

    def _worth(self) -> str:
        if self.n_complete == self.n:
            return ""
        return f", together worth {self.n_effective:.0f} without gaps"

    def _caveats(self) -> Sequence[str]:
        notes = list(self.notes)
        if self.n_redrawn:
            notes.append(
                f"{self.n_redrawn} resamples drawn again, as an item did not vary there"
            )
        negative = self.item_stats.index[self.item_stats["r_drop"] < 0]
        if len(negative):
            items = ", ".join(map(str, negative))
            notes.append(
                f"{items}: negative item-rest correlation; reverse the keying?"
            )
        if self.ordinal:
            notes.append(
                "ordinal alpha is that of the latent responses, not of the sum score "
                "(Chalmers, 2018)"
            )
        if self.alpha > 0.95:
            notes.append("alpha above .95 suggests that items repeat each other")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw alpha with each item left out, beside alpha of all items."""
        dropped = self.if_dropped["alpha"]
        ax = axes(ax, rows=len(dropped))
        better = dropped > self.alpha
        words = ("alpha falls without it", "alpha rises without it")
        dots(ax, name_rows(ax, dropped.index), dropped, flags=better, words=words)
        bound(ax, self.alpha, f"all items {self.alpha:.3f}")
        name = "Ordinal alpha" if self.ordinal else "Alpha"
        title = f"{name} without each of {len(dropped)} items, n = {self.n}"
        return finish(ax, title, x="alpha without the item", key=True)


def cronbach_alpha(
    responses: pd.DataFrame,
    *,
    ordinal: bool = False,
    missing: str = "pairwise",
    level: float = 0.95,
    clusters: str | PerPerson | None = None,
    n_replications: int = 0,
    rng: Rng = None,
) -> AlphaResult:
    """Estimate coefficient alpha (Cronbach, 1951) with Feldt's interval (1965).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Answers keyed in one direction, NaN where unanswered.
    ordinal : bool
        From polychoric correlations (Zumbo et al., 2007): alpha of the latent
        responses. It is no estimate of the sum score's reliability.
    missing : {"pairwise", "complete"}
        Use all persons who answered both items of a pair, or all items. Where a pair
        has fewer than 95 % of the persons the interval rests on the jackknife and is
        symmetric in log(1 - alpha); docs/methods/reliability.md has its coverage.
    level : float
        Of the interval, inside (0, 1).
    clusters : Series or array, shape (n_persons,), optional
        Team of each person used; a Series is matched by label. The interval then
        rests on influences summed in teams, with t of teams - 1 degrees of freedom.
    n_replications : int
        Resamples of persons for a percentile interval, which needs neither normal
        nor parallel items; 0 for Feldt's, or for ordinal alpha one by influences.
    rng : Generator or int
        Needed with `n_replications`.

    Returns
    -------
    AlphaResult

    Warns
    -----
    ReversedItemWarning
        An item falls where the sum of the others rises.
    EmptyRowWarning, UnstatedCodeWarning
        As `check_responses`.

    Raises
    ------
    InvalidResponses
        As `check_responses`.
    NotIdentified
        The total score does not vary, as when items are keyed against each other.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 3, 4]})
    >>> round(float(cronbach_alpha(answers).alpha), 3)
    0.96
    """
    check_level(level)
    checked = check_responses(responses, ordinal=ordinal)
    check_missing(missing)
    notes = checked.notes()
    n_complete = int((~checked.missing.any(axis=1)).sum())
    if missing == "complete":
        checked = check_responses(checked.complete(), ordinal=ordinal)
    if ordinal:
        covariance = polychoric(checked.to_frame()).corr.to_numpy()
    else:
        covariance = pairwise_covariance(checked)
    check_total(covariance)
    warn_reversed(covariance, checked.items, checked.n_persons)
    figures = _figures(covariance, checked.n_persons)
    se, ci = _uncertainty(checked, figures, covariance, ordinal, clusters, level)
    worth = effective_n(covariance, checked.n_persons, se) if se else np.nan
    n_redrawn = 0
    if n_replications:
        ci, n_redrawn = bootstrap_interval(
            checked, ordinal, n_replications, rng, level=level
        )
    return AlphaResult(
        alpha=figures["alpha"],
        ci=ci,
        se=se,
        standardized=figures["standardized"],
        lambda6=figures["lambda6"],
        average_r=figures["average_r"],
        median_r=figures["median_r"],
        signal_noise=figures["signal_noise"],
        if_dropped=_if_dropped(covariance, worth, checked.items),
        item_stats=_item_stats(checked, covariance, ordinal),
        n=checked.n_persons,
        n_complete=n_complete,
        level=level,
        ordinal=ordinal,
        n_effective=worth,
        n_redrawn=n_redrawn,
        notes=notes,
    )


def _uncertainty(
    checked: Responses,
    figures: Mapping[str, float],
    covariance: np.ndarray,
    ordinal: bool,
    clusters: PerPerson | str | None,
    level: float,
) -> tuple[float, tuple[float, float]]:
    """Feldt's interval where its assumptions can hold, otherwise by influences."""
    alpha = figures["alpha"]
    if not ordinal and clusters is None:
        n, se = checked.n_persons, figures["se"]
        if _least_answered(checked) < NEARLY_ALL * n:
            se = (1 - alpha) * jackknife_error(checked.values)
            return se, log_interval(alpha, se, n - 1, level=level)
        return se, feldt_interval(alpha, n, checked.n_items, level=level)
    of_each = None
    if clusters is not None:
        of_each = checked.of_persons(clusters, what="clusters").to_numpy()
    se, df = robust_error(alpha_influence(checked, ordinal), of_each)
    return se, log_interval(alpha, se, df, level=level)


def _least_answered(checked: Responses) -> int:
    """How many persons the pair of items with fewest has."""
    seen = (~checked.missing).astype(float)
    return int((seen.T @ seen).min())


def check_total(covariance: np.ndarray) -> None:
    """Raise NotIdentified unless the sum of the items varies."""
    if covariance.sum() <= 1e-10 * np.trace(covariance):
        raise NotIdentified(
            "the total score does not vary: items cancel out; key them in one direction"
        )


def warn_reversed(covariance: np.ndarray, items: pd.Index, n: int) -> None:
    """Name items that fall, beyond chance, where the sum of the others rises."""
    variance = np.diag(covariance)
    with_rest = covariance.sum(axis=0) - variance
    of_rest = covariance.sum() - 2 * with_rest - variance
    bound = 2 / np.sqrt(n) * np.sqrt(variance * np.maximum(of_rest, 0))
    fall = [str(item) for item in items[with_rest < -bound]]
    if fall:
        warnings.warn(
            f"{', '.join(fall)}: negative correlation with the sum of the others; "
            "reverse items that are worded the other way round",
            ReversedItemWarning,
            stacklevel=4,
        )


def squared_multiple(corr: np.ndarray) -> np.ndarray:
    """Return each item's squared multiple correlation with all the others.

    Items that a combination of others determines have 1; an indefinite matrix, as
    pairwise correlations can be, is smoothed first.
    """
    if len(corr) < 2:
        return np.zeros(len(corr))
    eigenvalues, vectors = np.linalg.eigh(corr)
    if eigenvalues[0] < -1e-10:
        corr = smoothed(corr)[0]
    elif eigenvalues[0] < 1e-10:
        determined = np.abs(vectors[:, eigenvalues < 1e-10]).max(axis=1) > 1e-6
        inverse = np.diag(np.linalg.inv(corr + 1e-9 * np.eye(len(corr))))
        return np.where(determined, 1.0, 1 - 1 / inverse)
    return 1 - 1 / np.diag(np.linalg.inv(corr))


def correlations_of(covariance: np.ndarray) -> np.ndarray:
    """Return the correlations of a covariance matrix."""
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sd, sd)


def _figures(covariance: np.ndarray, n: float) -> dict[str, float]:
    corr = correlations_of(covariance)
    n_items = len(corr)
    below = corr[np.tril_indices(n_items, -1)]
    average = below.mean()
    return {
        "alpha": float(alpha_of(covariance)),
        "standardized": float(alpha_of(corr)),
        "lambda6": float(1 - (1 - squared_multiple(corr)).sum() / corr.sum()),
        "average_r": float(average),
        "median_r": float(np.median(below)),
        "var_r": float(below.var(ddof=1)) if len(below) > 1 else np.nan,
        "signal_noise": float(n_items * average / (1 - average)),
        "se": normal_error(covariance, n),
    }


def _if_dropped(covariance: np.ndarray, n: float, items: pd.Index) -> pd.DataFrame:
    if len(items) < 3:
        return pd.DataFrame({"alpha": np.full(len(items), np.nan)}, index=items)
    rows = []
    for j in range(len(items)):
        kept = np.delete(np.arange(len(items)), j)
        rows.append(_figures(covariance[np.ix_(kept, kept)], n))
    return pd.DataFrame(rows, index=items)


def _item_stats(
    checked: Responses, covariance: np.ndarray, ordinal: bool
) -> pd.DataFrame:
    corr = correlations_of(covariance)
    overlap = corr.copy()
    np.fill_diagonal(overlap, squared_multiple(corr))
    variance, total = np.diag(covariance), covariance.sum()
    with_item = covariance.sum(axis=0)
    of_rest = _root(variance * (total - 2 * with_item + variance))
    values = checked.values
    return pd.DataFrame(
        {
            "n": (~checked.missing).sum(axis=0),
            "raw_r": _with_total(values, corr if ordinal else None),
            "std_r": corr.sum(axis=0) / _root(corr.sum()),
            "r_cor": overlap.sum(axis=0) / _root(overlap.sum()),
            "r_drop": (with_item - variance) / of_rest,
            "mean": np.nanmean(values, axis=0),
            "sd": np.nanstd(values, axis=0, ddof=1),
        },
        index=checked.items,
    )


def _root(variance: np.ndarray | float) -> np.ndarray:
    """The standard deviation of a sum; NaN where what it sums cancels out."""
    return np.sqrt(np.where(variance > 0, variance, np.nan))


def _with_total(values: np.ndarray, corr: np.ndarray | None) -> np.ndarray:
    """Correlate each item with the mean of all answered, as psych does."""
    if corr is not None:
        return corr.sum(axis=0) / _root(corr.sum())
    total = np.nanmean(values, axis=1)
    found = []
    for column in values.T:
        answered = ~np.isnan(column)
        found.append(np.corrcoef(column[answered], total[answered])[0, 1])
    return np.array(found)
