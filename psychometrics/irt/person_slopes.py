"""Derivatives of the log-likelihood of answers, each pattern at a theta of its own.

For a graded item with F and Q the logistic curve and its complement at the step below
(u) and above (l) a category, the category's logarithm has the derivatives

    a (Q_u - F_l)    and    -a^2 (F_u Q_u + F_l Q_l)

(Samejima, 1969, in other words), and for the divide-by-total models, with v the slopes
of the categories, v_x less its mean and less the variance (Muraki, 1992): neither needs
the curves of the categories that were not chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .models import as_slopes, theta_slopes

if TYPE_CHECKING:
    from .parameters import ItemParameters

CELLS = 16_000  # answers taken at a time: what is made of them stays in the cache
STEEP = 150.0  # an exponent up to this may be the product of two exponentials


@dataclass(frozen=True, eq=False)
class Slopes:
    """Log-likelihood derivatives of each pattern at a theta of its own.

    `first`, `second`: of the log-likelihood. `information`: expected (Fisher) over the
    answered items. `skew`: sum of P' P'' / P, which Warm's correction needs. The last
    two are None unless they were asked for.
    """

    first: np.ndarray
    second: np.ndarray
    information: np.ndarray | None = None
    skew: np.ndarray | None = None


def likelihood_slopes(
    parameters: ItemParameters,
    codes: np.ndarray,
    theta: np.ndarray,
    *,
    expected: bool = False,
) -> Slopes:
    """Return `Slopes` of patterns (n, J) at theta (n,), unanswered items left out.

    `expected` gives `information` and `skew` as well.
    """
    if isinstance(parameters.model, tuple):
        found = [
            likelihood_slopes(part, codes[:, rows], theta, expected=expected)
            for rows, part in parameters.by_kind()
        ]
        columns = zip(*(vars(one).values() for one in found))
        return Slopes(*(None if c[0] is None else sum(c) for c in columns))
    slopes_of = _graded if parameters.model == "graded" else _divided
    parts = [
        slopes_of(parameters, codes[rows], theta[rows], expected)
        for rows in blocks(*codes.shape)
    ]
    return Slopes(*(np.concatenate(columns) for columns in zip(*parts)))


def category_shares(parameters: ItemParameters, theta: np.ndarray) -> list[np.ndarray]:
    """Return the probability of each category at each theta: K arrays (n, J).

    Nought for a category that an item lacks.
    """
    slopes, intercepts = parameters.arrays
    if isinstance(parameters.model, tuple):
        whole = np.zeros((intercepts.shape[1] + 1, len(theta), len(slopes)))
        for rows, part in parameters.by_kind():
            whole[:, :, rows] = category_shares(part, theta)
        return [*whole]
    if parameters.model != "graded":
        p, _ = _shares_of_total(parameters, theta)
        return [*p.transpose(2, 0, 1).copy()]
    a = as_slopes(slopes)[:, 0]
    cuts = _cuts(intercepts)
    steps, curves = _logistic(theta[:, None] * a, cuts)
    shape = len(theta), len(a)
    found, f_low = [], np.ones(shape)
    for share, step in zip(_shares(cuts).T, steps.T[1:]):
        f_high, q_high = curves(step)
        found.append(f_low * q_high * share)
        f_low = f_high
    return found


def blocks(n_rows: int, n_columns: int) -> list[slice]:
    """Return slices of rows that have `CELLS` cells or fewer, at least one row."""
    size = max(CELLS // n_columns, 1)
    return [slice(at, at + size) for at in range(0, n_rows, size)]


def _cuts(intercepts: np.ndarray) -> np.ndarray:
    """Intercepts between the step that is always taken and that which never is."""
    cuts = np.pad(intercepts, ((0, 0), (1, 1)), constant_values=-np.inf)
    cuts = np.where(np.isnan(cuts), -np.inf, cuts)
    cuts[:, 0] = np.inf
    return cuts


def _shares(cuts: np.ndarray) -> np.ndarray:
    """The factor of a category's probability that does not depend on theta.

    The probability is F_u Q_l (1 - exp(l - u)), exact in the tails.
    """
    with np.errstate(invalid="ignore"):
        shares = -np.expm1(np.diff(cuts, axis=1))
    return np.nan_to_num(shares)  # a category that an item lacks


def _graded(
    parameters: ItemParameters, codes: np.ndarray, theta: np.ndarray, expected: bool
) -> list[np.ndarray]:
    slopes, intercepts = parameters.arrays
    a = as_slopes(slopes)[:, 0]
    cuts = _cuts(intercepts)
    steps, curves = _logistic(theta[:, None] * a, cuts)
    n_steps = cuts.shape[1]
    seen = codes >= 0
    begins = n_steps * np.arange(len(a))
    low = np.where(seen, codes, 0) + begins  # an unanswered item is sure, and flat
    high = np.where(seen, codes + 1, n_steps - 1) + begins
    f_low, q_low = curves(steps.take(low))
    f_high, q_high = curves(steps.take(high))
    parts = [(q_low - f_high) @ a, -(f_low * q_low + f_high * q_high) @ a**2]
    if not expected:
        return parts
    information, skew = _graded_moments(cuts, steps, curves, seen.shape)
    return [*parts, (information * seen) @ a**2, (skew * seen) @ a**3]


def _logistic(z: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, Callable]:
    """Return the steps, and what gives F(z + cut) and its complement at some of them.

    Odds against a step are a product of what depends on theta and what on the step,
    so that one exponential serves all steps; where they could leave the range of
    numbers, there is one for each.
    """
    finite = np.abs(cuts[np.isfinite(cuts)]).max(initial=0.0)
    if max(np.abs(z).max(initial=0.0), finite) > STEEP:
        return cuts, lambda cut: _from_odds(np.exp(-np.clip(z + cut, -700, 700)))
    base = np.exp(-z)
    odds = np.exp(-np.maximum(cuts, -3 * STEEP))
    return odds, lambda odd: _from_odds(base * odd)


def _from_odds(against: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    f = 1 / (1 + against)
    return f, against * f


def _graded_moments(
    cuts: np.ndarray, steps: np.ndarray, curves: Callable, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Information and skew of each item at each theta, for slopes of one."""
    information, skew = np.zeros(shape), np.zeros(shape)
    f_low, q_low = np.ones(shape), np.zeros(shape)
    flat_low = np.zeros(shape)
    for share, step in zip(_shares(cuts).T, steps.T[1:]):
        f_high, q_high = curves(step)
        flat_high = f_high * q_high
        p = f_low * q_high * share
        first = q_low - f_high
        square = first * first
        information += p * square
        skew += p * first * (square - flat_low - flat_high)
        f_low, q_low, flat_low = f_high, q_high, flat_high
    return information, skew


def _divided(
    parameters: ItemParameters, codes: np.ndarray, theta: np.ndarray, expected: bool
) -> list[np.ndarray]:
    p, v = _shares_of_total(parameters, theta)
    off = v - np.einsum("njk,jk->nj", p, v)[:, :, None]
    seen = codes >= 0
    chosen = np.maximum(codes, 0)[:, :, None]
    first = np.take_along_axis(off, chosen, axis=2)[:, :, 0]
    spread = np.einsum("njk,njk->nj", p, off**2)
    information = (spread * seen).sum(axis=1)
    parts = [(first * seen).sum(axis=1), -information]
    if not expected:
        return parts
    skew = np.einsum("njk,njk->nj", p, off**3)
    return [*parts, information, (skew * seen).sum(axis=1)]


def _shares_of_total(
    parameters: ItemParameters, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, J, K) of a divide-by-total model, and its slopes (J, K)."""
    slopes, intercepts = parameters.arrays
    found = theta_slopes(parameters.model, slopes, intercepts.shape[1])
    v = np.pad(found, ((0, 0), (1, 0)))
    constant = np.pad(intercepts, ((0, 0), (1, 0)))
    absent = np.isnan(constant)
    v, constant = np.where(absent, 0.0, v), np.where(absent, -np.inf, constant)
    p = theta[:, None, None] * v + constant
    p = np.exp(p - p.max(axis=2, keepdims=True))
    return p / p.sum(axis=2, keepdims=True), v
