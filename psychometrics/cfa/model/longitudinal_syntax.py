"""The same items at several occasions, one row a person: models of a ladder's steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from ...annotations import Scales
from .identification import released_thresholds, wu_estabrook
from .syntax import parse_model

_CLASSES = {"=~": "loadings", "|": "thresholds", "~": "intercepts", "~~": "residuals"}


def occasion_model(
    scales: Scales,
    occasions: Sequence[str],
    *,
    equal: Sequence[str] = (),
    n_thresholds: Mapping[str, int] | None = None,
    released: Sequence[str] = (),
    sep: str = "_",
) -> str:
    """Return the model of one step, to be fitted with `std_lv` (and theta, if ordinal).

    An item's residuals correlate over occasions. What `equal` leaves open after the
    first occasion is free: for ordinal items as `wu_estabrook` says (for occasions:
    Liu et al., 2017), for numbers factor variances with equal loadings and factor means
    with equal intercepts.

    Parameters
    ----------
    scales : dict of str to list of str
    occasions : list of str
        Suffixes: item ``x`` at occasion ``t1`` is the column ``x_t1``.
    equal : sequence of {"thresholds", "loadings", "intercepts", "residuals"}
    n_thresholds : dict of str to int, optional
        Of each ordinal item; without it the items are numbers.
    released : sequence of str
        Parameters such as ``"f =~ x"`` or ``"x ~ 1"`` that may differ over occasions.
    """
    free = {*_left_out(released)}
    ordinal = n_thresholds is not None
    later = _beyond_first(set(equal), scales, n_thresholds, free)
    lines = []
    for time in occasions:
        is_first = time == occasions[0]
        for factor, items in scales.items():
            lines.append(_measured(factor, items, time, sep, "loadings" in equal, free))
            if not is_first and factor in later["variances"]:
                lines.append(f"{factor}{sep}{time} ~~ NA*{factor}{sep}{time}")
            if not is_first and factor in later["means"]:
                lines.append(f"{factor}{sep}{time} ~ NA*1")
        for item in _items(scales):
            column = f"{item}{sep}{time}"
            if ordinal:
                own = {} if is_first else later
                cuts = n_thresholds[item] if "thresholds" in equal else 0
                lines += _ordinal(item, column, cuts, own, free)
            else:
                lines += _numeric(item, column, equal, free)
    lines += [
        f"{item}{sep}{one} ~~ {item}{sep}{two}"
        for item in _items(scales)
        for one, two in combinations(occasions, 2)
    ]
    return "\n".join(lines)


def _left_out(released: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """(class, item, number of the threshold or 0) of what is released."""
    for text in released:
        for s in parse_model(text):
            item = s.rhs if s.op == "=~" else s.lhs
            yield _CLASSES[s.op], item, int(s.rhs[1:]) if s.op == "|" else 0


def parameters_of(
    scales: Scales, step: str, n_thresholds: Mapping[str, int] | None
) -> Iterator[str]:
    """Return what may be released at a step, one text an item."""
    for factor, items in scales.items():
        for item in items:
            if step == "loadings":
                yield f"{factor} =~ {item}"
            elif step == "thresholds":
                text = released_thresholds(item, n_thresholds[item])
                yield from [text] if text else []
            else:
                yield f"{item} ~ 1" if step == "intercepts" else f"{item} ~~ {item}"


def _beyond_first(
    equal: set[str],
    scales: Scales,
    n_thresholds: Mapping[str, int] | None,
    free: set[tuple[str, str, int]],
) -> dict[str, tuple[str, ...]]:
    if n_thresholds is not None:
        return vars(wu_estabrook(equal, scales, n_thresholds, free))
    return {
        "variances": tuple(scales) if "loadings" in equal else (),
        "means": tuple(scales) if "intercepts" in equal else (),
    }


def _measured(
    factor: str,
    items: Sequence[str],
    time: str,
    sep: str,
    is_equal: bool,
    free: set[tuple[str, str, int]],
) -> str:
    terms = []
    for item in items:
        tied = is_equal and ("loadings", item, 0) not in free
        label = f"load_{factor}_{item}*" if tied else ""
        terms.append(f"{label}{item}{sep}{time}")
    return f"{factor}{sep}{time} =~ " + " + ".join(terms)


def _ordinal(
    item: str,
    column: str,
    n_cuts: int,
    later: Mapping[str, Sequence[str]],
    free: set[tuple[str, str, int]],
) -> Iterator[str]:
    tied = [k for k in range(1, n_cuts + 1) if ("thresholds", item, k) not in free]
    if tied:
        yield f"{column} | " + " + ".join(f"cut_{item}_{k}*t{k}" for k in tied)
    if item in later.get("intercepts", ()):
        yield f"{column} ~ NA*1"
    if item in later.get("residuals", ()):
        yield f"{column} ~~ NA*{column}"


def _numeric(
    item: str, column: str, equal: Sequence[str], free: set[tuple[str, str, int]]
) -> Iterator[str]:
    if "intercepts" in equal and ("intercepts", item, 0) not in free:
        yield f"{column} ~ level_{item}*1"
    if "residuals" in equal and ("residuals", item, 0) not in free:
        yield f"{column} ~~ rest_{item}*{column}"


def _items(scales: Scales) -> list[str]:
    return list(dict.fromkeys(item for items in scales.values() for item in items))
