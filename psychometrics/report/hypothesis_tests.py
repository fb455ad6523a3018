"""What the data say of each hypothesis that a plan stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..errors import PsychometricsError
from ..scores.hypotheses import known_groups
from ..variation import differ
from .group_labels import as_labels
from .longitudinal import score_change

if TYPE_CHECKING:
    from .plan import Hypothesis
    from .study import Study

COLUMNS = ["statement", "because", "expected low", "expected high"]
COLUMNS += ["n", "found", "low", "high", "confirmed", "problem"]


def tested(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (hypotheses of one occasion, hypotheses of change), a frame each.

    One row a hypothesis; `found` with its 95 % interval is a Pearson correlation
    (interval by Fisher's z) or Hedges' g. Where nothing could be found, `problem`
    says why and `confirmed` is missing.
    """
    plan = study.plan
    if plan is None:
        return _frame([]), _frame([])
    once = [_row(h, _once(study, h)) for h in plan.hypotheses]
    change = [_row(h, _change(study, h)) for h in plan.change_hypotheses]
    return _frame(once), _frame(change)


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["hypothesis", *COLUMNS])
    return frame.set_index("hypothesis")


def _row(hypothesis: Hypothesis, found: dict[str, float] | str) -> dict[str, object]:
    low, high = hypothesis.bounds
    row = {
        "hypothesis": hypothesis.name,
        "statement": hypothesis.statement,
        "because": hypothesis.because,
        "expected low": low,
        "expected high": np.nan if high is None else high,
        "n": pd.NA,
        "confirmed": None,
        "problem": "",
    }
    if isinstance(found, str):
        return row | {"problem": found}
    inside = found["found"] >= low and (high is None or found["found"] <= high)
    confirmed = inside and found.pop("in_order", True)
    return row | found | {"confirmed": bool(confirmed)}


def _once(study: Study, hypothesis: Hypothesis) -> dict[str, float] | str:
    scores = study.totals
    if hypothesis.scale not in scores:
        return f"no scale {hypothesis.scale}"
    if hypothesis.groups:
        return _group_difference(study, hypothesis, scores[hypothesis.scale])
    other, why = _column(hypothesis.other, scores, study.background)
    return why or _correlation(scores[hypothesis.scale], other)


def _change(study: Study, hypothesis: Hypothesis) -> dict[str, float]:
    if study.follow_up is None:
        return "no follow-up"
    change = score_change(study)
    if hypothesis.scale not in change:
        return f"no scale {hypothesis.scale}"
    if hypothesis.groups:
        return _group_difference(study, hypothesis, change[hypothesis.scale])
    if hypothesis.other in change:
        return _correlation(change[hypothesis.scale], change[hypothesis.other])
    later, why = _column(hypothesis.other, {}, study.follow_up.background)
    if why:
        return f"at the follow-up, {why}"
    earlier, why = _column(hypothesis.other, {}, study.background)
    # A question that was put at the follow-up alone is itself about change.
    moved = later if why or earlier.isna().all() else later - earlier
    return _correlation(change[hypothesis.scale], moved)


def _column(
    name: str, scores: Mapping[str, str] | pd.DataFrame, background: pd.DataFrame | None
) -> tuple[pd.Series | None, str]:
    """A column of numbers and "", or None and why there is none."""
    if name in scores:
        return scores[name], ""
    if background is None or name not in background:
        return None, f"no column {name}"
    numbers = pd.to_numeric(background[name], errors="coerce").astype(float)
    words = background[name].notna() & numbers.isna()
    if words.any():
        return None, f"column {name} has words: {background[name][words].iloc[0]!r}"
    return numbers, ""


def _correlation(one: pd.Series, other: pd.Series) -> dict[str, float]:
    pair = pd.DataFrame({"one": one, "other": other}).astype(float).dropna()
    n = len(pair)
    if n < 10 or not all(differ(pair[name].to_numpy()) for name in pair):
        return f"{n} people have both, or all alike; 10 that differ are needed"
    r = float(np.clip(pair.corr().iloc[0, 1], -1 + 1e-12, 1 - 1e-12))
    reach = ndtri(0.975) / np.sqrt(n - 3)
    low, high = np.tanh(np.arctanh(r) + np.array([-reach, reach]))
    return {"n": n, "found": r, "low": float(low), "high": float(high)}


def _group_difference(
    study: Study, hypothesis: Hypothesis, scores: pd.Series
) -> dict[str, float]:
    if study.background is None or hypothesis.groups not in study.background:
        return f"no column {hypothesis.groups}"
    groups = as_labels(study.background[hypothesis.groups])
    order = list(hypothesis.order)
    kept = (groups.isin(order) & scores.notna()).astype(bool)
    absent = [name for name in order if not (groups[kept] == name).any()]
    if absent:
        return f"nobody with {hypothesis.groups} {absent[0]} has a score"
    try:
        found = known_groups(
            scores[kept], groups[kept].astype(object), expected_order=order
        )
    except PsychometricsError as problem:
        return str(problem)
    pair = found.pairs.set_index(["group", "other"]).loc[(order[0], order[-1])]
    figure = {"n": int(found.groups["n"].sum()), "found": float(pair["hedges_g"])}
    figure |= {"low": float(pair["low"]), "high": float(pair["high"])}
    return figure | {"in_order": bool(found.is_in_order)}
