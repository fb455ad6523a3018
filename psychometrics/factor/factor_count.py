"""What every rule for the number of factors gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..counted import counted
from ..figures import bound, finish, line_style
from ..results import Result, axes


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorCount(Result):
    """A number of factors, and the curve that it was read from.

    Attributes
    ----------
    n_factors : int
    curve : DataFrame
        One row a factor (or a number of factors), from which the number follows.
    rule : str
        The rule, as a reader would name it.
    note : str
        What to know before relying on it; may be empty.
    shown : tuple of str
        The columns of the curve that its picture shows; all of them if empty.
    """

    _headline = ("n_factors", "rule")

    n_factors: int
    curve: pd.DataFrame
    rule: str
    note: str = ""
    shown: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.curve

    def _about(self) -> Sequence[str]:
        return (f"{self.rule}: {counted(self.n_factors, 'factor')}.",)

    def _caveats(self) -> Sequence[str]:
        return (self.note,) if self.note else ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve, and where the rule stops."""
        ax, shown = axes(ax), self.shown or self.curve.columns
        for k, name in enumerate(shown):
            style = line_style(k, 1) | {"marker": "osD^v"[k % 5], "markevery": 1}
            label = str(name).replace("_", " ")
            ax.plot(self.curve.index, self.curve[name], label=label, **style)
        bound(ax, self.n_factors, f"the rule stops at {self.n_factors}", k=1)
        x = str(self.curve.index.name or "factor").replace(
            "n_factors", "number of factors"
        )
        title = f"{self.rule}: {counted(self.n_factors, 'factor')}"
        one = str(shown[0]).replace("_", " ")
        return finish(ax, title, x=x, y=one if len(shown) == 1 else "value", key=True)


def leading(passes: np.ndarray | pd.Series) -> int:
    """Count how many hold before the first that does not."""
    passes = np.asarray(passes, bool)
    return int(len(passes) if passes.all() else passes.argmin())


def numbered(
    columns: Mapping[str, Sequence[float] | np.ndarray],
    *,
    start: int = 1,
    name: str = "factor",
) -> pd.DataFrame:
    """Return a curve, its rows numbered from `start`."""
    curve = pd.DataFrame(columns)
    curve.index = pd.RangeIndex(start, start + len(curve), name=name)
    return curve
