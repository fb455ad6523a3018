"""A finished calibration: parameters, their precision, and all that follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..errors import InvalidOption
from ..results import Result, axes
from . import models
from .comparison import InformationCriteria
from .item_fit import ItemFit, item_fit
from .latent_distribution import LatentDistribution
from .latent_regression import LatentRegression, latent_regression, plausible_values
from .limited_information import ModelFit, model_fit
from .local_dependence import LocalDependence, local_dependence
from .parameters import ItemParameters
from .patterns import Patterns
from .person_fit import person_fit
from .persons import PersonEstimates, person_estimates
from .plots import wright_map
from .sum_scores import SumScoreTable, sum_score_table


@dataclass(frozen=True, eq=False, kw_only=True)
class IrtResult(InformationCriteria, Result):
    """Items calibrated by marginal maximum likelihood (Bock and Aitkin, 1981).

    Attributes
    ----------
    parameters : ItemParameters
    latent : LatentDistribution
    patterns : Patterns
        Unique response patterns with counts, and the pattern of each person.
    free : Series
        The parameters that were estimated, slope-intercept form.
    kinds : array of str, shape (n_free,)
        What each of them is: slope, intercept, location, step, or of theta's
        distribution mean, log_sd, atanh_r, log_weight, logit_floor.
    covariance : DataFrame or None
        Of the free parameters, from the observed information; None without `se`.
    jacobian : array, shape (n_items * P + n_latent, n_free)
        Derivatives of all item parameters (slopes, then intercepts, item by item) and
        of the latent parameters by the free ones.
    log_likelihood : float
    gradient : float
        The largest absolute derivative of the log-likelihood where the search ended.
    n_iter : int
    notes : tuple of str
        What a reader should not miss.
    """

    _headline = (
        "log_likelihood",
        "n_parameters",
        "items",
        "n_persons",
        "model=parameters.model_name",
    )

    parameters: ItemParameters
    latent: LatentDistribution
    patterns: Patterns
    free: pd.Series
    kinds: np.ndarray
    covariance: pd.DataFrame | None
    jacobian: np.ndarray
    log_likelihood: float
    gradient: float
    n_iter: int
    notes: tuple = ()

    @property
    def model(self) -> models.Model:
        """The name of the model, as in `models.MODELS`; of a mixed test, by item."""
        return self.parameters.model

    @property
    def items(self) -> pd.Index:
        """Labels of the items."""
        return self.parameters.items

    @property
    def n_persons(self) -> int:
        """Persons who answered at least one item."""
        return self.patterns.n_persons

    @property
    def n_parameters(self) -> int:
        """Number of free parameters, of theta's distribution included."""
        return len(self.free)

    @property
    def discrimination(self) -> pd.DataFrame | pd.Series:
        """Slopes; see `ItemParameters`."""
        return self.parameters.discrimination

    @property
    def thresholds(self) -> pd.DataFrame:
        """Thresholds on the theta metric; see `ItemParameters`."""
        return self.parameters.thresholds

    @property
    def intercepts(self) -> pd.DataFrame:
        """Slope-intercept form, items x steps."""
        return self.parameters.intercepts

    @property
    def g2(self) -> float:
        """Deviance from the saturated table of complete patterns, NaN if any is not.

        Too sparse for a test with more than a few items: see `model_fit`.
        """
        if not self.patterns.is_complete.all():
            return np.nan
        counts = self.patterns.counts
        return 2 * (counts @ np.log(counts / self.n_persons) - self.log_likelihood)

    @property
    def standard_errors(self) -> pd.DataFrame:
        """Of slopes and intercepts: items x parameters, NaN where nothing is free."""
        spread = self._full_covariance()
        table = np.sqrt(np.diag(spread)[: self._n_full]).reshape(len(self.items), -1)
        names = [*self.parameters.slopes.columns]
        names += [f"d{step}" for step in self.intercepts.columns]
        frame = pd.DataFrame(table, self.items, names)
        return frame.where(frame > 0)

    @property
    def latent_standard_errors(self) -> pd.Series:
        """Of the free latent parameters as they are named in `free`."""
        spread = np.sqrt(np.diag(self._full_covariance())[self._n_full :])
        return pd.Series(spread, self.free.index[len(self.free) - len(spread) :])

    @property
    def threshold_standard_errors(self) -> pd.DataFrame:
        """Of the thresholds, by the delta method: items x steps."""
        spread = self._full_covariance()
        n_steps = self.intercepts.shape[1]
        width = 1 + n_steps
        slopes, intercepts = self.parameters.arrays
        rows = []
        for j in range(len(self.items)):
            at = slice(j * width, (j + 1) * width)
            kind = self.model[j] if isinstance(self.model, tuple) else self.model
            turn = _threshold_slopes(kind, slopes[j, 0], intercepts[j])
            rows.append(np.sqrt(np.diag(turn @ spread[at, at] @ turn.T)))
        frame = self.parameters.by_step(np.array(rows))
        return frame.where(self.thresholds.notna())

    def information(self, theta: Sequence[float] | np.ndarray) -> pd.DataFrame:
        """Return Fisher information at each theta; see `ItemParameters`."""
        return self.parameters.information(theta)

    def expected_scores(self, theta: Sequence[float] | np.ndarray) -> pd.DataFrame:
        """Return expected answers at each theta; see `ItemParameters`."""
        return self.parameters.expected_scores(theta)

    def persons(self, method: str = "eap") -> PersonEstimates:
        """Return theta and its standard error for each person.

        Parameters
        ----------
        method : {"eap", "map", "wle", "ml"}
            See `persons.person_estimates`; several dimensions have EAP only.

        Returns
        -------
        PersonEstimates
        """
        return person_estimates(self.parameters, self.latent, self.patterns, method)

    def sum_score_table(
        self, items: Sequence[str] | None = None, *, mean: float = 0.0, sd: float = 1.0
    ) -> SumScoreTable:
        """Return EAP and T scores for sum scores; see `sum_scores.sum_score_table`."""
        return sum_score_table(self.parameters, self.latent, items, mean=mean, sd=sd)

    def plausible_values(
        self, rng: Rng, n_draws: int = 5, **conditioning: object
    ) -> pd.DataFrame:
        """Draw theta from each person's posterior; see `regression`."""
        return plausible_values(self, rng, n_draws, **conditioning)

    def regress(self, predictors: pd.DataFrame) -> LatentRegression:
        """Regress theta on predictors; see `regression.latent_regression`."""
        return latent_regression(self, predictors)

    def person_fit(self, method: str = "wle") -> pd.DataFrame:
        """Return lz, infit and outfit at each person's theta; see `person_fit`."""
        theta = self.persons(method).theta
        return person_fit(self.parameters, self.patterns, theta)

    def item_fit(self, method: str = "eap") -> ItemFit:
        """Return S-X2, infit and outfit of each item; see `item_fit.item_fit`."""
        return item_fit(self, method)

    def model_fit(self, *, statistics: Sequence[str] | None = None) -> ModelFit:
        """Return M2* and C2, or M2, with RMSEA and SRMSR; see `limited_information`.

        Full M2 (`statistics=["M2"]`) takes seconds with more than a thousand margins.
        """
        return model_fit(self, statistics)

    def local_dependence(self, method: str = "eap") -> LocalDependence:
        """Return Q3, X2 and residual correlations; see `local_dependence`."""
        return local_dependence(self, method)

    def marginal_reliability(self) -> float:
        """Return the mean of information / (information + 1 / variance) over theta."""
        variance = self.latent.covariance[0, 0]
        test = self.information(self.latent.nodes[:, 0])["test"].to_numpy()
        return float(self.latent.weights @ (test / (test + 1 / variance)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per item: discrimination and thresholds, with their SEs."""
        table = self.parameters.to_frame()
        if self.covariance is None:
            return table
        spread = self.standard_errors
        if not self.parameters.is_unidimensional:
            return table.join(spread.add_suffix("_se"))
        cuts = self.threshold_standard_errors.rename(columns=lambda k: f"b{k}_se")
        slope = spread.iloc[:, 0].rename("discrimination_se")
        return pd.concat([table, slope, cuts], axis=1)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the test information; of several dimensions, the slopes."""
        return self.parameters.plot(ax)

    def plot_wright(self, ax: Axes | None = None, method: str = "eap") -> Axes:
        """Draw a Wright map: persons' theta above the items' thresholds."""
        ax = axes(ax, rows=1.4 * len(self.parameters.items))
        return wright_map(self.parameters, self.persons(method).theta, ax)

    def _about(self) -> Sequence[str]:
        return (
            f"{title_of(self.model)} for {len(self.items)} items and "
            f"{self.n_persons} persons ({len(self.patterns.counts)} patterns), "
            f"{self.latent.shape} theta.",
            f"Log-likelihood {self.log_likelihood:.3f}, {self.n_parameters} "
            f"parameters, AIC {self.aic:.1f}, BIC {self.bic:.1f}, SABIC "
            f"{self.sabic:.1f}; largest gradient {self.gradient:.1e} after "
            f"{self.n_iter} steps.",
        )

    def _caveats(self) -> Sequence[str]:
        return self.notes

    @property
    def _n_full(self) -> int:
        slopes, intercepts = self.parameters.arrays
        return slopes.size + intercepts.size

    def _full_covariance(self) -> np.ndarray:
        if self.covariance is None:
            raise InvalidOption("no standard errors: calibrate again with se=True")
        return self.jacobian @ self.covariance.to_numpy() @ self.jacobian.T


TITLES = {
    "graded": "Graded response model",
    "gpcm": "Generalised partial credit model",
    "pcm": "Partial credit model",
    "rsm": "Rating scale model",
    "nominal": "Nominal model",
}


def title_of(model: models.Model) -> str:
    """Return what a model is called, of a mixed test with how many items of each."""
    if not isinstance(model, tuple):
        return TITLES[model]
    counts = Counter(model)
    kinds = [f"{n} by the {TITLES[kind].lower()}" for kind, n in counts.items()]
    return f"Mixed test ({', '.join(kinds)})"


def _threshold_slopes(model: str, a: float, intercepts: np.ndarray) -> np.ndarray:
    """Derivatives of an item's thresholds by (slope, intercepts), shape (M, 1 + M)."""
    b = models.thresholds_from_intercepts(model, [a], intercepts[None])[0]
    n_steps = len(intercepts)
    by_intercept = -np.eye(n_steps) / a
    if model != "graded":
        by_intercept += np.eye(n_steps, k=-1) / a
    turn = np.column_stack([-b / a, by_intercept])
    return np.nan_to_num(turn)
