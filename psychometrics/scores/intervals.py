"""Means and proportions with honest intervals, for groups of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from ..annotations import Axes, PerPerson
from ..errors import InvalidResponses
from ..figures import dots, finish, name_rows
from ..options import check_level
from ..results import Result, axes
from ..score_column import score_column
from .cell_suppression import FEW_N, MINIMUM_N
from .paired_scores import in_order_of


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanInterval(Result):
    """A mean with its interval; NaN where too few persons or clusters define none."""

    _headline = ("mean", "lower", "upper", "n")

    mean: float
    lower: float
    upper: float
    se: float
    df: float
    n: int
    n_clusters: int | None
    level: float = 0.95

    @property
    def is_small(self) -> bool:
        """Whether the group is too small to be shown."""
        return self.n < MINIMUM_N

    @property
    def is_few(self) -> bool:
        """Whether "few responses" has to stand beside the mean."""
        return self.n < FEW_N

    def to_frame(self) -> pd.DataFrame:
        row = {
            name: getattr(self, name)
            for name in ("mean", "lower", "upper", "se", "df", "n")
        }
        return pd.DataFrame([row], index=["mean"])

    def _about(self) -> Sequence[str]:
        if self.n_clusters is None:
            return (f"Student t interval at {self.level:.0%}, {self.n} persons.",)
        return (
            f"CR2 interval at {self.level:.0%} with Satterthwaite degrees of freedom, "
            f"{self.n} persons in {self.n_clusters} clusters.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean with its interval."""
        ax = axes(ax)
        low, high = [self.mean - self.lower], [self.upper - self.mean]
        dots(ax, name_rows(ax, ["mean"], what=""), [self.mean], [low, high], capsize=4)
        title = (
            f"Mean {self.mean:.3g} ({self.lower:.3g} to {self.upper:.3g}), n = {self.n}"
        )
        return finish(ax, title, x=f"mean, {self.level:.0%} interval", y="estimate")


def mean_interval(
    values: PerPerson, *, clusters: str | PerPerson | None = None, level: float = 0.95
) -> MeanInterval:
    """Mean and t interval; with clusters, robust to likeness within them.

    Without clusters Student's interval. With them (one person twice, one team) the
    variance is CR2 and the degrees of freedom are Satterthwaite's, which hold their
    level with as few as five clusters (Bell & McCaffrey, 2002; Pustejovsky & Tipton,
    2018), here in closed form for a mean.

    Parameters
    ----------
    values : array, shape (n,)
        Scores; NaN are left out.
    clusters : array, shape (n,), optional
        Which cluster each score belongs to; two Series are matched by label.
    level : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    MeanInterval
        `mean`, `se`, degrees of freedom and the interval, in the units of `values`.

    Raises
    ------
    InvalidResponses
        A score that is no number or has no cluster. With fewer than two scores or
        clusters the interval is NaN.

    Examples
    --------
    >>> found = mean_interval([50, 60, 70, 80])
    >>> round(found.lower, 1), round(found.upper, 1)
    (44.5, 85.5)
    """
    check_level(level)
    scores = score_column(values)
    seen = ~np.isnan(scores)
    labels = None
    if clusters is not None:
        labels = np.asarray(in_order_of(values, clusters))[seen]
    y = scores[seen]
    if labels is not None and pd.isna(labels).any():
        raise InvalidResponses("a score has no cluster; give every score its cluster")
    mean = y.mean() if len(y) else np.nan
    se, df, n_clusters = _simple(y) if labels is None else _clustered(y, labels)
    half = stdtrit(df, (1 + level) / 2) * se if df > 0 else np.nan
    return MeanInterval(
        mean=float(mean),
        lower=float(mean - half),
        upper=float(mean + half),
        se=float(se),
        df=float(df),
        n=len(y),
        n_clusters=n_clusters,
        level=level,
    )


def _simple(y: np.ndarray) -> tuple[float, float, None]:
    n = len(y)
    return (y.std(ddof=1) / n**0.5 if n > 1 else np.nan), float(n - 1), None


def _clustered(y: np.ndarray, labels: np.ndarray) -> tuple[float, float, int]:
    _, cluster = np.unique(labels, return_inverse=True)
    n, size = len(y), np.bincount(cluster)
    if len(size) < 2:
        return np.nan, 0.0, len(size)
    weight = 1 / (1 - size / n)  # eigenvalue of (I - H)^-1 along a cluster's ones
    residual = np.bincount(cluster, y - y.mean())
    # Gram matrix of the linear forms whose squares sum to the variance
    gram = np.sqrt(np.outer(weight, weight)) / n**2
    gram *= np.diag(size) - np.outer(size, size) / n
    df = np.trace(gram) ** 2 / (gram**2).sum()
    return ((weight * residual**2).sum()) ** 0.5 / n, float(df), len(size)


def proportion_interval(n_with: int, n: int, *, level: float = 0.95) -> pd.Series:
    """Wilson's (1927) interval for a proportion, as a Series: share, lower, upper.

    Parameters
    ----------
    n_with, n : int
        Persons with the property, and persons in all (at least one).
    level : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Series
        share, lower and upper, between 0 and 1.

    Raises
    ------
    InvalidResponses
        `n_with` of `n` is not a proportion.

    Examples
    --------
    >>> proportion_interval(8, 10).round(2).tolist()
    [0.8, 0.49, 0.94]
    """
    check_level(level)
    if not 0 <= n_with <= n or n == 0:
        raise InvalidResponses(f"{n_with} of {n} is not a proportion")
    z = ndtri((1 + level) / 2)
    share = n_with / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # nobody and everybody are ends of their own intervals, whatever rounding leaves
    lower = middle - half if n_with else 0.0
    upper = middle + half if n_with < n else 1.0
    return pd.Series({"share": share, "lower": lower, "upper": upper})
