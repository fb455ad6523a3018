"""The ledger: each rule held against each item, and what nothing is known of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .assessment import Assessment
from .item_statistics import STRONGEST, Bank, item_statistics
from .rules import Rule

LOW_LOCATION = -1.0
NOT_ASSESSED, IN_PART = "not assessed", "assessed in part"
OUTCOMES = ("flagged", "spared", "passed", IN_PART, NOT_ASSESSED)


def judge(bank: Bank, rules: Sequence[Rule], names: Sequence[str]) -> pd.DataFrame:
    """One row an item and rule: the value, and whether it is a flag that counts."""
    found = item_statistics(bank, names)
    is_low = (found["location"].values < LOW_LOCATION).to_numpy()
    parts = []
    for rule in rules:
        assessment = found[rule.statistic]
        values = assessment.values.to_numpy(float)
        flagged = rule.breaks(values)
        counts = flagged & ~(is_low & rule.spares_low)
        part = pd.DataFrame({"item": bank.items, "stage": rule.stage})
        part["statistic"], part["value"] = rule.statistic, values
        part["limit"] = rule.limit
        part["outcome"] = _outcomes(assessment, bank.items, flagged, counts)
        part["flagged"], part["counts"] = flagged, counts
        said = {**assessment.partial, **assessment.absent}
        part["note"] = [said.get(item, "") for item in bank.items]
        part["source"] = rule.source
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _outcomes(
    assessment: Assessment,
    items: Sequence[str],
    flagged: np.ndarray,
    counts: np.ndarray,
) -> list[str]:
    """What came of one rule for each item, in the words of `OUTCOMES`."""
    words = []
    for item, is_flagged, is_counted in zip(items, flagged, counts):
        if is_flagged:
            words.append("flagged" if is_counted else "spared")
        elif item in assessment.absent:
            words.append(NOT_ASSESSED)
        elif assessment.partial.get(item, STRONGEST) != STRONGEST:
            words.append(IN_PART)
        else:
            words.append("passed")
    return words


def gaps_of(ledger: pd.DataFrame) -> list[str]:
    """One sentence a statistic and reason: how many items nothing is known of."""
    absent = ledger[ledger["outcome"].isin([NOT_ASSESSED, IN_PART])]
    said = []
    for (statistic, note), rows in absent.groupby(["statistic", "note"], sort=False):
        named = ", ".join(map(str, rows["item"][:3]))
        more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
        whom = "any item" if len(rows) == ledger["item"].nunique() else named + more
        part = " in full" if (rows["outcome"] == IN_PART).all() else ""
        said.append(f"{statistic} was not assessed{part} for {whom}: {note}.")
    return said


def gaps_in_resamples(
    gaps: pd.DataFrame, ledger: pd.DataFrame, n_replications: int
) -> list[str]:
    """In how many resamples a statistic could be had of fewer items than in all."""
    if not n_replications:
        return []
    here = ledger["outcome"].eq(NOT_ASSESSED).groupby(ledger["statistic"]).sum()
    fewer = (gaps > here).sum(axis=0)
    return [
        f"{statistic} could not be assessed for every item in {count} of "
        f"{n_replications} resamples; it flags nothing there."
        for statistic, count in fewer[fewer > 0].items()
    ]


def flag_counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Counting flags of each item, and how far beyond the limits they lie."""
    standing = ledger[ledger["counts"]]
    beyond = (standing["value"] - standing["limit"]).abs() / standing["limit"].abs()
    table = (
        standing.assign(beyond=beyond).groupby("item")["beyond"].agg(["size", "sum"])
    )
    return table.reindex(ledger["item"].unique()).fillna(0.0)
