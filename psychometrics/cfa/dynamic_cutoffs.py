"""Cut-offs of fit simulated for the very model, sample and answers.

After McNeish & Wolf (2023): samples are drawn once from the fitted model itself and
once from the same model with a known flaw, and the model is fitted to both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..errors import NotIdentified, PsychometricsError
from ..figures import finish, mark_style, panels
from ..options import streams
from ..parallel import run_all
from ..resampling import redrawn_note
from ..results import Result, axes
from .confirm import ORDINAL, estimate, prepared
from .data.sample_moments import correlation_moments, ordinal_moments
from .estimation.discrepancy import saturated_thresholds, without_thresholds
from .estimation.weighted_least_squares import estimate_from_moments
from .model.model_matrices import compile_table
from .model_comparison import COSMIN
from .population import Population, population_of

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

    from .model.model_matrices import Structure
    from .model.parameter_table import ParameterTable
    from .result import ConfirmedModel

_HIGH_IS_GOOD = ("cfi", "tli")
_SETTLED = 1e-9  # indices are then right to seven digits


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicCutoffs(Result):
    """Simulated cut-offs beside the fixed ones.

    Attributes
    ----------
    cutoffs : DataFrame
        One row an index: observed, fixed, true_model (what 95 % of samples from the
        fitted model stay within), flawed_model (what 95 % of samples from the flawed
        model miss; NaN where it would lie beyond true_model, so that no cut-off keeps
        both errors at 5 %).
    flaw : str
    n_replications, n_failed, n_redrawn : int
        Samples of each model, those of both that could not be fitted, and those drawn
        again because a category had nobody in them.
    """

    _headline = (
        "cfi=cutoffs.flawed_model.cfi",
        "rmsea=cutoffs.flawed_model.rmsea",
        "n_replications",
    )

    cutoffs: pd.DataFrame
    flaw: str
    n_replications: int
    n_failed: int = 0
    n_redrawn: int = 0

    def to_frame(self) -> pd.DataFrame:
        return self.cutoffs

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.n_failed:
            total = 2 * self.n_replications
            notes.append(f"{self.n_failed} of {total} samples could not be fitted.")
        if self.n_redrawn:
            notes.append(redrawn_note(self.n_redrawn, 2 * self.n_replications))
        return tuple(notes)

    def _about(self) -> Sequence[str]:
        return [f"{self.n_replications} samples each; the flaw: {self.flaw}."]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw observed values and cut-offs, one small panel an index."""
        ax, names = axes(ax), list(self.cutoffs.index)
        marks = ("observed", "fixed", "true_model", "flawed_model")
        for k, mark in enumerate(marks):
            ax.plot([], [], label=mark.replace("_", " "), **mark_style(k, 6))
        for small, name in zip(panels(ax, [n.upper() for n in names]), names):
            row = self.cutoffs.loc[name]
            for k, mark in enumerate(marks):
                small.plot([row[mark]], [k], **mark_style(k, 6))
            small.set_yticks([])
            small.set_ylim(len(marks) - 0.5, -0.5)
            small.margins(x=0.3)
        title = f"Fit and its cut-offs from {self.n_replications} simulated samples"
        return finish(
            ax, title, x="value of the index", y="value and cut-offs", key=True
        )


def dynamic_cutoffs(
    fitted: ConfirmedModel,
    *,
    n_replications: int = 200,
    rng: Rng = 1,
    flaw: float = 0.3,
    executor: Executor | None = None,
    **options: bool,
) -> DynamicCutoffs:
    """Simulate cut-offs for a fitted model of one group (McNeish & Wolf, 2023).

    Parameters
    ----------
    fitted : ConfirmedModel
        From `confirm`, of one group.
    n_replications : int
        Samples drawn from each of the two models.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    flaw : float
        Size of the misspecification, standardised: with one factor residual
        correlations of that size between every second pair of neighbouring items; with
        several, one cross-loading of that size a factor, on the next factor.
    executor : concurrent.futures.Executor, optional
        Where the fits run.
    **options
        Of the `confirm` call that gave `fitted`, such as std_lv.

    Returns
    -------
    DynamicCutoffs
        A row an index: observed, the usual cut-off, and what samples of the model and
        of the flawed model reach.

    Raises
    ------
    NotIdentified
        For more than one group.
    PsychometricsError
        No sample of one of the two models could be fitted.

    Examples
    --------
    >>> from psychometrics import confirm, dynamic_cutoffs, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 5)
    >>> fitted = confirm(
    ...     "f =~ i1 + i2 + i3 + i4 + i5", made.responses, estimator="ml", std_lv=True
    ... )
    >>> found = dynamic_cutoffs(fitted, n_replications=20, std_lv=True)
    >>> cfi = found.cutoffs.loc["cfi"]
    >>> bool(cfi["flawed_model"] < cfi["true_model"])
    True
    """
    if len(fitted.groups) > 1:
        raise NotIdentified("cut-offs are simulated for one group at a time")
    right = population_of(fitted)
    wrong, words = flawed(fitted, right, flaw)
    seeds = streams(rng, n_replications)
    values = {}
    refit = _refit_of(fitted, options)
    for name, population in (("right", right), ("wrong", wrong)):
        one = partial(_indices, population, fitted.n, refit)
        rows = [row for row in run_all(one, seeds, executor) if row is not None]
        if not rows:
            raise PsychometricsError(f"no sample of the {name} model could be fitted")
        values[name] = pd.DataFrame(rows)
    n_redrawn = sum(int(part["n_redrawn"].sum()) for part in values.values())
    n_failed = 2 * n_replications - sum(map(len, values.values()))
    table = _cutoffs(fitted, values)
    return DynamicCutoffs(
        cutoffs=table,
        flaw=words,
        n_replications=n_replications,
        n_failed=n_failed,
        n_redrawn=n_redrawn,
    )


def flawed(
    fitted: ConfirmedModel, population: Population, size: float
) -> tuple[Population, str]:
    """Return the population with a flaw that the model leaves out, and its words."""
    implied = fitted.implied[0]
    p = implied.p
    sd = np.sqrt(np.diag(population.cov))
    cov = population.cov.copy()
    factors = [f for f in range(p, len(implied.A)) if implied.A[:p, f].any()]
    if len(factors) == 1:
        uniqueness = np.sqrt(np.clip(1 - fitted.r_squared()[list(fitted.items)], 0, 1))
        for i in range(0, p - 1, 2):
            change = size * uniqueness.iloc[i] * uniqueness.iloc[i + 1]
            cov[i, i + 1] += change * sd[i] * sd[i + 1]
            cov[i + 1, i] = cov[i, i + 1]
        words = f"every second pair of neighbours has residuals correlated {size}"
        return replace(population, cov=_definite(cov)), words
    extra = np.zeros((p, len(implied.A)))
    for f, other in zip(factors, [*factors[1:], factors[0]]):
        free = np.flatnonzero((implied.A[:p, f] != 0) & (implied.A[:p, other] == 0))
        if len(free):
            item = free[0]
            sign = np.sign(implied.full[item, other]) or 1.0
            extra[item, other] = (
                sign * size * sd[item] / np.sqrt(implied.full[other, other])
            )
    change = extra @ implied.full[:, :p]
    cov = cov + change + change.T + extra @ implied.full @ extra.T
    scale = sd / np.sqrt(np.diag(cov))  # the items keep their variances
    words = f"one item a factor loads {size} on the next factor too"
    return replace(population, cov=_definite(cov * np.outer(scale, scale))), words


def _definite(cov: np.ndarray) -> np.ndarray:
    if np.linalg.eigvalsh(cov)[0] <= 0:
        raise NotIdentified("a flaw of that size fits no covariance matrix; lower it")
    return cov


def _refit_of(
    fitted: ConfirmedModel, options: Mapping[str, bool]
) -> Callable[[Any], dict[str, float]]:
    """What fits the model to a sample: to codes, from the fitted values on, if ordinal.

    Else to a frame of answers.
    """
    if fitted.estimator not in ORDINAL:
        settings = options | {"estimator": fitted.estimator}
        return partial(_fit_by_likelihood, fitted.model, settings)
    structures, start = compile_table(fitted.table), fitted.free_values()
    places, moments = saturated_thresholds(structures), ordinal_moments
    if places is not None:  # then no index of fit depends on them
        structures = without_thresholds(structures, places)
        start = np.delete(start, places)
        moments = partial(correlation_moments, dtype=np.float32)  # plenty for a sample
    weighted = fitted.estimator == "wlsmv"
    return partial(
        _fit_by_least_squares, fitted.table, structures, moments, weighted, start
    )


def _fit_by_likelihood(
    model: str, options: Mapping[str, Any], drawn: pd.DataFrame
) -> dict[str, float]:
    table, structures, data = prepared(model, drawn, **options)
    return estimate(table, structures, data, options["estimator"], detail="indices").fit


def _fit_by_least_squares(
    table: ParameterTable,
    structures: list[Structure],
    moments_of: Callable,
    weighted: bool,
    start: np.ndarray,
    codes: np.ndarray,
) -> dict[str, float]:
    categories = [np.arange(table.n_thresholds[item] + 1) for item in table.items]
    moments = moments_of(codes, table.items, categories, weighted=weighted)
    return estimate_from_moments(
        table, structures, [moments], detail="indices", start=start, tol=_SETTLED
    ).fit


def _indices(
    population: Population,
    n: int,
    refit: Callable[[Any], dict[str, float]],
    seed: SeedSequence,
) -> dict[str, float] | None:
    rng = np.random.default_rng(seed)
    draw = (
        population.draw_whole
        if population.thresholds is None
        else population.draw_codes
    )
    try:
        drawn, n_redrawn = draw(n, rng)
        fit = refit(drawn)
    except PsychometricsError:
        return None
    indices = {name: fit[key] for name in COSMIN for key in [_best(fit, name)]}
    return indices | {"n_redrawn": n_redrawn}


def _best(fit: Mapping[str, float] | pd.Series, name: str) -> str:
    """The scaled version of an index where there is one."""
    return f"{name}_scaled" if f"{name}_scaled" in fit else name


def _cutoffs(
    fitted: ConfirmedModel, values: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    rows = {}
    for name, fixed in COSMIN.items():
        good = name in _HIGH_IS_GOOD
        right = np.quantile(values["right"][name], 0.05 if good else 0.95)
        wrong = np.quantile(values["wrong"][name], 0.95 if good else 0.05)
        usable = wrong < right if good else wrong > right
        rows[name] = {
            "observed": fitted.fit[_best(fitted.fit, name)],
            "fixed": fixed,
            "true_model": right,
            "flawed_model": wrong if usable else np.nan,
        }
    return pd.DataFrame(rows).T
