"""Persons nested in clusters: sums of scores and small-sample corrections.

CR2 (Bell & McCaffrey, 2002; Pustejovsky & Tipton, 2018) under the working model that
a cluster's information is its share of the persons: in the metric of the information
the leverage of cluster c is then n_c / N, its correction (1 - n_c / N) ** -1/2, and
Satterthwaite's degrees of freedom depend on the cluster sizes alone.

A cluster's sum at the estimates is smaller than at the truth also because thresholds
and means bend towards its own, which that working model leaves out: with ten clusters
the spread of correlations comes out up to a quarter too small. Leaving clusters out one
at a time errs as far to the other side (Efron & Stein, 1981), so the two are averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...errors import InvalidResponses, PsychometricsError

LEFT_OUT_UP_TO = 60  # clusters; with more, leaving each out costs much and gains little


@dataclass(frozen=True, eq=False)
class Clusters:
    """Cluster codes of all persons, in the order of the stacked groups.

    Attributes
    ----------
    codes : int array
    correction : {"cr2", "none"}
    """

    codes: np.ndarray
    correction: str = "cr2"

    @property
    def n_clusters(self) -> int:
        return int(self.codes.max()) + 1

    @cached_property
    def share(self) -> np.ndarray:
        return np.bincount(self.codes) / len(self.codes)

    @cached_property
    def weights(self) -> np.ndarray:
        """What each cluster's squared score is multiplied by."""
        if self.correction == "none":
            return np.ones(self.n_clusters)
        return 1 / (1 - self.share)

    @cached_property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom of a robust variance."""
        root = np.sqrt(self.share)
        centring = np.eye(self.n_clusters) - np.outer(self.share, np.ones_like(root))
        form = (centring.T * self.weights) @ centring * np.outer(root, root)
        return np.trace(form) ** 2 / np.sum(form**2)

    @property
    def t_df(self) -> float:
        """`df`, or infinity without correction."""
        return self.df if self.correction == "cr2" else np.inf

    def sums(self, scores: np.ndarray, start: int = 0) -> np.ndarray:
        """Return corrected cluster sums of the rows of `scores`.

        `start` is the place of the first row among all persons.
        """
        return self._added(scores, start) * np.sqrt(self.weights)[:, None]

    def _added(self, scores: np.ndarray, start: int) -> np.ndarray:
        codes = self.codes[start : start + len(scores)]
        total = np.zeros((self.n_clusters, scores.shape[1]))
        np.add.at(total, codes, scores)
        return total

    def units(
        self,
        influence: np.ndarray,
        estimate: np.ndarray,
        without: Callable,
        start: int = 0,
    ) -> np.ndarray:
        """Return rows whose cross-products are n times the spread of `estimate`.

        Corrected sums of the persons' `influence`; with few clusters their average,
        in cross-products, with what leaving each cluster out changes.

        Parameters
        ----------
        influence : array, shape (n, k)
            Of one group's persons, the first of them at `start` among all.
        estimate : array, shape (k,)
        without : callable
            Takes a boolean array of the persons kept, and returns their estimate or
            raises a PsychometricsError (a category that one cluster alone used): its
            influence then stands for the change.
        """
        summed = self.sums(influence, start)
        if self.correction == "none" or self.n_clusters > LEFT_OUT_UP_TO:
            return summed
        changes = self._added(influence, start)
        codes = self.codes[start : start + len(influence)]
        for c in np.unique(codes):
            kept = codes != c
            try:
                changes[c] = kept.sum() * (estimate - without(kept))
            except PsychometricsError:
                continue
        changes -= self.share[:, None] * changes.sum(axis=0)
        changes *= np.sqrt(self.weights)[:, None]
        return np.vstack([summed, changes]) / np.sqrt(2)


def read_clusters(
    clusters: np.ndarray, index: pd.Index, correction: str = "cr2"
) -> Clusters:
    """Return Clusters from labels of the persons in `index`, one each, in their order.

    Rows may share a label, as two of one person do.

    Raises
    ------
    InvalidResponses
        When a person has no cluster, or there are fewer than two.
    """
    labels = pd.Series(np.asarray(clusters), index=index)
    if labels.isna().any():
        raise InvalidResponses(
            f"person {labels.index[labels.isna()][0]} has no cluster"
        )
    codes, names = pd.factorize(labels)
    if len(names) < 2:
        raise InvalidResponses("one cluster; robust errors need at least two")
    return Clusters(codes, correction)


def cross_products(
    scores: np.ndarray, clusters: Clusters | None = None, start: int = 0
) -> np.ndarray:
    """Return the sum over independent units of score times score."""
    units = scores if clusters is None else clusters.sums(scores, start)
    return units.T @ units
