"""Common models, written out from {factor: items} in the model language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from ...annotations import Scales
from ...errors import NotIdentified
from ...options import check_option

if TYPE_CHECKING:
    import pandas as pd

EQUAL = ("loadings", "intercepts", "residuals")  # over occasions


def one_factor_model(
    scales: Scales | Sequence[str], *, factor: str = "involvement"
) -> str:
    """Return the model in which all items measure one factor.

    Spearman's (1904) model, which every other has to do better than.

    Parameters
    ----------
    scales : dict of str to list of str, or list of str
        Items by scale, or the items alone.
    factor : str
        Name of the factor.

    Returns
    -------
    str
        A model for `confirm`.

    Raises
    ------
    NotIdentified
        No items.

    Examples
    --------
    >>> print(one_factor_model({"trust": ["t1", "t2"], "parity": ["p1"]}))
    involvement =~ t1 + t2 + p1
    """
    return _measured(factor, _items(scales))


def correlated_factors_model(scales: Scales, *, orthogonal: bool = False) -> str:
    """Return the model with one factor a scale, correlated unless `orthogonal`.

    The usual first rival of one factor (Joreskog, 1969).

    Parameters
    ----------
    scales : dict of str to list of str
        The items of each scale.
    orthogonal : bool
        Fix the correlations of the factors at 0.

    Returns
    -------
    str
        A model for `confirm`.

    Raises
    ------
    NotIdentified
        A scale without items.

    Examples
    --------
    >>> print(correlated_factors_model({"trust": ["t1", "t2"], "parity": ["p1", "p2"]}))
    trust =~ t1 + t2
    parity =~ p1 + p2
    """
    lines = [_measured(name, items) for name, items in scales.items()]
    return "\n".join(lines + (_uncorrelated([*scales]) if orthogonal else []))


def second_order_model(scales: Scales, *, factor: str = "involvement") -> str:
    """Return the model in which one factor explains why the scales correlate.

    Schmid & Leiman (1957) show how it relates to a bifactor model.

    Parameters
    ----------
    scales : dict of str to list of str
        The items of each scale.
    factor : str
        Name of the second-order factor.

    Returns
    -------
    str
        A model for `confirm`.

    Raises
    ------
    NotIdentified
        With fewer than three scales.

    Examples
    --------
    >>> print(second_order_model({"f": ["a"], "g": ["b"], "h": ["c"]}).splitlines()[-1])
    involvement =~ f + g + h
    """
    if len(scales) < 3:
        raise NotIdentified(
            f"{len(scales)} first-order factors; a second-order factor needs three"
        )
    return f"{correlated_factors_model(scales)}\n{_measured(factor, [*scales])}"


def bifactor_model(scales: Scales, *, factor: str = "involvement") -> str:
    """Return the model with a general factor and one specific factor a scale.

    All factors are orthogonal (Holzinger & Swineford, 1937); fit it with
    `std_lv=True`.

    Parameters
    ----------
    scales : dict of str to list of str
        The items of each scale.
    factor : str
        Name of the general factor.

    Returns
    -------
    str
        A model for `confirm`.

    Raises
    ------
    NotIdentified
        A scale without items.

    Examples
    --------
    >>> text = bifactor_model({"trust": ["t1", "t2"], "parity": ["p1", "p2"]})
    >>> text.splitlines()[0]
    'involvement =~ t1 + t2 + p1 + p2'
    """
    lines = [_measured(factor, _items(scales))]
    lines += [_measured(name, items) for name, items in scales.items()]
    return "\n".join(lines + _uncorrelated([factor, *scales]))


def longitudinal_model(
    scales: Scales,
    occasions: Sequence[str],
    *,
    equal: Sequence[str] = (),
    sep: str = "_",
) -> str:
    """Return the scales at each occasion, an item's residuals correlated over time.

    The longitudinal factor model of Joreskog (1979) and Meredith & Horn (2001).

    Parameters
    ----------
    scales : dict of str to list of str
        The items of each scale, without occasion.
    occasions : list of str
        Suffixes: item ``x`` at occasion ``t1`` is the column ``x_t1``.
    equal : sequence of {"loadings", "intercepts", "residuals"}
        Equal over occasions (continuous estimators); with equal intercepts the
        factors' means after the first occasion are free.
    sep : str
        Between item and occasion, and between factor and occasion.

    Returns
    -------
    str
        A model for `confirm`; scale ``f`` at ``t1`` is the factor ``f_t1``.

    Raises
    ------
    InvalidOption
        Something else in `equal`.
    NotIdentified
        A scale without items.

    Examples
    --------
    >>> print(longitudinal_model({"trust": ["a", "b"]}, ["t1", "t2"]))
    trust_t1 =~ a_t1 + b_t1
    trust_t2 =~ a_t2 + b_t2
    a_t1 ~~ a_t2
    b_t1 ~~ b_t2
    """
    for step in equal:
        check_option("equal", step, EQUAL)
    lines = []
    for name, items in scales.items():
        for time in occasions:
            lines.append(_occasion(name, items, time, "loadings" in equal, sep))
            lines += _equal_over_time(items, time, equal, sep)
            if "intercepts" in equal and time != occasions[0]:
                lines.append(f"{name}{sep}{time} ~ NA*1")
    lines += [
        f"{item}{sep}{first} ~~ {item}{sep}{second}"
        for item in _items(scales)
        for first, second in combinations(occasions, 2)
    ]
    return "\n".join(lines)


def _occasion(
    name: str, items: Sequence[str], time: str, is_labelled: bool, sep: str
) -> str:
    terms = []
    for item in items:
        is_equal = is_labelled and item != items[0]
        label = f"load_{name}_{item}*" if is_equal else ""
        terms.append(f"{label}{item}{sep}{time}")
    return _measured(f"{name}{sep}{time}", terms)


def _equal_over_time(
    items: Sequence[str], time: str, equal: tuple[str, str, str], sep: str
) -> Iterator[str]:
    for item in items:
        column = f"{item}{sep}{time}"
        if "intercepts" in equal:
            yield f"{column} ~ level_{item}*1"
        if "residuals" in equal:
            yield f"{column} ~~ rest_{item}*{column}"


def _measured(factor: str, items: Sequence[str]) -> str:
    if not items:
        raise NotIdentified(f"{factor} has no items to measure it")
    return f"{factor} =~ " + " + ".join(items)


def _items(scales: Sequence[str] | Mapping[str, Sequence[str]] | pd.Index) -> list[str]:
    if isinstance(scales, dict):
        return [item for items in scales.values() for item in items]
    return list(scales)


def _uncorrelated(factors: Sequence[str]) -> list[str]:
    return [f"{a} ~~ 0*{b}" for a, b in combinations(factors, 2)]
