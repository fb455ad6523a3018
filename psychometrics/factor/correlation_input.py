"""What a correlation matrix must be before factors are taken from it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..correlation.nearest_positive_definite import smoothed
from ..correlation.polychoric import pearson, polychoric, spearman
from ..errors import InvalidOption, InvalidResponses, NotIdentified, SmoothingWarning
from ..responses import Responses, check_responses
from .factor_fit import degrees_of_freedom

KINDS = ("polychoric", "pearson", "spearman")


@dataclass(frozen=True, eq=False)
class Correlations:
    """A checked correlation matrix, and how many persons stand behind it."""

    frame: pd.DataFrame
    n_obs: float
    kind: str
    se: pd.DataFrame | None = None  # standard errors, where they are known
    n_persons: int | None = None
    n_complete: int | None = None

    @property
    def array(self) -> np.ndarray:
        return self.frame.to_numpy(float)


def correlate(
    responses: pd.DataFrame | None,
    corr: pd.DataFrame | str = "polychoric",
    n_obs: float | None = None,
) -> Correlations:
    """Return the correlations to be factored, from answers or as given.

    With missing answers each pair of items uses the persons who answered both, and
    `n_obs` is the harmonic mean of those counts unless it is given.
    """
    if isinstance(corr, pd.DataFrame):
        if n_obs is None:
            raise InvalidResponses("a correlation matrix needs n_obs, its sample size")
        if not n_obs > 1:
            raise InvalidResponses(f"n_obs is {n_obs}; give the number of persons")
        return Correlations(check_corr(corr), n_obs, "given")
    if not isinstance(corr, str) or corr not in KINDS:
        raise InvalidOption(
            f"corr is {corr!r}; give a labelled DataFrame, or one of {', '.join(KINDS)}"
        )
    if responses is None:
        raise InvalidResponses("no responses; give them, or corr as a table")
    checked = check_responses(responses, ordinal=corr == "polychoric")
    found = KIND_OF[corr](checked.to_frame())
    n_obs = n_obs or pairwise_n(checked)
    n_complete = int((~checked.missing.any(axis=1)).sum())
    sizes = (checked.n_persons, n_complete)
    return Correlations(check_corr(found.corr), n_obs, corr, found.se, *sizes)


def pairwise_n(checked: Responses) -> float:
    """Harmonic mean of the number of persons who answered both items of a pair."""
    seen = (~checked.missing).astype(float)
    counts = (seen.T @ seen)[np.triu_indices(checked.n_items, 1)]
    if not counts.all():
        raise NotIdentified("two items were never answered by the same person")
    return round(float(len(counts) / (1 / counts).sum()), 6)


KIND_OF = {"polychoric": polychoric, "pearson": pearson, "spearman": spearman}


def check_corr(corr: pd.DataFrame, *, floor: float = 1e-12) -> pd.DataFrame:
    """Check a labelled correlation matrix; smooth it, with a warning, if indefinite.

    Raises
    ------
    InvalidResponses
        Not square, not symmetric, no unit diagonal, cells missing or beyond one.
    NotIdentified
        Singular: some item is a sum of others.
    """
    values = corr.to_numpy(float)
    _check_cells(corr, values)
    eigenvalues, vectors = np.linalg.eigh(values)
    if eigenvalues[0] > floor:
        return corr.astype(float)
    if eigenvalues[0] > -floor:
        culprit = corr.index[int(abs(vectors[:, 0]).argmax())]
        raise NotIdentified(
            f"the correlation matrix is singular: item {culprit} is a sum of others "
            "(a duplicate, or a total among its parts); leave it out"
        )
    warnings.warn(
        f"the correlation matrix is not positive definite (smallest eigenvalue "
        f"{eigenvalues[0]:.3g}); it was smoothed",
        SmoothingWarning,
        stacklevel=4,
    )
    return pd.DataFrame(smoothed(values)[0], index=corr.index, columns=corr.columns)


def _check_cells(corr: pd.DataFrame, values: np.ndarray) -> None:
    if values.ndim != 2 or values.shape[0] != values.shape[1] or len(values) < 3:
        raise InvalidResponses(
            f"a correlation matrix of shape {values.shape} cannot be factored; "
            "give a square one of three items or more"
        )
    if list(corr.index) != list(corr.columns) or corr.index.has_duplicates:
        raise InvalidResponses("rows and columns must carry the same distinct items")
    unknown = np.argwhere(np.triu(np.isnan(values), 1))
    if len(unknown):
        i, j = unknown[0]
        raise InvalidResponses(
            f"there is no correlation of {corr.index[i]} with {corr.index[j]}, as of "
            "items that hardly anybody answered both of; factors need one of each pair"
        )
    bad = np.argwhere(~(abs(values) <= 1 + 1e-8))
    if len(bad):
        i, j = bad[0]
        raise InvalidResponses(
            f"the correlation of {corr.index[i]} with {corr.index[j]} is "
            f"{values[i, j]:g}; give numbers from -1 to 1"
        )
    if abs(np.diag(values) - 1).max() > 1e-6 or abs(values - values.T).max() > 1e-6:
        raise InvalidResponses(
            "a correlation matrix is symmetric with ones on its diagonal; "
            "this one is not (is it a covariance matrix?)"
        )


def check_sample(found: Correlations) -> None:
    """Refuse fewer persons than items, where a chi-square is to be computed."""
    if found.n_obs <= len(found.frame):
        raise InvalidResponses(
            f"{found.n_obs:g} persons and {len(found.frame)} items; "
            "more persons than items are needed"
        )


def check_n_factors(n_items: int, n_factors: int) -> int:
    """Refuse a number of factors that the items cannot determine."""
    if n_factors != int(n_factors) or n_factors < 1:
        raise NotIdentified(f"{n_factors} factors asked for; give a number from 1")
    if degrees_of_freedom(n_items, int(n_factors)) < 0:
        most = max(m for m in range(n_items) if degrees_of_freedom(n_items, m) >= 0)
        raise NotIdentified(
            f"{n_items} items cannot determine {n_factors} factors; at most {most}"
        )
    return int(n_factors)
