"""Whether scores move when people change: two times, an anchor, hypotheses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...figures import GREY, line_style
from ..adequacy import persons
from ..criteria import COSMIN, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside, named_span
from .construct_validity import CAPTION, forest, judged, reading, shown

if TYPE_CHECKING:
    from ...scores.change import ChangeResult
    from ...scores.minimal_important_change import MICResult
    from ..study import Study


def responsiveness(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Change of each scale, its area under the curve, and hypotheses about change."""
    if study.follow_up is None:
        return None
    changes, problems = study.changes
    important, why_not = study.important
    if not changes:
        return _nothing(problems)
    table = pd.DataFrame(
        {s: _row(c, important.get(s)) for s, c in changes.items()}
    ).T.rename_axis("scale")
    hypotheses = study.tested[1]
    return Section(
        key="responsiveness",
        title="Responsiveness",
        plain=_reading(table, hypotheses),
        verdicts=tuple(_verdicts(table, hypotheses, important, study)),
        tables=tuple(_tables(table, hypotheses, important)),
        figures=tuple(_figures(important, hypotheses)),
        notes=tuple(
            f"{scale}: {why}" for scale, why in [*problems.items(), *why_not.items()]
        ),
        measures="Responsiveness",
        adequacy=persons(min(c.n for c in changes.values()), "people with both scores"),
    )


def _row(change: ChangeResult, important: MICResult) -> dict[str, float]:
    row = {
        "people": change.n,
        "mean change": change.table.loc["mean_change", "estimate"],
        "lower": change.table.loc["mean_change", "low"],
        "upper": change.table.loc["mean_change", "high"],
        "effect size": change.effect_size,
        "SRM": change.srm,
    }
    if important is None:
        return row | {"AUC": np.nan, "r with anchor": np.nan, "MIC": np.nan}
    return row | {
        "AUC": important.auc,
        "r with anchor": important.correlation,
        "MIC": important.mic,
    }


def _verdicts(
    table: pd.DataFrame,
    hypotheses: pd.DataFrame,
    important: Mapping[str, MICResult],
    study: Study,
) -> Iterator[Verdict]:
    for scale in important:
        auc = table.loc[scale, "AUC"]
        yield rate(
            COSMIN,
            f"{scale}: area under the curve of change at least "
            f"{study.criteria.auc:.2f}",
            f"{beside(auc, study.criteria.auc)}, {important[scale].n} people",
            auc >= study.criteria.auc,
        )
    if len(hypotheses):
        yield from judged(hypotheses, study.criteria.hypotheses, len(hypotheses))
    if not important and not len(hypotheses):
        yield rate(
            COSMIN,
            "hypotheses about change, or an anchor",
            "neither",
            None,
            "The size of a change alone says nothing of responsiveness.",
        )


def _tables(
    table: pd.DataFrame, hypotheses: pd.DataFrame, important: Mapping[str, MICResult]
) -> Iterator[Table]:
    yield Table(
        name="Change",
        caption="From the first occasion to the follow-up: mean change with its "
        "interval, "
        "effect size (over the SD before), standardised response mean, and against "
        "the anchor the area under the curve and the correlation.",
        frame=table.astype({"people": int}),
    )
    if important:
        rows = {scale: found.to_frame() for scale, found in important.items()}
        frame = pd.concat(rows, names=["scale", "method"]).reset_index(level=1)
        yield Table(
            name="Minimal important change",
            caption="By each method, with bootstrap intervals (200 resamples); "
            "adjusted is the one that counts (Terluin et al., 2017).",
            frame=frame,
        )
    if len(hypotheses):
        yield Table(
            name="Hypotheses about change", caption=CAPTION, frame=shown(hypotheses)
        )


def _figures(
    important: Mapping[str, MICResult], hypotheses: pd.DataFrame
) -> Iterator[Figure]:
    if important:
        yield _curves(important)
    if len(hypotheses) and hypotheses["found"].notna().any():
        yield forest(hypotheses, "change_hypotheses")


def _curves(important: Mapping[str, MICResult]) -> Figure:
    def draw(ax: Axes) -> None:
        for k, (scale, found) in enumerate(important.items()):
            curve = found.curve
            ax.plot(
                1 - curve["specificity"],
                curve["sensitivity"],
                label=f"{scale}, {found.auc:.2f}",
                **line_style(k, len(curve)),
            )
        ax.plot([0, 1], [0, 1], color=GREY, linewidth=1)
        ax.set_xlabel("share of the unimproved taken for improved")
        ax.set_ylabel("share of the improved found")
        ax.legend(title="area", frameon=False)

    areas = ", ".join(f"{s} {found.auc:.2f}" for s, found in important.items())
    curves = {s: found.curve for s, found in important.items()}
    return Figure(
        name="roc",
        caption="How well change tells those improved by their own account from the "
        "rest.",
        alt="One curve a scale, above the diagonal of chance where change tells "
        f"people apart; areas: {areas}.",
        draw=draw,
        data=pd.concat(curves, names=["scale"]).droplevel(1),
    )


def _reading(table: pd.DataFrame, hypotheses: pd.DataFrame) -> str:
    most = table["SRM"].abs().idxmax()
    text = f"{most} moved most (standardised response mean {table['SRM'][most]:+.2f})."
    if table["AUC"].notna().any():
        text += (
            " Area under the curve, by which change tells those improved from the "
            f"rest: {named_span(table['AUC'].dropna())}; .50 is chance."
        )
    return f"{text} {reading(hypotheses)}" if len(hypotheses) else text


def _nothing(problems: Mapping[str, str]) -> Section:
    why = "; ".join(f"{scale}: {said}" for scale, said in problems.items())
    return Section(
        key="responsiveness",
        title="Responsiveness",
        plain="The follow-up could not be set beside the first occasion.",
        verdicts=(rate(COSMIN, "both occasions have scores", "no result", None, why),),
        measures="Responsiveness",
    )
