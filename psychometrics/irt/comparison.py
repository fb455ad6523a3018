"""Which of several calibrations of the same answers to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes
from ..errors import InvalidResponses
from ..figures import finish, grouped_bars, name_rows
from ..results import Result, axes
from .nesting import refuse_unnested

if TYPE_CHECKING:
    from .result import IrtResult


class InformationCriteria:
    """What follows from `log_likelihood`, `n_parameters` and `n_persons`."""

    if TYPE_CHECKING:  # fields of some results, worked out by others
        log_likelihood: float

        @property
        def n_parameters(self) -> int: ...

        @property
        def n_persons(self) -> int: ...

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * (self.n_parameters - self.log_likelihood)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the number of persons."""
        return self.n_parameters * np.log(self.n_persons) - 2 * self.log_likelihood

    @property
    def sabic(self) -> float:
        """BIC with the sample size adjusted to (n + 2) / 24 (Sclove, 1987)."""
        penalty = np.log((self.n_persons + 2) / 24)
        return self.n_parameters * penalty - 2 * self.log_likelihood


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelComparison(Result):
    """Likelihood-ratio test of a model against a larger one that contains it.

    Attributes
    ----------
    chi2, df, p : float
    table : DataFrame
        Both models: log-likelihood, parameters, AIC, BIC.
    """

    _headline = ("chi2", "df", "p")

    chi2: float
    df: int
    p: float
    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how far AIC and BIC of each model lie above the smallest."""
        ax = axes(ax, rows=2 * len(self.table))
        name_rows(ax, self.table.index, what="model")
        shown = self.table[["aic", "bic"]]
        grouped_bars(ax, shown - shown.min(), names=("AIC", "BIC"))
        title = "Models compared: the best has no bar"
        return finish(ax, title, x="above the smallest", key=True)

    def _about(self) -> Sequence[str]:
        return (
            f"Likelihood ratio chi2({self.df}) = {self.chi2:.2f}, p = {self.p:.4f}",
        )


def likelihood_ratio(smaller: IrtResult, larger: IrtResult) -> ModelComparison:
    """Test the restrictions that make a model the smaller one (Wilks, 1938).

    Parameters
    ----------
    smaller, larger : IrtResult
        Of the same persons; the smaller a special case of the larger. Latent
        distributions at the edge of what is allowed (a floor of zero) make p too large.

    Returns
    -------
    ModelComparison
        chi2 is twice the gain in log-likelihood, df the parameters more.

    Raises
    ------
    InvalidResponses
        If they have different persons, items or answers, the larger has no more
        parameters or a lower likelihood, or its model does not contain the smaller's:
        rsm is within pcm, gpcm and nominal; graded within itself alone, unless an item
        has two categories; an anchor, a slope or a shape of theta may be freed, not
        fixed.

    Examples
    --------
    >>> from psychometrics import generalized_partial_credit, partial_credit, simulate
    >>> loadings = [[0.5], [0.6], [0.7], [0.8]]
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> smaller = partial_credit(made.responses, se=False)
    >>> larger = generalized_partial_credit(made.responses, se=False)
    >>> found = likelihood_ratio(smaller, larger)
    >>> found.df, bool(found.chi2 > 0)
    (3, True)
    """
    if smaller.n_persons != larger.n_persons:
        raise InvalidResponses(
            f"the models are of {smaller.n_persons} and {larger.n_persons} persons"
        )
    df = larger.n_parameters - smaller.n_parameters
    if df < 1:
        raise InvalidResponses("the second model must have more parameters")
    refuse_unnested(smaller, larger)
    chi2 = 2 * (larger.log_likelihood - smaller.log_likelihood)
    rows = {
        name: {
            "log_likelihood": result.log_likelihood,
            "n_parameters": result.n_parameters,
            "aic": result.aic,
            "bic": result.bic,
        }
        for name, result in (("smaller", smaller), ("larger", larger))
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return ModelComparison(
        chi2=float(chi2), df=df, p=float(chdtrc(df, max(chi2, 0.0))), table=table
    )
