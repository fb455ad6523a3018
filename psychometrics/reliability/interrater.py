"""How far raters or occasions agree: intraclass correlations and kappas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc, fdtri, ndtri

from ..annotations import Axes, PerPerson
from ..counted import counted
from ..errors import InvalidResponses, NotIdentified
from ..figures import bound, dots, finish, heatmap, name_rows, spread
from ..options import check_level, check_option
from ..responses import check_responses
from ..results import Result, axes

KINDS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")
WEIGHTS = ("none", "linear", "quadratic")


@dataclass(frozen=True, eq=False, kw_only=True)
class ICCResult(Result):
    """Six intraclass correlations with intervals, and the variances behind them.

    Attributes
    ----------
    table : DataFrame, one row a coefficient
        icc, F, df1, df2, p, low, high. ICC1: raters differ from target to target.
        ICC2: raters are a sample, absolute agreement. ICC3: these raters only,
        consistency. With k: of the mean of all ratings.
    anova : DataFrame
        df, ss, ms of targets, raters and residual.
    variance : Series
        Components of target, rater and error; negative ones as they came.
    n_targets, n_raters, n_left_out : int
    level : float
    """

    _headline = ("table.icc.ICC2", "table.icc.ICC3", "n_targets", "n_raters")

    table: pd.DataFrame
    anova: pd.DataFrame
    variance: pd.Series
    n_targets: int
    n_raters: int
    n_left_out: int
    level: float

    @property
    def sem_agreement(self) -> float:
        """Standard error of measurement, raters' differences counted as error."""
        return float(np.sqrt(max(self.variance["rater"], 0) + self.variance["error"]))

    @property
    def sem_consistency(self) -> float:
        """Standard error of measurement without the raters' differences."""
        return float(np.sqrt(self.variance["error"]))

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"intraclass correlations of {self.n_targets} targets by {self.n_raters} "
            f"raters, {self.level:.0%} intervals; standard error of measurement "
            f"{self.sem_agreement:.3g} (agreement), {self.sem_consistency:.3g} "
            "(consistency)",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.n_left_out:
            notes.append(f"{self.n_left_out} targets without every rating left out")
        if (self.variance < 0).any():
            negative = ", ".join(self.variance.index[self.variance < 0])
            notes.append(f"negative variance component: {negative}")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each coefficient with its interval, and .70 beside them."""
        ax, table = axes(ax), self.table
        at = name_rows(ax, table.index, what="coefficient")
        dots(ax, at, table["icc"], spread(table["icc"], table["low"], table["high"]))
        bound(ax, 0.7, ".70 wanted")
        return finish(
            ax,
            f"Agreement of {self.n_raters} ratings of {self.n_targets} targets",
            x=f"intraclass correlation, {self.level:.0%} interval",
            key=True,
        )


def icc(ratings: pd.DataFrame, *, level: float = 0.95) -> ICCResult:
    """Estimate the six intraclass correlations of Shrout and Fleiss (1979).

    Parameters
    ----------
    ratings : DataFrame, shape (n_targets, n_raters)
        Scores; targets without every rating are left out, and counted.
    level : float
        Of the intervals, inside (0, 1). That of ICC2 is approximate, with
        Satterthwaite's degrees of freedom.

    Returns
    -------
    ICCResult
        `table` has one row a coefficient, ICC1 to ICC3k, with its interval.

    Raises
    ------
    InvalidResponses
        As `check_responses`, or fewer than two complete targets.
    NotIdentified
        Targets do not differ at all.

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"first": [1, 3, 5, 6], "second": [2, 3, 5, 7]})
    >>> icc(ratings).table["icc"].round(3).loc[["ICC2", "ICC3"]].tolist()
    [0.95, 0.966]
    """
    check_level(level)
    checked = check_responses(ratings, ordinal=False, more_persons_than_items=False)
    values = checked.complete().values
    n, k = values.shape
    if n < 2:
        raise InvalidResponses(
            f"{counted(n, 'target')} with every rating; an intraclass "
            "correlation needs two"
        )
    anova = _two_way(values)
    if anova.loc["targets", "ms"] == 0:
        raise NotIdentified("all targets have the same mean; no share of variance")
    return ICCResult(
        table=_icc_table(anova, n, k, level),
        anova=anova,
        variance=_components(anova, n, k),
        n_targets=n,
        n_raters=k,
        n_left_out=checked.n_persons - n,
        level=level,
    )


def _two_way(values: np.ndarray) -> pd.DataFrame:
    n, k = values.shape
    centred = values - values.mean()
    targets = k * (centred.mean(axis=1) ** 2).sum()
    raters = n * (centred.mean(axis=0) ** 2).sum()
    within = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum()
    residual = values - values.mean(axis=1, keepdims=True) - centred.mean(axis=0)
    squares = [targets, raters, (residual**2).sum(), within]
    frame = pd.DataFrame(
        {"df": [n - 1, k - 1, (n - 1) * (k - 1), n * (k - 1)], "ss": squares},
        index=["targets", "raters", "residual", "within"],
    )
    return frame.assign(ms=frame["ss"] / frame["df"])


def _components(anova: pd.DataFrame, n: int, k: int) -> pd.Series:
    ms = anova["ms"]
    parts = {
        "target": (ms["targets"] - ms["residual"]) / k,
        "rater": (ms["raters"] - ms["residual"]) / n,
        "error": ms["residual"],
    }
    return pd.Series(parts, name="variance")


def _icc_table(anova: pd.DataFrame, n: int, k: int, level: float) -> pd.DataFrame:
    between, rater, error, within = anova["ms"]
    f_one = between / within
    f_three = between / error if error > 0 else np.inf
    spread = error + (rater - error) / n
    estimates = [
        (between - within) / (between + (k - 1) * within),
        (between - error) / (between - error + k * spread),
        (between - error) / (between + (k - 1) * error),
        1 - within / between,
        (between - error) / (between + (rater - error) / n),
        1 - error / between,
    ]
    df_one, df_three = n * (k - 1), (n - 1) * (k - 1)
    one = _ratio_interval(f_one, n - 1, df_one, level)
    three = _ratio_interval(f_three, n - 1, df_three, level)
    two = _agreement_interval(estimates[1], anova["ms"], n, k, level)
    bounds = [_single(one, k), two, _single(three, k)]
    bounds += [_average(one), _stepped_up(two, k), _average(three)]
    f_values = [f_one, f_three, f_three] * 2
    df_values = [df_one, df_three, df_three] * 2
    return pd.DataFrame(
        {
            "icc": estimates,
            "F": f_values,
            "df1": n - 1,
            "df2": df_values,
            "p": fdtrc(n - 1, df_values, f_values),
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
        },
        index=list(KINDS),
    )


def _ratio_interval(
    f_value: float, df1: int, df2: int, level: float
) -> tuple[float, float]:
    tail = (1 + level) / 2
    low = f_value / fdtri(df1, df2, tail)
    return low, f_value * fdtri(df2, df1, tail)


def _single(interval: tuple[float, float], k: int) -> tuple[float, float]:
    return tuple((f - 1) / (f + k - 1) if np.isfinite(f) else 1.0 for f in interval)


def _average(interval: tuple[float, float]) -> tuple[float, float]:
    return tuple(1 - 1 / f for f in interval)


def _stepped_up(interval: tuple[float, float], k: int) -> tuple[float, float]:
    return tuple(k * r / (1 + r * (k - 1)) for r in interval)


def _agreement_interval(
    estimate: float, ms: pd.Series, n: int, k: int, level: float
) -> tuple[float, float]:
    """Approximate interval of ICC2 (Shrout & Fleiss, 1979, p. 424)."""
    if ms["residual"] == 0:
        return (np.nan, np.nan)
    f_rater = ms["raters"] / ms["residual"]
    share = n * (1 + (k - 1) * estimate) - k * estimate
    v = (k - 1) * (n - 1) * (k * estimate * f_rater + share) ** 2
    v /= (n - 1) * k**2 * estimate**2 * f_rater**2 + share**2
    tail = (1 + level) / 2
    f_low = fdtri(n - 1, v, tail)
    f_high = fdtri(v, n - 1, tail)
    between, error = ms["targets"], ms["residual"]
    common = k * ms["raters"] + (k * n - k - n) * error
    low = n * (between - f_low * error) / (f_low * common + n * between)
    high = n * (f_high * between - error) / (common + n * f_high * between)
    return float(low), float(high)


@dataclass(frozen=True, eq=False, kw_only=True)
class KappaResult(Result):
    """Chance-corrected agreement of two ratings.

    Attributes
    ----------
    kappa, se : float
    ci : tuple of float
    observed, expected : float
        Weighted shares of agreement, found and by chance.
    table : DataFrame
        Counts, the first rating down the rows.
    weights : str
    n, n_left_out : int
    level : float
    """

    _headline = ("kappa", "ci", "n")

    kappa: float
    se: float
    ci: tuple
    observed: float
    expected: float
    table: pd.DataFrame
    weights: str
    n: int
    n_left_out: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        low, high = self.ci
        return (
            f"kappa ({self.weights} weights) = {self.kappa:.3f}, {self.level:.0%} "
            f"interval {low:.3f} to {high:.3f}; n = {self.n}",
        )

    def _caveats(self) -> Sequence[str]:
        left = self.n_left_out
        return (f"{left} pairs with a missing rating left out",) if left else ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the table of counts, shaded."""
        n = len(self.table)
        ax, most = axes(ax, rows=n, columns=n), self.table.to_numpy().max()
        heatmap(ax, self.table, low=0, limit=most, label="persons", form=".0f")
        ax.tick_params(axis="x", rotation=0)
        low, high = self.ci
        title = (
            f"kappa = {self.kappa:.2f} ({low:.2f} to {high:.2f}), {self.weights} "
            f"weights, n = {self.n}"
        )
        return finish(ax, title, x="second rating", y="first rating")


def weighted_kappa(
    a: PerPerson, b: PerPerson, *, weights: str = "quadratic", level: float = 0.95
) -> KappaResult:
    """Estimate Cohen's kappa (1960, 1968) of two ratings of the same persons.

    Parameters
    ----------
    a, b : array, shape (n,)
        Integer categories, NaN where missing; pairs with one missing are left out.
    weights : {"quadratic", "linear", "none"}
        Agreement given to categories i and j of K: 1 - (i - j)^2 / (K - 1)^2,
        1 - |i - j| / (K - 1), or 1 if equal.
    level : float
        Of the interval, by the large-sample standard error of Fleiss, Cohen and
        Everitt (1969).

    Returns
    -------
    KappaResult
        `kappa` with its standard error and interval.

    Raises
    ------
    InvalidResponses
        Different lengths, fewer than two pairs, or both ratings always alike.

    Examples
    --------
    >>> round(weighted_kappa([1, 1, 2, 2, 3, 3], [1, 2, 2, 2, 3, 1]).kappa, 3)
    0.286
    """
    check_level(level)
    check_option("weights", weights, WEIGHTS)
    first, second, n_left_out = _paired(a, b)
    codes = np.unique(np.concatenate([first, second]))
    if len(codes) < 2:
        raise InvalidResponses(
            f"both ratings are always {codes[0]:g}; kappa needs two categories in use"
        )
    counts = np.zeros((len(codes), len(codes)), dtype=int)
    np.add.at(counts, (codes.searchsorted(first), codes.searchsorted(second)), 1)
    agreement = agreement_weights(codes, weights)
    kappa, se, observed, expected = kappa_of_counts(counts, agreement)
    reach = ndtri((1 + level) / 2) * se
    labels = codes.astype(int)
    return KappaResult(
        kappa=kappa,
        se=se,
        ci=(kappa - reach, kappa + reach),
        observed=observed,
        expected=expected,
        table=pd.DataFrame(counts, index=labels, columns=labels),
        weights=weights,
        n=len(first),
        n_left_out=n_left_out,
        level=level,
    )


def _paired(
    a: Sequence[int] | np.ndarray | pd.Series, b: Sequence[int] | np.ndarray | pd.Series
) -> tuple[np.ndarray, np.ndarray, int]:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise InvalidResponses(
            f"ratings have shapes {a.shape} and {b.shape}; give two columns of one "
            "length, the same person in the same place"
        )
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 2:
        raise InvalidResponses(
            f"{counted(both.sum(), 'complete pair')}; at least 2 needed"
        )
    if np.isinf(a[both]).any() or np.isinf(b[both]).any():
        raise InvalidResponses("a rating is infinite; give numbers")
    return a[both], b[both], int((~both).sum())


def agreement_weights(codes: np.ndarray, weights: str) -> np.ndarray:
    """Return the credit for each pair of codes: 1 on the diagonal."""
    # Unused codes between used ones still count as steps.
    distance = np.abs(codes[:, None] - codes) / (codes[-1] - codes[0])
    if weights == "none":
        return (distance == 0).astype(float)
    return 1 - (distance if weights == "linear" else distance**2)


def kappa_of_counts(
    counts: np.ndarray, agreement: np.ndarray
) -> tuple[float, float, float, float]:
    """Return kappa, its standard error, and the agreement observed and by chance."""
    n = counts.sum()
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = (agreement * shares).sum()
    expected = rows @ agreement @ columns
    typical = (agreement @ columns)[:, None] + (agreement.T @ rows)[None]
    spread = shares * (agreement * (1 - expected) - typical * (1 - observed)) ** 2
    variance = spread.sum() - (observed * expected - 2 * expected + observed) ** 2
    variance /= n * (1 - expected) ** 4
    kappa = (observed - expected) / (1 - expected)
    return (
        float(kappa),
        float(np.sqrt(max(variance, 0.0))),
        float(observed),
        float(expected),
    )
