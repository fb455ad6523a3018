"""Mantel's test for ordered answers, over strata of the matching score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

if TYPE_CHECKING:
    from .cells import Cells


def strata(matching: np.ndarray, max_strata: int = 20) -> np.ndarray:
    """Return the stratum of each score: the score itself, or quantile groups of it."""
    values, where = np.unique(matching, return_inverse=True)
    if len(values) <= 2 * max_strata:
        return where.ravel()
    cuts = np.quantile(matching, np.linspace(0, 1, max_strata + 1)[1:-1])
    return np.searchsorted(np.unique(cuts), matching, side="right")


def mantel_columns(cells: Cells, n_groups: int) -> dict[str, float]:
    """Return Mantel's (1963) test, generalised to several groups, as a row.

    Within strata the group sums of answers are compared with those expected were
    answers shuffled over persons (Landis, Heyman & Koch, 1978). Effects of the focal
    group that is furthest from the reference: the standardised mean difference of
    Dorans & Schmitt (1993), weighted by focal persons and divided by the item's
    standard deviation, and Liu & Agresti's (1996) cumulative common log odds ratio;
    both positive where the focal group answers higher.
    """
    stratum = strata(cells.matching)
    tables = [_table(cells, stratum == k, n_groups) for k in np.unique(stratum)]
    gaps, spreads = zip(*(_shuffled(table, cells.scores) for table in tables))
    gap, spread = np.sum(gaps, axis=0), np.sum(spreads, axis=0)
    chi2 = float(gap @ np.linalg.pinv(spread) @ gap)
    effects = [
        (_mean_difference(tables, cells.scores, focal), _log_odds(tables, focal))
        for focal in range(1, n_groups)
    ]
    smd, log_odds_ratio = max(effects, key=lambda pair: abs(np.nan_to_num(pair[0])))
    return {
        "chi2_total": chi2,
        "df_total": n_groups - 1,
        "p_total": float(chdtrc(n_groups - 1, chi2)),
        "smd": smd,
        "log_odds_ratio": log_odds_ratio,
    }


def _mean_difference(
    tables: Sequence[np.ndarray], scores: np.ndarray, focal: int
) -> float:
    gap = n = 0.0
    for table in tables:
        n_ref, n_focal = table[[0, focal]].sum(axis=1)
        if n_ref and n_focal:
            gap += n_focal * (
                table[focal] @ scores / n_focal - table[0] @ scores / n_ref
            )
            n += n_focal
    answers = np.sum(tables, axis=(0, 1))
    mean = answers @ scores / answers.sum()
    sd = np.sqrt(answers @ (scores - mean) ** 2 / (answers.sum() - 1))
    return float(gap / n / sd) if n else np.nan


def _log_odds(tables: Sequence[np.ndarray], focal: int) -> float:
    agree = cross = 0.0
    for table in tables:
        pair = table[[0, focal]]
        below = pair.cumsum(axis=1)[:, :-1]
        above = pair.sum(axis=1, keepdims=True) - below
        n = max(pair.sum(), 1.0)
        agree += (above[1] * below[0]).sum() / n
        cross += (below[1] * above[0]).sum() / n
    return float(np.log(agree / cross)) if agree and cross else np.nan


def _table(cells: Cells, chosen: np.ndarray, n_groups: int) -> np.ndarray:
    table = np.zeros((n_groups, cells.counts.shape[1]))
    np.add.at(table, cells.group[chosen], cells.counts[chosen])
    return table


def _shuffled(table: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return focal group sums beyond expectation, and their covariance."""
    n_group, n = table.sum(axis=1), table.sum()
    if n < 2:
        size = len(n_group) - 1
        return np.zeros(size), np.zeros((size, size))
    answers = table.sum(axis=0)
    mean = answers @ scores / n
    variance = answers @ (scores - mean) ** 2 / (n - 1)
    difference = (table @ scores - n_group * mean)[1:]
    spread = variance * (np.diag(n_group) - np.outer(n_group, n_group) / n)
    return difference, spread[1:, 1:]
