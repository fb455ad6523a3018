"""Whether the items mean the same in every group, so that groups can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...annotations import Axes, Label
from ...cfa.model.builders import correlated_factors_model, one_factor_model
from ...errors import PsychometricsError
from ...figures import BLUE, ORANGE
from ...measurement_invariance.effect_sizes import score_differences
from ...measurement_invariance.multigroup import (
    CHEN,
    CHEN_LATER,
    Invariance,
    invariance,
)
from ..adequacy import factor_analysis, smallest_group
from ..criteria import OURS, Criteria, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside, change, probability

if TYPE_CHECKING:
    import pandas as pd

    from ..study import Study

SMALLEST_GROUP = 200
ALPHA = 0.05
MOST_RELEASED = 3  # items a step; a model with more freed is another one
CONFIGURAL_CFI = 0.90  # ours: below it no constraint is worth a test


def comparability(study: Study, earlier: Sequence[Section]) -> Section | None:
    """The ladder of equality constraints over the groups."""
    if study.groups is None:
        return None
    responses, groups = _by_group(study)
    sizes = groups.value_counts()
    name = str(study.groups.name or "group")
    if len(sizes) < 2 or sizes.min() < SMALLEST_GROUP:
        return _too_small(name, sizes)
    try:
        ladder = invariance(_model(study), responses, groups, estimator=study.estimator)
    except PsychometricsError as problem:
        return _not_judged(name, str(problem))
    table = ladder.to_frame().astype({"df": "Int64"})
    partial, no_partial = _partial(study, responses, groups, table)
    table["df_difference"] = table["df_difference"].round().astype("Int64")
    columns = ["chi2", "df", "cfi", "rmsea", "srmr", "change_cfi", "change_rmsea"]
    columns += ["change_srmr", "difference", "df_difference", "p"]
    return Section(
        key="comparability",
        title=f"The same meaning in every group: {name}",
        plain=_reading(table, name, study.criteria),
        verdicts=_verdicts(table, study.criteria),
        tables=(
            Table(
                name="Invariance",
                caption="Each step sets more equal over the groups; difference is the "
                "scaled test of the step (Satorra, 2000; Wu & Estabrook, 2016).",
                frame=table[columns].rename_axis("step"),
                digits=3,
            ),
            *_partial_tables(partial, study),
        ),
        figures=(_figure(table, name),),
        notes=(
            *no_partial,
            "With many people the test rejects differences too small to matter; the "
            "changes of CFI, RMSEA and SRMR stand beside it. Chen's (2007) bounds on "
            "them are for maximum likelihood: of ordinal estimators they tell a small "
            "change from a large one, but do not certify equality.",
        ),
        measures="Measurement invariance",
        adequacy=factor_analysis(
            int(sizes.min()), len(study.items), "people in the smallest group"
        ),
    )


def _by_group(study: Study) -> tuple[pd.DataFrame, pd.Series]:
    """Answers and groups of who has both, in the order that names the first group."""
    known = study.groups.notna() & study.responses.notna().any(axis=1)
    groups = study.groups[known]
    place = {group: k for k, group in enumerate(_ordered(groups))}
    order = groups.map(place).astype(int).to_numpy().argsort(kind="stable")
    return study.responses[known].iloc[order], groups.iloc[order]


def _ordered(groups: pd.Series) -> list[Label]:
    return sorted(groups.unique(), key=lambda level: (str(type(level)), level))


def compared_groups(study: Study) -> list[Label]:
    """The groups that are large enough; the others are compared with the first."""
    sizes = study.groups.dropna().value_counts()
    large = sizes.index[sizes >= SMALLEST_GROUP]
    return _ordered(large.to_series()) or _ordered(study.groups.dropna())


def _model(study: Study) -> str:
    if len(study.scales) == 1 or min(map(len, study.scales.values())) < 2:
        return one_factor_model(study.items, factor="general")
    return correlated_factors_model(study.scales)


def _verdicts(table: pd.DataFrame, bounds: Criteria) -> tuple[Verdict, ...]:
    """The model must fit unconstrained; only then is a step about anything."""
    first = table.iloc[0]
    fits = _fits(first, bounds)
    configural = rate(
        OURS,
        f"configural: CFI above {CONFIGURAL_CFI:.2f}, RMSEA below {bounds.rmsea:g} and "
        f"SRMR below {bounds.srmr:g} with nothing set equal",
        f"CFI {beside(first['cfi'], CONFIGURAL_CFI, 3)}, "
        f"RMSEA {beside(first['rmsea'], bounds.rmsea, 3)}, "
        f"SRMR {beside(first['srmr'], bounds.srmr, 3)}",
        fits or None,
        "" if fits else "A model that fits no group says nothing of their equality.",
    )
    return configural, *(_verdict(step, table, fits) for step in table.index[1:])


def _partial(
    study: Study, responses: pd.DataFrame, groups: pd.Series, table: pd.DataFrame
) -> tuple[Invariance | None, tuple[str, ...]]:
    """The ladder with the items freed that a rejected step needs freed, or why not.

    Only where the model fits and a step up to equal intercepts is rejected: what
    scores are compared by.
    """
    steps = [step for step in table.index[1:] if step != "residuals"]
    rejected = [step for step in steps if not _step_holds(step, table.loc[step])]
    if not rejected or not _fits(table.iloc[0], study.criteria):
        return None, ()
    try:
        found = invariance(
            _model(study),
            responses,
            groups,
            estimator=study.estimator,
            steps=steps,
            partial=True,
            max_released=MOST_RELEASED,
        )
    except PsychometricsError as problem:
        return None, (f"No partial equality was sought: {problem}.",)
    return found, ()


def _partial_tables(partial: Invariance | None, study: Study) -> tuple[Table, ...]:
    if partial is None:
        return ()
    path = partial.released.rename(columns={"score_test": "score test"})
    effect = score_differences(partial.fitted[-1], study.scales)
    low, high = study.categories
    points = (100 / (high - low) * effect).reset_index().set_index("scale")
    return (
        Table(
            name="Partial invariance",
            caption="What a score test (Rao, 1948) frees first where a step is "
            "rejected, at "
            f"most {MOST_RELEASED} a step, and p of the step before and after. Found "
            "in these answers, it has to hold in others.",
            frame=path.set_index("step"),
            digits=3,
        ),
        Table(
            name="Effect on the score of what is not equal",
            caption="With these freed: how far each scale's score lies from that of "
            f"people in group {partial.fitted[-1].groups[0]} with the same factor, in "
            "points of 0 to 100; signed, and unsigned, where differences along the "
            "factor do not cancel.",
            frame=points,
        ),
    )


def _fits(row: pd.Series, bounds: Criteria) -> bool:
    return (
        row["cfi"] > CONFIGURAL_CFI
        and row["rmsea"] < bounds.rmsea
        and row["srmr"] < bounds.srmr
    )


def _verdict(step: str, table: pd.DataFrame, fits: bool) -> Verdict:
    row = table.loc[step]
    why = "" if fits else "Not judged: the configural model does not fit."
    if fits and row["p"] < ALPHA and _is_small(step, row):
        why = "The test rejects, but the fit hardly changes: neither is decisive alone."
    return rate(
        OURS,
        f"{step}: the scaled difference test does not reject at {ALPHA:.2f}",
        f"difference {row['difference']:.1f} on {row['df_difference']} df, "
        f"{probability(row['p'], ALPHA)}; changes: CFI {change(row['change_cfi'])}, "
        f"RMSEA {change(row['change_rmsea'])}, SRMR {change(row['change_srmr'])}",
        _step_holds(step, row) if fits else None,
        why,
    )


def _step_holds(step: str, row: pd.Series) -> bool | None:
    """True where the test does not reject, None where it does of a small change."""
    if not row["p"] < ALPHA:
        return True
    return None if _is_small(step, row) else False


def _is_small(step: str, row: pd.Series) -> bool:
    limits = CHEN.get(step, CHEN_LATER)
    changes = (-row["change_cfi"], row["change_rmsea"], row["change_srmr"])
    return all(change < limit for change, limit in zip(changes, limits))


def _reading(table: pd.DataFrame, name: str, bounds: Criteria) -> str:
    """What each step found; what follows for comparisons is said by the ladder."""
    if not _fits(table.iloc[0], bounds):
        return (
            f"With nothing set equal over {name} the model does not fit, so what its "
            "parameters have in common is not judged."
        )
    held = {True: [], None: [], False: []}
    for step in table.index[1:]:
        held[_step_holds(step, table.loc[step])].append(step)
    words = {
        True: "are not rejected",
        None: "are rejected by the test, with a small change of fit",
        False: "are rejected",
    }
    said = [f"equal {', '.join(v)} {words[k]}" for k, v in held.items() if v]
    return f"Over {name}: {'; '.join(said)}."


def _too_small(name: str, sizes: pd.Series) -> Section:
    ordered = sizes[_ordered(sizes.index.to_series())]
    found = ", ".join(f"{group} {size}" for group, size in ordered.items()) or "none"
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


def _course(index: pd.Series) -> str:
    """Where an index begins and ends."""
    first, last = f"{index.iloc[0]:.3f}", f"{index.iloc[-1]:.3f}"
    return f"stays at {first}" if first == last else f"goes from {first} to {last}"


def _figure(table: pd.DataFrame, name: str) -> Figure:
    def draw(ax: Axes) -> None:
        steps = range(len(table))
        ax.plot(steps, table["rmsea"], "o-", color=BLUE, label="RMSEA")
        ax.plot(steps, table["srmr"], "s--", color=ORANGE, label="SRMR")
        ax.set_xticks(steps, table.index)
        ax.set_ylim(0, 1.15 * table[["rmsea", "srmr"]].to_numpy().max())
        ax.legend(frameon=False, ncols=2)

    return Figure(
        name="ladder",
        caption=f"Fit as more is set equal over {name}.",
        alt=f"Two lines over {len(table)} steps: RMSEA {_course(table['rmsea'])}, SRMR "
        f"{_course(table['srmr'])}.",
        draw=draw,
        height=3.0,
        data=table[["rmsea", "srmr"]],
    )
