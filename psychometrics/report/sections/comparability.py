"""Whether the items mean the same in every group, so that groups can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...annotations import Axes
from ...cfa.model.builders import correlated_factors_model, one_factor_model
from ...errors import PsychometricsError
from ...figures import BLUE, ORANGE
from ...invariance.multigroup import invariance
from ..adequacy import factor_analysis, smallest_group
from ..criteria import OURS, rate
from ..document import Figure, Section, Table, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from ..study import Study

SMALLEST_GROUP = 200


def comparability(study: Study, earlier: Sequence[Section]) -> Section | None:
    """The ladder of equality constraints over the groups."""
    if study.groups is None:
        return None
    known = study.groups.notna() & study.responses.notna().any(axis=1)
    sizes = study.groups[known].value_counts()
    name = str(study.groups.name or "group")
    if len(sizes) < 2 or sizes.min() < SMALLEST_GROUP:
        return _too_small(name, sizes)
    try:
        ladder = invariance(
            _model(study),
            study.responses[known],
            study.groups[known],
            estimator=study.estimator,
        )
    except PsychometricsError as problem:
        return _not_judged(name, str(problem))
    table = ladder.to_frame().astype({"df": "Int64"})
    table["df_difference"] = table["df_difference"].round().astype("Int64")
    columns = ["chi2", "df", "rmsea", "srmr", "difference", "df_difference", "p"]
    return Section(
        key="comparability",
        title=f"The same meaning in every group: {name}",
        plain=_reading(table, name),
        verdicts=tuple(_verdict(step, table) for step in table.index[1:]),
        tables=(
            Table(
                "Invariance",
                "Each step sets more equal over the groups; difference is the scaled "
                "test of the step (Satorra, 2000; Wu & Estabrook, 2016).",
                table[[*columns, "verdict"]].rename_axis("step"),
                3,
            ),
        ),
        figures=(_figure(table, name),),
        notes=(
            "With many people the test rejects differences too small to matter; the "
            "change of RMSEA and SRMR stands beside it.",
        ),
        measures="Measurement invariance",
        adequacy=factor_analysis(int(sizes.min()), len(study.items)),
    )


def _model(study: Study) -> str:
    if len(study.scales) == 1 or min(map(len, study.scales.values())) < 2:
        return one_factor_model(study.items, factor="general")
    return correlated_factors_model(study.scales)


def _verdict(step: str, table: pd.DataFrame) -> Verdict:
    row = table.loc[step]
    return rate(
        OURS,
        f"{step}: the scaled difference test does not reject at .05",
        f"difference {row['difference']:.1f} on {row['df_difference']} df, "
        f"p {'below .001' if row['p'] < 0.001 else format(row['p'], '.3f')}",
        row["p"] >= 0.05,
    )


def _reading(table: pd.DataFrame, name: str) -> str:
    held = []
    for step in table.index[1:]:
        if not table.loc[step, "p"] >= 0.05:
            break
        held.append(step)
    if "intercepts" in held:
        return f"Scores may be compared over {name}: equal {', '.join(held)} hold."
    if "loadings" in held:
        return (
            f"The items reflect the same things over {name}, but some are easier for "
            "one group: compare how scores relate to others, not their means, without "
            "partial invariance."
        )
    return f"The items do not mean the same over {name}; do not compare the groups."


def _too_small(name: str, sizes: pd.Series) -> Section:
    found = ", ".join(f"{group} {size}" for group, size in sizes.items()) or "none"
    criterion = f"at least two groups of {SMALLEST_GROUP}"
    return Section(
        key="comparability",
        title=f"The same meaning in every group: {name}",
        plain=f"The groups of {name} are too small to compare how the items work.",
        verdicts=(rate(OURS, criterion, found, None),),
        measures="Measurement invariance",
        adequacy=smallest_group(int(sizes.min()) if len(sizes) > 1 else 0),
    )


def _not_judged(name: str, why: str) -> Section:
    return Section(
        key="comparability",
        title=f"The same meaning in every group: {name}",
        plain=f"The model could not be fitted in every group of {name}.",
        verdicts=(rate(OURS, "the model fits in each group", "no result", None, why),),
        measures="Measurement invariance",
    )


def _figure(table: pd.DataFrame, name: str) -> Figure:
    def draw(ax: Axes | None) -> None:
        steps = range(len(table))
        ax.plot(steps, table["rmsea"], "o-", color=BLUE, label="RMSEA")
        ax.plot(steps, table["srmr"], "s--", color=ORANGE, label="SRMR")
        ax.set_xticks(steps, table.index)
        ax.set_ylim(0, 1.15 * table[["rmsea", "srmr"]].to_numpy().max())
        ax.legend(frameon=False, ncols=2)

    first, last = table.iloc[0], table.iloc[-1]
    return Figure(
        "ladder",
        f"Fit as more is set equal over {name}.",
        f"Two lines over {len(table)} steps: RMSEA goes from {first['rmsea']:.3f} to "
        f"{last['rmsea']:.3f}, SRMR from {first['srmr']:.3f} to {last['srmr']:.3f}.",
        draw,
        height=3.0,
        data=table[["rmsea", "srmr"]],
    )
