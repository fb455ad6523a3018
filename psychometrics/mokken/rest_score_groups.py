"""Rest-score groups, and the table of violations that every check reports.

Conventions are those of Molenaar & Sijtsma's MSP5 manual (2000) and Van der Ark
(2007): adjacent rest scores are joined from the lowest up until a group is large
enough, and each check counts active comparisons, violations and a criterion.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MIN_VIOLATION = 0.03  # MSP5's default for proportions
SIGNIFICANT_Z = 1.6448536269514722  # one-sided 5 %


def default_min_size(n: int) -> int:
    """Return the smallest group for n persons (Molenaar & Sijtsma, 2000, p. 67)."""
    if n > 500:
        return n // 10
    if n >= 250:
        return n // 5
    return max(n // 3, 50)


def rest_groups(rest: np.ndarray, min_size: int) -> np.ndarray:
    """Return a group 0, 1, ... for each rest score; the last takes what is left."""
    scores, where, sizes = np.unique(rest, return_inverse=True, return_counts=True)
    group, size, current = np.empty(len(scores), int), 0, 0
    for k, more in enumerate(sizes):
        group[k] = current
        size += more
        if size >= min_size:
            current, size = current + 1, 0
    if size and current:
        group[group == current] = current - 1
    return group[where]


def summarise(
    items: pd.Index,
    h_item: pd.Series,
    n_active: Sequence[int] | np.ndarray,
    violations: pd.DataFrame,
    *,
    statistic: str = "z",
) -> pd.DataFrame:
    """Return one row for each item out of its single violations.

    Parameters
    ----------
    items : Index
    h_item : Series
        Item scalability, which enters the criterion.
    n_active : array, shape (n_items,)
        Comparisons in which a violation was possible.
    violations : DataFrame
        Columns item, other (position; equal in checks of one item), size,
        statistic, significant. A violation counts for both of its items.
    statistic : str
        "z" or "t".
    """
    both = violations[violations["other"] != violations["item"]]
    swapped = both.assign(item=both["other"], other=both["item"])
    by_item = pd.concat([violations, swapped]).groupby("item")
    frame = pd.DataFrame({"h_item": h_item.to_numpy(), "n_active": n_active})
    frame["n_violations"] = by_item.size()
    frame["largest"] = by_item["size"].max()
    frame["total"] = by_item["size"].sum()
    frame[f"largest_{statistic}"] = by_item["statistic"].max()
    frame["n_significant"] = by_item["significant"].sum()
    counts = ["n_violations", "n_significant"]
    frame = frame.astype(float).fillna(0.0)
    frame["criterion"] = criterion(frame, f"largest_{statistic}")
    return frame.astype(dict.fromkeys([*counts, "n_active"], int)).set_axis(items)


def criterion(frame: pd.DataFrame, largest: str) -> pd.Series:
    """Return MSP5's criterion (Molenaar & Sijtsma, 2000, p. 74), 0 if unviolated.

    A rule of thumb: above 40 deserves a look, above 80 casts doubt.
    """
    active = frame["n_active"].clip(lower=1)
    value = (
        50 * (0.3 - frame["h_item"])
        + np.sqrt(frame["n_violations"])
        + 100 * frame["n_violations"] / active
        + 100 * frame["largest"]
        + 10 * np.sqrt(frame["total"])
        + 1000 * frame["total"] / active
        + 5 * frame[largest]
        + 10 * np.sqrt(frame["n_significant"])
        + 100 * frame["n_significant"] / active
    )
    return value.where(frame["n_violations"] > 0, 0.0)


def records(rows: Sequence[Sequence[float]]) -> pd.DataFrame:
    """Return single violations as the frame that `summarise` reads."""
    columns = ["item", "other", "step", "other_step", "group", "size"]
    frame = pd.DataFrame(rows, columns=[*columns, "statistic", "significant"])
    return frame.astype({"significant": bool, "size": float, "statistic": float})
