"""Estimates of theta for persons: EAP, MAP, weighted and maximum likelihood."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..counted import counted
from ..errors import ConvergenceError, InvalidResponses, PsychometricsWarning
from ..figures import BLUE, finish
from ..options import check_option
from ..responses import Responses
from ..results import Result, axes
from .latent_distribution import LatentDistribution, grid
from .models import log_probabilities
from .patterns import Patterns, category_numbers
from .person_slopes import Slopes, likelihood_slopes

if TYPE_CHECKING:
    from .parameters import ItemParameters

LIMIT = 12.0  # the search for a mode stays within plus or minus this


@dataclass(frozen=True, eq=False, kw_only=True)
class PersonEstimates(Result):
    """Theta of each person with its standard error.

    Attributes
    ----------
    theta, se : Series or DataFrame
        On the metric of the calibration; a column for each dimension if several.
        Maximum likelihood has no finite value (inf, NaN) for a person at the lowest or
        highest answer throughout; no method but EAP and MAP has one for a person who
        answered nothing (NaN).
    method : {"eap", "map", "wle", "ml"}
    floor : Series or None
        Zero-inflated theta: posterior probability that the scale does not apply.
    """

    _headline = ("theta", "se", "persons=theta.index", "method")

    theta: pd.Series
    se: pd.Series
    method: str
    floor: pd.Series | None = None

    @property
    def reliability(self) -> float:
        """Empirical reliability: var(theta) / (var(theta) + mean(se^2))."""
        known = np.isfinite(self.theta) & np.isfinite(self.se)
        spread = self.theta[known].var()
        return float(spread / (spread + (self.se[known] ** 2).mean()))

    def t_scores(self, mean: float = 0.0, sd: float = 1.0) -> pd.DataFrame:
        """Return T scores: 50 and 10 are a reference population's mean and SD.

        Parameters
        ----------
        mean, sd : float
            Of theta in the reference population; by default that of the calibration.
        """
        return pd.DataFrame(
            {
                "t": 50 + 10 * (self.theta - mean) / sd,
                "t_se": 10 * self.se / sd,
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """Return theta and se, one row per person."""
        if isinstance(self.theta, pd.DataFrame):
            return self.theta.join(self.se.add_suffix("_se"))
        table = pd.DataFrame({"theta": self.theta, "se": self.se})
        return table if self.floor is None else table.assign(floor=self.floor)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a histogram of theta; of several dimensions, the first."""
        ax = axes(ax)
        theta = pd.DataFrame(self.theta).iloc[:, 0]
        theta = theta[np.isfinite(theta)]
        ax.hist(theta, bins=30, color=BLUE, edgecolor="white")
        title = (
            f"Theta of {len(theta)} persons: mean {round(theta.mean(), 2) + 0:.2f}, "
            f"SD {theta.std():.2f}"
        )
        return finish(ax, title, x=f"theta ({self.method.upper()})", y="persons")

    def _about(self) -> Sequence[str]:
        return (f"{self.method.upper()} estimates of {len(self.theta)} persons.",)

    def _caveats(self) -> Sequence[str]:
        if self.method == "eap":
            return ()
        return _at_the_limit(self.theta.to_numpy(float))


def _at_the_limit(theta: np.ndarray) -> tuple[str, ...]:
    """Say of how many persons the search ended where it may go no further."""
    n = int((np.isfinite(theta) & (np.abs(theta) > LIMIT - 1e-6)).sum())
    if not n:
        return ()
    return (
        f"Theta of {counted(n, 'person')} is {LIMIT:g} or beyond, up or down, where "
        "the search ends: their answers are to items that hardly bear on theta. Take "
        "EAP or MAP for them.",
    )


def person_estimates(
    parameters: ItemParameters,
    latent: LatentDistribution | None,
    patterns: Patterns,
    method: str = "eap",
) -> PersonEstimates:
    """Estimate theta for every person of `patterns`.

    Parameters
    ----------
    parameters : ItemParameters
    latent : LatentDistribution
        The prior of EAP (at its nodes) and MAP (a normal with its mean and variance).
    patterns : Patterns
    method : {"eap", "map", "wle", "ml"}
        Expected or modal a posteriori (Bock and Mislevy, 1982), weighted likelihood
        (Warm, 1989), maximum likelihood.
    """
    check_option("method", method, _METHODS)
    if method == "eap":
        return _expected_a_posteriori(parameters, latent, patterns)
    parameters._one_dimension(f"{method.upper()} estimates")
    theta, se = _METHODS[method](parameters, latent, patterns.codes)
    for caveat in _at_the_limit(theta[patterns.rows]):
        warnings.warn(caveat, PsychometricsWarning, stacklevel=3)
    return _label(theta, se, method, patterns)


def score_persons(
    parameters: ItemParameters,
    responses: pd.DataFrame,
    method: str,
    mean: float,
    sd: float,
) -> PersonEstimates:
    """Estimate theta of new persons; see `ItemParameters.persons`."""
    frame = pd.DataFrame(responses)
    unknown = frame.columns.difference(parameters.items)
    if len(unknown):
        raise InvalidResponses(f"item {unknown[0]} has no parameters")
    frame = frame.reindex(columns=parameters.items)
    known = tuple(np.asarray(parameters.categories[item]) for item in frame.columns)
    answers = Responses(frame.to_numpy(float), frame.columns, frame.index)
    codes = category_numbers(answers, known)
    rows = np.arange(len(codes))
    patterns = Patterns(
        codes=codes,
        counts=np.ones(len(codes)),
        rows=rows,
        items=frame.columns,
        persons=frame.index,
        categories=known,
        groups=(None,),
        group=0 * rows,
    )
    return person_estimates(parameters, _prior(mean, sd), patterns, method)


def _prior(mean: float, sd: float) -> LatentDistribution:
    nodes = grid(121)
    weights = np.exp(-0.5 * ((nodes[:, 0] - mean) / sd) ** 2)
    return LatentDistribution(
        shape="normal",
        nodes=nodes,
        weights=weights / weights.sum(),
        mean=np.array([float(mean)]),
        covariance=np.array([[float(sd) ** 2]]),
        slopes=np.zeros((0, len(nodes))),
    )


def posterior(
    parameters: ItemParameters, latent: LatentDistribution, patterns: Patterns
) -> np.ndarray:
    """Return posterior weights of the nodes for each pattern: (n_patterns, Q)."""
    log_p = log_probabilities(parameters.model, latent.nodes, *parameters.arrays)
    joint = patterns.indicators @ log_p.reshape(-1, log_p.shape[2])
    with np.errstate(divide="ignore"):
        joint += np.log(latent.weights)
    joint -= joint.max(axis=1, keepdims=True)
    np.exp(joint, out=joint)
    joint /= joint.sum(axis=1, keepdims=True)
    return joint


def _expected_a_posteriori(
    parameters: ItemParameters, latent: LatentDistribution, patterns: Patterns
) -> PersonEstimates:
    weights = posterior(parameters, latent, patterns)
    mean = weights @ latent.nodes
    spread = weights @ latent.nodes**2 - mean**2
    se = np.sqrt(np.maximum(spread, 0.0))
    if latent.nodes.shape[1] == 1:
        mean, se = mean[:, 0], se[:, 0]
    floor = _floor(parameters, latent, patterns) if latent.floor else None
    return _label(mean, se, "eap", patterns, floor, parameters.slopes.columns)


def _floor(
    parameters: ItemParameters, latent: LatentDistribution, patterns: Patterns
) -> np.ndarray:
    """Posterior probability of the floor: zero above the lowest answer anywhere."""
    log_p = log_probabilities(parameters.model, latent.nodes, *parameters.arrays)
    within = patterns.indicators @ log_p.reshape(-1, log_p.shape[2])
    inside = np.exp(within) @ latent.weights
    lowest = (patterns.codes <= 0).all(axis=1) * latent.floor
    return lowest / (lowest + (1 - latent.floor) * inside)


def _label(
    theta: np.ndarray,
    se: np.ndarray,
    method: str,
    patterns: Patterns,
    floor: np.ndarray | None = None,
    columns: pd.Index | None = None,
) -> PersonEstimates:
    rows, persons = patterns.rows, patterns.persons
    if theta.ndim == 2:
        theta = pd.DataFrame(theta[rows], persons, columns)
        se = pd.DataFrame(se[rows], persons, columns)
        return PersonEstimates(theta=theta, se=se, method=method)
    return PersonEstimates(
        theta=pd.Series(theta[rows], persons, name="theta"),
        se=pd.Series(se[rows], persons, name="se"),
        method=method,
        floor=None if floor is None else pd.Series(floor[rows], persons, name="floor"),
    )


def _maximum_likelihood(
    parameters: ItemParameters, latent: LatentDistribution, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    highest = np.array([len(parameters.categories[i]) - 1 for i in parameters.items])
    turned = np.sign(parameters.slopes.to_numpy()[:, 0])
    low = np.where(turned > 0, 0, highest)
    seen = codes >= 0
    at_low = ((codes == low) | ~seen).all(axis=1)
    at_high = ((codes == highest - low) | ~seen).all(axis=1)
    theta = _root(parameters, codes, lambda t, s: (s.first, s.second))
    found = likelihood_slopes(parameters, codes, theta, expected=True)
    information = found.information
    se = np.maximum(information, 1e-300) ** -0.5
    theta = np.select(
        [~seen.any(axis=1), at_low, at_high], [np.nan, -np.inf, np.inf], theta
    )
    return theta, np.where(np.isfinite(theta), se, np.nan)


def _modal_a_posteriori(
    parameters: ItemParameters, latent: LatentDistribution, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mean, variance = latent.mean[0], latent.covariance[0, 0]

    def slopes(theta: np.ndarray, found: Slopes) -> tuple[np.ndarray, np.ndarray]:
        return found.first - (theta - mean) / variance, found.second - 1 / variance

    theta = _root(parameters, codes, slopes)
    bend = likelihood_slopes(parameters, codes, theta).second - 1 / variance
    return theta, (-bend) ** -0.5


def _weighted_likelihood(
    parameters: ItemParameters,
    latent: LatentDistribution | None,
    codes: np.ndarray,
    step: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray]:
    """Root of the score plus skew / (2 information) (Warm, 1989, eq. 8).

    The standard error is from the curvature there, as for a likelihood.
    """
    seen = (codes >= 0).any(axis=1)

    def score(found: Slopes) -> np.ndarray:
        return found.first + found.skew / (2 * np.maximum(found.information, 1e-300))

    def slopes(theta: np.ndarray, found: Slopes) -> tuple[np.ndarray, np.ndarray]:
        return score(found), -np.maximum(found.information, 1e-300)

    theta = np.where(seen, _root(parameters, codes, slopes, by_secant=True), 0.0)
    up = score(likelihood_slopes(parameters, codes, theta + step, expected=True))
    down = score(likelihood_slopes(parameters, codes, theta - step, expected=True))
    bend = np.where(seen, (down - up) / (2 * step), np.nan)
    return np.where(seen, theta, np.nan), np.maximum(bend, 1e-12) ** -0.5


_METHODS = {
    "eap": None,
    "map": _modal_a_posteriori,
    "wle": _weighted_likelihood,
    "ml": _maximum_likelihood,
}


def _root(
    parameters: ItemParameters,
    codes: np.ndarray,
    slopes: Callable,
    tol: float = 1e-9,
    max_iter: int = 100,
    by_secant: bool = False,
) -> np.ndarray:
    """Find where a falling function of theta is zero, by Newton within brackets.

    With `by_secant` the slope is that between the last two points, where it falls: for
    slopes that are not the function's own derivative.
    """
    low, high = np.full(len(codes), -LIMIT), np.full(len(codes), LIMIT)
    theta = _near(parameters, codes)
    before, value_before = np.full((2, len(codes)), np.nan)
    length = np.full(len(codes), np.inf)
    moving = np.ones(len(codes), bool)
    for _ in range(max_iter):
        at = np.flatnonzero(moving)
        found = likelihood_slopes(parameters, codes[at], theta[at], expected=by_secant)
        value, bend = slopes(theta[at], found)
        if by_secant:
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = (value - value_before[at]) / (theta[at] - before[at])
            bend = np.where(secant < 0, secant, bend)
            before[at], value_before[at] = theta[at], value
        low[at] = np.where(value > 0, theta[at], low[at])
        high[at] = np.where(value < 0, theta[at], high[at])
        with np.errstate(divide="ignore", invalid="ignore"):
            there = theta[at] - value / bend
        inside = (there > low[at]) & (there < high[at])
        # else two steep places may be thrown from one to the other for ever
        shorter = np.abs(there - theta[at]) < length[at] / 2
        settled = np.abs(there - theta[at]) <= tol  # even where it adds nothing
        trusted = settled | (inside & shorter)
        there = np.where(trusted, there, (low[at] + high[at]) / 2)
        length[at] = np.abs(there - theta[at])
        moving[at] = (np.abs(there - theta[at]) > tol) & (value != 0)
        theta[at] = np.where(value != 0, there, theta[at])
        if not moving.any():
            return theta
    raise ConvergenceError(
        f"theta of {moving.sum()} patterns of answers still moves after {max_iter} "
        "steps; a slope may be too steep to be true",
        theta,
    )


def _near(parameters: ItemParameters, codes: np.ndarray) -> np.ndarray:
    """Expected theta under a standard normal prior on a coarse grid: where to start."""
    nodes = np.linspace(-4, 4, 33)
    log_p = log_probabilities(parameters.model, nodes, *parameters.arrays)
    log_weight = np.tile(-(nodes**2) / 2, (len(codes), 1))
    for own, chosen in zip(log_p, codes.T):
        seen = chosen >= 0
        log_weight[seen] += own[chosen[seen]]
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return weight @ nodes / weight.sum(axis=1)
