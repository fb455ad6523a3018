"""Several groups calibrated together on one scale, held by anchor items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes, PerPerson
from ..errors import InvalidResponses
from ..figures import dots, finish, name_rows
from ..options import check_option
from ..responses import Responses, check_groups_vary, check_responses
from ..results import Result, axes
from .calibration import nodes_for
from .comparison import InformationCriteria
from .data_warnings import announce, parameter_notes
from .estimation import estimate
from .latent_distribution import Normal, grid
from .parameter_kinds import Kind
from .parameter_map import Design, spread
from .patterns import Patterns, find_patterns
from .starting_values import starting_block

if TYPE_CHECKING:
    from .objective import Prior
    from .result import IrtResult


@dataclass(frozen=True, eq=False, kw_only=True)
class MultipleGroupResult(InformationCriteria, Result):
    """One calibration of several groups.

    Attributes
    ----------
    groups : dict
        For each group its `IrtResult`; anchors have the same parameters in all.
    anchors : tuple
        Items whose parameters were held equal.
    notes : tuple of str
    """

    _headline = ("mean=to_frame.mean", "groups", "anchors", "n_persons")

    groups: dict
    anchors: tuple
    notes: tuple = ()

    @property
    def _first(self) -> IrtResult:
        return next(iter(self.groups.values()))

    @property
    def free(self) -> pd.Series:
        """Every estimated parameter, over all groups."""
        return self._first.free

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the estimated parameters, or None."""
        return self._first.covariance

    @property
    def log_likelihood(self) -> float:
        """Marginal log-likelihood of all groups together."""
        return self._first.log_likelihood

    @property
    def n_parameters(self) -> int:
        """Number of free parameters over all groups."""
        return self._first.n_parameters

    @property
    def n_persons(self) -> int:
        """Persons of all groups."""
        return sum(group.n_persons for group in self.groups.values())

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group: persons, mean and SD of theta, with their SEs."""
        rows = {label: _moments(group) for label, group in self.groups.items()}
        return pd.DataFrame.from_dict(rows, orient="index")

    def item_frame(self) -> pd.DataFrame:
        """Return each group's item parameters, one below the other."""
        return pd.concat({label: g.to_frame() for label, g in self.groups.items()})

    def persons(self, method: str = "eap") -> pd.DataFrame:
        """Return theta and its error for everybody, each by their group's own prior."""
        parts = [group.persons(method).to_frame() for group in self.groups.values()]
        return pd.concat(parts)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean of theta in each group with its 95 % interval."""
        table = self.to_frame()
        ax = axes(ax, rows=len(table))
        at = name_rows(ax, table.index, what="group")
        width = 1.96 * table["mean_se"].fillna(0.0)
        dots(ax, at, table["mean"], [width, width], capsize=3)
        return finish(ax, "Mean theta of each group", x="mean theta, 95 % interval")

    def _about(self) -> Sequence[str]:
        return (
            f"{len(self.groups)} groups, {self.n_persons} persons, "
            f"{len(self.anchors)} of {len(self._first.items)} items are anchors.",
            f"Log-likelihood {self.log_likelihood:.3f}, {self.n_parameters} "
            f"parameters, AIC {self.aic:.1f}, BIC {self.bic:.1f}; largest gradient "
            f"{self._first.gradient:.1e}.",
        )

    def _caveats(self) -> Sequence[str]:
        return self.notes


def _moments(group: IrtResult) -> dict[str, float]:
    row = {"n": group.n_persons, "mean": group.latent.mean[0], "mean_se": np.nan}
    row |= {"sd": group.latent.sd[0], "sd_se": np.nan}
    if group.covariance is not None:
        errors = group.latent_standard_errors
        for kind, error in zip(group.kinds[len(group.kinds) - len(errors) :], errors):
            if kind == Kind.MEAN:
                row["mean_se"] = error
            else:
                row["sd_se"] = error * group.latent.sd[0]
    return row


def multiple_group(
    responses: pd.DataFrame,
    groups: PerPerson,
    *,
    model: str = "graded",
    anchors: Sequence[str] | None = None,
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> MultipleGroupResult:
    """Calibrate several groups on one scale (Bock and Zimowski, 1997).

    The first group (in sorted order) has mean 0 and, in models with free slopes,
    variance 1; the others' are free, as the anchors allow.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    groups : Series or array, shape (n_persons,)
        A label for each person.
    model : {"graded", "gpcm", "pcm", "rsm"}
        Graded response, generalised partial credit, partial credit, rating scale.
    anchors : list of items, optional
        Items with equal parameters in all groups. By default every item; with an empty
        list nothing is shared and each group has a scale of its own.
    prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    MultipleGroupResult
        `groups` holds the calibration of each.

    Raises
    ------
    InvalidResponses
        One group alone, a person without a group, or an item that is not an anchor
        and has a category which some group never used.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> groups = ["ward", "home"] * 150
    >>> found = multiple_group(made.responses, groups, se=False)
    >>> list(found.groups)
    ['home', 'ward']
    """
    check_option("model", model, ("graded", "gpcm", "pcm", "rsm"))
    checked = check_responses(responses)
    positions, labels = _groups_of(groups, checked)
    patterns = find_patterns(checked, groups=(positions, labels))
    is_anchor = _anchors(anchors, patterns.items)
    free = checked.values[:, ~is_anchor]
    check_groups_vary(free, positions, labels, patterns.items[~is_anchor])
    _check_categories(patterns, is_anchor, labels)
    nodes = grid(nodes_for(checked.n_items, n_nodes))
    blocks = spread(starting_block(model, patterns), is_anchor, len(labels))
    is_linked = bool(is_anchor.any())
    is_sd_free = model in ("pcm", "rsm")
    first = Normal(nodes, is_sd_free=is_sd_free)
    other = Normal(nodes, is_mean_free=is_linked, is_sd_free=is_linked or is_sd_free)
    plan = Design(model, nodes, blocks, (first, *[other] * (len(labels) - 1)))
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    notes = announce(checked, prior)
    results = estimate(plan, patterns, **options)
    results = [
        replace(result, notes=notes + parameter_notes(result.parameters))
        for result in results
    ]
    held = tuple(patterns.items[is_anchor])
    every = tuple(dict.fromkeys(note for result in results for note in result.notes))
    return MultipleGroupResult(
        groups=dict(zip(labels, results)), anchors=held, notes=every
    )


def _groups_of(
    groups: np.ndarray | pd.Series, checked: Responses
) -> tuple[np.ndarray, list[int | str]]:
    column = checked.of_persons(groups, what="groups")
    if column.isna().any():
        raise InvalidResponses("every person needs a group; leave the others out")
    positions, labels = pd.factorize(column, sort=True)
    if len(labels) < 2:
        raise InvalidResponses("there is one group only; calibrate it by itself")
    return positions, list(labels)


def _anchors(anchors: Sequence[str] | pd.Index | None, items: pd.Index) -> np.ndarray:
    if anchors is None:
        return np.ones(len(items), bool)
    unknown = set(anchors) - set(items)
    if unknown:
        raise InvalidResponses(f"anchor {min(unknown, key=str)} is not among the items")
    return np.asarray(items.isin(list(anchors)))


def _check_categories(
    patterns: Patterns, is_anchor: np.ndarray, labels: Sequence[int | str]
) -> None:
    for g, label in enumerate(labels):
        codes = patterns.codes[patterns.group == g]
        for j in np.flatnonzero(~is_anchor):
            unused = set(range(patterns.n_categories[j])) - set(codes[:, j].tolist())
            if unused:
                code = patterns.categories[j][min(unused)]
                raise InvalidResponses(
                    f"nobody in group {label} gave answer {code} to item "
                    f"{patterns.items[j]}; merge categories or make it an anchor"
                )
