"""Rules read off one correlation matrix, without random data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from ..errors import ConvergenceError, NotIdentified
from ..options import check_option
from .correlation_input import Correlations, correlate
from .factor_count import FactorCount, leading, numbered
from .factor_fit import degrees_of_freedom, fit_of
from .ml_newton import loadings_from, lowest_minimum

if TYPE_CHECKING:
    import pandas as pd


def minimum_average_partial(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    power: int = 2,
) -> FactorCount:
    """Keep the components that leave the smallest average partial correlation.

    Parameters
    ----------
    responses, corr, n_obs
        As in `explore`; `n_obs` does not matter here.
    power : {2, 4}
        Squared partial correlations (Velicer, 1976), or their fourth powers, the
        revised rule (Velicer, Eaton & Fava, 2000).

    Returns
    -------
    FactorCount
        `n_factors`, with the average of the partial correlations after each component.

    Raises
    ------
    InvalidResponses
        As `explore`.
    InvalidOption
        Another `power`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> block = np.kron(np.eye(2), np.full((3, 3), 0.6)) + 0.4 * np.eye(6)
    >>> corr = pd.DataFrame(block, list("abcdef"), list("abcdef"))
    >>> minimum_average_partial(None, corr=corr, n_obs=200).n_factors
    2
    """
    check_option("power", power, (2, 4))
    found = correlate(responses, corr, n_obs or np.inf)
    values, vectors = np.linalg.eigh(found.array)
    columns = (vectors * np.sqrt(values.clip(0)))[:, ::-1]
    averages = [
        _average_partial(found.array - columns[:, :m] @ columns[:, :m].T, power)
        for m in range(len(values) - 1)
    ]
    curve = numbered({"average_partial": averages}, start=0, name="components")
    name = "original" if power == 2 else "revised"
    return FactorCount(
        n_factors=int(np.nanargmin(averages)),
        curve=curve,
        rule=f"minimum average partial ({name}, {found.kind} correlations)",
        note="It misses factors with few items or low loadings.",
    )


def _average_partial(partial: np.ndarray, power: int) -> float:
    scale = np.diag(partial)
    if scale.min() < 1e-12:
        return np.nan  # an item is used up: partial correlations are undefined
    p = len(partial)
    corr = partial / np.sqrt(np.outer(scale, scale))
    return ((corr**power).sum() - p) / (p * (p - 1))


def empirical_kaiser(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
) -> FactorCount:
    """Keep the leading eigenvalues above those expected given the earlier ones.

    Braeken & van Assen (2017), Psychological Methods 22, 450-466. Derived for Pearson
    correlations; polychoric ones vary more and pass too easily.

    Parameters
    ----------
    responses, corr
        As in `explore`.
    n_obs : float, optional
        Persons behind a matrix that was given.

    Returns
    -------
    FactorCount
        `n_factors`, with the eigenvalues and what they were held against.

    Raises
    ------
    InvalidResponses
        As `explore`.

    Examples
    --------
    >>> import pandas as pd
    >>> corr = pd.DataFrame(0.5, list("abcd"), list("abcd"))
    >>> corr = corr.where(~np.eye(4, dtype=bool), 1.0)
    >>> empirical_kaiser(None, corr=corr, n_obs=200).n_factors
    1
    """
    found = correlate(responses, corr, n_obs)
    observed = np.linalg.eigvalsh(found.array)[::-1]
    p = len(observed)
    left = p - np.concatenate([[0.0], observed.cumsum()[:-1]])
    edge = (1 + np.sqrt(p / found.n_obs)) ** 2
    reference = np.maximum(left / (p - np.arange(p)) * edge, 1.0)  # eq. 2
    return FactorCount(
        n_factors=leading(observed > reference),
        curve=numbered({"eigenvalue": observed, "reference": reference}),
        rule=f"empirical Kaiser criterion ({found.kind} correlations)",
        note="" if found.kind == "pearson" else "Derived for Pearson correlations.",
    )


def acceleration(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    reference: float | np.ndarray = 1.0,
) -> FactorCount:
    """Stop where the scree bends most, and where it leaves a straight line.

    The acceleration factor and the optimal coordinates of Raiche, Walls, Magis,
    Riopel & Blais (2013), Methodology 9, 23-29; `n_factors` is the former.

    Parameters
    ----------
    responses, corr, n_obs
        As in `explore`; `n_obs` does not matter here.
    reference : float or array, shape (n_items,)
        What an eigenvalue has to reach besides its coordinate: Kaiser's one, or the
        eigenvalues of unrelated items.

    Returns
    -------
    FactorCount
        `n_factors` by the acceleration factor; the optimal coordinates are in the note.

    Raises
    ------
    InvalidResponses
        As `explore`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> block = np.kron(np.eye(2), np.full((4, 4), 0.4)) + 0.1
    >>> np.fill_diagonal(block, 1.0)
    >>> corr = pd.DataFrame(block, list("abcdefgh"), list("abcdefgh"))
    >>> acceleration(None, corr=corr).n_factors
    2
    """
    found = correlate(responses, corr, n_obs or np.inf)
    observed = np.linalg.eigvalsh(found.array)[::-1]
    p = len(observed)
    bend = np.full(p, np.nan)
    bend[1:-1] = observed[2:] - 2 * observed[1:-1] + observed[:-2]
    expected = np.full(p, np.nan)
    for i in range(p - 2):
        slope = (observed[-1] - observed[i + 1]) / (p - 2 - i)
        expected[i] = observed[i + 1] - slope
    curve = numbered(
        {"eigenvalue": observed, "acceleration": bend, "coordinate": expected}
    )
    optimal = leading((observed >= np.maximum(expected, reference))[:-2])
    return FactorCount(
        n_factors=int(np.nanargmax(bend)),
        curve=curve,
        rule=f"acceleration factor ({found.kind} correlations)",
        note=f"The optimal coordinates keep {optimal}. The sharpest bend mostly "
        "follows the first eigenvalue: a weak rule where factors correlate.",
        shown=("eigenvalue", "coordinate"),
    )


def sequential_chi_square(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    alpha: float = 0.05,
) -> FactorCount:
    """Add factors until maximum likelihood no longer rejects (Lawley, 1940).

    The number of factors is that of the first model with p above `alpha`, counting
    from none; with thousands of persons trivial misfit is rejected too, so the
    lower bound of the RMSEA stands beside it.

    Parameters
    ----------
    responses, corr, n_obs
        As in `explore`.
    alpha : float in (0, 1)
        Level of each test.

    Returns
    -------
    FactorCount
        `n_factors`, with the test of each number of factors in `curve`.

    Raises
    ------
    InvalidResponses
        As `explore`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> block = np.kron(np.eye(2), np.full((3, 3), 0.6)) + 0.4 * np.eye(6)
    >>> corr = pd.DataFrame(block, list("abcdef"), list("abcdef"))
    >>> sequential_chi_square(None, corr=corr, n_obs=200).n_factors
    2
    """
    found = correlate(responses, corr, n_obs)
    p = len(found.frame)
    rows: dict[str, list[float]]
    rows = {"chi2": [], "df": [], "p": [], "rmsea_low": [], "bic": []}
    for m in range(p):
        if degrees_of_freedom(p, m) < 1:
            break
        row = _chi_square_row(found, m)
        if row is None:
            break
        for name, value in zip(rows, row):
            rows[name].append(value)
        if row[2] > alpha:
            break
    curve = numbered(rows, start=0, name="n_factors")
    kept = leading(curve["p"] <= alpha)
    best = int(curve["bic"].idxmin())
    note = f"BIC is lowest with {best} {'factor' if best == 1 else 'factors'}."
    if kept == len(curve):
        note = f"No model that could be fitted was accepted. {note}"
    return FactorCount(
        n_factors=min(kept, int(curve.index[-1])),
        curve=curve,
        rule=f"sequential chi-square ({found.kind} correlations, ML, alpha {alpha:g})",
        note=note,
        shown=("p",),
    )


def _chi_square_row(
    found: Correlations, m: int
) -> tuple[float, int, float, float, float] | None:
    """Return chi2, df, p, RMSEA's lower bound and BIC; None if ML does not settle."""
    if m == 0:
        p = len(found.frame)
        scale = found.n_obs - 1 - (2 * p + 5) / 6
        chi2 = -float(np.linalg.slogdet(found.array)[1]) * scale
        df = p * (p - 1) // 2
        bic = chi2 - df * np.log(found.n_obs)
        return chi2, df, float(chdtrc(df, max(chi2, 0.0))), np.nan, bic
    try:
        psi = lowest_minimum(found.array, m, "ml")
    except ConvergenceError:
        return None
    loadings = loadings_from(found.array, psi, m, "ml")
    fit = fit_of(found.array, loadings @ loadings.T, found.n_obs, m)
    return fit.chi2, fit.df, fit.p, fit.rmsea_low, fit.bic


def very_simple_structure(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    n_max: int = 8,
) -> FactorCount:
    """Fit of loadings of which only each item's largest one, or two, are kept.

    Revelle & Rocklin (1979), Multivariate Behavioral Research 14, 403-414, on
    unrotated minres loadings. `n_factors` is where complexity one fits best.

    Parameters
    ----------
    responses, corr, n_obs
        As in `explore`; `n_obs` does not matter here.
    n_max : int
        Most factors tried.

    Returns
    -------
    FactorCount
        `n_factors`, with the fit of each number of factors in `curve`.

    Raises
    ------
    InvalidResponses
        As `explore`.
    NotIdentified
        The items determine no factor.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> block = np.kron(np.eye(2), np.full((3, 3), 0.5)) + 0.1
    >>> np.fill_diagonal(block, 1.0)
    >>> corr = pd.DataFrame(block, list("abcdef"), list("abcdef"))
    >>> very_simple_structure(None, corr=corr, n_max=2).n_factors
    2
    """
    found = correlate(responses, corr, n_obs or np.inf)
    p = len(found.frame)
    n_max = min(n_max, max(m for m in range(p) if degrees_of_freedom(p, m) >= 0))
    if n_max < 1:
        raise NotIdentified(f"{p} items determine no factor")
    total = (found.array**2).sum()
    rows: dict[str, list[float]]
    rows = {"vss1": [], "vss2": [], "fit": [], "complexity": []}
    for m in range(1, n_max + 1):
        psi = lowest_minimum(found.array, m, "minres")
        loadings = loadings_from(found.array, psi, m, "minres")
        squares = loadings**2
        order = np.argsort(np.argsort(-squares, axis=1), axis=1)
        kept = [np.where(order < c, loadings, 0.0) for c in (1, 2, m)]
        fits = [1 - ((found.array - k @ k.T) ** 2).sum() / total for k in kept]
        complexity = (squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)).mean()
        for name, value in zip(rows, (*fits, complexity)):
            rows[name].append(value)
    curve = numbered(rows, name="n_factors")
    return FactorCount(
        n_factors=int(curve["vss1"].idxmax()),
        curve=curve,
        rule=f"very simple structure ({found.kind} correlations, complexity 1)",
        note=f"With two loadings an item: {int(curve['vss2'].idxmax())}.",
        shown=("vss1", "vss2"),
    )
