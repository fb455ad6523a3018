"""Moments of one or more groups fitted by (diagonally) weighted least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ConvergenceError
from ...optimise import gauss_newton
from ..fit.cluster_tests import ClusterForm

if TYPE_CHECKING:
    from ..data.sample_moments import Moments
    from ..model.model_matrices import Entries, Implied, Structure


def implied_moments(
    structure: Structure, implied: Implied, moments: Moments
) -> np.ndarray:
    """Return what the model implies for each of `moments`."""
    sigma = implied.sigma[moments.rows, moments.cols]
    if not structure.is_ordinal:
        return sigma
    scale = _scale(structure, implied)
    cuts = (implied.tau - implied.mu[structure.tau_item]) * scale[structure.tau_item]
    return np.concatenate([cuts, sigma * scale[moments.rows] * scale[moments.cols]])


def _scale(structure: Structure, implied: Implied) -> np.ndarray:
    """One over the standard deviation of each latent response."""
    if structure.theta_scaled:
        with np.errstate(invalid="ignore", divide="ignore"):  # a step too far
            return np.diag(implied.sigma) ** -0.5
    return implied.delta


def entry_jacobian(
    structure: Structure, implied: Implied, moments: Moments, entries: Entries
) -> np.ndarray:
    """Return the moments' derivatives by entries of A, S and b."""
    U, V, D = implied.factors(entries)
    r, c = moments.rows, moments.cols
    slope = U[r] * V[c] + U[c] * V[r]
    if not structure.is_ordinal:
        return slope
    scale, item = _scale(structure, implied), structure.tau_item
    slope *= (scale[r] * scale[c])[:, None]
    cuts = -D[item] * scale[item][:, None]
    if structure.theta_scaled:
        # The scale is one over the root of a variance that the entries move too.
        shrink = U * V * scale[:, None] ** 2
        rho = implied.sigma[r, c] * scale[r] * scale[c]
        slope -= rho[:, None] * (shrink[r] + shrink[c])
        tau = (implied.tau - implied.mu[item]) * scale[item]
        cuts -= tau[:, None] * shrink[item]
    return np.vstack([cuts, slope])


def jacobian(structure: Structure, implied: Implied, moments: Moments) -> np.ndarray:
    """Return the moments' derivatives by theta."""
    s = structure
    result = entry_jacobian(s, implied, moments, s.entries) @ s.selection
    if not s.is_ordinal:
        return result
    scale, t = _scale(s, implied), len(s.tau)
    own = np.flatnonzero(s.tau_free >= 0)
    np.add.at(result, (own, s.tau_free[own]), scale[s.tau_item[own]])
    for i in np.flatnonzero(s.delta_free >= 0):
        mine = np.flatnonzero(s.tau_item == i)
        result[mine, s.delta_free[i]] += implied.tau[mine] - implied.mu[i]
        for one, other in ((moments.rows, moments.cols), (moments.cols, moments.rows)):
            pair = np.flatnonzero(one == i)
            change = implied.sigma[i, other[pair]] * scale[other[pair]]
            result[t + pair, s.delta_free[i]] += change
    return result


def saturated_thresholds(structures: Sequence[Structure]) -> np.ndarray | None:
    """Return the places in theta of thresholds that reproduce the sample's, or None.

    Where each threshold is free, its own, and nothing else moves means or scales, the
    minimum has no residual of a threshold whatever the other parameters are: these
    are fitted to the correlations alone, and so is the test of the model.
    """
    for s in structures:
        moved = (s.delta_free >= 0).any() or (s.entries.kind == "b").any()
        if not len(s.tau) or moved or (s.tau_free < 0).any():
            return None
    places = np.concatenate([s.tau_free for s in structures])
    if len(np.unique(places)) < len(places):
        return None
    return places


def without_thresholds(
    structures: Sequence[Structure], places: np.ndarray
) -> list[Structure]:
    """Return structures of the parameters that are not at `places` in theta."""
    n_free = structures[0].n_free
    position = np.cumsum(~np.isin(np.arange(n_free), places)) - 1
    none = np.zeros(0, int)
    return [
        replace(
            s,
            free=position[s.free],
            tau=np.zeros(0),
            tau_free=none,
            tau_item=none,
            n_free=n_free - len(places),
        )
        for s in structures
    ]


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """The groups' moments and the structures that are to reproduce them."""

    structures: list
    moments: list

    @property
    def n(self) -> int:
        return sum(moments.n for moments in self.moments)

    @property
    def shares(self) -> list[float]:
        return [moments.n / self.n for moments in self.moments]

    def residuals(self, theta: np.ndarray) -> list[np.ndarray]:
        """Return observed minus implied moments, one array a group."""
        return [
            m.values - implied_moments(s, s.at(theta), m)
            for s, m in zip(self.structures, self.moments)
        ]

    def value(self, theta: np.ndarray) -> float:
        try:
            residuals = self.residuals(theta)
        except np.linalg.LinAlgError:
            return np.inf
        total = 0.5 * sum(
            share * (r * m.weights) @ r
            for share, m, r in zip(self.shares, self.moments, residuals)
        )
        return total if np.isfinite(total) else np.inf

    def slope(
        self, theta: np.ndarray, gain: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        g, H = 0.0, 0.0
        for share, s, m in zip(self.shares, self.structures, self.moments):
            implied = s.at(theta)
            r = m.values - implied_moments(s, implied, m)
            J = jacobian(s, implied, m)
            g = g - share * (J.T @ (m.weights * r))
            H = H + share * weighted_cross(J, m.weights, m.n_thresholds)
        return g, H

    def jacobians(self, theta: np.ndarray) -> list[np.ndarray]:
        return [
            jacobian(s, s.at(theta), m) for s, m in zip(self.structures, self.moments)
        ]

    @cached_property
    def of_correlations(self) -> LeastSquares | None:
        """The same without thresholds, where these reproduce the sample's anyway."""
        places = saturated_thresholds(self.structures)
        if places is None:
            return None
        structures = without_thresholds(self.structures, places)
        return LeastSquares(structures, [m.correlations for m in self.moments])

    def fit(self, start: np.ndarray, tol: float = 1e-11) -> tuple[np.ndarray, int]:
        """Return theta at the minimum and the number of steps."""
        inner = self.of_correlations
        if inner is None:
            return gauss_newton(self.value, self.slope, start, tol=tol)
        others = np.ones(len(start), bool)
        others[saturated_thresholds(self.structures)] = False
        try:
            rest, n_iter = gauss_newton(
                inner.value, inner.slope, start[others], tol=tol
            )
        except ConvergenceError as stopped:
            partial = self._with_thresholds(start, others, stopped.partial)
            raise ConvergenceError(str(stopped), partial) from None
        return self._with_thresholds(start, others, rest), n_iter

    def _with_thresholds(
        self, start: np.ndarray, others: np.ndarray, rest: np.ndarray
    ) -> np.ndarray:
        """Put parameters beside the thresholds that then reproduce the sample's."""
        theta = np.array(start, float)
        theta[others] = rest
        for s, m in zip(self.structures, self.moments):
            implied, item = s.at(theta), s.tau_item
            cuts = m.values[: m.n_thresholds]
            theta[s.tau_free] = cuts / _scale(s, implied)[item] + implied.mu[item]
        return theta


def weighted_cross(J: np.ndarray, weights: np.ndarray, n_first: int) -> np.ndarray:
    """Return J' W J; the first rows and the rest use few columns each."""
    if not n_first:
        return J.T @ (weights[:, None] * J)
    total = np.zeros((J.shape[1], J.shape[1]))
    for rows in (slice(None, n_first), slice(n_first, None)):
        part = J[rows]
        used = np.flatnonzero(part.any(axis=0))
        part = part[:, used]
        total[np.ix_(used, used)] += part.T @ (weights[rows][:, None] * part)
    return total


def traces(
    problem: LeastSquares, jacobians: Sequence[np.ndarray], information: np.ndarray
) -> tuple[float, float]:
    """Return tr(U Gamma) and tr(U Gamma U Gamma) of the whole model.

    U = W - W J (J'WJ)^-1 J'W; Gamma is block diagonal over groups.
    """
    first = second = middle = inner = 0.0
    for share, m, J in zip(problem.shares, problem.moments, jacobians):
        w = share * m.weights
        WJ = w[:, None] * J
        GWJ = m.gamma @ WJ / share
        first += w @ np.diag(m.gamma) / share
        squares = np.einsum("ij,ij,j->i", m.gamma, m.gamma, w)
        second += w @ squares / share**2
        middle = middle + GWJ.T @ (w[:, None] * GWJ)
        inner = inner + WJ.T @ GWJ
    C = np.linalg.solve(information, inner)
    middle = np.trace(np.linalg.solve(information, middle))
    return first - np.trace(C), second - 2 * middle + np.sum(C * C.T)


def sandwich(
    problem: LeastSquares, jacobians: Sequence[np.ndarray], information: np.ndarray
) -> np.ndarray:
    """Return the robust covariance matrix of theta (Muthen, 1993; Browne, 1984)."""
    bread = np.linalg.inv(information)
    meat = spread_of_scores(problem, jacobians)
    return bread @ meat @ bread / (problem.n - len(problem.moments))


def spread_of_scores(
    problem: LeastSquares, jacobians: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the covariance of J'W times the moments, per person."""
    if problem.moments[0].units is not None:  # clusters may cross the groups
        scores = sum(
            m.units @ (m.weights[:, None] * J)
            for m, J in zip(problem.moments, jacobians)
        )
        return scores.T @ scores / problem.n
    meat = 0.0
    for share, m, J in zip(problem.shares, problem.moments, jacobians):
        WJ = m.weights[:, None] * J
        meat = meat + share * (WJ.T @ (m.gamma @ WJ))
    return meat


def cluster_form(
    problem: LeastSquares, jacobians: Sequence[np.ndarray]
) -> ClusterForm | None:
    """Return the ClusterForm of the discrepancy; None without clusters."""
    if problem.moments[0].units is None:
        return None
    units, basis = [], []
    for share, m, J in zip(problem.shares, problem.moments, jacobians):
        root = np.sqrt(m.weights)
        units.append(m.units * root / np.sqrt(m.n))
        basis.append(np.sqrt(share) * root[:, None] * J)
    return ClusterForm(
        units=np.hstack(units),
        tangent=np.vstack(basis),
        nu=problem.moments[0].cluster_df,
    )
