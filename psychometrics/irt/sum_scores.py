"""From sum scores to theta, for forms that are scored by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import BLUE, finish
from ..results import Result, axes
from .models import category_probabilities

if TYPE_CHECKING:
    from .latent_distribution import LatentDistribution
    from .parameters import ItemParameters


@dataclass(frozen=True, eq=False, kw_only=True)
class SumScoreTable(Result):
    """EAP of theta for each sum score (Thissen, Pommerich, Billeaud, Williams, 1995).

    Attributes
    ----------
    table : DataFrame
        Indexed by sum score in the data's codes; columns theta, se, t, t_se (50 and 10
        in the reference population) and share (expected share of persons).
    """

    _headline = ("theta=table.theta", "se=table.se", "scores=table.index")

    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw theta with one standard error against the sum score."""
        ax, table = axes(ax), self.table
        style = {"fmt": "o", "color": BLUE, "markersize": 4, "elinewidth": 1}
        ax.errorbar(table.index, table["theta"], table["se"], **style)
        title = "Theta of each sum score, with one standard error"
        return finish(ax, title, x="sum score", y="theta (EAP)")


def sum_score_table(
    parameters: ItemParameters,
    latent: LatentDistribution,
    items: Sequence[str] | None = None,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
) -> SumScoreTable:
    """Return EAP and T scores for every sum score of a complete form.

    Parameters
    ----------
    parameters : ItemParameters
    latent : LatentDistribution
        Of the population that the form is given to. With a floor, theta at the lowest
        score is that of persons to whom the scale applies.
    items : list of labels, optional
        The items of a short form; by default all.
    mean, sd : float
        Of theta in the reference population of the T scores.
    """
    at = range(len(parameters.items))
    if items is not None:
        at = [parameters.items.get_loc(item) for item in items]
    slopes, intercepts = (array[list(at)] for array in parameters.arrays)
    p = category_probabilities(parameters.model, latent.nodes, slopes, intercepts)
    lowest = sum(parameters.categories[parameters.items[j]][0] for j in at)
    n_categories = [len(parameters.categories[parameters.items[j]]) for j in at]
    joint = sum_score_distribution(p, n_categories) * latent.weights
    share = joint.sum(axis=1)
    nodes = latent.nodes[:, 0]
    theta = joint @ nodes / share
    se = np.sqrt(joint @ nodes**2 / share - theta**2)
    table = {
        "theta": theta,
        "se": se,
        "t": 50 + 10 * (theta - mean) / sd,
        "t_se": 10 * se / sd,
        "share": share * (1 - latent.floor),
    }
    table["share"][0] += latent.floor
    scores = pd.RangeIndex(lowest, lowest + len(share), name="score")
    return SumScoreTable(table=pd.DataFrame(table, scores))


def sum_score_distribution(
    probabilities: np.ndarray, n_categories: Sequence[int] | np.ndarray
) -> np.ndarray:
    """Return P(sum score | theta) by the recursion of Lord and Wingersky (1984).

    Parameters
    ----------
    probabilities : array, shape (J, K, Q)
    n_categories : sequence of int, length J

    Returns
    -------
    array, shape (n_scores, Q)
    """
    return _with_more(
        np.ones((1, probabilities.shape[2])),
        probabilities,
        n_categories,
        range(len(probabilities)),
    )


def distributions_without(
    probabilities: np.ndarray, n_categories: Sequence[int] | np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each item's number with P(sum of all other items | theta), in order.

    Items are halved again and again, each half joined to what the other has: some
    J log J steps of the recursion for all, where one after the other took J squared.
    """
    todo = [(range(len(probabilities)), np.ones((1, probabilities.shape[2])))]
    while todo:
        items, known = todo.pop()
        if len(items) == 1:
            yield items[0], known
            continue
        left, right = items[: len(items) // 2], items[len(items) // 2 :]
        for own, others in ((right, left), (left, right)):
            more = _with_more(known, probabilities, n_categories, others)
            todo.append((own, more))


def _with_more(
    known: np.ndarray,
    probabilities: np.ndarray,
    n_categories: Sequence[int] | np.ndarray,
    items: Sequence[int],
) -> np.ndarray:
    for item in items:
        n = int(n_categories[item])
        longer = np.zeros((len(known) + n - 1, known.shape[1]))
        for category in range(n):
            place = longer[category : category + len(known)]
            place += known * probabilities[item, category]
        known = longer
    return known
