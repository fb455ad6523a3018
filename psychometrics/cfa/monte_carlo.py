"""How an analysis would do: many samples from a known population (Muthen & Muthen,
2002)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..errors import PsychometricsError
from ..figures import bars, bound, finish, name_rows
from ..options import streams
from ..parallel import run_all
from ..resampling import redrawn_note
from ..results import Result, axes
from .confirm import estimate, prepared
from .population import Population, population_of
from .result_tables import estimates_table

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

    from .result import ConfirmedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class MonteCarlo(Result):
    """Bias, errors, coverage and power over samples from a known population.

    Attributes
    ----------
    parameters : DataFrame
        Standardised parameters: truth, mean, bias, relative_bias, sd, mean_se,
        relative_se_bias, coverage (of the 95 % interval), power (share with p below
        alpha).
    tests : Series
        n, replications, converged, redrawn (samples drawn again), df, mean_chi2,
        rejected (share of tests of fit with p below alpha: size if the model is true,
        power if not).
    """

    _headline = (
        "coverage=parameters.coverage",
        "rejected=tests.rejected",
        "n_replications=tests.replications",
    )

    _whole = 1000  # rows of items, not of persons

    parameters: pd.DataFrame
    tests: pd.Series

    def to_frame(self) -> pd.DataFrame:
        return self.parameters

    def _about(self) -> Sequence[str]:
        t = self.tests
        return [
            f"{t['converged']:.0f} of {t['replications']:.0f} samples of "
            f"{t['n']:.0f} persons; the test of fit rejects {t['rejected']:.3f}."
        ]

    def _caveats(self) -> Sequence[str]:
        n_redrawn = int(self.tests["redrawn"])
        if not n_redrawn:
            return ()
        return (redrawn_note(n_redrawn, int(self.tests["converged"])),)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the power of loadings, paths and covariances, and .80 beside them."""
        power = self.parameters["power"]
        shown = [key for key in power.index if key[1] != "|" and key[0] != key[2]]
        ax, names = axes(ax, rows=len(shown)), [" ".join(key) for key in shown]
        at, low = name_rows(ax, names, what="parameter"), power[shown] < 0.8
        bars(ax, at, power[shown], flags=low, words=(".80 or more", "below .80"))
        bound(ax, 0.8, ".80")
        ax.set_xlim(0, 1.02)
        t = self.tests
        title = f"Power with {t['n']:.0f} persons, from {t['converged']:.0f} samples"
        return finish(ax, title, x="share of samples that find the parameter", key=True)


def monte_carlo(
    population: Population | ConfirmedModel | str,
    model: str,
    n: int,
    *,
    n_replications: int = 500,
    rng: Rng = 1,
    missing: float = 0.0,
    n_clusters: int | None = None,
    icc: float = 0.1,
    alpha: float = 0.05,
    executor: Executor | None = None,
    **options: bool,
) -> MonteCarlo:
    """Draw samples, fit `model` to each, and set the results beside the truth.

    Bias, coverage and power as Muthen & Muthen (2002) plan studies by them.

    Parameters
    ----------
    population : Population, ConfirmedModel or str
        See `population_of`.
    model : str
        What is fitted; with another model than the population's, `rejected` is the
        power to find it wrong.
    n : int
        Persons a sample.
    n_replications : int
        Samples drawn.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    missing : float
        Chance that an answer is missing, completely at random.
    n_clusters : int, optional
        Persons are dealt evenly to so many clusters, which share the part `icc` of
        every variance, and are fitted with cluster-robust errors.
    icc : float
        Share of every variance that clusters have in common; without `n_clusters`
        there is none.
    alpha : float
        Level of the tests whose power and size are counted.
    executor : concurrent.futures.Executor, optional
        Where the fits run.
    **options
        Of `confirm`, such as estimator.

    Returns
    -------
    MonteCarlo
        A row a parameter, and how often the test of fit rejects.

    Raises
    ------
    ModelSyntaxError
        The population's text gives a path without a value, or an item a variance
        above 1.
    PsychometricsError
        No sample could be fitted.

    Examples
    --------
    >>> from psychometrics import monte_carlo
    >>> truth = "f =~ 0.7*x1 + 0.7*x2 + 0.7*x3 + 0.7*x4"
    >>> model = "f =~ x1 + x2 + x3 + x4"
    >>> found = monte_carlo(
    ...     truth, model, 200, n_replications=10, estimator="ml", std_lv=True
    ... )
    >>> float(found.tests["converged"]), bool((found.parameters["sd"] > 0).all())
    (10.0, True)
    """
    if not isinstance(population, Population):
        population = population_of(population)
    drawing = {"missing": missing}
    if n_clusters is not None:
        clusters = np.arange(n) % n_clusters
        drawing |= {"clusters": clusters, "icc": icc}
        options = options | {"clusters": clusters}
    one = partial(_replicate, population, model, n, drawing, options)
    seeds = streams(rng, n_replications)
    found = [part for part in run_all(one, seeds, executor) if part is not None]
    if not found:
        raise PsychometricsError("no sample could be fitted; is the model identified?")
    keys, estimates = _aligned(found, population.truth)
    tests = np.array([part[1] for part in found])
    return MonteCarlo(
        parameters=_summary(estimates, keys, population.truth, alpha),
        tests=pd.Series(
            {
                "n": n,
                "replications": n_replications,
                "converged": len(found),
                "redrawn": tests[:, 3].sum(),
                "df": tests[0, 1],
                "mean_chi2": tests[:, 0].mean(),
                "rejected": np.mean(tests[:, 2] < alpha),
            }
        ),
    )


def _replicate(
    population: Population,
    model: str,
    n: int,
    drawing: Mapping[str, float],
    options: Mapping[str, bool],
    seed: SeedSequence,
) -> tuple[np.ndarray, tuple[float, int, float, int], list[tuple[str, str, str]]]:
    rng = np.random.default_rng(seed)
    estimator = options.get("estimator", "wlsmv")
    try:
        responses, n_redrawn = population.draw_whole(n, rng, **drawing)
        table, structures, data = prepared(model, responses, **options)
        fitted = estimate(table, structures, data, estimator, detail="test")
    except PsychometricsError:
        return None
    rows = estimates_table(fitted, table, structures, data.t_df)
    rows = rows[rows["std_se"] > 0]
    keys = list(rows[["lhs", "op", "rhs"]].itertuples(index=False, name=None))
    columns = ["std", "std_se", "std_p", "std_ci_lower", "std_ci_upper"]
    chi2 = fitted.fit.get("chi2_scaled", fitted.fit["chi2"])
    p = fitted.fit.get("p_scaled", fitted.fit.get("p"))
    return rows[columns].to_numpy(), (chi2, fitted.fit["df"], p, n_redrawn), keys


def _aligned(
    found: Sequence[
        tuple[np.ndarray, tuple[float, int, float, int], Sequence[Sequence[object]]]
    ],
    truth: pd.Series,
) -> tuple[list[tuple[str, str, str]], np.ndarray]:
    """Keys of the parameters whose truth is known, and samples x keys x columns.

    Samples may differ in the rest: a category that nobody used has no threshold.
    """
    known = [key for key in found[0][2] if _stated(truth, key) is not None]
    estimates = []
    for values, _, keys in found:
        place = {key: i for i, key in enumerate(keys)}
        estimates.append(values[[place[key] for key in known]])
    return known, np.array(estimates)


def _summary(
    estimates: np.ndarray,
    keys: Sequence[tuple[str, str, str]],
    truth: pd.Series,
    alpha: float,
) -> pd.DataFrame:
    true = np.array([_stated(truth, key) for key in keys], float)
    value, se, p, low, high = np.moveaxis(estimates, 2, 0)
    # A factor's sign is free: each sample is turned to the population's.
    sign = np.where(np.sign(value.mean(axis=0)) * np.sign(true) < 0, -1.0, 1.0)
    value, low, high = value * sign, low * sign, high * sign
    low, high = np.minimum(low, high), np.maximum(low, high)
    sd = value.std(axis=0, ddof=1)
    bias = value.mean(axis=0) - true
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(true != 0, bias / true, np.nan)
    return pd.DataFrame(
        {
            "truth": true,
            "mean": value.mean(axis=0),
            "bias": bias,
            "relative_bias": relative,
            "sd": sd,
            "mean_se": se.mean(axis=0),
            "relative_se_bias": se.mean(axis=0) / sd - 1,
            "coverage": np.mean((low <= true) & (true <= high), axis=0),
            "power": np.mean(p < alpha, axis=0),
        },
        index=pd.MultiIndex.from_tuples(keys, names=["lhs", "op", "rhs"]),
    )


def _stated(truth: pd.Series, key: tuple[str, str, str]) -> float | None:
    lhs, op, rhs = key
    for one in ((lhs, op, rhs), (rhs, op, lhs)):
        if one in truth.index:
            return float(truth.loc[one])
        if op != "~~":
            return None
    return None
