"""Which item comes next: how much it would tell, and what balance asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .bank import TabulatedBank


def posterior_weighted(
    bank: TabulatedBank, posterior: np.ndarray, theta_grid: np.ndarray
) -> np.ndarray:
    """Information averaged over the posterior (Van der Linden, 1998, MPWI)."""
    return bank.information @ posterior


def expected_information(
    bank: TabulatedBank, posterior: np.ndarray, theta_grid: np.ndarray
) -> np.ndarray:
    """Information at the theta expected after each possible answer (MEI).

    Van der Linden (1998): averaged over answers with their predictive chances.
    """
    joint = bank.probabilities * posterior
    chance = joint.sum(axis=2)
    theta = (joint @ theta_grid) / np.where(chance > 0, chance, 1.0)
    spacing = theta_grid[1] - theta_grid[0]
    place = np.clip((theta - theta_grid[0]) / spacing, 0, len(theta_grid) - 1.001)
    left = place.astype(int)
    share = place - left
    rows = np.arange(len(theta))[:, None]
    below, above = bank.information[rows, left], bank.information[rows, left + 1]
    return (chance * (below * (1 - share) + above * share)).sum(axis=1)


def expected_precision(
    bank: TabulatedBank, posterior: np.ndarray, theta_grid: np.ndarray
) -> np.ndarray:
    """Minus the expected posterior variance after the item (MEPV; Owen, 1975)."""
    return -expected_variance(bank.probabilities, posterior, theta_grid)


def expected_variance(
    probabilities: np.ndarray, posterior: np.ndarray, theta_grid: np.ndarray
) -> np.ndarray:
    """Return the posterior variance expected after each item, shape (J,)."""
    moments = (
        probabilities
        * posterior
        @ np.stack([np.ones_like(theta_grid), theta_grid, theta_grid**2], axis=1)
    )
    chance, first, second = np.moveaxis(moments, 2, 0)
    return (second - first**2 / np.where(chance > 0, chance, 1.0)).sum(axis=1)


CRITERIA = {
    "posterior_weighted": posterior_weighted,
    "expected_information": expected_information,
    "expected_precision": expected_precision,
}


def eligible_by_need(
    bank: TabulatedBank, free: np.ndarray, seen: np.ndarray, n_left: int
) -> np.ndarray:
    """Return the free items that may come without leaving a domain unseen.

    Parameters
    ----------
    free : bool array, shape (J,)
    seen : int array, shape (n_domains,)
        Items answered or offered of each domain.
    n_left : int
        Items that are still sure to come, this one included.
    """
    unseen = (seen == 0) & (np.bincount(bank.domain[free], minlength=len(seen)) > 0)
    if unseen.sum() < max(n_left, 1):
        return free
    return free & unseen[bank.domain]


def with_penalty(
    value: np.ndarray,
    bank: TabulatedBank,
    free: np.ndarray,
    seen: np.ndarray,
    targets: np.ndarray,
    weight: float,
) -> np.ndarray:
    """Return the values less a penalty for domains ahead of their share.

    The values are scaled to 0-1 over the free items; a domain's need is its target
    share of the items so far and this one, less what it has had (after Shin,
    Chien, Way & Swanson, 2009).
    """
    low, high = value[free].min(), value[free].max()
    scaled = (value - low) / (high - low) if high > low else np.zeros_like(value)
    need = targets * (seen.sum() + 1) - seen
    return scaled + weight * need[bank.domain]


def shadow_items(
    value: np.ndarray,
    bank: TabulatedBank,
    free: np.ndarray,
    seen: np.ndarray,
    targets: np.ndarray,
    length: int,
) -> np.ndarray:
    """Return which free items the best full test of `length` would take.

    A shadow test (Van der Linden & Reese, 1998) holds all items given so far and the
    most valuable others, each domain within one item of its target share.
    Domains do not overlap, so taking the best of each domain up to its least
    number, and then the best of all up to its most, is the optimum.
    """
    least = np.floor(targets * length)
    most = np.ceil(targets * length)
    chosen, count = np.zeros(len(value), bool), seen.astype(float)
    order = [item for item in np.argsort(-value, kind="stable") if free[item]]
    for bound in (least, most):
        for item in order:
            d = bank.domain[item]
            if not chosen[item] and count[d] < bound[d] and count.sum() < length:
                chosen[item] = True
                count[d] += 1
    return chosen if chosen.any() else free
