"""Whether one item response model is a special case of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InvalidResponses

if TYPE_CHECKING:
    from .models import Model
    from .result import IrtResult

WIDER = ("rsm", "pcm", "gpcm", "nominal")  # each a special case of all after it
EQUAL_SLOPES = ("rsm", "pcm")
NOISE = 0.01  # of chi2: what two searches may leave


def refuse_unnested(smaller: Any, larger: Any) -> None:
    """Refuse two calibrations whose log-likelihoods make no test.

    Parameters
    ----------
    smaller, larger : IrtResult or MultipleGroupResult

    Raises
    ------
    InvalidResponses
        Other answers, items or categories; a model, dimensions, latent distribution or
        anchors of the first that the second does not allow; or the second fits worse.
    """
    one, other = _parts(smaller), _parts(larger)
    if not _same_answers(one, other):
        raise InvalidResponses(
            "the models are of different answers (items, categories or persons): "
            "their log-likelihoods do not compare; fit both to the same table"
        )
    for why in _reasons(smaller, larger):
        raise InvalidResponses(
            f"{why}: the first model is no special case of the second, and twice the "
            "difference of log-likelihoods is no chi-square; compare AIC or BIC"
        )
    if 2 * (larger.log_likelihood - smaller.log_likelihood) < -NOISE:
        raise InvalidResponses(
            "the second model has more parameters and a lower log-likelihood: it does "
            "not contain the first, a prior holds it back, or its search ended early"
        )


def _parts(result: Any) -> list[IrtResult]:
    return [*result.groups.values()] if hasattr(result, "groups") else [result]


def _same_answers(one: list[IrtResult], other: list[IrtResult]) -> bool:
    first, second = one[0], other[0]
    if set(first.items) != set(second.items):
        return False
    categories = (part.parameters.categories for part in (first, second))
    mine, theirs = categories
    if any(list(mine[item]) != list(theirs[item]) for item in first.items):
        return False
    tables = [_answers(parts, first.items) for parts in (one, other)]
    return np.array_equal(*tables)


def _answers(parts: list[IrtResult], items: pd.Index) -> np.ndarray:
    """Everybody's answers, in an order that does not depend on who comes first."""
    frames = [
        pd.DataFrame(part.patterns.codes[part.patterns.rows], columns=part.items)
        for part in parts
    ]
    table = pd.concat(frames)[list(items)].to_numpy()
    return table[np.lexsort(table.T)]


def _reasons(smaller: Any, larger: Any) -> Iterator[str]:
    one, other = _parts(smaller)[0], _parts(larger)[0]
    for item in one.items:
        mine, theirs = (_kind(part, item) for part in (one, other))
        if not _contains(theirs, mine, len(one.parameters.categories[item])):
            yield f"item {item} is {mine} in the first and {theirs} in the second"
            return
    mine, theirs = one.latent.shape, other.latent.shape
    if mine not in ("normal", theirs):
        yield f"theta is {mine} in the first and {theirs} in the second"
    yield from _of_dimensions(one, other)
    anchors = (set(getattr(result, "anchors", ())) for result in (smaller, larger))
    held, freed = anchors
    if len(_parts(smaller)) == len(_parts(larger)) and not freed <= held:
        item = sorted(map(str, freed - held))[0]
        yield f"item {item} is an anchor in the second alone"


def _kind(part: IrtResult, item: object) -> str:
    model: Model = part.model
    return model if isinstance(model, str) else model[part.items.get_loc(item)]


def _contains(wider: str, narrower: str, n_categories: int) -> bool:
    """Of two categories all models are logistic, with a slope of their own or not."""
    if n_categories == 2:
        return narrower in EQUAL_SLOPES or wider not in EQUAL_SLOPES
    if "graded" in (wider, narrower):
        return wider == narrower
    return WIDER.index(narrower) <= WIDER.index(wider)


def _of_dimensions(one: IrtResult, other: IrtResult) -> Iterator[str]:
    mine, theirs = (part.parameters.slopes for part in (one, other))
    if "nominal" in (one.model, other.model):
        return
    if mine.shape[1] > theirs.shape[1]:
        yield f"the first has {mine.shape[1]} dimensions, the second {theirs.shape[1]}"
    elif mine.shape[1] == theirs.shape[1] > 1:
        extra = (mine.to_numpy() != 0) & (theirs.loc[mine.index].to_numpy() == 0)
        if extra.any():
            item = mine.index[extra.any(axis=1)][0]
            yield f"item {item} has a slope in the first that the second leaves out"
