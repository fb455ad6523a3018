"""The verdicts of a report gathered by measurement property."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from .document import Outcome, Section, Verdict

if TYPE_CHECKING:
    from .adequacy import Adequacy

# COSMIN's boxes in their order; the first two are judged by people, not from answers.
PROPERTIES = {
    "Content validity": "asked of people, before answers are gathered",
    "Structural validity": "no scale of enough items",
    "Internal consistency": "no scale of enough items",
    "Measurement invariance": "no groups were named",
    "Reliability over time": "no second answers of the same people",
    "Measurement error": "no second answers of the same people",
    "Criterion validity": "there is no gold standard for this construct",
    "Hypotheses testing": "no plan stated hypotheses beforehand",
    "Responsiveness": "no follow-up of the same people",
    "Interpretability": "no scores",
}


def by_property(sections: Sequence[Section]) -> pd.DataFrame:
    """One row a property: the published rule's verdict, ours, and the sample.

    A property is insufficient where any of its criteria is, and indeterminate where
    any of the rest is. The sample is that of its weakest section.
    """
    rows = {}
    for name, absent in PROPERTIES.items():
        own = [section for section in sections if section.measures == name]
        rows[name] = _row(own) if own else _not_assessed(absent)
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis("property").astype({"n": "Int64"})


def _row(sections: Sequence[Section]) -> dict[str, int | str]:
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    published = [v for v in verdicts if v.judge != "ours"]
    ours = [v for v in verdicts if v.judge == "ours"]
    sizes = [s.adequacy for s in sections if s.adequacy is not None]
    weakest = min(sizes, key=lambda size: (_rank(size), size.n), default=None)
    return {
        "published criteria": _worst(published),
        "ours": _worst(ours),
        "sample": weakest.rating if weakest else "",
        "n": weakest.n if weakest else pd.NA,
        "criteria met": _met(verdicts),
    }


def _rank(size: Adequacy) -> int:
    return -("very good", "adequate", "doubtful", "inadequate").index(size.rating)


def _worst(verdicts: Sequence[Verdict]) -> str:
    found = {verdict.outcome for verdict in verdicts}
    order = (Outcome.INSUFFICIENT, Outcome.INDETERMINATE, Outcome.SUFFICIENT)
    return next((outcome.value for outcome in order if outcome in found), "–")


def _met(verdicts: Sequence[Verdict]) -> str:
    met = sum(verdict.outcome is Outcome.SUFFICIENT for verdict in verdicts)
    return f"{met} of {len(verdicts)}" if verdicts else ""


def _not_assessed(why: str) -> dict[str, object]:
    return {
        "published criteria": f"not assessed: {why}",
        "ours": "–",
        "sample": "",
        "n": pd.NA,
        "criteria met": "",
    }
