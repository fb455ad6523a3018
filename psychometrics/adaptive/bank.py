"""Calibrated items tabulated over a grid of theta, ready for quick steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Scales
from ..errors import InvalidResponses
from ..irt.information import item_information
from ..irt.models import curves
from ..irt.parameters import ItemParameters

if TYPE_CHECKING:
    from ..irt.result import IrtResult

GRID = np.linspace(-6.0, 6.0, 121)


def item_parameters(known: ItemParameters | IrtResult) -> ItemParameters:
    """Return the parameters themselves, or those of a calibration."""
    return known if isinstance(known, ItemParameters) else known.parameters


@dataclass(frozen=True, eq=False)
class TabulatedBank:
    """Log-probabilities (J, K, Q) and information (J, Q) of items on a grid (Q,).

    `domain` numbers each item's domain; `categories` holds each item's codes.
    """

    items: pd.Index
    categories: list[np.ndarray]
    log_probabilities: np.ndarray
    probabilities: np.ndarray
    information: np.ndarray
    domain: np.ndarray
    domains: list[str]

    @classmethod
    def of(
        cls, parameters: ItemParameters | IrtResult, domains: Scales | None = None
    ) -> TabulatedBank:
        """Tabulate `parameters`; without `domains` all items are of one.

        Parameters
        ----------
        parameters : ItemParameters
            Or an IRT result, whose parameters are taken.
        domains : dict, optional
            Domain -> its items; every item of the bank in one domain.
        """
        parameters = item_parameters(parameters)
        if not parameters.is_unidimensional:
            raise InvalidResponses("an adaptive test needs items of one dimension")
        found = curves(parameters.model, GRID, *parameters.arrays)
        return cls(
            items=parameters.items,
            categories=[
                np.asarray(parameters.categories[item]) for item in parameters.items
            ],
            log_probabilities=found.log_probabilities,
            probabilities=found.probabilities,
            information=item_information(parameters.model, GRID, *parameters.arrays),
            domain=_domain_numbers(parameters.items, domains),
            domains=list(domains) if domains else ["all"],
        )

    def position(self, item: str) -> int:
        if item not in self.items:
            raise InvalidResponses(f"item {item} is not in the bank")
        return self.items.tolist().index(item)

    def category(self, item: int, code: float) -> int:
        """Return which category of the item at a position a code is."""
        known = np.flatnonzero(self.categories[item] == code)
        if not len(known):
            raise InvalidResponses(
                f"item {self.items[item]} has no category {code}; it has "
                f"{', '.join(map(str, self.categories[item]))}"
            )
        return int(known[0])


def _domain_numbers(items: pd.Index, domains: Scales | None) -> np.ndarray:
    if domains is None:
        return np.zeros(len(items), int)
    listed = [item for ids in domains.values() for item in ids]
    missing = [item for item in items if listed.count(item) != 1]
    if missing:
        raise InvalidResponses(
            f"item {missing[0]} is in {listed.count(missing[0])} domains; put each "
            "item in one"
        )
    number = {item: d for d, ids in enumerate(domains.values()) for item in ids}
    return np.array([number[item] for item in items])
