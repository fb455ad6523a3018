"""Maximum likelihood end to end: estimates, covariance matrix, fit, modification."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ConvergenceError
from ..data.admissibility import refuse_dependent, refuse_singular, refuse_strangers
from ..data.clusters import Clusters, cross_products
from ..fit import fit_indices, modification_indices
from ..fit.fit_tests import ChiSquare, FitTests, Scaling
from . import normal_likelihood
from .estimates import Estimation, NormalEvidence
from .h1_moments import available_moments
from .optimiser import optimise
from .robust_indices import incomplete_noise
from .robust_ml_fit import NormalProblem
from .scaled_tests import (
    cluster_units,
    clustered,
    clustered_form,
    independence_problem,
    satorra_bentler,
    yuan_bentler,
)
from .start_values import starting_values

if TYPE_CHECKING:
    import pandas as pd

    from ..model.model_matrices import Entries, Implied, Structure
    from ..model.parameter_table import ParameterTable
    from .normal_likelihood import Likelihood


def estimate_normal(
    table: ParameterTable,
    structures: Sequence[Structure],
    values: Sequence[np.ndarray],
    *,
    estimator: str,
    information: str | None = None,
    clusters: Clusters | None = None,
    errors: str | None = None,
    detail: str = "everything",
) -> Estimation:
    """Fit by ML; `estimator` says which errors and test: "ml", "mlr" or "mlm".

    Parameters
    ----------
    values : list of arrays
        One group's answers each, NaN where missing.
    information : {"expected", "observed"}, optional
        Expected for complete data under ML and MLM, else observed.
    errors : {"standard", "robust"}, optional
        Of the estimates; by default robust for all but "ml" without clusters.
    detail : {"test", "indices", "everything"}
        The test of fit alone, the indices of fit too, and modification indices.
    """
    for rows in values:
        refuse_strangers(rows, table.items)
        refuse_dependent(rows, table.items)
    patterns = [normal_likelihood.summarise(rows) for rows in values]
    problem = NormalProblem(structures, patterns, table.settings.meanstructure)
    start = starting_values(
        table,
        structures,
        [moments.cov for moments in problem.saturated],
        [moments.mean for moments in problem.saturated],
    )
    check_identified(problem, start, table)
    theta, n_iter = optimise(problem, start, table)
    complete = all(one.is_complete for one in patterns)
    if information is None:
        information = "expected" if complete and estimator != "mlr" else "observed"
    at = problem.at(theta)
    A = problem.information(at, observed=information == "observed")
    tests = _tests(problem, theta, at, values, estimator, clusters)
    if errors is None:
        errors = "standard" if estimator == "ml" and clusters is None else "robust"
    vcov = _vcov(problem, A, theta, values, errors, clusters, tests.meat)
    measures, changes = _test_alone(tests), None
    if detail != "test":
        robustly = (values, clusters) if tests.is_scaled else ()
        measures = _measures(problem, theta, at, tests, complete, robustly)
    if detail == "everything":
        if not complete and estimator == "ml":
            A, information = problem.information(at), "expected"
        changes = _modification(problem, table, at, A, information, tests.scaling)
    return Estimation(
        theta=theta,
        vcov=vcov,
        n_iter=n_iter,
        fit=measures,
        scaling=tests.scaling,
        observed=[(m.mean, m.cov) for m in problem.saturated],
        implied=_implied(problem, at),
        modification=changes,
        n_moments=tests.n_moments,
        evidence=NormalEvidence(
            chi2=tests.model.chi2,
            df=tests.model.df,
            scaling=tests.scaling,
            form=tests.form,
        ),
    )


def _test_alone(tests: FitTests) -> dict[str, float]:
    model = tests.model
    result = {"chi2": model.chi2, "df": model.df, "p": model.p}
    if tests.is_scaled:
        result |= {"chi2_scaled": model.scaled, "p_scaled": model.p_scaled}
    return result | tests.few_clusters()


def check_identified(
    problem: NormalProblem, start: np.ndarray, table: ParameterTable
) -> None:
    """Refuse a model whose information is singular where the search starts.

    Raises
    ------
    NotIdentified
        Naming a parameter that the moments do not determine.
    """
    nudge = np.random.default_rng(0).uniform(0.02, 0.12, len(start))
    at = problem.at(start + nudge * np.sign(start + 1e-9)) or problem.at(start)
    if at is None:
        raise ConvergenceError("the starting values imply no covariance matrix", start)
    refuse_singular(problem.information(at), table)


def _tests(
    problem: NormalProblem,
    theta: np.ndarray,
    at: Sequence[tuple[Implied, Likelihood]],
    values: Sequence[np.ndarray],
    estimator: str,
    clusters: Clusters | None,
) -> FitTests:
    value = problem.value(theta)
    h1 = sum(s * m.value for s, m in zip(problem.shares, problem.saturated))
    base = sum(s * b for s, b in zip(problem.shares, problem.baseline_values))
    p = problem.patterns[0].seen.shape[1]
    n_groups = len(problem.patterns)
    per_group = p * (p + 1) // 2 + (p if problem.has_means else 0)
    n_moments = per_group * n_groups
    df, base_df = n_moments - len(theta), n_groups * p * (p - 1) // 2
    scaling = null_scaling = form = meat = None
    if clusters is not None:
        metric = (*cluster_units(problem, values, clusters), clusters.t_df)
        form = clustered_form(problem, theta, *metric)
        scaling = clustered(form, df)
        null = clustered_form(*independence_problem(problem), *metric)
        null_scaling = clustered(null, base_df)
    elif estimator == "mlr":
        scaling = yuan_bentler(problem, theta, values, df)
        null_scaling = yuan_bentler(*independence_problem(problem), values, base_df)
    elif estimator == "mlm":
        c, meat = satorra_bentler(problem, theta, values, df)
        base_c, _ = satorra_bentler(*independence_problem(problem), values, base_df)
        scaling, null_scaling = Scaling(c=c), Scaling(c=base_c)
    chi2 = max(2 * problem.n * (value - h1), 0.0)
    base_chi2 = 2 * problem.n * (base - h1)
    return FitTests(
        model=ChiSquare(chi2=chi2, df=df, scaling=scaling),
        baseline=ChiSquare(chi2=base_chi2, df=base_df, scaling=null_scaling),
        n_moments=n_moments,
        n_groups=n_groups,
        form=form,
        meat=meat,
        loglik=-problem.n * value - _constant(problem),
        loglik_h1=-problem.n * h1 - _constant(problem),
    )


def _constant(problem: NormalProblem) -> float:
    answers = sum(
        int(patterns.counts @ patterns.seen.sum(axis=1))
        for patterns in problem.patterns
    )
    return 0.5 * answers * np.log(2 * np.pi)


def _vcov(
    problem: NormalProblem,
    A: np.ndarray,
    theta: np.ndarray,
    values: Sequence[np.ndarray],
    errors: str,
    clusters: Clusters | None,
    meat: np.ndarray | None,
) -> np.ndarray:
    bread = np.linalg.inv(A) / problem.n
    if errors == "standard":
        return bread
    if meat is not None:
        return bread @ meat @ bread * problem.n
    scores = np.vstack(problem.scores(problem.at(theta), values))
    return bread @ cross_products(scores, clusters) @ bread


def _implied(
    problem: NormalProblem, at: Sequence[tuple[Implied, Likelihood]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    return [
        (
            implied.mu if problem.has_means else moments.mean,
            implied.sigma,
        )
        for (implied, _), moments in zip(at, problem.saturated)
    ]


def _measures(
    problem: NormalProblem,
    theta: np.ndarray,
    at: Sequence[tuple[Implied, Likelihood]],
    tests: FitTests,
    complete: bool,
    robustly: Sequence[Sequence[np.ndarray] | Clusters | None],
) -> dict[str, float]:
    n, n_groups, n_free = problem.n, tests.n_groups, len(theta)
    chi2, df = tests.model.chi2, tests.model.df
    base, base_df = tests.baseline.chi2, tests.baseline.df
    measures = {
        "n_free": n_free,
        "n": n,
        "chi2": chi2,
        "df": df,
        "p": tests.model.p,
        "baseline_chi2": base,
        "baseline_df": base_df,
        "baseline_p": tests.baseline.p,
        "loglik": tests.loglik,
        "loglik_h1": tests.loglik_h1,
    }
    measures |= fit_indices.comparative(chi2, df, base, base_df)
    measures |= fit_indices.rmsea(chi2, df, n, n_groups=n_groups)
    measures |= fit_indices.information_criteria(tests.loglik, n_free, n)
    measures |= fit_indices.parsimony(chi2, df, n, n_free)
    measures |= fit_indices.residual_indices(
        [(m.mean, m.cov) for m in problem.saturated],
        _implied(problem, at),
        problem.shares,
        has_means=problem.has_means,
    )
    measures |= _goodness(problem, at, tests.n_moments, df)
    if tests.is_scaled:
        measures |= fit_indices.scaled(tests, n)
        measures |= tests.few_clusters()
    if not complete and problem.has_means:
        noise = incomplete_noise(problem, at, *robustly)
        measures |= fit_indices.robust_from_noise(*noise, df, base_df, n, n_groups)
    return measures


def _goodness(
    problem: NormalProblem,
    at: Sequence[tuple[Implied, Likelihood]],
    n_moments: int,
    df: int,
) -> dict[str, float]:
    """GFI with the model's normal-theory weights."""
    left = null = 0.0
    for share, (implied, like), patterns, moments in zip(
        problem.shares, at, problem.patterns, problem.saturated
    ):
        mean, cov = moments.mean, moments.cov
        if not patterns.is_complete:
            mean, cov = available_moments(patterns)
        left += share * _quadratic(like, cov - implied.sigma)
        null += share * _quadratic(like, cov)
        if problem.has_means:
            P, d = np.tensordot(like.share, like.P, 1), mean - implied.mu
            left += share * d @ P @ d
            null += share * mean @ P @ mean
    return fit_indices.goodness(left, null, n_moments, df)


def _quadratic(like: Likelihood, matrix: np.ndarray) -> float:
    """tr(P X P X) / 2, averaged over the patterns."""
    PX = like.P @ matrix
    return 0.5 * like.share @ np.einsum("gij,gji->g", PX, PX)


def _modification(
    problem: NormalProblem,
    table: ParameterTable,
    at: Sequence[tuple[Implied, Likelihood]],
    A: np.ndarray,
    information: str,
    scaling: float,
) -> pd.DataFrame:
    tables = []
    for g, (share, s, (implied, like)) in enumerate(
        zip(problem.shares, problem.structures, at), start=1
    ):
        entries, labels = modification_indices.candidates(table, s, g)
        if not labels:
            continue
        informed = _informed(implied, like, information)
        here, there = implied.factors(entries), implied.factors(s.entries)
        mi, epc = modification_indices.score_tests(
            share * normal_likelihood.gradient(like, here),
            share * _diagonal(informed, entries, here),
            share * informed((entries, here), (s.entries, there)) @ s.selection,
            A,
            problem.n,
        )
        lv, everything = modification_indices.standardised_change(
            entries, implied, epc, np.diag(implied.S)
        )
        tables.append(
            modification_indices.as_frame(labels, mi, epc, lv, everything, scaling)
        )
    return modification_indices.gathered(tables)


def _informed(implied: Implied, like: Likelihood, information: str) -> Callable:
    """Return the information of two sets of (entries, factors), per person."""
    if information == "expected":
        return lambda one, two: normal_likelihood.expected_information(
            like, one[1], two[1]
        )
    return lambda one, two: normal_likelihood.observed_information(
        like,
        one[1],
        two[1],
        curvature=implied.curvature(one[0], two[0], like.Q, like.t),
    )


def _diagonal(
    information: Callable,
    entries: Entries,
    factors: tuple[np.ndarray, np.ndarray, np.ndarray],
    block: int = 64,
) -> np.ndarray:
    """Diagonal of an information matrix too large to make whole."""
    parts = []
    for first in range(0, len(entries), block):
        some = slice(first, first + block)
        part = tuple(matrix[:, some] for matrix in factors)
        places = type(entries)(entries.kind[some], entries.k[some], entries.l[some])
        parts.append(np.diag(information((places, part), (places, part))))
    return np.concatenate(parts)
