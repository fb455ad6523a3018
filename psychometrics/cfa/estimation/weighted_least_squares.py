"""Least squares end to end: estimates, robust errors, scaled tests, modification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..data.admissibility import refuse_singular
from ..data.sample_moments import Moments, continuous_moments, ordinal_moments
from ..fit import fit_indices, modification_indices
from ..fit.cluster_tests import without_noise
from ..fit.fit_tests import ChiSquare, FitTests, Scaling
from ..model.model_reliability import latent_covariances
from .discrepancy import (
    LeastSquares,
    cluster_form,
    entry_jacobian,
    sandwich,
    saturated_thresholds,
    traces,
)
from .estimates import Estimation, LeastSquaresEvidence
from .optimiser import optimise
from .robust_indices import ordinal_noise
from .start_values import starting_values

if TYPE_CHECKING:
    import pandas as pd

    from ..data.clusters import Clusters
    from ..model.model_matrices import Entries, Implied, Structure
    from ..model.parameter_table import ParameterTable

CANDIDATES = 128  # modification indices made at a time


def estimate_least_squares(
    table: ParameterTable,
    structures: Sequence[Structure],
    values: Sequence[np.ndarray],
    *,
    estimator: str,
    categories: Sequence[np.ndarray] | None = None,
    clusters: Clusters | None = None,
    errors: str = "robust",
    detail: str = "everything",
) -> Estimation:
    """Fit by least squares: "wlsmv" and "ulsmv" (ordinal), or "uls" (continuous)."""
    moments = _moments(table, values, estimator, categories, clusters)
    return estimate_from_moments(
        table, structures, moments, errors=errors, detail=detail
    )


def estimate_from_moments(
    table: ParameterTable,
    structures: Sequence[Structure],
    moments: Sequence[Moments],
    *,
    errors: str = "robust",
    detail: str = "everything",
    start: np.ndarray | None = None,
    tol: float = 1e-11,
) -> Estimation:
    """Fit to moments that are at hand; `tol` is that of `gauss_newton`.

    `errors` "standard" takes the weights for the right ones: too small for "uls".
    `start` holds the free parameters of a model known to be identified, near the end.
    """
    problem = LeastSquares(structures, moments)
    if start is None:
        start = _identified_start(problem, table)
    theta, n_iter = optimise(problem, start, table, tol=tol)
    jacobians = problem.jacobians(theta)
    _, H = problem.slope(theta)
    tests = _tests(problem, theta, jacobians, H)
    measures, changes = _test_alone(tests), None
    if detail != "test":
        measures = _measures(problem, theta, tests, table)
    if detail == "everything":
        measures |= _robust(problem, theta, jacobians, tests, table)
        changes = _modification(problem, table, theta, jacobians, H, tests)
    implied = [s.at(theta) for s in structures]
    zeros = np.zeros(len(table.items))
    return Estimation(
        theta=theta,
        vcov=None if detail == "indices" else _vcov(problem, jacobians, H, errors),
        n_iter=n_iter,
        fit=measures,
        scaling=tests.model.scaling.factor,
        observed=[(zeros, m.corr) for m in moments],
        implied=[
            (zeros, _metric(one, s, table)) for one, s in zip(implied, structures)
        ],
        modification=changes,
        n_moments=tests.n_moments,
        evidence=LeastSquaresEvidence(
            chi2=tests.model.chi2,
            df=tests.model.df,
            problem=problem,
            theta=theta,
            information=H,
            form=tests.form,
        ),
        caveats=tuple(_indefinite(moments)),
    )


def _identified_start(problem: LeastSquares, table: ParameterTable) -> np.ndarray:
    """Values to start from, once the model is seen to be identified near them."""
    start = starting_values(
        table,
        problem.structures,
        [m.corr for m in problem.moments],
        [np.zeros(len(m.corr)) for m in problem.moments],
        [m.values[: m.n_thresholds] for m in problem.moments],
    )
    nudge = np.random.default_rng(0).uniform(0.02, 0.12, len(start))
    _, H = problem.slope(start + nudge * np.sign(start + 1e-9))
    refuse_singular(H, table)
    return start


def _indefinite(moments: Sequence[Moments]) -> Iterator[str]:
    for g, m in enumerate(moments, start=1):
        lowest = np.linalg.eigvalsh(m.corr)[0]
        if lowest <= 0:
            yield (
                f"The correlations of group {g} are not positive definite (smallest "
                f"eigenvalue {lowest:.3f}): items that say the same, sparse categories "
                "or few persons; robust indices are not given. Join categories or "
                "leave an item out."
            )


def _test_alone(tests: FitTests) -> dict[str, float]:
    model = tests.model
    alone = {"chi2": model.chi2, "df": model.df}
    scaled = {"chi2_scaled": model.scaled, "p_scaled": model.p_scaled}
    return alone | scaled | tests.few_clusters()


def _vcov(
    problem: LeastSquares, jacobians: Sequence[np.ndarray], H: np.ndarray, errors: str
) -> np.ndarray:
    if errors == "standard":
        return np.linalg.inv(H) / (problem.n - len(problem.moments))
    return sandwich(problem, jacobians, H)


def _moments(
    table: ParameterTable,
    values: Sequence[np.ndarray],
    estimator: str,
    categories: Sequence[np.ndarray],
    clusters: Clusters | None,
) -> list[Moments]:
    result, start = [], 0
    for rows in values:
        if estimator == "uls":
            one = continuous_moments(rows, clusters=clusters, start=start)
        else:
            one = ordinal_moments(
                rows,
                table.items,
                categories,
                weighted=estimator == "wlsmv",
                clusters=clusters,
                start=start,
            )
        result.append(one)
        start += len(rows)
    return result


def _metric(
    implied: Implied, structure: Structure, table: ParameterTable
) -> np.ndarray:
    """Implied covariances in the metric of the sample's: correlations if ordinal."""
    sigma = latent_covariances(implied, table)
    if not structure.is_ordinal:
        return sigma
    if structure.theta_scaled:
        scale = np.diag(sigma) ** -0.5
    else:
        scale = implied.delta
    return sigma * np.outer(scale, scale)


def _tests(
    problem: LeastSquares,
    theta: np.ndarray,
    jacobians: Sequence[np.ndarray],
    H: np.ndarray,
) -> FitTests:
    residuals = problem.residuals(theta)
    chi2 = sum(
        (m.n - 1) * (r * m.weights) @ r for m, r in zip(problem.moments, residuals)
    )
    n_moments = sum(len(m.values) for m in problem.moments)
    df = n_moments - len(theta)
    form = cluster_form(problem, jacobians)
    own = None
    if df:
        own = _traces(problem, theta, jacobians, H) if form is None else form.of_model()
    base, base_df, base_traces = _baseline(problem)
    return FitTests(
        model=ChiSquare(chi2=chi2, df=df, scaling=_shifted(df, own)),
        baseline=ChiSquare(
            chi2=base, df=base_df, scaling=_shifted(base_df, base_traces)
        ),
        n_moments=n_moments,
        n_groups=len(problem.moments),
        form=form,
    )


def _traces(
    problem: LeastSquares,
    theta: np.ndarray,
    jacobians: Sequence[np.ndarray],
    H: np.ndarray,
) -> tuple[float, float]:
    """The traces of U Gamma, which thresholds without residuals have no part in."""
    inner = problem.of_correlations
    if inner is None:
        return traces(problem, jacobians, H)
    left = np.delete(theta, saturated_thresholds(problem.structures))
    return traces(inner, inner.jacobians(left), inner.slope(left)[1])


def _shifted(df: int, traces: tuple[float, float] | None) -> Scaling:
    """Scale and shift of T so that mean and variance are chi2's (Asparouhov & Muthen,
    2010)."""
    if df == 0 or traces is None:
        return Scaling(multiplier=1.0)
    trace, trace2 = traces
    return Scaling(
        c=trace / df,
        multiplier=np.sqrt(df / trace2),
        shift=df - np.sqrt(df * trace**2 / trace2),
        traces=traces,
    )


def _baseline(problem: LeastSquares) -> tuple[float, int, tuple[float, float]]:
    """chi2, df and traces of the model in which the items do not correlate."""
    chi2 = first = second = df = 0.0
    for m in problem.moments:
        m = m.correlations
        off = np.flatnonzero(m.rows != m.cols)
        w, gamma = m.weights[off], m.gamma
        if len(off) < len(gamma):
            gamma = gamma[np.ix_(off, off)]
        chi2 += (m.n - 1) * w @ m.values[off] ** 2
        first += w @ np.diag(gamma)
        second += w @ np.einsum("ij,ij,j->i", gamma, gamma, w)
        df += len(off)
    nu = problem.moments[0].cluster_df
    if np.isfinite(nu):
        second = without_noise(first, second, df, nu)
    return chi2, int(df), (first, second)


def _measures(
    problem: LeastSquares,
    theta: np.ndarray,
    tests: FitTests,
    table: ParameterTable,
) -> dict[str, float]:
    model, null, n_groups = tests.model, tests.baseline, tests.n_groups
    n = problem.n - n_groups  # lavaan's divisor for least squares
    chi2, df, base, base_df = model.chi2, model.df, null.chi2, null.df
    measures = {
        "n_free": len(theta),
        "n": problem.n,
        "chi2": chi2,
        "df": df,
        "p": model.p,
        "baseline_chi2": base,
        "baseline_df": base_df,
        "baseline_p": null.p,
        "chi2_scaled": model.scaled,
        "df_scaled": df,
        "p_scaled": model.p_scaled,
        "scaling_factor": model.scaling.factor,
        "shift": model.scaling.shift,
        "baseline_chi2_scaled": null.scaled,
        "baseline_df_scaled": base_df,
        "baseline_p_scaled": null.p_scaled,
        "baseline_scaling_factor": null.scaling.factor,
    }
    measures |= tests.few_clusters()
    measures |= fit_indices.comparative(chi2, df, base, base_df)
    measures |= fit_indices.rmsea(chi2, df, n, n_groups=n_groups)
    more = fit_indices.comparative(model.scaled, df, null.scaled, base_df)
    more |= fit_indices.rmsea(model.scaled, df, n, n_groups=n_groups)
    measures |= {f"{name}_scaled": value for name, value in more.items()}
    measures |= fit_indices.parsimony(chi2, df, n, len(theta))
    return measures | _residual_measures(problem, theta, tests, table)


def _robust(
    problem: LeastSquares,
    theta: np.ndarray,
    jacobians: Sequence[np.ndarray],
    tests: FitTests,
    table: ParameterTable,
) -> dict[str, float]:
    """Robust indices of an ordinal model; none with thresholds equal over groups."""
    if not table.settings.ordinal or "thresholds" in table.settings.equal:
        return {}
    noise = ordinal_noise(problem, theta, jacobians)
    if noise is None:
        return {}
    n, df, base_df = problem.n - tests.n_groups, tests.model.df, tests.baseline.df
    return fit_indices.robust_from_noise(*noise, df, base_df, n, tests.n_groups)


def _residual_measures(
    problem: LeastSquares,
    theta: np.ndarray,
    tests: FitTests,
    table: ParameterTable,
) -> dict[str, float]:
    residuals = problem.residuals(theta)
    measures = fit_indices.residual_indices(
        [(np.zeros(len(m.corr)), m.corr) for m in problem.moments],
        [(np.zeros(s.p), _metric(s.at(theta), s, table)) for s in problem.structures],
        problem.shares,
        thresholds=[r[: m.n_thresholds] for m, r in zip(problem.moments, residuals)],
    )
    left = null = weighted = 0.0
    for share, m, r in zip(problem.shares, problem.moments, residuals):
        left += share * (m.weights * r) @ r
        null += share * (m.weights * m.values) @ m.values
        weighted += (m.n - 1) * (m.weights * r) @ r
    measures |= fit_indices.goodness(left, null, tests.n_moments, tests.model.df)
    if table.settings.ordinal:
        measures["wrmr"] = np.sqrt(weighted * tests.n_groups / tests.n_moments)
    return measures


def _modification(
    problem: LeastSquares,
    table: ParameterTable,
    theta: np.ndarray,
    jacobians: Sequence[np.ndarray],
    H: np.ndarray,
    tests: FitTests,
) -> pd.DataFrame:
    tables = []
    residuals = problem.residuals(theta)
    for g, (share, s, m, r, J) in enumerate(
        zip(problem.shares, problem.structures, problem.moments, residuals, jacobians),
        start=1,
    ):
        entries, labels = modification_indices.candidates(table, s, g)
        if not labels:
            continue
        implied = s.at(theta)
        # The discrepancy counts n - 1, its information n: so the field's figures.
        r = r * (m.n - 1) / m.n
        slope, own, cross = _by_candidate(s, implied, m, entries, r, J)
        mi, epc = modification_indices.score_tests(
            -share * slope, share * own, share * cross, H, problem.n
        )
        metric = latent_covariances(implied, table)
        residual = np.diag(metric) - np.diag(implied.sigma - implied.S[: s.p, : s.p])
        residual = np.concatenate([residual, np.diag(implied.S)[s.p :]])
        lv, everything = modification_indices.standardised_change(
            entries, implied.in_metric(metric), epc, residual
        )
        tables.append(
            modification_indices.as_frame(
                labels, mi, epc, lv, everything, tests.model.scaling.factor
            )
        )
    return modification_indices.gathered(tables)


def _by_candidate(
    structure: Structure,
    implied: Implied,
    moments: Moments,
    entries: Entries,
    residual: np.ndarray,
    J: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return C'Wr, the diagonal of C'WC and C'WJ, C being derivatives by `entries`.

    Of 72 items C has 2844 moments of 2916 candidates: it is made some columns at a
    time.
    """
    slope, own = np.empty(len(entries)), np.empty(len(entries))
    cross = np.empty((len(entries), J.shape[1]))
    for at in range(0, len(entries), CANDIDATES):
        part = slice(at, at + CANDIDATES)
        C = entry_jacobian(structure, implied, moments, entries.some(part))
        WC = moments.weights[:, None] * C
        slope[part] = WC.T @ residual
        own[part] = np.einsum("ij,ij->j", C, WC)
        cross[part] = WC.T @ J
    return slope, own, cross
