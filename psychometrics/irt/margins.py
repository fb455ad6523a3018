"""One- and two-item margins of every category: what M2 is made of.

Maydeu-Olivares and Joe (2005 for dichotomous items, 2006 for any): the share of persons
in each category but the lowest, and in each pair of these of two items. Under a model
they have an exact multinomial covariance, made of margins of up to four items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InvalidResponses, NotIdentified
from .em_quadrature import predictor_slopes
from .models import curves

if TYPE_CHECKING:
    from .patterns import Patterns
    from .result import IrtResult

MOST = 5000  # their covariance then takes 200 MB, its factor as much again


@dataclass(frozen=True, eq=False)
class Margins:
    """Which cells each margin is a product of.

    Attributes
    ----------
    owners, levels : int arrays, shape (n_cells,)
        Item and category of each cell: a category other than its item's lowest.
    first, second : int arrays, shape (n_margins,)
        Positions of the two cells; `second` is n_cells, a cell that is always one,
        for the margins of single items, which come first.
    """

    owners: np.ndarray
    levels: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def items(self) -> np.ndarray:
        """The items of each margin, one item twice: shape (n_margins, 2)."""
        first, second = self.owners[self.first], np.append(self.owners, -1)[self.second]
        return np.column_stack([first, np.where(second < 0, first, second)])

    def cells(self, by_category: np.ndarray) -> np.ndarray:
        """Return rows of the cells, and a last row of ones, from (J, K, n)."""
        chosen = by_category[self.owners, self.levels]
        return np.concatenate([chosen, np.ones_like(chosen[:1])])

    def observed(self, patterns: Patterns) -> np.ndarray:
        """Return the persons in each margin."""
        chosen = patterns.indicators.reshape(-1, *patterns.shape).transpose(1, 2, 0)
        cells = self.cells(chosen)
        return ((cells * patterns.counts) @ cells.T)[self.first, self.second]

    def covariance(
        self, cells: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return expected margins and their covariance per person.

        Parameters
        ----------
        cells : array, shape (n_cells + 1, Q)
            Probabilities given theta, from `cells`.
        weights : array, shape (Q,)
        """
        every = cells[self.first] * cells[self.second]
        expected = every @ weights
        product = (every * weights) @ every.T
        for item in np.unique(self.owners):
            self._share_item(product, cells, weights, item)
        product -= np.outer(expected, expected)
        return expected, product

    def _share_item(
        self, product: np.ndarray, cells: np.ndarray, weights: np.ndarray, item: int
    ) -> None:
        """Two margins with one item: both hold only if they name one category."""
        own = np.append(self.owners, -1)
        touching = np.flatnonzero(
            (own[self.first] == item) | (own[self.second] == item)
        )
        product[np.ix_(touching, touching)] = 0.0
        same = own[:, None] == own
        for cell in np.flatnonzero(self.owners == item):
            rows = np.flatnonzero((self.first == cell) | (self.second == cell))
            partner = np.where(
                self.first[rows] == cell, self.second[rows], self.first[rows]
            )
            weighted = cells * (weights * cells[cell])
            three = np.where(same, np.diag(weighted.sum(axis=1)), weighted @ cells.T)
            product[np.ix_(rows, rows)] = three[np.ix_(partner, partner)]

    def slopes(
        self, change: np.ndarray, cells: np.ndarray, weights: np.ndarray, n_items: int
    ) -> np.ndarray:
        """Return derivatives by the parameters of items, (n_margins, n_items * P).

        `change` holds those of the cells given theta, shape (n_cells, P, Q).
        """
        table = (change * weights) @ cells.T
        full = np.zeros((len(self.first), n_items, change.shape[1]))
        for own, other in ((self.first, self.second), (self.second, self.first)):
            rows = np.flatnonzero(own < len(self.owners))
            u = own[rows]
            full[rows, self.owners[u]] = table[u, :, other[rows]]
        return full.reshape(len(full), -1)


def all_margins(n_categories: np.ndarray) -> Margins:
    """Return the `Margins` of items with these numbers of categories.

    Raises
    ------
    InvalidResponses
        If there are more than `MOST`.
    """
    steps = np.asarray(n_categories) - 1
    n_margins = int(steps.sum() + (steps.sum() ** 2 - (steps**2).sum()) // 2)
    if n_margins > MOST:
        raise InvalidResponses(
            f"M2 of {len(steps)} items with up to {steps.max() + 1} categories has "
            f"{n_margins} margins; their covariance grows with the square, and more "
            f"than {MOST} are not attempted: use C2 or M2*, which sum over "
            "categories, or fewer items"
        )
    owners = np.repeat(np.arange(len(steps)), steps)
    levels = np.concatenate([np.arange(1, n + 1) for n in steps])
    every = np.arange(len(owners))
    second, first = np.nonzero(owners[:, None] > owners)
    return Margins(
        owners,
        levels,
        np.concatenate([every, first]),
        np.concatenate([np.full(len(every), len(every)), second]),
    )


def model_margins(
    result: IrtResult, margins: Margins
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return margins expected by a calibration, their derivatives and covariance.

    Raises
    ------
    NotIdentified
        If there are no more margins than parameters, or different parameters give
        the same margins.
    """
    latent, n_free = result.latent, result.n_parameters
    if len(margins.first) <= n_free:
        raise NotIdentified(
            f"M2 has {len(margins.first)} margins for {n_free} parameters: no degrees "
            "of freedom are left; it needs more items"
        )
    found = curves(result.model, latent.nodes, *result.parameters.arrays)
    cells = margins.cells(found.probabilities)
    # no margin holds the lowest category, so persons at a floor add nothing
    expected, covariance = margins.covariance(cells, latent.mass)
    steepness = predictor_slopes(result.model, latent.nodes, result.intercepts.shape[1])
    scores = found.scores[margins.owners, margins.levels]
    if steepness.ndim == 4:  # a mixed test
        change = np.einsum("cmq,cpmq->cpq", scores, steepness[margins.owners])
    else:
        change = np.einsum("cmq,pmq->cpq", scores, steepness)
    change *= cells[:-1, None]
    by_item = margins.slopes(change, cells, latent.mass, len(result.items))
    by_latent = (latent.mass * latent.slopes) @ (
        cells[margins.first] * cells[margins.second]
    ).T
    slopes = np.concatenate([by_item, by_latent.T], axis=1) @ result.jacobian
    if np.linalg.matrix_rank(slopes / np.linalg.norm(slopes, axis=0)) < n_free:
        raise NotIdentified(
            "different parameters give the same margins of items and pairs: M2 has no "
            "test; it needs more items"
        )
    return expected, slopes, covariance


def independent_margins(
    patterns: Patterns, margins: Margins
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same three were items to share nothing, proportions as observed."""
    p = patterns.proportions[:, :, None]
    cells, weights = margins.cells(p), np.ones(1)
    expected, covariance = margins.covariance(cells, weights)
    slopes = np.zeros((len(expected), len(margins.owners)))
    for own, other in (
        (margins.first, margins.second),
        (margins.second, margins.first),
    ):
        rows = np.flatnonzero(own < len(margins.owners))
        slopes[rows, own[rows]] = cells[other[rows], 0]
    return expected, slopes, covariance
