"""Persons nested in clusters: sums of scores and small-sample corrections.

CR2 (Bell & McCaffrey, 2002; Pustejovsky & Tipton, 2018) under the working model that
a cluster's information is its share of the persons: in the metric of the information
the leverage of cluster c is then n_c / N, its correction (1 - n_c / N) ** -1/2, and
Satterthwaite's degrees of freedom depend on the cluster sizes alone.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..errors import InvalidResponses


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
    def n_clusters(self):
        return int(self.codes.max()) + 1

    @cached_property
    def share(self):
        return np.bincount(self.codes) / len(self.codes)

    @cached_property
    def weights(self):
        """What each cluster's squared score is multiplied by."""
        if self.correction == "none":
            return np.ones(self.n_clusters)
        return 1 / (1 - self.share)

    @cached_property
    def df(self):
        """Satterthwaite's degrees of freedom of a robust variance."""
        root = np.sqrt(self.share)
        centring = np.eye(self.n_clusters) - np.outer(self.share, np.ones_like(root))
        form = (centring.T * self.weights) @ centring * np.outer(root, root)
        return np.trace(form) ** 2 / np.sum(form**2)

    def sums(self, scores, start=0):
        """Return corrected cluster sums of the rows of `scores`.

        `start` is the place of the first row among all persons.
        """
        codes = self.codes[start : start + len(scores)]
        total = np.zeros((self.n_clusters, scores.shape[1]))
        np.add.at(total, codes, scores)
        return total * np.sqrt(self.weights)[:, None]


def read_clusters(clusters, index, correction="cr2"):
    """Return Clusters from labels of the persons in `index`.

    Raises
    ------
    InvalidResponses
        When a person has no cluster, or there are fewer than two.
    """
    labels = pd.Series(np.asarray(clusters), index=getattr(clusters, "index", index))
    labels = labels.loc[index]
    if labels.isna().any():
        raise InvalidResponses(
            f"person {labels.index[labels.isna()][0]} has no cluster"
        )
    codes, names = pd.factorize(labels)
    if len(names) < 2:
        raise InvalidResponses("one cluster; robust errors need at least two")
    return Clusters(codes, correction)


def cross_products(scores, clusters=None, start=0):
    """Return the sum over independent units of score times score."""
    units = scores if clusters is None else clusters.sums(scores, start)
    return units.T @ units
