"""Complete ordinal answers as item steps: the shape that Mokken's methods work on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..responses import check_responses


@dataclass(frozen=True, eq=False)
class Steps:
    """Complete answers coded 0..n_steps, with the same steps for every item.

    A step (item, x) is passed by an answer of x or more; steps run from 1 to
    the highest code in use above the lowest, over all items.
    """

    values: np.ndarray  # persons x items, int
    items: pd.Index
    persons: pd.Index
    n_dropped: int

    @property
    def n_persons(self):
        return self.values.shape[0]

    @property
    def n_items(self):
        return self.values.shape[1]

    @property
    def n_steps(self):
        return int(self.values.max())

    @cached_property
    def passed(self):
        """Boolean persons x items x steps."""
        return self.values[:, :, None] >= np.arange(1, self.n_steps + 1)

    @cached_property
    def popularity(self):
        """Proportion that passed each step, items x steps."""
        return self.passed.mean(axis=0)

    def keep(self, which):
        """Return the same persons on some of the items."""
        return Steps(
            self.values[:, which], self.items[which], self.persons, self.n_dropped
        )


def as_steps(responses):
    """Check `responses`, drop persons with unanswered items, and code from 0.

    The lowest code in use anywhere counts as 0 for every item: the items of a
    Mokken scale share their categories.
    """
    if isinstance(responses, Steps):
        return responses
    checked = check_responses(responses)
    complete = checked.complete()
    complete = check_responses(complete)
    codes = complete.values - complete.values.min()
    n_dropped = checked.n_persons - complete.n_persons
    return Steps(codes.astype(int), complete.items, complete.persons, n_dropped)
