"""The one line that a result shows of itself: its class and its main numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd

WIDTH = 99  # columns of the line
LEAST_P = 0.001


def headline(thing: object, paths: Sequence[str]) -> str:
    """Return the class of `thing` with what `paths` lead to, in one line.

    A path names an attribute, a method without arguments, or the label of a column or
    row, with dots between the steps; before an equals sign it may have another name.
    Numbers stand as they are, tables and lists as their range or count. What is None
    is left out; so is what the line has no room for, from the end.
    """
    parts = [part for path in paths for part in _part(thing, path)]
    name = type(thing).__name__
    for k in range(len(parts), 0, -1):
        line = f"{name}({', '.join(parts[:k] + ['...'] * (k < len(parts)))})"
        if len(line) <= WIDTH:
            return line
    return f"{name}(...)"


def _part(thing: object, path: str) -> Iterator[str]:
    name, _, steps = path.rpartition("=")
    value = reached(thing, steps)
    if value is not None:
        yield shown(name or steps.rpartition(".")[2], value)


def reached(thing: Any, steps: str) -> Any:
    """Return what the dotted `steps` lead to from `thing`."""
    for step in steps.split("."):
        if isinstance(thing, pd.DataFrame | pd.Series | Mapping) and step in thing:
            thing = thing[step]
        else:
            thing = getattr(thing, step)
            thing = thing() if callable(thing) else thing
    return thing


def shown(name: str, value: Any) -> str:
    """Return `value` as a part of the line under its `name`."""
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
        return _table(name, value)
    if isinstance(value, str):
        return f"{name}={shorten(value, WIDTH - 35, placeholder=' ...')}"
    if isinstance(value, tuple) and all(isinstance(one, float) for one in value):
        return f"{name}=({', '.join(map(number, value))})"
    if isinstance(value, Collection):
        value, name = len(value), f"n_{name}"
    if name.startswith("n_"):
        counted = name[2:].replace("_", " ")
        return f"{value:.0f} {counted.removesuffix('s') if value == 1 else counted}"
    if name == "n" or name.startswith("df"):
        return f"{name}={value:g}"
    if name == "p" and value < LEAST_P:
        return f"p<{LEAST_P:.3f}"
    return f"{name}={number(value)}"


def _table(name: str, table: pd.DataFrame | pd.Series | np.ndarray) -> str:
    """Return how many are true, or the range; of correlations without the diagonal."""
    values = np.asarray(table)
    if values.dtype == bool:
        return f"{values.sum()} of {values.size} {name.removeprefix('is_')}"
    values = values.astype(float)
    if isinstance(table, pd.DataFrame) and table.index.equals(table.columns):
        values = values[~np.eye(len(values), dtype=bool)]
    known = values[np.isfinite(values)]
    if not len(known):
        return shown(name, math.nan)
    if known.min() == known.max():
        return shown(name, float(known[0]))
    whole = np.equal(known, np.round(known)).all()
    ends = [
        f"{end:.0f}" if whole else number(end) for end in (known.min(), known.max())
    ]
    return f"{name}={' to '.join(ends)}"


def number(value: float) -> str:
    """Return a number with three decimals, or with four figures where it is large."""
    if isinstance(value, bool | int | np.integer | np.bool_):
        return str(value)
    if not math.isfinite(value):
        return "not estimable" if math.isnan(value) else f"{value:f}"
    digits = 3 if abs(value) < 100 else 1
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before a zero
