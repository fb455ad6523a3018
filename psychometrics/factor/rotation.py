"""Rotations of factor loadings, from many starts, with local minima reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..errors import InvalidOption, NotIdentified
from ..options import check_option, generator
from ..results import Result
from . import rotation_criteria
from .diagrams import draw_loadings
from .gradient_projection import Surface, descend, settle

# loadings and options -> value, gradient
Criterion: TypeAlias = Callable[..., tuple[np.ndarray, np.ndarray]]
ORTHOGONAL: dict[str, Criterion] = {
    "varimax": rotation_criteria.varimax,
    "quartimax": rotation_criteria.quartimax,
    "equamax": rotation_criteria.crawford_ferguson,
    "geomin_orthogonal": rotation_criteria.geomin,
    "bifactor": rotation_criteria.bifactor,
    "target_orthogonal": rotation_criteria.target,
}
OBLIQUE: dict[str, Criterion] = {
    "oblimin": rotation_criteria.oblimin,
    "quartimin": rotation_criteria.oblimin,
    "equamax_oblique": rotation_criteria.crawford_ferguson,
    "geomin": rotation_criteria.geomin,
    "bifactor_oblique": rotation_criteria.bifactor,
    "target": rotation_criteria.target,
}
ROTATIONS = ("none", *ORTHOGONAL, *OBLIQUE, "promax")
_OPTIONS = {"oblimin": "gamma", "geomin": "delta", "geomin_orthogonal": "delta"}
NORMALISED = ("varimax", "promax")  # Kaiser's weights unless told otherwise


@dataclass(frozen=True, eq=False, kw_only=True)
class Rotation(Result):
    """Rotated loadings, and how the search for them went.

    Attributes
    ----------
    loadings : DataFrame, items x factors
        The pattern: regression weights of items on factors.
    factor_corr : DataFrame, factors x factors
    criterion : float
        The value that was minimised; NaN where nothing is (none, promax).
    minima : DataFrame
        `value` of each distinct minimum met, lowest first, and `starts` ending there.
    """

    _headline = ("criterion", "factors=loadings.columns", "method")

    loadings: pd.DataFrame
    factor_corr: pd.DataFrame
    method: str
    criterion: float
    minima: pd.DataFrame

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors."""
        return self.loadings @ self.factor_corr

    def to_frame(self) -> pd.DataFrame:
        return self.loadings

    def _about(self) -> Sequence[str]:
        return (f"Rotation {self.method}; criterion {self.criterion:.6g}.",)

    def _caveats(self) -> Sequence[str]:
        return describe_minima(self.minima)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the loadings, one row an item."""
        return draw_loadings(self.loadings, ax)


def describe_minima(minima: pd.DataFrame) -> tuple[str, ...]:
    """Say in words whether other minima were met."""
    if len(minima) < 2:
        return ()
    reached, total = int(minima["starts"].iloc[0]), int(minima["starts"].sum())
    return (
        f"{len(minima)} local minima were met: {reached} of {total} starts ended at "
        f"the lowest ({minima['value'].iloc[0]:.6g}), the next is "
        f"{minima['value'].iloc[1]:.6g}. Compare the solutions before choosing.",
    )


def rotate(
    loadings: pd.DataFrame,
    *,
    method: str = "oblimin",
    normalize: bool | None = None,
    starts: int = 30,
    rng: Rng = 0,
    gamma: float = 0.0,
    delta: float = 0.01,
    power: float = 4,
    target: pd.DataFrame | np.ndarray | None = None,
) -> Rotation:
    """Rotate loadings to the lowest criterion met from many starting positions.

    Gradient projection (Bernaards & Jennrich, 2005).

    Parameters
    ----------
    loadings : DataFrame, items x factors
        Orthogonal, usually unrotated.
    method : str
        One of `ROTATIONS`: none, varimax, quartimax, equamax, promax, oblimin,
        quartimin, geomin, bifactor, target; geomin_orthogonal, target_orthogonal,
        equamax_oblique and bifactor_oblique are the other kind of each.
    normalize : bool, optional
        Kaiser's row weights. By default for varimax and promax alone.
    starts : int
        Positions to start from: the identity, then random ones drawn with `rng`.
    rng : Generator or int
        For the random positions.
    gamma, delta, power : float
        Options of oblimin, geomin and promax.
    target : DataFrame or array, items x factors
        Wanted loadings, NaN where anything will do.

    Returns
    -------
    Rotation
        Factors by falling sum of squares (a bifactor's general factor stays first),
        each turned so that its loadings sum to a positive number.

    Raises
    ------
    InvalidOption
        A method or a target that cannot be used.
    NotIdentified
        A bifactor rotation of two factors.
    ConvergenceError
        If the best start does not settle.

    Examples
    --------
    >>> import pandas as pd
    >>> mixed = pd.DataFrame([[0.5, 0.5], [0.5, 0.5], [0.5, -0.5], [0.5, -0.5]])
    >>> rotate(mixed, method="varimax").loadings.abs().round(2).max(axis=1).tolist()
    [0.71, 0.71, 0.71, 0.71]
    """
    check_option("rotation", method, ROTATIONS)
    array = loadings.to_numpy(float)
    if method == "none" or array.shape[1] == 1:
        return _labelled(loadings, array, np.eye(array.shape[1]), method, np.nan)
    if method.startswith("bifactor") and array.shape[1] < 3:
        raise NotIdentified(
            "a bifactor rotation needs at least three factors: with two, one general "
            "and one group factor, every position is as good as any other"
        )
    normalize = method in NORMALISED if normalize is None else normalize
    weights = np.sqrt((array**2).sum(axis=1)) if normalize else np.ones(len(array))
    weights = np.where(weights > 0, weights, 1.0)[:, None]
    if method == "promax":
        turned, _, value, minima = _search("varimax", array / weights, starts, rng)
        turned, factor_corr = promax(turned, power=power)
    else:
        given = {"gamma": gamma, "delta": delta}.get(_OPTIONS.get(method, ""))
        wanted = None if target is None else np.asarray(target, float)
        turned, factor_corr, value, minima = _search(
            method, array / weights, starts, rng, given, wanted
        )
    return _labelled(loadings, turned * weights, factor_corr, method, value, minima)


def promax(
    orthogonal: np.ndarray, *, power: float = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Raise orthogonal loadings to a power and rotate towards them.

    Hendrickson & White (1964), British Journal of Statistical Psychology 17, 65-70.
    Returns the pattern and the factor correlations, as arrays.
    """
    wanted = orthogonal * abs(orthogonal) ** (power - 1)
    turn = np.linalg.lstsq(orthogonal, wanted, rcond=None)[0]
    inverse = np.linalg.inv(turn.T @ turn)
    scale = np.sqrt(np.diag(inverse))
    return orthogonal @ (turn * scale), inverse / np.outer(scale, scale)


def surface(
    method: str,
    unrotated: np.ndarray,
    option: float | None = None,
    wanted: np.ndarray | None = None,
) -> Surface:
    """Return the criterion `method` as a surface over rotations of `unrotated`."""
    kind = OBLIQUE if method in OBLIQUE else ORTHOGONAL
    options: dict[str, float | np.ndarray] = {}
    if method in _OPTIONS and option is not None:
        options[_OPTIONS[method]] = option
    elif method.startswith("equamax"):
        options["kappa"] = unrotated.shape[1] / (2 * unrotated.shape[0])
    elif method.startswith("target"):
        if wanted is None or wanted.shape != unrotated.shape:
            raise InvalidOption(f"{method} needs a target of shape {unrotated.shape}")
        options["wanted"] = wanted
    criterion = partial(kind[method], **options)
    return Surface(unrotated, criterion, kind is OBLIQUE)


def _search(
    method: str,
    unrotated: np.ndarray,
    starts: int,
    rng: Rng,
    option: float | None = None,
    wanted: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float, pd.DataFrame]:
    """Return loadings, factor correlations, criterion and the minima met."""
    over = surface(method, unrotated, option, wanted)
    turns, values = descend(over, starting_turns(unrotated.shape[1], starts, rng))
    turn, value = settle(over, turns[values.argmin()])
    loadings, factor_corr = over.loadings(turn)
    return loadings, factor_corr, float(value), _tally(values, value)


def starting_turns(n_factors: int, starts: int, rng: Rng) -> np.ndarray:
    """Return the identity and random orthogonal matrices, (starts, m, m)."""
    drawn = generator(rng).standard_normal((starts - 1, n_factors, n_factors))
    random, _ = np.linalg.qr(drawn)
    return np.concatenate([np.eye(n_factors)[None], random])


def _tally(values: np.ndarray, lowest: float, width: float = 1e-4) -> pd.DataFrame:
    """Group the values at which starts ended; within `width` is the same minimum."""
    values = np.sort(np.where(values > lowest + width, values, lowest))
    group = np.concatenate([[0], np.cumsum(np.diff(values) > width)])
    tally = pd.Series(values).groupby(group).agg(["min", "size"])
    return tally.set_axis(["value", "starts"], axis=1).reset_index(drop=True)


def arrange(
    loadings: np.ndarray, factor_corr: np.ndarray, *, first: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Order factors by sum of squares after the `first` fixed ones; signs positive."""
    squares = np.diag(factor_corr @ loadings.T @ loadings)
    rest = first + np.argsort(-squares[first:], kind="stable")
    order = [*range(first), *rest]
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)[order]
    turned = factor_corr[np.ix_(order, order)] * np.outer(signs, signs)
    return loadings[:, order] * signs, turned


def _labelled(
    given: pd.DataFrame,
    array: np.ndarray,
    factor_corr: np.ndarray,
    method: str,
    value: float,
    minima: pd.DataFrame | None = None,
) -> Rotation:
    array, factor_corr = arrange(
        array, factor_corr, first=int(method.startswith("bifactor"))
    )
    names = [f"F{k + 1}" for k in range(array.shape[1])]
    if minima is None:
        minima = pd.DataFrame({"value": [value], "starts": [1]})
    return Rotation(
        loadings=pd.DataFrame(array, index=given.index, columns=names),
        factor_corr=pd.DataFrame(factor_corr, index=names, columns=names),
        method=method,
        criterion=value,
        minima=minima,
    )
