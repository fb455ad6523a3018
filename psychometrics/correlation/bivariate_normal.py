"""The standard bivariate normal distribution, for whole arrays of points at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import log_ndtr, logsumexp, ndtr, owens_t

# Gauss-Legendre nodes on (0, 1) and the largest |rho| at which they give 2e-15.
_RULES = tuple(
    (bound, (nodes + 1) / 2, weights / 2)
    for bound, (nodes, weights) in (
        (0.1, leggauss(4)),
        (0.3, leggauss(6)),
        (0.5, leggauss(8)),
        (0.75, leggauss(12)),
        (0.925, leggauss(18)),
    )
)

# Moves over an angle, beside the lesser cosine of their ends: below the first, values
# and slopes at the ends give 1e-15 of what is gained; up to the second, four nodes
# give 1e-12.
NEAR, FAR_OFF = 1e-3, 0.15


def normal_density(x: np.ndarray) -> np.ndarray:
    """Return the standard normal density."""
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def bivariate_cdf(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return P(X <= a, Y <= b) for standard normal X and Y correlated `rho`.

    Up to |rho| = .925 by Gauss-Legendre quadrature over the angle whose sine is
    the correlation (Drezner & Wesolowsky, 1990; Genz, 2004), above by Owen's T
    function (Owen, 1956). Absolute error below 1e-12.

    Parameters
    ----------
    a, b : float arrays, shape (n, ...)
        Upper limits, finite.
    rho : float array, shape (n,)
        One correlation inside (-1, 1) for each leading index of `a` and `b`.
    """
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    rho = np.asarray(rho, float)
    probability = np.empty(a.shape)
    size, smallest = np.abs(rho), -1.0
    for largest, nodes, weights in _RULES:
        chosen = (size > smallest) & (size <= largest)
        if chosen.any():
            probability[chosen] = _by_quadrature(
                a[chosen], b[chosen], rho[chosen], nodes, weights
            )
        smallest = largest
    steep = size > smallest
    if steep.any():
        probability[steep] = _by_owens_t(a[steep], b[steep], rho[steep])
    return probability


def _by_quadrature(
    a: np.ndarray,
    b: np.ndarray,
    rho: np.ndarray,
    nodes: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    extra = (1,) * (a.ndim - 1)
    angle = np.arcsin(rho)
    product, squares = a * b, (a * a + b * b) / 2
    total = np.zeros(a.shape)
    for node, weight in zip(nodes, weights):
        sine = np.sin(node * angle)
        precision = (1 / (1 - sine**2)).reshape(-1, *extra)
        exponent = product * (sine.reshape(-1, *extra) * precision)
        exponent -= squares * precision
        total += weight * np.exp(exponent, out=exponent)
    total *= (angle / (2 * np.pi)).reshape(-1, *extra)
    return total + ndtr(a) * ndtr(b)


def _by_owens_t(a: np.ndarray, b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    rho = rho.reshape(-1, *(1,) * (a.ndim - 1))
    # A limit of zero would divide by zero; a shift of 1e-100 changes nothing.
    a = np.where(np.abs(a) < 1e-100, 1e-100, a)
    b = np.where(np.abs(b) < 1e-100, 1e-100, b)
    spread = np.sqrt((1 - rho) * (1 + rho))
    with np.errstate(over="ignore"):
        slope_a, slope_b = (b / a - rho) / spread, (a / b - rho) / spread
    total = (ndtr(a) + ndtr(b)) / 2 - owens_t(a, slope_a) - owens_t(b, slope_b)
    return total - np.where((a < 0) != (b < 0), 0.5, 0.0)


def log_interval(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return log P(lower < X < upper) of a standard normal X, right in both tails.

    A difference of two probabilities near one has no digits left.
    """
    is_high = lower > 0
    near = np.where(is_high, -lower, upper)  # the end with the more below it
    far = np.where(is_high, -upper, lower)
    most, rest = log_ndtr(near), log_ndtr(far)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = most + np.log(-np.expm1(rest - most))
    return np.where(near > far, found, -np.inf)


def density_in(x: np.ndarray, log_chance: np.ndarray) -> np.ndarray:
    """Return the standard normal density over a chance, of which the log is had."""
    return np.exp(-x * x / 2 - _HALF_LOG_2_PI - log_chance)


def log_rectangle(
    a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray], rho: np.ndarray
) -> np.ndarray:
    """Return log P(a0 < X < a1, b0 < Y < b1), however small; 1e-8 of it.

    Cells of a table are differences of cumulative probabilities, which know nothing
    below 1e-12. Here the density of X times the chance of Y is integrated over X. Its
    logarithm is concave, so that its top and where it has fallen by 40 are found by
    halving.

    Parameters
    ----------
    a, b : pairs of float arrays, shape (n,)
        Ends, which may be infinite.
    rho : float array, shape (n,)
        Correlations inside (-1, 1).
    """
    spread = np.sqrt((1 - rho) * (1 + rho))

    def height(x: np.ndarray) -> np.ndarray:
        r, s = (part.reshape(-1, *(1,) * (x.ndim - 1)) for part in (rho, spread))
        low, high = (end.reshape(r.shape) for end in b)
        inside = log_interval((low - r * x) / s, (high - r * x) / s)
        return inside - x * x / 2 - _HALF_LOG_2_PI

    low, high = (np.clip(end, -_FARTHEST, _FARTHEST) for end in a)
    top = _top(height, low, high)
    highest, total = height(top), np.full(len(rho), -np.inf)
    left = [_edge(height, top, low, highest - fall) for fall in _FALLS]
    right = [_edge(height, top, high, highest - fall) for fall in _FALLS]
    ends = [*left, top, *right[::-1]]
    for start, end in zip(ends, ends[1:]):
        width = (end - start)[:, None]
        inner = height(start[:, None] + width * _PANEL[0]) + np.log(_PANEL[1])
        with np.errstate(divide="ignore"):
            total = np.logaddexp(total, logsumexp(inner, axis=1) + np.log(width[:, 0]))
    return total


_HALF_LOG_2_PI = np.log(2 * np.pi) / 2
_FARTHEST = 40.0  # a normal is never farther
_FALLS = (40.0, 2.0)  # of a logarithm: 1e-17 is left beyond; and where it turns steep
_GOLDEN = (np.sqrt(5) - 1) / 2
_PANEL = tuple((part + shift) / 2 for part, shift in zip(leggauss(60), (1, 0)))


def _top(height: Callable, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where a concave function is highest between two ends, by golden sections."""
    for _ in range(60):
        reach = _GOLDEN * (high - low)
        one, two = high - reach, low + reach
        rises = height(one) < height(two)
        low, high = np.where(rises, one, low), np.where(rises, high, two)
    return (low + high) / 2


def _edge(
    height: Callable, top: np.ndarray, end: np.ndarray, least: np.ndarray
) -> np.ndarray:
    """How far from the top towards `end` the function stays above `least`."""
    inner, outer = top, end
    for _ in range(50):
        middle = (inner + outer) / 2
        is_above = height(middle) > least
        inner, outer = (
            np.where(is_above, middle, inner),
            np.where(is_above, outer, middle),
        )
    return outer


def angle_density(
    a: np.ndarray, b: np.ndarray, angle: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return dP/dt and d2P/dt2 of P(X <= a, Y <= b) where rho = sin(t).

    The first is the bivariate density times cos(t) (Plackett, 1954).
    """
    return _angle_density(a * b, a * a + b * b, angle)


def _angle_density(
    product: np.ndarray, squares: np.ndarray, angle: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    sine, cosine = _beside(np.sin(angle), product), _beside(np.cos(angle), product)
    distance = squares - 2 * sine * product
    first = np.exp(distance * (-0.5 / cosine**2))
    first *= 1 / (2 * np.pi)
    second = product * (1 / cosine)
    second -= distance * (sine / cosine**3)
    second *= first
    return first, second


def _beside(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    return values.reshape(-1, *(1,) * (points.ndim - 1))


@dataclass(frozen=True, eq=False)
class PointsAtAngle:
    """P(X <= a, Y <= b) and its derivatives, at angles that move a little at a time.

    What the probability gains by a move is the integral of its derivative over the
    angle (Plackett, 1954), which a few nodes give where the move is small.

    Attributes
    ----------
    a, b, product, squares : float arrays, shape (n, ...)
        The limits, a b and a^2 + b^2.
    angle : float array, shape (n,)
        Its sine is the correlation.
    cumulative, first, second : float arrays, shape (n, ...)
        The probability and its derivatives by the angle.
    """

    a: np.ndarray
    b: np.ndarray
    product: np.ndarray
    squares: np.ndarray
    angle: np.ndarray
    cumulative: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def at(cls, a: np.ndarray, b: np.ndarray, angle: np.ndarray) -> PointsAtAngle:
        """Return the points at angles that nothing is known of yet."""
        product, squares = a * b, a * a + b * b
        first, second = _angle_density(product, squares, angle)
        cumulative = bivariate_cdf(a, b, np.sin(angle))
        angle = angle.copy()  # the caller goes on writing into its own
        return cls(a, b, product, squares, angle, cumulative, first, second)

    def some(self, chosen: np.ndarray) -> PointsAtAngle:
        """Return those of the leading indices `chosen`."""
        return PointsAtAngle(*(part[chosen] for part in vars(self).values()))

    def moved(self, angle: np.ndarray) -> PointsAtAngle:
        """Return the same at other angles; the probability errs by less than 1e-12."""
        first, second = _angle_density(self.product, self.squares, angle)
        step = angle - self.angle
        size = np.abs(step) / np.minimum(np.cos(angle), np.cos(self.angle))
        if size.max(initial=0.0) < NEAR:
            h = _beside(step, first)
            gained = (self.first + first) * (h / 2)
            gained += (self.second - second) * (h**2 / 12)
            cumulative = self.cumulative + gained
        else:
            cumulative = self._by_quadrature(step)
            far = size > FAR_OFF
            if far.any():
                rho = np.sin(angle[far])
                cumulative[far] = bivariate_cdf(self.a[far], self.b[far], rho)
        return replace(
            self, angle=angle, cumulative=cumulative, first=first, second=second
        )

    def _by_quadrature(self, step: np.ndarray) -> np.ndarray:
        cumulative = self.cumulative.copy()
        _, nodes, weights = _RULES[0]
        for node, weight in zip(nodes, weights):
            angle = self.angle + node * step
            sine, cosine = np.sin(angle), np.cos(angle)
            exponent = self.product * _beside(2 * sine, self.product)
            exponent -= self.squares
            exponent *= _beside(0.5 / cosine**2, exponent)
            np.exp(exponent, out=exponent)
            exponent *= _beside(weight * step / (2 * np.pi), exponent)
            cumulative += exponent
        return cumulative
