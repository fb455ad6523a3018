"""Means with and without the answers that a filter question settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..document import Section, Table

if TYPE_CHECKING:
    from ..study import Study

AS_SCORED = "as scored"
WITHOUT_DOUBT = "without those not sure"
WITHOUT_RULE = "without the rule"


def filter_question(study: Study, earlier: Sequence[Section]) -> Section | None:
    """How far means rest on answers that a rule gave and no person did."""
    if study.assumed is None:
        return None
    touched = study.assumed[study.items]
    if not touched.to_numpy().any():
        return None
    doubt = touched & False
    if study.in_doubt is not None:
        doubt = touched.mul(study.in_doubt, axis=0)
    people, unsure = (int(each.any(axis=1).sum()) for each in (touched, doubt))
    table = _table(study, touched, doubt)
    return Section(
        key="filter_question",
        title="Answers that a filter question settles",
        plain=(
            f"{people} of {study.n_persons} people were not asked some items, because "
            "of what they said before; those count as the lowest answer. "
            f"{unsure} of them were not sure. {_largest(table)}"
        ),
        tables=(
            Table(
                name="Sensitivity to the filter question",
                caption="Mean score of each scale that the rule touches: as scored; "
                "without "
                "the items of those who were not sure; without the items of everybody "
                "whom the rule answered for. Difference: from the first line.",
                frame=table,
            ),
        ),
        notes=(
            "Leaving out those who have none of what the items ask about deletes the "
            "worst off; the last line shows how much rests on the rule, and is no "
            "better estimate.",
        ),
    )


def _table(study: Study, touched: pd.DataFrame, doubt: pd.DataFrame) -> pd.DataFrame:
    lines = {
        AS_SCORED: _scores(study, touched & False),
        WITHOUT_DOUBT: _scores(study, doubt),
        WITHOUT_RULE: _scores(study, touched),
    }
    rows = [
        {
            "scale": scale,
            "line": line,
            "people scored": int(scores[scale].notna().sum()),
            "mean": scores[scale].mean(),
            "difference": scores[scale].mean() - lines[AS_SCORED][scale].mean(),
        }
        for scale in _scales(study, touched)
        for line, scores in lines.items()
    ]
    return pd.DataFrame(rows).set_index("scale")


def _scales(study: Study, touched: pd.DataFrame) -> list[str]:
    """The scales with an item that the rule answered, then all of them together."""
    some = [s for s, m in study.scales.items() if touched[list(m)].to_numpy().any()]
    return some if len(study.scales) == 1 else [*some, "all items"]


def _scores(study: Study, left_out: pd.DataFrame) -> pd.DataFrame:
    """Scale scores where some answers count as not asked."""
    responses = study.responses.mask(left_out)
    asked = left_out.eq(False)
    applies = asked if study.applies is None else asked & study.applies[study.items]
    everything = study.with_scale("all items")
    return everything.scored(responses, applies)


def _largest(table: pd.DataFrame) -> str:
    moved = table.reset_index().dropna(subset="difference")
    row = moved.loc[moved["difference"].abs().idxmax()]
    return (
        f"The mean that moves most is that of {row['scale']}: {row['line']} it is "
        f"{row['mean']:.2f}, {row['difference']:+.2f} from the mean as scored."
    )
