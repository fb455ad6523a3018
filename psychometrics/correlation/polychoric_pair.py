"""One two-way table of ordinal answers: its polychoric correlation, tested."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes, PerPerson
from ..errors import ConvergenceError, InvalidResponses, SparseCategoryWarning
from ..figures import finish, heatmap
from ..responses import check_responses
from ..results import Result, axes
from ..score_column import score_column
from .cell_probabilities import cell_probabilities, exact_cells, log_cells, score_parts
from .two_step_polychoric import fit_pairs

if TYPE_CHECKING:
    from builtins import slice

AT_THE_LIMIT = 0.9999


@dataclass(frozen=True, eq=False, kw_only=True)
class PolychoricPair(Result):
    """The polychoric correlation of two items, and whether normality holds.

    Attributes
    ----------
    corr, se : float
        With thresholds held fixed the error is a little small; see `polychoric`.
    chi2, df, p : float
        Likelihood ratio test of bivariate normality against any table.
    thresholds_first, thresholds_second : array
        On the standard normal metric.
    table, expected : DataFrame
        Counts found, and those that the correlation implies.
    is_joint : bool
        Whether thresholds were estimated along with the correlation.
    """

    _headline = ("corr", "se", "p")

    corr: float
    se: float
    chi2: float
    df: int
    p: float
    thresholds_first: np.ndarray
    thresholds_second: np.ndarray
    table: pd.DataFrame
    expected: pd.DataFrame
    is_joint: bool

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        how = "joint" if self.is_joint else "two-step"
        return (
            f"polychoric correlation {self.corr:.3f} (SE {self.se:.3f}, {how} ML); "
            f"bivariate normality: chi2 = {self.chi2:.1f}, df = {self.df}, "
            f"p = {self.p:.3g}",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each cell's standardised residual."""
        residual = (self.table - self.expected) / self.expected**0.5
        ax = axes(ax, rows=len(residual), columns=residual.shape[1])
        limit = max(4.0, np.nanmax(residual.abs().to_numpy()))
        label = "(found - implied) / sqrt(implied)"
        heatmap(ax, residual, limit=limit, label=label, form=".1f")
        ax.tick_params(axis="x", rotation=0)
        first = self.table.index.name or "answer to the first item"
        second = self.table.columns.name or "answer to the second item"
        title = f"Polychoric correlation {self.corr:.2f}: residuals of the cells"
        return finish(ax, title, x=str(second), y=str(first))


def polychoric_pair(
    first: PerPerson, second: PerPerson, *, joint: bool = False
) -> PolychoricPair:
    """Correlate two ordinal items and test the normality behind it (Olsson, 1979).

    Parameters
    ----------
    first, second : Series or array, shape (n,)
        Integer codes of the same persons; NaN where unanswered.
    joint : bool
        Estimate thresholds together with the correlation, not from the margins.

    Returns
    -------
    PolychoricPair
        The correlation with its standard error, both items' thresholds, and the test.

    Raises
    ------
    InvalidResponses
        As `check_responses`.
    ConvergenceError
        The joint search has not settled, as with many empty cells.

    Examples
    --------
    >>> found = polychoric_pair([1, 1, 2, 2, 3, 3, 1, 3], [1, 2, 2, 1, 3, 3, 1, 2])
    >>> round(found.corr, 2), found.df
    (0.87, 3)
    """
    first = score_column(first, "first", one_each=False)
    second = score_column(second, "second", one_each=False)
    if first.shape != second.shape or first.ndim != 1:
        raise InvalidResponses(
            f"items have shapes {first.shape} and {second.shape}; give two columns "
            "of one length"
        )
    frame = pd.DataFrame({"first": first, "second": second}).dropna()
    checked = check_responses(frame)
    n_categories = [len(used) for used in checked.categories]
    pairs = fit_pairs(checked.codes, n_categories)
    rows, columns = n_categories
    counts = pairs.tables[0, :rows, :columns]
    start = np.concatenate(
        [pairs.rho, pairs.cuts[0, : rows - 1], pairs.cuts[1, : columns - 1]]
    )
    found = _climb(start, counts) if joint else start
    free = slice(None) if joint else slice(0, 1)
    se = _error_of_rho(found, counts, free)
    chi2, df = _likelihood_ratio(found, counts)
    of_first, of_second = map(pd.Index, checked.categories)
    expected = counts.sum() * _probability(found, counts)
    return PolychoricPair(
        corr=float(found[0]),
        se=se,
        chi2=chi2,
        df=df,
        p=float(chdtrc(df, max(chi2, 0.0))) if df else 1.0,
        thresholds_first=found[1:rows],
        thresholds_second=found[rows:],
        table=pd.DataFrame(counts, of_first, of_second),
        expected=pd.DataFrame(expected, of_first, of_second),
        is_joint=joint,
    )


def _split(
    parameters: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = shape[0]
    return parameters[None, 1:rows], parameters[None, rows:], parameters[:1]


def _probability(parameters: np.ndarray, counts: np.ndarray) -> np.ndarray:
    at = _split(parameters, counts.shape)
    return exact_cells(counts[None], cell_probabilities(*at), *at)[0]


def _log_likelihood(parameters: np.ndarray, counts: np.ndarray) -> float:
    at = _split(parameters, counts.shape)
    return (counts * log_cells(counts[None], cell_probabilities(*at), *at)[0]).sum()


def _error_of_rho(found: np.ndarray, counts: np.ndarray, free: slice) -> float:
    """Return the standard error; NaN, and said, where the correlation has no inside."""
    if abs(found[0]) > AT_THE_LIMIT:
        warnings.warn(
            "empty cells send the correlation to its limit, where it has no standard "
            "error; join categories that hardly anybody used",
            SparseCategoryWarning,
            stacklevel=3,
        )
        return np.nan
    information = _observed_information(found, counts, free)
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))


def _likelihood_ratio(parameters: np.ndarray, counts: np.ndarray) -> tuple[float, int]:
    full = counts[counts > 0]
    saturated = (full * np.log(full / counts.sum())).sum()
    rows, columns = counts.shape
    chi2 = 2 * (saturated - _log_likelihood(parameters, counts))
    return float(max(chi2, 0.0)), rows * columns - rows - columns


def _jacobian(
    parameters: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return cell probabilities and their derivatives, one row a parameter."""
    rows, columns = counts.shape
    probability, by_rho, by_first, by_second = score_parts(
        *_split(parameters, counts.shape), _probability(parameters, counts)[None]
    )
    jacobian = np.zeros((len(parameters), rows, columns))
    jacobian[0] = by_rho[0]
    for k in range(rows - 1):
        jacobian[1 + k, k], jacobian[1 + k, k + 1] = by_first[0, k], -by_first[0, k]
    for k in range(columns - 1):
        strip = by_second[0, k]
        jacobian[rows + k, :, k], jacobian[rows + k, :, k + 1] = strip, -strip
    return probability[0], jacobian


def _gradient(parameters: np.ndarray, counts: np.ndarray) -> np.ndarray:
    probability, jacobian = _jacobian(parameters, counts)
    return (jacobian * (counts / probability)).sum(axis=(1, 2))


def _climb(
    start: np.ndarray, counts: np.ndarray, tol: float = 1e-9, max_iter: int = 200
) -> np.ndarray:
    """Fisher scoring with halved steps where the likelihood would fall."""
    here, height = start, _log_likelihood(start, counts)
    for _ in range(max_iter):
        probability, jacobian = _jacobian(here, counts)
        slope = (jacobian * (counts / probability)).sum(axis=(1, 2))
        flat = jacobian.reshape(len(here), -1)
        information = counts.sum() * (flat / probability.ravel()) @ flat.T
        step = np.linalg.solve(information, slope)
        if np.abs(step).max() < tol:
            return here
        here, height = _halved(here, step, height, counts)
    raise ConvergenceError(
        f"the joint estimate still moves after {max_iter} steps; "
        "use joint=False, or join categories that hardly anybody used",
        partial=here,
    )


def _halved(
    here: np.ndarray, step: np.ndarray, height: float, counts: np.ndarray
) -> tuple[np.ndarray, float]:
    for _ in range(40):
        there = here + step
        if abs(there[0]) < 1:
            found = _log_likelihood(there, counts)
            if found >= height - 1e-12 * abs(height):
                return there, found
        step = step / 2
    return here, height


def _observed_information(
    parameters: np.ndarray, counts: np.ndarray, free: slice, step: float = 1e-5
) -> np.ndarray:
    """Return minus the second derivatives, by differences of the exact slope."""
    chosen = np.arange(len(parameters))[free]
    information = np.empty((len(chosen), len(chosen)))
    for row, k in enumerate(chosen):
        moved = np.zeros(len(parameters))
        moved[k] = step
        up = _gradient(parameters + moved, counts)
        down = _gradient(parameters - moved, counts)
        information[row] = (down - up)[chosen] / (2 * step)
    return (information + information.T) / 2
