"""Overall fit from one- and two-item moments: M2, M2* and C2.

Full tables of answers are too sparse for a chi-square; sums over them are not
(Maydeu-Olivares and Joe, 2006). M2 uses every one- and two-item margin (see `margins`),
M2* means and mean products (Cai and Hansen, 2013), C2 category proportions and mean
products (Cai and Monroe, 2014). Each moment is taken over the persons who answered what
it needs, so booklets have all three (see `moment_persons`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.special import chdtrc

from ..annotations import Axes
from ..errors import NotIdentified
from ..figures import bound, dots, finish, name_rows, spread
from ..noncentral_chi_square import noncentrality
from ..options import check_option
from ..results import Result, axes
from .margins import all_margins, independent_margins, model_margins
from .moment_persons import moment_persons
from .moments import (
    ExpectedMoments,
    category_moments,
    independent_moments,
    mean_moments,
    observed_moments,
)

if TYPE_CHECKING:
    from .patterns import Patterns
    from .result import IrtResult

STATISTICS = ("M2", "M2*", "C2")
COLUMNS = ["statistic", "df", "p", "rmsea", "rmsea_5", "rmsea_95"]
COLUMNS += ["srmsr", "tli", "cfi", "n"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelFit(Result):
    """Overall fit of a calibration.

    Attributes
    ----------
    table : DataFrame
        One row for each statistic (M2, M2*, C2): statistic, df, p, rmsea with its
        90 % interval, srmsr, tli, cfi; n, the number of complete persons in whom
        chance would make the statistic as sure.
    n_persons, n_complete : int
        Persons who answered any item, and those who answered every one.
    n_pair : DataFrame, items x items
        Persons who answered both items; where nobody did, the pair has no moment.
    """

    _headline = ("statistic=table.statistic", "rmsea=table.rmsea", "n_persons")

    table: pd.DataFrame
    n_persons: int
    n_complete: int
    n_pair: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw RMSEA with its 90 % interval, between the lines at .05 and .08."""
        ax = axes(ax)
        at = name_rows(ax, self.table.index, what="statistic")
        low, shown, high = self.table[["rmsea_5", "rmsea", "rmsea_95"]].to_numpy().T
        dots(ax, at, shown, spread(shown, low, high), capsize=3)
        bound(ax, 0.05, "close fit up to .05")
        bound(ax, 0.08, "acceptable up to .08", k=1)
        ax.set_xlim(0, max(0.1, 1.1 * np.nanmax(high)))
        return finish(
            ax, "Fit of the model to pairs of items", x="RMSEA, 90 % interval", key=True
        )

    def _about(self) -> Sequence[str]:
        if self.n_complete == self.n_persons:
            return (f"From {self.n_complete} persons who answered every item.",)
        together = self._together
        pairs = together[together > 0]
        return (
            f"From {self.n_persons} persons, of whom {self.n_complete} answered every "
            f"item; each pair of items from the {pairs.min():.0f} to {pairs.max():.0f} "
            "who answered both.",
        )

    def _caveats(self) -> Sequence[str]:
        if self.n_complete == self.n_persons:
            return ()
        notes = [
            "Right where answers are missing completely at random, as in booklets."
        ]
        n_alone = int((self._together == 0).sum())
        if n_alone:
            notes.append(
                f"{n_alone} of {len(self._together)} pairs of items were answered "
                "together by nobody: nothing is said of them."
            )
        return notes

    @property
    def _together(self) -> np.ndarray:
        return self.n_pair.to_numpy()[np.tril_indices(len(self.n_pair), -1)]


def model_fit(result: IrtResult, statistics: Sequence[str] | None = None) -> ModelFit:
    """Return `ModelFit` of a calibration; see the module's sources.

    Parameters
    ----------
    result : IrtResult
    statistics : sequence of {"M2", "M2*", "C2"}, optional
        By default M2* and C2, each where it has degrees of freedom.

    Raises
    ------
    NotIdentified
        If a statistic that was asked for, or by default both, lack degrees of freedom:
        the message says whether moments are too few, or say the same.
    InvalidResponses
        If M2 would have more margins than memory should hold.
    """
    patterns = result.patterns
    patterns = patterns.select((patterns.codes >= 0).any(axis=1))
    rows, problems = {}, []
    for name in statistics or ("M2*", "C2"):
        check_option("statistic", name, STATISTICS)
        try:
            rows[name] = _fit_row(result, patterns, name)
        except NotIdentified as problem:
            if statistics:
                raise
            problems.append(str(problem))
    if not rows:
        raise NotIdentified(f"overall fit has no test: {'; '.join(problems)}")
    table = pd.DataFrame.from_dict(rows, orient="index")
    table["srmsr"] = root_mean_square_residual(result, patterns)
    answered = (patterns.codes >= 0).astype(float)
    together = (answered.T * patterns.counts) @ answered
    return ModelFit(
        table=table[COLUMNS],
        n_persons=int(patterns.counts.sum()),
        n_complete=int(patterns.counts[patterns.is_complete].sum()),
        n_pair=pd.DataFrame(together, result.items, result.items).astype(int),
    )


def _fit_row(result: IrtResult, patterns: Patterns, name: str) -> dict[str, float]:
    compared = _full if name == "M2" else _reduced
    sums, items, state, null = compared(result, patterns, name)
    # of 100 items each table of moments by moments takes 200 MB: none is kept longer
    persons = moment_persons(patterns, items)
    observed = sums[persons.known] / persons.n[persons.known]
    among = state.among(persons)
    is_complete = patterns.is_complete.all()
    of_one = None if is_complete else state.covariance_of(persons.known)
    del state
    df, (n_moments, n_free) = among.df, among.slopes.shape
    if df <= 0:
        raise NotIdentified(
            f"{name} has more parameters than moments ({n_free} and "
            f"{n_moments}): it has no test"
        )
    try:
        if not is_complete and not _is_full_rank(among.slopes):
            raise np.linalg.LinAlgError
        statistic = among.statistic(observed)
        n = patterns.counts.sum()
        if not is_complete:
            n = _effective_n(among, of_one)
        del of_one, among
        base = null().among(persons)
        return _indices(statistic, df, base.statistic(observed), base.df, n)
    except np.linalg.LinAlgError:
        raise NotIdentified(
            f"{name} has no test: its {n_moments} moments, or their "
            f"derivatives by the {n_free} parameters, depend on each "
            "other in these data; it needs more items, more pairs of items that were "
            "answered together, or fewer categories"
        ) from None


def _is_full_rank(slopes: np.ndarray) -> bool:
    length = np.linalg.norm(slopes, axis=0)
    if not length.all():
        return False
    return np.linalg.matrix_rank(slopes / length) == slopes.shape[1]


def _effective_n(among: ExpectedMoments, of_one: np.ndarray) -> float:
    """Complete persons with whom misfit would weigh as much, on the mean.

    The form's expectation for misfit distributed as one person's moments, over its
    degrees of freedom: with complete answers their number.
    """
    factor = cho_factor(among.covariance)
    weighted = cho_solve(factor, among.slopes)
    cross = weighted.T @ of_one @ weighted
    inside = np.trace(np.linalg.solve(among.slopes.T @ weighted, cross))
    return float((np.trace(cho_solve(factor, of_one)) - inside) / among.df)


def _full(
    result: IrtResult, patterns: Patterns, _: str
) -> tuple[np.ndarray, np.ndarray, ExpectedMoments, Callable]:
    margins = all_margins(patterns.n_categories)
    state = ExpectedMoments(*model_margins(result, margins))
    return (
        margins.observed(patterns),
        margins.items,
        state,
        lambda: ExpectedMoments(*independent_margins(patterns, margins)),
    )


def _reduced(
    result: IrtResult, patterns: Patterns, name: str
) -> tuple[np.ndarray, np.ndarray, ExpectedMoments, Callable]:
    if name == "C2":
        moments = category_moments(patterns.n_categories)
    else:
        moments = mean_moments(*patterns.shape)
    return (
        observed_moments(moments, patterns),
        moments.items,
        ExpectedMoments.of(result, moments),
        lambda: independent_moments(moments, patterns),
    )


def _indices(
    statistic: float, df: int, base: float, base_df: int, n: float
) -> dict[str, float]:
    ratio, base_ratio = statistic / df, base / base_df
    worst = max(base - base_df, statistic - df, 0)
    low, high = rmsea_interval(statistic, df, n)
    return {
        "statistic": statistic,
        "df": df,
        "p": chdtrc(df, statistic),
        "rmsea": rmsea(statistic, df, n),
        "rmsea_5": low,
        "rmsea_95": high,
        "tli": (base_ratio - ratio) / (base_ratio - 1),
        "cfi": 1.0 if worst == 0 else 1 - max(statistic - df, 0) / worst,
        "n": n,
    }


def rmsea(statistic: float, df: int, n: float) -> float:
    """Root mean square error of approximation; n - 1 in the denominator."""
    return float(np.sqrt(max(statistic - df, 0) / (df * (n - 1))))


def rmsea_interval(
    statistic: float, df: int, n: float, level: float = 0.90
) -> tuple[float, float]:
    """Return the ends of the interval from the non-central chi-square."""
    tails = (1 + level) / 2, (1 - level) / 2
    low, high = (noncentrality(statistic, df, tail) for tail in tails)
    return float(np.sqrt(low / (df * (n - 1)))), float(np.sqrt(high / (df * (n - 1))))


def root_mean_square_residual(result: IrtResult, patterns: Patterns) -> float:
    """Root mean square of observed minus expected correlations of pairs.

    Pairs that nobody answered, or to one item of which those who answered both gave
    one answer, have no correlation and do not count.
    """
    gaps = _observed_correlations(patterns) - _expected_correlations(result)
    lower = np.tril_indices(len(gaps), -1)
    return float(np.sqrt(np.nanmean(np.square(gaps[lower]))))


def _observed_correlations(patterns: Patterns) -> np.ndarray:
    """Correlations of category numbers of those who answered both, or NaN."""
    answered = (patterns.codes >= 0).astype(float)
    codes = patterns.codes * answered
    weighted = answered * patterns.counts[:, None]
    n = answered.T @ weighted
    total, squares = codes.T @ weighted, (codes**2).T @ weighted
    product = codes.T @ (codes * patterns.counts[:, None])
    spread = n * squares - total**2  # of whole numbers: exactly nought for one answer
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (n * product - total * total.T) / np.sqrt(spread * spread.T)
    return np.where((spread > 0) & (spread.T > 0), found, np.nan)


def _expected_correlations(result: IrtResult) -> np.ndarray:
    p, mass = result.parameters.probabilities(result.latent.nodes), result.latent.mass
    levels = np.arange(p.shape[1])  # nought at the floor, which the mass leaves out
    given_theta = np.einsum("jkq,k->jq", p, levels)
    mean = given_theta @ mass
    spread = np.einsum("jkq,k,q->j", p, levels**2, mass, optimize=True) - mean**2
    product = (given_theta * mass) @ given_theta.T - np.outer(mean, mean)
    return product / np.sqrt(np.outer(spread, spread))
