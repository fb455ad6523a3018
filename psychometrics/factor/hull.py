"""The Hull method: where a further factor stops paying for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..annotations import Rng
from ..errors import ConvergenceError
from ..options import check_option, generator
from .correlation_input import Correlations, correlate
from .factor_count import FactorCount, numbered
from .factor_fit import degrees_of_freedom, fit_of
from .ml_newton import loadings_from, lowest_minimum
from .parallel_analysis import eigenvalues_of, wishart_corr

if TYPE_CHECKING:
    import pandas as pd

INDICES = ("cfi", "caf")


def hull(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    index: str = "cfi",
    n_max: int | None = None,
    rng: Rng = 0,
) -> FactorCount:
    """Find the elbow of fit against parameters (Lorenzo-Seva et al., 2011).

    Lorenzo-Seva, Timmerman & Kiers (2011), Multivariate Behavioral Research 46,
    340-364. Solutions below the upper convex hull are left out; of the others the one
    with the largest scree test value is kept.

    Parameters
    ----------
    responses, corr, n_obs
        As in `explore`.
    index : {"cfi", "caf"}
        Comparative fit index, or common part accounted for (one less the KMO of the
        residual correlations), of minres solutions.
    n_max : int, optional
        Most factors tried; by default one more than parallel analysis of 100 normal
        data sets keeps (drawn with `rng`), and three at least.
    rng : Generator or int
        For the data sets of parallel analysis.

    Returns
    -------
    FactorCount
        `n_factors`, with the fit of each number of factors in `curve`.

    Raises
    ------
    InvalidResponses
        As `explore`.
    InvalidOption
        Another `index`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> block = np.kron(np.eye(2), np.full((4, 4), 0.4)) + 0.1
    >>> np.fill_diagonal(block, 1.0)
    >>> corr = pd.DataFrame(block, list("abcdefgh"), list("abcdefgh"))
    >>> hull(None, corr=corr, n_obs=300, n_max=4).n_factors
    2
    """
    check_option("index", index, INDICES)
    found = correlate(responses, corr, n_obs)
    p = len(found.frame)
    n_max = n_max or max(3, 1 + _parallel(found, rng))
    n_max = min(n_max, max(m for m in range(p) if degrees_of_freedom(p, m) >= 1))
    fits = np.array([_fit(found, m, index) for m in range(n_max + 1)])
    parameters = np.array([p * m - m * (m - 1) // 2 for m in range(n_max + 1)])
    kept = on_hull(parameters, fits)
    scree = _scree_test(parameters, fits, kept)
    curve = numbered(
        {"fit": fits, "parameters": parameters, "scree_test": scree},
        start=0,
        name="n_factors",
    )
    has_elbow = not np.isnan(scree).all()
    note = "" if has_elbow else "Too few solutions lie on the hull for an elbow."
    best = int(np.nanargmax(scree)) if has_elbow else int(kept[-1])
    return FactorCount(
        n_factors=best,
        curve=curve,
        rule=f"Hull ({index}, {found.kind})",
        note=note,
        shown=("fit",),
    )


def _parallel(found: Correlations, rng: Rng) -> int:
    draw = generator(rng)
    payload = (len(found.frame), int(round(found.n_obs)))
    drawn = [np.linalg.eigvalsh(wishart_corr(payload, draw))[::-1] for _ in range(100)]
    above = eigenvalues_of(found.array)[0] > np.percentile(drawn, 95, axis=0)
    return int(above.argmin())


def _fit(found: Correlations, m: int, index: str) -> float:
    """Return the index, larger for better; NaN where minres does not settle."""
    if m == 0:
        common = np.zeros_like(found.array)
    else:
        try:
            psi = lowest_minimum(found.array, m, "minres")
        except ConvergenceError:
            return np.nan
        loadings = loadings_from(found.array, psi, m, "minres")
        common = loadings @ loadings.T
    if index == "caf":
        return 1 - _sampling_adequacy(found.array - common)
    return fit_of(found.array, common, found.n_obs, m).cfi


def _sampling_adequacy(residual: np.ndarray) -> float:
    """Kaiser, Meyer & Olkin's measure of residual correlations."""
    scale = np.sqrt(np.diag(residual))
    corr = residual / np.outer(scale, scale)
    inverse = np.linalg.pinv(corr, hermitian=True)
    root = np.sqrt(abs(np.diag(inverse)))
    off = ~np.eye(len(corr), dtype=bool)
    shared = (corr[off] ** 2).sum()
    return shared / (shared + ((inverse / np.outer(root, root))[off] ** 2).sum())


def on_hull(parameters: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Return positions of solutions on the upper convex hull, in order."""
    kept = [0]
    for k in range(1, len(fits)):
        if fits[k] > max(fits[i] for i in kept):
            kept.append(k)
    changed = True
    while changed:
        changed = False
        for left, middle, right in zip(kept, kept[1:], kept[2:]):
            slope = (fits[right] - fits[left]) / (parameters[right] - parameters[left])
            line = fits[left] + slope * (parameters[middle] - parameters[left])
            if fits[middle] <= line:
                kept.remove(middle)
                changed = True
                break
    return np.array(kept)


def _scree_test(
    parameters: np.ndarray, fits: np.ndarray, kept: np.ndarray
) -> np.ndarray:
    """Gain per parameter before each solution over the gain after it.

    A gain under a hundredth of the average counts as that. So a solution after which
    fit hardly moves, or falls, is an elbow even as the last one on the hull.
    """
    scree = np.full(len(fits), np.nan)
    if len(kept) < 2:
        return scree  # no factor fits better than none
    gains = np.diff(fits[kept]) / np.diff(parameters[kept])
    if kept[-1] < len(fits) - 1:
        gains = np.append(gains, 0.0)  # what was tried beyond did not fit better
    floor = 0.01 * np.ptp(fits[kept]) / parameters[kept[-1]]
    gains = np.maximum(gains, floor)
    scree[kept[1 : len(gains)]] = gains[:-1] / gains[1:]
    return scree
