"""Tests of fit when persons come in clusters, few of them.

Under a true model the discrepancy T is a weighted sum of squares of standard normals,
with mean t1 and variance 2 t2: the traces of U Gamma and of its square. Cluster sums
estimate Gamma with nu degrees of freedom, so that tr(S S) of their cross-products S
expects (1 + 1/nu) t2 + t1^2 / nu: with fewer clusters than degrees of freedom mostly
noise. Without that noise (Bai & Saranadasa, 1996; Srivastava, 2005) T / t1 is referred
to F with t1^2 / t2 and nu t1^2 / t2 degrees of freedom: second-order Rao & Scott (1984)
with the denominator of Thomas & Rao (1987); Brunner, Dette & Munk (1997) for designs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import fdtrc


@dataclass(frozen=True, eq=False, kw_only=True)
class ClusterForm:
    """What a discrepancy's distribution needs, in a metric in which it is a square.

    Attributes
    ----------
    units : array, shape (n_units, k)
        Cluster sums of all sample moments' influence.
    tangent : array, shape (k, n_free)
        How the model moves the moments.
    nu : float
        Degrees of freedom of a variance that the units estimate; infinite asks for
        no correction.
    """

    units: np.ndarray
    tangent: np.ndarray
    nu: float

    @cached_property
    def basis(self) -> np.ndarray:
        return np.linalg.qr(self.tangent)[0]

    def of_model(self) -> tuple[float, float]:
        """Return tr(U Gamma) and tr(U Gamma U Gamma) of the test of fit."""
        explained = (self.units @ self.basis) @ self.basis.T
        df = self.tangent.shape[0] - self.tangent.shape[1]
        return self._traces(self.units - explained, df)

    def of_restrictions(self, smaller: ClusterForm) -> tuple[float, float]:
        """Return the traces of the difference between this model and a `smaller`."""
        inside = self.basis.T @ smaller.basis
        outside = np.linalg.svd(inside)[0][:, inside.shape[1] :]
        return self._traces(self.units @ self.basis @ outside, outside.shape[1])

    def _traces(self, rest: np.ndarray, df: int) -> tuple[float, float]:
        small = rest.T @ rest if rest.shape[1] < len(rest) else rest @ rest.T
        trace, trace2 = np.trace(small), np.sum(small**2)
        if np.isfinite(self.nu) and df:
            trace2 = without_noise(trace, trace2, df, self.nu)
        return trace, trace2


def without_noise(trace: float, trace2: float, df: float, nu: float) -> float:
    """Return tr(Gamma Gamma) from the traces of an estimate with `nu` df.

    Srivastava (2005), kept where trace^2 over it lies between 1 and `df`.
    """
    if nu <= 1.1:  # hardly more than two clusters: as if all lay in one direction
        return trace**2
    found = nu**2 / ((nu - 1) * (nu + 2)) * (trace2 - trace**2 / nu)
    return float(np.clip(found, trace**2 / df, trace**2))


def cluster_test(
    chi2: float, trace: float, trace2: float, nu: float
) -> dict[str, float]:
    """Return F, its degrees of freedom and p of a clustered discrepancy."""
    f, df1 = chi2 / trace, trace**2 / trace2
    p = float(fdtrc(df1, nu * df1, f))
    return {"f_scaled": f, "f_df1": df1, "f_df2": nu * df1, "p_scaled": p}
