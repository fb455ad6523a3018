"""What every estimator hands over, whatever it minimised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..fit.cluster_tests import ClusterForm

if TYPE_CHECKING:
    import pandas as pd

    from .discrepancy import LeastSquares

# how much is worked out beside the estimates and the test of fit
DETAIL = ("test", "indices", "everything")


@dataclass(frozen=True, eq=False, kw_only=True)
class NormalEvidence:
    """What difference tests need: of 2001 and 2010, and, with a form, of clusters."""

    chi2: float
    df: int
    scaling: float
    form: ClusterForm | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class LeastSquaresEvidence:
    """What Satorra's (2000) difference test needs of the larger model."""

    chi2: float
    df: int
    problem: LeastSquares
    theta: np.ndarray
    information: np.ndarray
    form: ClusterForm | None = None

    def jacobians(self) -> list[np.ndarray]:
        """Return the moments' derivatives, one array a group.

        They are made anew: 34 MB of 72 items in two groups, for each model kept.
        """
        return self.problem.jacobians(self.theta)


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimation:
    """Estimates, their covariances, and what fit and difference tests came to.

    Attributes
    ----------
    theta, vcov : arrays
        The free parameters and their covariance matrix (None where least squares
        were asked for indices of fit alone).
    n_iter : int
    fit : dict of str to float
    scaling : float
        Factor of the scaled test; 1 without one.
    observed, implied : lists of (mean, cov), one a group
    modification : DataFrame, optional
        With "everything" only.
    evidence : NormalEvidence or LeastSquaresEvidence
        What difference tests of nested models need.
    caveats : tuple of str
    """

    theta: np.ndarray
    vcov: np.ndarray | None
    n_iter: int
    fit: dict[str, float]
    scaling: float
    observed: list[tuple[np.ndarray, np.ndarray]]
    implied: list[tuple[np.ndarray, np.ndarray]]
    modification: pd.DataFrame | None
    n_moments: int
    evidence: NormalEvidence | LeastSquaresEvidence
    caveats: tuple[str, ...] = ()
