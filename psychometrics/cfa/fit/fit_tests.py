"""The tests of fit of one estimation: the model's, and that of independence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cluster_tests import ClusterForm, cluster_test
from .fit_indices import chi2_tail


@dataclass(frozen=True, eq=False, kw_only=True)
class Scaling:
    """How a discrepancy is brought to the chi-square that it is referred to.

    Attributes
    ----------
    c : float
        What the discrepancy expects under a true model, over its degrees of freedom.
    multiplier : float, optional
        Where mean and variance are corrected, the discrepancy is multiplied by it and
        moved by `shift`; without one it is divided by `c`.
    shift : float
    h1, h0 : float, optional
        The saturated and the model's own factor (Yuan & Bentler, 2000).
    traces : (float, float), optional
        tr(U Gamma) and tr(U Gamma U Gamma).
    """

    c: float = 1.0
    multiplier: float | None = None
    shift: float = 0.0
    h1: float | None = None
    h0: float | None = None
    traces: tuple[float, float] | None = None

    @property
    def factor(self) -> float:
        """What the statistic is divided by, a shift apart."""
        return self.c if self.multiplier is None else 1 / self.multiplier

    def of(self, chi2: float) -> float:
        """Return `chi2` scaled, and shifted where the test has a shift."""
        if self.multiplier is None:
            return chi2 / self.c
        return chi2 * self.multiplier + self.shift


@dataclass(frozen=True, eq=False, kw_only=True)
class ChiSquare:
    """A discrepancy, its degrees of freedom and, if it has one, its correction."""

    chi2: float
    df: int
    scaling: Scaling | None = None

    @property
    def scaled(self) -> float:
        """The corrected statistic; the plain one where nothing is corrected."""
        return self.chi2 if self.scaling is None else self.scaling.of(self.chi2)

    @property
    def p(self) -> float:
        return chi2_tail(self.chi2, self.df)

    @property
    def p_scaled(self) -> float:
        return chi2_tail(self.scaled, self.df)


@dataclass(frozen=True, eq=False, kw_only=True)
class FitTests:
    """What indices of fit and difference tests are made of.

    Attributes
    ----------
    model, baseline : ChiSquare
        Of the model, and of the one in which the items do not correlate.
    n_moments, n_groups : int
    form : ClusterForm, optional
        With clusters.
    meat : array, optional
        Cross-products of the scores, where the correction estimates them anyway.
    loglik, loglik_h1 : float, optional
        Of the model and of the saturated one, by maximum likelihood.
    """

    model: ChiSquare
    baseline: ChiSquare
    n_moments: int
    n_groups: int
    form: ClusterForm | None = None
    meat: np.ndarray | None = None
    loglik: float | None = None
    loglik_h1: float | None = None

    @property
    def is_scaled(self) -> bool:
        return self.model.scaling is not None

    @property
    def scaling(self) -> float:
        """c of the model's test; 1 without a correction."""
        return 1.0 if self.model.scaling is None else self.model.scaling.c

    def few_clusters(self) -> dict[str, float]:
        """Return the F test on the spread of cluster sums; empty without clusters."""
        traces = None if self.model.scaling is None else self.model.scaling.traces
        if traces is None or self.form is None or np.isinf(self.form.nu):
            return {}
        return cluster_test(self.model.chi2, *traces, self.form.nu)
