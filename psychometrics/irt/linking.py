"""Put two calibrations on one scale, and see which items drifted between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import finish, mark_style
from ..options import check_option
from ..results import Result, axes
from .models import category_probabilities, theta_slopes
from .parameters import ItemParameters

METHODS = ("mean_sigma", "haebara", "stocking_lord")
CUT_Z = 2.7
CUT_RMSD = 0.05
FARTHEST = 6.0  # of a figure; a nearly flat item may lie anywhere beyond


@dataclass(frozen=True, eq=False, kw_only=True)
class Link(Result):
    """theta on the old scale = slope * theta on the new scale + intercept.

    Attributes
    ----------
    slope, intercept : float
    method : {"mean_sigma", "haebara", "stocking_lord"}
    new : ItemParameters
        All items of the new calibration, on the old scale.
    drift : DataFrame, common items
        Differences new minus old once linked: `location`, `log_slope` and `rmsd` (of
        the expected answer as a share of its range, over a standard normal), robust z
        (Huynh and Meyer, 2010), `anchored` (used for the link) and `flagged` (a robust
        z beyond 2.7 and an rmsd above 0.05).
    """

    _headline = ("slope", "intercept", "method")

    slope: float
    intercept: float
    method: str
    new: ItemParameters
    drift: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.drift

    def theta(self, values: float) -> float:
        """Put theta of the new scale on the old."""
        return self.slope * values + self.intercept

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw locations against each other; drifted items are named.

        What lies beyond -6 or 6 is counted in the title, and not drawn.
        """
        ax, drift = axes(ax), self.drift
        old, new = drift["old_location"], drift["old_location"] + drift["location"]
        shown = ((old.abs() <= FARTHEST) & (new.abs() <= FARTHEST)).to_numpy()
        flagged = drift["flagged"].to_numpy(bool)
        for k, chosen in enumerate((shown & ~flagged, shown & flagged)):
            if chosen.any():
                name = f"{('steady', 'drifted')[k]} ({chosen.sum()})"
                ax.plot(old[chosen], new[chosen], label=name, **mark_style(k))
        ax.axline((0, 0), slope=1, color="0.25", linestyle="--", label="no drift")
        for item in drift.index[shown & flagged]:
            place = {"textcoords": "offset points", "xytext": (6, -3), "fontsize": 8}
            ax.annotate(str(item), (old[item], new[item]), **place)
        method = self.method.replace("_", "-")
        title = f"Locations of {len(drift)} common items, {method} link"
        title += "" if shown.all() else f"; {(~shown).sum()} beyond theta 6"
        return finish(ax, title, x="old location", y="new location, linked", key=True)

    def _about(self) -> Sequence[str]:
        n = int(self.drift["anchored"].sum())
        return (
            f"{self.method} link on {n} items: old = {self.slope:.4f} * new + "
            f"{self.intercept:.4f}.",
        )


def link(
    old: ItemParameters,
    new: ItemParameters,
    *,
    method: str = "stocking_lord",
    items: Sequence[str] | None = None,
    purify: bool = True,
) -> Link:
    """Link a new calibration to an old one by their common items.

    Mean-sigma matches means and standard deviations of thresholds (Marco, 1977);
    Haebara (1980) the curves of every category; Stocking and Lord (1983) the expected
    test score; curves are compared over a standard normal on the old scale. In models
    whose slopes are one only the intercept is free.

    Parameters
    ----------
    old, new : ItemParameters
        Of one model and one dimension (`result.parameters`).
    method : {"stocking_lord", "haebara", "mean_sigma"}
        What is matched.
    items : list, optional
        The common items; by default all that both have.
    purify : bool
        Leave drifted items out and link again, until none is new.

    Returns
    -------
    Link
        Slope and intercept that take the new scale to the old, and the items that
        drifted.

    Raises
    ------
    InvalidResponses
        Different models, fewer than two common items, or other categories.

    Examples
    --------
    >>> from psychometrics import graded_response, simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(400, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> old = graded_response(made.responses[:200], se=False).parameters
    >>> new = graded_response(made.responses[200:], se=False).parameters
    >>> found = link(old, new)
    >>> round(found.slope, 1)
    1.0
    """
    check_option("method", method, METHODS)
    common = _common(old, new, items)
    used = list(common)
    for _ in range(len(common)):
        slope, intercept = _constants(old, new, used, method)
        moved = transform(new, slope, intercept)
        drift = _drift(old, moved, common, used)
        clean = [item for item in common if not drift.loc[item, "flagged"]]
        if not purify or len(clean) < 2 or set(clean) >= set(used):
            break
        used = [item for item in used if item in clean]
    return Link(
        slope=float(slope),
        intercept=float(intercept),
        method=method,
        new=moved,
        drift=drift,
    )


def transform(
    parameters: ItemParameters, slope: float, intercept: float
) -> ItemParameters:
    """Return the parameters when theta becomes slope * theta + intercept."""
    slopes, intercepts = parameters.arrays
    turned = slopes / slope
    pull = theta_slopes(parameters.model, turned, intercepts.shape[1])
    moved = intercepts - intercept * pull
    return replace(
        parameters,
        slopes=pd.DataFrame(turned, parameters.items, parameters.slopes.columns),
        intercepts=pd.DataFrame(moved, parameters.items, parameters.intercepts.columns),
    )


def _common(
    old: ItemParameters, new: ItemParameters, items: Sequence[str] | None
) -> list[str]:
    if isinstance(old.model, tuple) or isinstance(new.model, tuple):
        raise InvalidResponses(
            "calibrations of items of several kinds are not linked; calibrate the "
            "waves together, or keep the old items by `fixed`, kind by kind"
        )
    if old.model != new.model:
        raise InvalidResponses(f"one model is {old.model}, the other {new.model}")
    shared = [item for item in old.items if item in new.items]
    common = shared if items is None else [item for item in items if item in shared]
    if len(common) < 2:
        raise InvalidResponses(
            f"{counted(len(common), 'common item')}; at least 2 are needed, "
            "better 5 or more"
        )
    for item in common:
        if list(old.categories[item]) != list(new.categories[item]):
            raise InvalidResponses(f"item {item} has other categories in each wave")
    return common


def _constants(
    old: ItemParameters, new: ItemParameters, used: Sequence[str], method: str
) -> tuple[float, float]:
    is_slope_free = old.model not in ("pcm", "rsm")
    start = _mean_sigma(old, new, used, is_slope_free)
    if method == "mean_sigma":
        return start
    theta = np.linspace(-4, 4, 41)
    weights = np.sqrt(np.exp(-(theta**2) / 2))
    target = _curves(old, used, theta, method)

    def gap(constants: np.ndarray) -> np.ndarray:
        slope = np.exp(constants[1]) if is_slope_free else 1.0
        found = _curves(transform(new, slope, constants[0]), used, theta, method)
        return ((found - target) * weights).ravel()

    free = [start[1], np.log(start[0])][: 1 + is_slope_free]
    from scipy.optimize import (  # slow to load: not where nothing asks for it
        least_squares,
    )

    found = least_squares(gap, free, xtol=1e-12, ftol=1e-12, gtol=1e-12).x
    return (np.exp(found[1]) if is_slope_free else 1.0), found[0]


def _mean_sigma(
    old: ItemParameters, new: ItemParameters, used: Sequence[str], is_slope_free: bool
) -> tuple[float, float]:
    there = old.thresholds.loc[used].to_numpy()
    here = new.thresholds.loc[used].to_numpy()
    slope = np.nanstd(there) / np.nanstd(here) if is_slope_free else 1.0
    return slope, np.nanmean(there) - slope * np.nanmean(here)


def _curves(
    parameters: ItemParameters, items: Sequence[str], theta: np.ndarray, method: str
) -> np.ndarray:
    at = parameters.items.get_indexer(items)
    slopes, intercepts = (array[at] for array in parameters.arrays)
    p = category_probabilities(parameters.model, theta, slopes, intercepts)
    if method == "haebara":
        return p
    return np.einsum("jkq,k->q", p, np.arange(p.shape[1]))


def _drift(
    old: ItemParameters,
    moved: ItemParameters,
    common: Sequence[str],
    used: Sequence[str],
) -> pd.DataFrame:
    theta = np.linspace(-4, 4, 41)
    weights = np.exp(-(theta**2) / 2)
    weights /= weights.sum()
    there, here = old.thresholds.loc[common], moved.thresholds.loc[common]
    location = here.mean(axis=1) - there.mean(axis=1)
    ratio = moved.slopes.loc[common].to_numpy() / old.slopes.loc[common].to_numpy()
    log_slope = pd.Series(np.log(np.abs(ratio[:, 0])), common)
    steps = [len(old.categories[item]) - 1 for item in common]
    gap = moved.expected_scores(theta)[common] - old.expected_scores(theta)[common]
    rmsd = np.sqrt((gap.T**2) @ weights) / steps
    table = pd.DataFrame(
        {
            "old_location": there.mean(axis=1),
            "location": location,
            "location_z": _robust_z(location),
            "log_slope": log_slope,
            "slope_z": _robust_z(log_slope),
            "rmsd": rmsd.to_numpy(),
        },
        index=common,
    )
    far = (table[["location_z", "slope_z"]].abs() > CUT_Z).any(axis=1)
    table["anchored"] = table.index.isin(used)
    table["flagged"] = far & (table["rmsd"] > CUT_RMSD)
    return table


def _robust_z(values: pd.Series) -> pd.Series:
    spread = 0.74 * (values.quantile(0.75) - values.quantile(0.25))
    off = values - values.median()
    return off / spread if spread > 1e-12 else off * 0.0
