"""Guttman errors: persons whose answers go against the order of the item steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import BLUE, bound, finish
from ..results import Result, axes
from .item_steps import as_steps


@dataclass(frozen=True, eq=False, kw_only=True)
class GuttmanErrors(Result):
    """Number of errors of each person, and the fence beyond which it is unusual."""

    _headline = ("median=errors.median", "fence", "n_persons=errors.size")

    errors: pd.Series
    n_tied: int
    fence: float

    def to_frame(self) -> pd.DataFrame:
        frame = self.errors.to_frame("errors")
        return frame.assign(unusual=self.errors > self.fence)

    def _about(self) -> Sequence[str]:
        unusual = int((self.errors > self.fence).sum())
        return (
            f"Guttman errors of {len(self.errors)} persons: median "
            f"{self.errors.median():g}; {unusual} above the fence of {self.fence:g}.",
        )

    def _caveats(self) -> Sequence[str]:
        if not self.n_tied:
            return ()
        return (f"{self.n_tied} pairs of steps are equally popular; none is an error.",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how the errors are distributed, with the fence."""
        ax = axes(ax)
        ax.hist(self.errors, bins=30, color=BLUE, edgecolor="white")
        bound(ax, self.fence, f"fence {self.fence:.3g}")
        unusual = int((self.errors > self.fence).sum())
        title = (
            f"Guttman errors: {unusual} of {len(self.errors)} persons above the fence"
        )
        return finish(ax, title, x="Guttman errors", y="persons", key=True)


def guttman_errors(responses: pd.DataFrame) -> GuttmanErrors:
    """Count each person's Guttman errors (G+; Zijlstra, Van der Ark & Sijtsma, 2007).

    An error is a pair of item steps of which the person passed the less popular and
    failed the more popular one. Two equally popular steps have no order that could be
    broken. The fence is Tukey's adjusted for skewness (Hubert & Vandervieren, 2008).

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        As in `scalability`; persons with unanswered items are left out.
    """
    steps = as_steps(responses)
    passed = steps.passed.reshape(steps.n_persons, -1).astype(float)
    popularity = passed.sum(axis=0)
    easier = popularity[:, None] > popularity[None, :]
    errors = (((1 - passed) @ easier) * passed).sum(axis=1)
    tied = np.triu(popularity[:, None] == popularity[None, :], 1)
    owner = np.repeat(np.arange(steps.n_items), steps.n_steps)
    tied &= owner[:, None] != owner[None, :]
    return GuttmanErrors(
        errors=pd.Series(errors.astype(int), index=steps.persons, name="errors"),
        n_tied=int(tied.sum()),
        fence=_adjusted_fence(errors),
    )


def _adjusted_fence(values: np.ndarray) -> float:
    """Return the upper fence of the skewness-adjusted boxplot."""
    low, high = np.quantile(values, [0.25, 0.75])
    medcouple = _medcouple(values)
    factor = np.exp(3 * medcouple) if medcouple >= 0 else np.exp(4 * medcouple)
    return float(high + 1.5 * factor * (high - low))


def _medcouple(values: np.ndarray) -> float:
    """Return the medcouple (Brys et al., 2004), of 1000 quantiles at most."""
    if len(values) > 1000:  # the kernel is quadratic in memory
        values = np.quantile(values, np.linspace(0, 1, 1000))
    middle = np.median(values)
    above = values[values >= middle][:, None] - middle
    below = middle - values[values <= middle][None, :]
    total = above + below
    kernel = np.divide(above - below, total, out=np.zeros_like(total), where=total > 0)
    return float(np.median(kernel))
