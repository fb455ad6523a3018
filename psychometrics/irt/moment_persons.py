"""Who stands behind each moment of items and pairs where answers are missing.

With answers missing completely at random, as in booklets, a moment is estimated by its
mean over the persons who answered what it needs. Of two such means, over n_a and n_b
persons of whom n_ab are in both, the covariance is that of one person times
n_ab / (n_a n_b), since persons are independent of each other. The quadratic form
in these covariances has the distribution of the one from complete answers, whatever
consistent estimator gave the parameters (Maydeu-Olivares and Joe, 2006, eq. 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .patterns import sets_of

if TYPE_CHECKING:
    from .patterns import Patterns


@dataclass(frozen=True, eq=False)
class MomentPersons:
    """The persons of each moment.

    Attributes
    ----------
    n : float array, shape (n_moments,)
        Persons who answered every item that the moment needs.
    known : bool array, shape (n_moments,)
        Whether anybody did; the others are no moments of these data.
    weight : array, shape (n_known, n_known)
        n_ab / (n_a n_b) of the known ones.
    """

    n: np.ndarray
    known: np.ndarray
    weight: np.ndarray


def moment_persons(patterns: Patterns, items: np.ndarray) -> MomentPersons:
    """Count the persons of each moment, and those whom two moments share.

    Parameters
    ----------
    patterns : Patterns
    items : int array, shape (n_moments, 2)
        The items that each moment needs; one item is written twice.
    """
    answered = patterns.codes >= 0
    first, place = sets_of(answered)
    answered, counts = answered[first], np.bincount(place, patterns.counts)
    if len(counts) == 1 and answered.all():
        n = np.full(len(items), counts[0])
        alike = np.broadcast_to(1 / counts[0], (len(n), len(n)))
        return MomentPersons(n, n > 0, alike)
    of_moment = answered[:, items[:, 0]] & answered[:, items[:, 1]]
    n = counts @ of_moment
    known = n > 0
    seen = of_moment[:, known].astype(float)
    shared = (seen.T * counts) @ seen
    shared /= n[known]
    shared /= n[known][:, None]
    return MomentPersons(n, known, shared)
