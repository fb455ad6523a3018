"""The stages of item reduction as data: what is looked at, from where it is a flag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rule:
    """One flag: a statistic of an item beyond a limit.

    Attributes
    ----------
    stage : int
        0 content, 1 distribution, 2 structure, 3 response model.
    statistic : str
        A column of the table of item statistics.
    limit : float
        Beyond it (below it where `is_floor`) the item is flagged.
    source : str
        Who set the limit.
    spares_low : bool
        An item whose location is low is flagged, but the flag does not count: such
        items are the ones that tell low involvement apart.
    """

    stage: int
    statistic: str
    limit: float
    source: str
    is_floor: bool = False
    spares_low: bool = False

    def breaks(self, values: np.ndarray) -> np.ndarray:
        """True where a statistic is beyond the limit; never where it is missing."""
        return values < self.limit if self.is_floor else values > self.limit


DEFAULT_RULES = (
    Rule(0, "relevance", 0.85, "COSMIN 2018: 85 % of raters", is_floor=True),
    Rule(0, "clarity", 0.85, "COSMIN 2018: 85 % of raters", is_floor=True),
    Rule(0, "i_cvi", 0.78, "Lynn 1986: item content validity index", is_floor=True),
    Rule(1, "missing", 0.10, "field practice: more than one in ten unanswered"),
    Rule(1, "categories", 2, "fewer than two answers in use", is_floor=True),
    Rule(1, "top_option", 0.80, "field practice", spares_low=True),
    Rule(1, "item_rest", 0.30, "Nunnally & Bernstein 1994", is_floor=True),
    Rule(1, "redundancy", 0.80, "inter-item correlation above .80"),
    Rule(1, "copies", 0.5, "the answers of another item, person by person"),
    Rule(2, "loading", 0.40, "Stevens 2002", is_floor=True),
    Rule(2, "cross_loading", 0.10, "nearer to another domain than to its own by .10"),
    Rule(2, "residual", 0.20, "COSMIN 2018: residual correlation below .20"),
    Rule(2, "h_item", 0.30, "Mokken 1971", is_floor=True),
    Rule(3, "disorder", 2.33, "mean rest score falls between categories, z (1 %)"),
    Rule(3, "misfit", 3.09, "S-X2, z of its p value (.001, COSMIN 2018)"),
    Rule(3, "dif", 0.02, "COSMIN 2018: McFadden delta R2 of .02"),
)
