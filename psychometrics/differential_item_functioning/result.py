"""What a DIF analysis found: one row for each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..annotations import Axes, Label
from ..counted import counted
from ..figures import bars, bound, finish, name_rows
from ..results import Result, axes

EFFECT = {
    "ordinal_logistic": "mcfadden_total",
    "mantel": "smd",
    "likelihood_ratio": "unsigned_difference",
}
TITLES = {
    "ordinal_logistic": "McFadden's R squared of group and its interaction",
    "mantel": "standardised mean difference, focal minus reference",
    "likelihood_ratio": "difference of the expected answer, regardless of sign",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class DifResult(Result):
    """Differential item functioning of each item between groups.

    Attributes
    ----------
    table : DataFrame, one row for each item
        Tests, effect sizes, `significant`, `large`, `flagged` and `kind` (none,
        uniform, nonuniform).
    models : DataFrame or None
        Ordinal logistic: log-likelihoods, slopes and thresholds of the nested models.
    scale_effect : DataFrame, one row for each focal group
        Expected difference of the sum score, focal minus reference, among focal
        persons of the same matching score: over all items and over flagged ones.
    rounds : list of list
        The items flagged after each round of purification.
    """

    _headline = ("table.flagged", "method", "groups=levels")

    table: pd.DataFrame
    models: pd.DataFrame | None
    scale_effect: pd.DataFrame | None
    method: str
    matching: str
    levels: list[Label]
    sizes: dict[Label, int]
    rounds: list[list[str]]
    settled: bool
    alpha: float
    min_effect: float
    cutoffs: pd.DataFrame | None = None

    @property
    def flagged(self) -> list[str]:
        """Items flagged in the last round."""
        return self.table.index[self.table["flagged"]].tolist()

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        listed = ", ".join(f"{level} (n = {n})" for level, n in self.sizes.items())
        return (
            f"DIF by {self.method.replace('_', ' ')}, matched on {self.matching}; "
            f"reference {self.levels[0]}; groups {listed}.",
            f"Level {self.alpha:g}, effect at least {self.min_effect:g}; "
            f"{counted(len(self.rounds), 'round')} of purification; "
            f"flagged: {', '.join(map(str, self.flagged)) or 'none'}.",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if not self.settled:
            notes.append("Purification went round in circles; flags are the last ones.")
        if len(self.flagged) > len(self.table) / 2:
            notes.append(
                "Over half of the items are flagged: there is no common scale."
            )
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's effect size, flagged items hatched, and the bound."""
        effect = self.table[EFFECT[self.method]]
        ax = axes(ax, rows=len(effect))
        flags = self.table["flagged"]
        words = ("not flagged", "flagged")
        bars(ax, name_rows(ax, effect.index), effect, flags=flags, words=words)
        bound(ax, self.min_effect, f"bound {self.min_effect:g}")
        if (effect < 0).any():
            ax.axvline(-self.min_effect, color="0.25", linestyle="--", linewidth=1)
            ax.axvline(0, color="0.25", linewidth=0.8)
        groups = " and ".join(f"{name} (n = {n})" for name, n in self.sizes.items())
        title = f"DIF between {groups}: {flags.sum()} of {len(flags)} items flagged"
        return finish(ax, title, x=TITLES[self.method], key=True)
