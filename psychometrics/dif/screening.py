"""DIF by every background column at once, with what could not be compared."""

from dataclasses import dataclass

import pandas as pd

from ..errors import InvalidResponses
from ..results import Result, axes
from .analysis import dif
from .result import EFFECT

MOST_GROUPS = 10


@dataclass(frozen=True, eq=False)
class DifScreen(Result):
    """Flags of every item by every column, and the groups that were refused.

    `table` is indexed by column and item; `refused` names column, group and reason.
    """

    table: pd.DataFrame
    refused: pd.DataFrame
    method: str

    def to_frame(self):
        return self.table

    @property
    def flagged(self):
        """Rows of flagged items."""
        return self.table[self.table["flagged"]]

    def _about(self):
        columns = self.table.index.unique("column").tolist()
        return (f"DIF by {self.method.replace('_', ' ')} by {', '.join(columns)}.",)

    def _caveats(self):
        return tuple(
            f"{row.column}: {row.group or 'not compared'}: {row.reason}."
            for row in self.refused.itertuples()
        )

    def plot(self, ax=None):
        """Draw effect sizes as a picture, items by columns; flags are crossed."""
        ax = axes(ax)
        effect = self.table["effect"].abs().unstack("column")
        flags = self.table["flagged"].unstack("column").reindex_like(effect)
        ax.imshow(effect.to_numpy(float), cmap="Blues", aspect="auto")
        for row, column in zip(*flags.fillna(False).to_numpy(bool).nonzero()):
            ax.text(column, row, "x", ha="center", va="center", color="C3")
        ax.set_xticks(range(effect.shape[1]), [str(name) for name in effect.columns])
        ax.set_yticks(range(effect.shape[0]), [str(item) for item in effect.index])
        ax.set_title("DIF")
        return ax


def dif_screen(responses, background, *, min_group=100, **options):
    """Run `dif` by each column of a table of background answers.

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

    Raises
    ------
    InvalidResponses
        When no column can be compared.
    """
    tables, refused = {}, []
    method = options.get("method", "ordinal_logistic")
    for name in background.columns:
        groups, small = _large_groups(background[name], responses.index, min_group)
        refused += [(name, group, f"{n} persons") for group, n in small.items()]
        n_groups = groups.nunique()
        if not 2 <= n_groups <= MOST_GROUPS:
            what = "make bands" if n_groups > MOST_GROUPS else "nothing to compare"
            refused.append((name, None, f"{n_groups} groups, {what}"))
            continue
        found = dif(responses, groups, min_group=min_group, **options).table
        tables[name] = found.rename(columns={EFFECT[method]: "effect"})
    if not tables:
        reasons = "; ".join(
            f"{name}: {group or 'not compared'}: {reason}"
            for name, group, reason in refused
        )
        raise InvalidResponses(f"no column can be compared ({reasons})")
    columns = ["chi2_total", "df_total", "p_total", "effect", "signed_difference"]
    columns += ["unsigned_difference", "flagged", "kind"]
    whole = pd.concat(tables, names=["column", "item"])[columns]
    refused = pd.DataFrame(refused, columns=["column", "group", "reason"])
    return DifScreen(whole, refused, method)


def _large_groups(column, persons, min_group):
    column = column.reindex(persons)
    sizes = column.value_counts()
    small = sizes[sizes < min_group]
    return column.where(~column.isin(small.index)), small
