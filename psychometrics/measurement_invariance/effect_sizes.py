"""How far an item's non-invariance moves its expected answer: dMACS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..cfa.confirm import ORDINAL, confirm
from ..errors import PsychometricsError

if TYPE_CHECKING:
    from ..cfa.model.model_matrices import Implied
    from ..cfa.result import ConfirmedModel

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def dmacs(
    model: str,
    responses: pd.DataFrame,
    configural: ConfirmedModel,
    steps: Sequence[str],
    options: Mapping[str, Any],
) -> pd.DataFrame:
    """Return dMACS (Nye & Drasgow, 2011) of each item for each further group.

    Each item is freed in turn while the others hold the metric; the difference of
    its expected answer from the first group's is averaged over the group's factor
    and divided by the item's pooled standard deviation. Items of one factor only.

    Returns
    -------
    DataFrame, items x groups beyond the first
        NaN where an item loads on several factors.
    """
    options = {**options, "std_lv": True}  # no item is the marker of its factor
    kept = tuple(s for s in steps if s != "residuals")
    rows = configural.table.rows(1)
    rows = rows[(rows["op"] == "=~") & rows["rhs"].isin(configural.items)]
    result = pd.DataFrame(
        np.nan, index=configural.items, columns=list(configural.groups[1:])
    )
    for item in configural.items:
        factors = list(rows.loc[rows["rhs"] == item, "lhs"])
        if len(factors) != 1:
            continue
        freed = _freed(item, factors[0], configural, options["estimator"])
        try:
            fitted = confirm(model, responses, equal=kept, released=freed, **options)
        except PsychometricsError:
            continue  # a factor of two items cannot spare one: left missing
        sizes = _item_sizes(fitted, responses, item, factors[0], options)
        result.loc[item] = list(sizes)
    return result


def score_differences(
    fitted: ConfirmedModel, scales: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Return how far what is not equal over groups moves each scale's mean score.

    The expected mean answer of a scale's items, by a group's own parameters less by
    those of the first group, averaged over the group's own factor. Meant for a model
    whose equality is relaxed for some items only; items of one factor.

    Returns
    -------
    DataFrame, rows (scale, group beyond the first)
        signed and unsigned, in steps of the codes. Unsigned is the mean size at each
        place of the factor: opposite differences of items cancel, of places do not.
    """
    rows = fitted.table.rows(1)
    rows = rows[(rows["op"] == "=~") & rows["rhs"].isin(fitted.items)]
    factor_of = dict(zip(rows["rhs"], rows["lhs"]))
    found = {}
    for scale, items in scales.items():
        for place, group in enumerate(fitted.groups[1:], start=1):
            gap = np.mean([_gap(fitted, i, factor_of[i], place) for i in items], axis=0)
            found[scale, group] = {
                "signed": _WEIGHTS @ gap,
                "unsigned": _WEIGHTS @ np.abs(gap),
            }
    table = pd.DataFrame.from_dict(found, orient="index")
    return table.rename_axis(["scale", "group"])


def _gap(fitted: ConfirmedModel, item: str, factor: str, place: int) -> np.ndarray:
    """A group's expected answer less the first group's, over the group's factor."""
    i = fitted.items.index(item)
    f = len(fitted.items) + fitted.latents.index(factor)
    own, ordinal = fitted.implied[place], fitted.table.settings.ordinal
    eta = own.mean[f] + np.sqrt(own.full[f, f]) * _NODES
    there = _expected(own, fitted, i, f, eta, ordinal)
    return there - _expected(fitted.implied[0], fitted, i, f, eta, ordinal)


def _freed(
    item: str, factor: str, model: ConfirmedModel, estimator: str
) -> tuple[str, ...]:
    if estimator not in ORDINAL:
        return (f"{factor} =~ {item}", f"{item} ~ 1")
    n = model.table.n_thresholds[item]
    cuts = " + ".join(f"t{k}" for k in range(1, n + 1))
    return (f"{item} | {cuts}", f"{factor} =~ {item}", f"{item} ~ 1")


def _item_sizes(
    fitted: ConfirmedModel,
    responses: pd.DataFrame,
    item: str,
    factor: str,
    options: Mapping[str, Any],
) -> Iterator[float]:
    groups = options["groups"]
    labels = responses[groups] if isinstance(groups, str) else groups
    spread = [
        responses.loc[np.asarray(labels) == g, item].dropna() for g in fitted.groups
    ]
    for place in range(1, len(fitted.groups)):
        gap = _gap(fitted, item, factor, place)
        n1, n2 = len(spread[0]), len(spread[place])
        pooled = (n1 - 1) * spread[0].var() + (n2 - 1) * spread[place].var()
        yield np.sqrt(_WEIGHTS @ gap**2) / np.sqrt(pooled / (n1 + n2 - 2))


def _expected(
    implied: Implied,
    fitted: ConfirmedModel,
    i: int,
    f: int,
    eta: np.ndarray,
    ordinal: bool,
) -> np.ndarray:
    """The answer expected at each place of the factor."""
    line = implied.b[i] + implied.A[i, f] * eta
    if not ordinal:
        return line
    counts = list(fitted.table.n_thresholds.values())
    first = sum(counts[:i])
    cuts = implied.tau[first : first + counts[i]]
    return ndtr((line[:, None] - cuts) / np.sqrt(implied.S[i, i])).sum(axis=1)
