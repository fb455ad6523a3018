"""The verdicts of a report gathered by measurement property."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from .document import Section
from .ladder import ONE_SCORE, conclusion, standing, verdicts_on

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
    """One row a property: the published rule's verdict, ours, the sample, in words.

    A property is insufficient where any of its criteria is, and indeterminate where
    any of the rest is. The sample is that of its weakest section.
    """
    rows = {}
    for name, absent in PROPERTIES.items():
        own = [section for section in sections if section.measures == name]
        rows[name] = _row(sections, own, name) if own else _not_assessed(absent)
    if verdicts_on(sections, ONE_SCORE):
        rows[ONE_SCORE] = _row(sections, [], ONE_SCORE)
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis("property").astype({"n": "Int64"})


def _row(
    sections: Sequence[Section], own: Sequence[Section], name: str
) -> dict[str, int | str]:
    found = standing(sections, name)
    sizes = [s.adequacy for s in own if s.adequacy is not None]
    weakest = min(sizes, key=lambda size: (_rank(size), size.n), default=None)
    return {
        **{s: outcome.value if outcome else "–" for s, outcome in found.items()},
        "sample": weakest.rating if weakest else "",
        "n": weakest.n if weakest else pd.NA,
        "conclusion": conclusion(sections, name),
    }


def _rank(size: Adequacy) -> int:
    return -("very good", "adequate", "doubtful", "inadequate").index(size.rating)


def _not_assessed(why: str) -> dict[str, object]:
    return {
        "published criteria": f"not assessed: {why}",
        "ours": "–",
        "sample": "",
        "n": pd.NA,
        "conclusion": "",
    }
