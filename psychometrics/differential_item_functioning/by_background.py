"""DIF by every background column at once, with what could not be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..annotations import Axes, Label
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import ORANGE, Style, finish, heatmap
from ..results import Result, axes
from .purification import dif
from .result import EFFECT

MOST_GROUPS = 10
SHOWN = 3  # groups too small to compare, by name


@dataclass(frozen=True, eq=False, kw_only=True)
class DifScreen(Result):
    """Flags of every item by every column, and the groups that were refused.

    `table` is indexed by column and item; `refused` names column, group and reason.
    """

    _headline = ("table.flagged", "method")

    _whole = 1000  # rows of items, not of persons

    table: pd.DataFrame
    refused: pd.DataFrame
    method: str

    def to_frame(self) -> pd.DataFrame:
        return self.table

    @property
    def flagged(self) -> pd.DataFrame:
        """Rows of flagged items."""
        return self.table[self.table["flagged"]]

    def _about(self) -> Sequence[str]:
        columns = self.table.index.unique("column").tolist()
        return (f"DIF by {self.method.replace('_', ' ')} by {', '.join(columns)}.",)

    def _caveats(self) -> Sequence[str]:
        return tuple(f"{said}." for said in _reasons(self.refused.to_numpy().tolist()))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw effect sizes as a picture, items by columns; flags have a frame."""
        effect = self.table["effect"].abs().unstack("column").astype(float)
        flags = self.table["flagged"].unstack("column").reindex_like(effect)
        ax = axes(ax, rows=len(effect), columns=effect.shape[1])
        heatmap(
            ax,
            effect,
            low=0,
            limit=np.nanmax(effect),
            label="size of the effect",
            form=".3f",
        )
        rows, columns = flags.fillna(False).to_numpy(bool).nonzero()
        if len(rows):
            style: Style = {"color": ORANGE, "markerfacecolor": "none"}
            style |= {"markeredgewidth": 2, "markersize": 13}
            ax.plot(columns, rows, "s", label="flagged", **style)
        ax.tick_params(axis="x", rotation=0)
        title = f"DIF of {len(effect)} items by {effect.shape[1]} background questions"
        return finish(ax, title, x="background", y="item", key=len(rows) > 0)


def dif_screen(
    responses: pd.DataFrame,
    background: pd.DataFrame,
    *,
    min_group: int = 100,
    **options: Any,
) -> DifScreen:
    """Run `dif` by each column of a table of background answers (Choi et al., 2011).

    A group below `min_group` is left out and named; a column with fewer than two
    groups left, or with more than ten, is refused with the reason.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
    background : DataFrame, shape (n_persons, n_columns)
        Perspective, mode, age band, sex, ethnicity, language, ...; matched by index.
    min_group : int
        The fewest persons a group may have.
    **options
        Of `dif`.

    Returns
    -------
    DifScreen
        `table` has one row a column and item; `refused` says what was not compared, and
        why.

    Raises
    ------
    InvalidResponses
        When no column can be compared.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(400, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> groups = np.repeat(["ward", "home"], 200)
    >>> background = pd.DataFrame({"setting": groups})
    >>> found = dif_screen(made.responses, background)
    >>> len(found.table), found.refused.empty
    (4, True)
    """
    tables: dict[Label, pd.DataFrame] = {}
    refused: list[tuple[Label, Label, str]] = []
    method = options.get("method", "ordinal_logistic")
    answered = responses.notna().any(axis=1)
    for name in background.columns:
        # a row without any answer is nobody, and does not make its group larger
        column = background[name].where(answered.reindex(background.index))
        groups, small = _large_groups(column, responses.index, min_group)
        refused += [(name, group, counted(n, "person")) for group, n in small.items()]
        n_groups = groups.nunique()
        if not 2 <= n_groups <= MOST_GROUPS:
            refused.append((name, None, _not_compared(n_groups)))
            continue
        found = dif(responses, groups, min_group=min_group, **options).table
        tables[name] = found.rename(columns={EFFECT[method]: "effect"})
    if not tables:
        reasons = "; ".join(_reasons(refused))
        raise InvalidResponses(f"no column can be compared ({reasons})")
    columns = ["chi2_total", "df_total", "p_total", "effect", "signed_difference"]
    columns += ["unsigned_difference", "flagged", "kind"]
    whole = pd.concat(tables, names=["column", "item"])[columns]
    left_out = pd.DataFrame(refused, columns=["column", "group", "reason"])
    return DifScreen(table=whole, refused=left_out, method=method)


def _not_compared(n_groups: int) -> str:
    if n_groups > MOST_GROUPS:
        return f"not compared: {n_groups} groups, make bands"
    left = counted(n_groups, "group") if n_groups else "no group"
    return f"not compared: {left} large enough"


def _reasons(refused: Sequence[Sequence[Label | None]]) -> Iterator[str]:
    """What was left out, a sentence a column: `mode: too few are telephone (20)`."""
    for column in dict.fromkeys(name for name, _, _ in refused):
        own = [(group, why) for name, group, why in refused if name == column]
        small = [f"{group} ({why})" for group, why in own if group is not None]
        more = f" and {len(small) - SHOWN} more" if len(small) > SHOWN else ""
        if small:
            yield f"{column}: too small: {', '.join(small[:SHOWN])}{more}"
        yield from (f"{column}: {why}" for group, why in own if group is None)


def _large_groups(
    column: pd.Series, persons: pd.Index, min_group: int
) -> tuple[pd.Series, pd.Series]:
    column = column.reindex(persons)
    sizes = column.value_counts()
    small = sizes[sizes < min_group]
    return column.where(~column.isin(small.index)), small
