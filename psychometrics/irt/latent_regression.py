"""Group differences in theta without scoring persons: latent regression.

The mean of EAPs shrinks with the number of items, so that a change of form can look
like a change of service; these estimates do not (von Davier, Gonzalez and Mislevy,
2009; Mislevy, 1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..annotations import Axes, Rng
from ..errors import ConvergenceError, InvalidOption, InvalidResponses
from ..figures import dots, finish, name_rows
from ..options import generator
from ..results import Result, axes
from .em_quadrature import at_nodes
from .models import curves

if TYPE_CHECKING:
    from .result import IrtResult


@dataclass(frozen=True, eq=False, kw_only=True)
class LatentRegression(Result):
    """Theta regressed on what is known of persons, the items' parameters as given.

    Attributes
    ----------
    coefficients, se : Series
        On the theta metric; `constant` first.
    residual_sd, residual_sd_se : float
    log_likelihood : float
    n_persons : int
    """

    _headline = ("coefficients", "residual_sd", "n_persons")

    coefficients: pd.Series
    se: pd.Series
    residual_sd: float
    residual_sd_se: float
    log_likelihood: float
    n_persons: int

    def to_frame(self) -> pd.DataFrame:
        ratio = self.coefficients / self.se
        return pd.DataFrame(
            {
                "coefficient": self.coefficients,
                "se": self.se,
                "p": 2 * ndtr(-ratio.abs()),
            }
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each coefficient with its 95 % interval."""
        shown = self.coefficients.drop("constant")
        ax = axes(ax, rows=len(shown))
        width = 1.96 * self.se[shown.index]
        dots(ax, name_rows(ax, shown.index, what="background"), shown, [width, width])
        ax.axvline(0, linewidth=0.8, color="0.25")
        return finish(ax, "Theta by background", x="difference in theta, 95 % interval")

    def _about(self) -> Sequence[str]:
        return (
            f"Latent regression of {self.n_persons} persons, residual SD "
            f"{self.residual_sd:.3f} (SE {self.residual_sd_se:.3f}).",
        )

    def _caveats(self) -> Sequence[str]:
        return ("Standard errors take the item parameters as known.",)


def latent_regression(
    result: IrtResult,
    predictors: pd.DataFrame,
    *,
    tol: float = 1e-8,
    max_iter: int = 2000,
) -> LatentRegression:
    """Estimate how theta depends on predictors, by EM over the answers themselves.

    Parameters
    ----------
    result : IrtResult
        One dimension.
    predictors : DataFrame, persons x predictors
        Numbers (code groups as 0 and 1) for every person of the calibration.

    Raises
    ------
    InvalidResponses
        If a predictor is missing for somebody, or is not a number.
    """
    x = _design(predictors, result.patterns.persons)
    likelihood = _likelihoods(result)
    nodes = result.latent.nodes[:, 0]
    solve = np.linalg.pinv(x.to_numpy())
    beta, sd = solve @ np.zeros(len(x)), 1.0
    for _ in range(max_iter):
        weights, total = _posterior(likelihood, nodes, x.to_numpy() @ beta, sd)
        mean = weights @ nodes
        new = solve @ mean
        off = weights @ nodes**2 - 2 * mean * (x @ new) + (x @ new) ** 2
        change = max(np.abs(new - beta).max(), abs(np.sqrt(off.mean()) - sd))
        beta, sd = new, float(np.sqrt(off.mean()))
        if change < tol:
            break
    else:
        raise ConvergenceError(f"latent regression still moves after {max_iter} steps")
    spread = _covariance(x.to_numpy(), nodes, weights, beta, sd)
    errors = np.sqrt(np.diag(spread))
    return LatentRegression(
        coefficients=pd.Series(beta, x.columns, name="coefficient"),
        se=pd.Series(errors[:-1], x.columns, name="se"),
        residual_sd=sd,
        residual_sd_se=float(sd * errors[-1]),
        log_likelihood=float(total.sum()),
        n_persons=len(x),
    )


def plausible_values(
    result: IrtResult,
    rng: Rng,
    n_draws: int = 5,
    *,
    predictors: pd.DataFrame | None = None,
    regression: LatentRegression | None = None,
) -> pd.DataFrame:
    """Draw theta of each person from its posterior (Mislevy, 1991).

    Statistics of groups are computed on each column and pooled by Rubin's rules; they
    are right only for groups that the regression contains.

    Parameters
    ----------
    result : IrtResult
    rng : Generator or int
    n_draws : int
    predictors, regression : DataFrame and LatentRegression, optional
        The conditioning model; without it, the calibration's own distribution.

    Returns
    -------
    DataFrame, persons x draws
    """
    likelihood, nodes = _likelihoods(result), result.latent.nodes[:, 0]
    if regression is None:
        weights = likelihood * result.latent.weights
        weights /= weights.sum(axis=1, keepdims=True)
    else:
        x = _design(predictors, result.patterns.persons)
        mean = (x @ regression.coefficients).to_numpy()
        weights, _ = _posterior(likelihood, nodes, mean, regression.residual_sd)
    reached = weights.cumsum(axis=1)
    rng = generator(rng, what="drawing plausible values")
    drawn = rng.uniform(size=(n_draws, len(weights), 1))
    at = np.minimum((drawn > reached).sum(axis=2), len(nodes) - 1)
    width = np.gradient(nodes)[at]
    values = nodes[at] + width * (rng.uniform(size=at.shape) - 0.5)
    return pd.DataFrame(values.T, result.patterns.persons, range(1, n_draws + 1))


def _design(predictors: pd.DataFrame, persons: pd.Index) -> pd.DataFrame:
    frame = pd.DataFrame(predictors).reindex(persons).astype(float)
    if frame.isna().any(axis=None):
        name = frame.columns[frame.isna().any()][0]
        raise InvalidResponses(
            f"predictor {name} is missing for {int(frame[name].isna().sum())} persons; "
            "give a number for everybody, or leave those persons out"
        )
    frame.insert(0, "constant", 1.0)
    return frame


def _likelihoods(result: IrtResult) -> np.ndarray:
    """Likelihood of each person's answers at each node, up to a factor a person."""
    parameters = result.parameters
    parameters._one_dimension("latent regression and plausible values")
    if result.latent.floor:
        raise InvalidOption(
            "with a share of persons at the floor theta is not defined for everybody: "
            "calibrate with a normal or a histogram for group means"
        )
    found = curves(parameters.model, result.latent.nodes, *parameters.arrays)
    log_l = result.patterns.indicators @ at_nodes(found)
    top = log_l.max(axis=1, keepdims=True)
    return np.exp(log_l - top)[result.patterns.rows]


def _posterior(
    likelihood: np.ndarray, nodes: np.ndarray, mean: np.ndarray, sd: float
) -> tuple[np.ndarray, np.ndarray]:
    prior = np.exp(-0.5 * ((nodes - np.asarray(mean)[:, None]) / sd) ** 2)
    prior /= prior.sum(axis=1, keepdims=True)
    joint = likelihood * prior
    total = joint.sum(axis=1, keepdims=True)
    return joint / total, np.log(total)


def _covariance(
    x: np.ndarray, nodes: np.ndarray, weights: np.ndarray, beta: np.ndarray, sd: float
) -> np.ndarray:
    """Inverse observed information of (beta, log sd) by Louis (1982)."""
    r = (nodes - (x @ beta)[:, None]) / sd
    m1, m2, m3, m4 = ((weights * r**k).sum(axis=1) for k in (1, 2, 3, 4))
    n = x.shape[1]
    information = np.zeros((n + 1, n + 1))
    information[:n, :n] = (x * (1 - (m2 - m1**2))[:, None]).T @ x / sd**2
    cross = x.T @ (2 * m1 - (m3 - m1 * m2)) / sd
    information[:n, n] = information[n, :n] = cross
    information[n, n] = (2 * m2 - (m4 - m2**2)).sum()
    return np.linalg.inv(information)
