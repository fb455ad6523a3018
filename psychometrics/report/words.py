"""Numbers in sentences: ranges, changes and p as a reader expects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def span(values: pd.Series, digits: int = 2, unit: str = "") -> str:
    """`from 0.60 to 0.81`, or the one figure where both ends read alike."""
    low, high = (f"{end:.{digits}f}" for end in (values.min(), values.max()))
    return f"{low}{unit}" if low == high else f"from {low}{unit} to {high}{unit}"


def named_span(values: pd.Series, digits: int = 2, unit: str = "") -> str:
    """The same with the names of both ends, and of one value its name."""
    if len(values) == 1:
        return f"{values.iloc[0]:.{digits}f}{unit} ({values.index[0]})"
    low, high = (f"{end:.{digits}f}{unit}" for end in (values.min(), values.max()))
    if low == high:
        return f"{low} for each"
    return f"from {low} ({values.idxmin()}) to {high} ({values.idxmax()})"


def change(value: float, digits: int = 3) -> str:
    """A change with its sign; nought has none."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def _alike(one: float, other: float, digits: int) -> bool:
    return f"{one:.{digits}f}" == f"{other:.{digits}f}"


def beside(value: float, bound: float, digits: int = 2, most: int = 6) -> str:
    """A figure with as many digits as show on which side of a bound it lies."""
    while digits < most and value != bound and _alike(value, bound, digits):
        digits += 1
    return f"{value:.{digits}f}"


def probability(p: float, bound: float = 0.001) -> str:
    """`p = .149` or `p < .001`, as the tables have it; never both sides of a bound."""
    if p < 0.001:
        return "p < .001"
    return f"p = {beside(p, bound, 3)}".replace("0.", ".", 1)


def share_of(n: int, total: int, noun: str, plural: str = "") -> str:
    """`none of 12 items`, `1 of 12 items`; of one thing, whether it is."""
    several = plural or f"{noun}s"
    return f"{n or 'none'} of {total} {noun if total == 1 else several}"
