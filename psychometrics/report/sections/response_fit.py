"""Whether the graded response model fits: overall, item by item, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...errors import NotIdentified, PsychometricsError
from ...figures import BLUE, ORANGE
from ..adequacy import graded_model
from ..criteria import COSMIN, OURS, Criteria, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside, share_of

if TYPE_CHECKING:
    from ...irt.local_dependence import LocalDependence
    from ...irt.result import IrtResult
    from ..study import Study

MANY = 500  # people
FEWEST = 30  # effective number of people with every item, for overall fit


def response_fit(study: Study, earlier: Sequence[Section]) -> Section:
    """C2 or M2*, S-X2 and Q3 of each scale's calibration."""
    fits, problems = study.calibrations
    if not fits and not problems:
        return None
    if not fits:
        raise NotIdentified("; ".join(f"{s}: {why}" for s, why in problems.items()))
    whole, items, pairs = {}, {}, {}
    notes = [f"{scale}: {why}" for scale, why in problems.items()]
    for scale, fit in fits.items():
        try:
            whole[scale] = _overall(fit)
        except PsychometricsError as problem:
            notes.append(f"{scale}: {problem}")
        items[scale] = fit.item_fit().to_frame().astype({"df": "Int64"})
        pairs[scale] = fit.local_dependence()
    item_table = pd.concat(items, names=["scale", "item"]).reset_index(level=0)
    pair_table = _pairs(pairs)
    overall = pd.DataFrame.from_dict(whole, orient="index").rename_axis("scale")
    return Section(
        key="response_fit",
        title="Whether the response model fits",
        plain=_reading(item_table, pair_table, study.criteria),
        verdicts=tuple(_verdicts(overall, item_table, pair_table, study)),
        tables=_tables(overall, item_table, pair_table),
        figures=(_worst(pair_table, study.criteria.q3_excess),),
        notes=(
            *notes,
            _how_to_read(min(map(study.n_answered, fits))),
        ),
        measures="Structural validity",
        adequacy=graded_model(min(map(study.n_answered, fits))),
    )


def _how_to_read(n_persons: int) -> str:
    look = "look at infit, outfit and the size of Q3 beside it."
    if n_persons < MANY:
        return f"With few people S-X2 finds hardly any misfit: {look}"
    return f"With many people S-X2 finds misfit too small to matter: {look}"


def _overall(fit: IrtResult) -> dict[str, float | str]:
    table = fit.model_fit().to_frame()
    name = "M2*" if "M2*" in table.index else "C2"
    row = table.loc[name]
    if row["n"] < FEWEST:
        raise NotIdentified(
            f"the answers weigh as much for {name} as those of {row['n']:.0f} people "
            f"who answered every item; {FEWEST} are needed"
        )
    kept = ["statistic", "df", "p", "rmsea", "rmsea_5", "rmsea_95", "srmsr"]
    return (
        {"test": f"{name} statistic"}
        | {key: row[key] for key in kept}
        | {"df": int(row["df"])}
    )


def _pairs(pairs: Mapping[str, LocalDependence]) -> pd.DataFrame:
    rows = []
    for scale, found in pairs.items():
        table = found.to_frame()
        for (one, other), row in table.iterrows():
            rows.append((f"{one}, {other}", scale, row["q3"], row["excess"]))
    frame = pd.DataFrame(rows, columns=["pair", "scale", "q3", "excess"])
    return frame.set_index("pair").sort_values("excess", ascending=False)


def _tables(
    overall: pd.DataFrame, items: pd.DataFrame, pairs: pd.DataFrame
) -> tuple[Table, ...]:
    tables = [
        Table(
            name="Fit of the response model",
            caption="The M2* (Cai & Hansen, 2013) or C2 statistic (Cai & Monroe, 2014) "
            "of each scale, with "
            "RMSEA and its 90 % interval.",
            frame=overall,
            digits=3,
        ),
        Table(
            name="Fit of the items",
            caption="S-X2 (Orlando & Thissen, 2000) with infit and outfit mean "
            "squares.",
            frame=items,
            digits=3,
        ),
        Table(
            name="Dependent pairs",
            caption="The ten pairs with the largest Q3 (Yen, 1984) above its scale's "
            "mean; "
            "above 0.2 they share more than the dimension (Christensen et al., 2017).",
            frame=pairs.head(10),
        ),
    ]
    return tuple(table for table in tables if not table.frame.empty)


def _verdicts(
    overall: pd.DataFrame, items: pd.DataFrame, pairs: pd.DataFrame, study: Study
) -> Iterator[Verdict]:
    bounds = study.criteria
    off = pairs[pairs["q3"] >= bounds.q3]
    yield rate(
        COSMIN,
        f"local independence: Q3 below {bounds.q3:g} for every pair",
        f"largest {beside(pairs['q3'].max(), bounds.q3)} "
        f"({_pair(pairs, pairs['q3'].idxmax())})",
        not len(off),
    )
    misfit = items[items["p"] <= bounds.item_fit_p]
    yield rate(
        COSMIN,
        f"item fit: p of S-X2 above {bounds.item_fit_p:g} for every item",
        f"{share_of(len(misfit), len(items), 'item')} at or below"
        + (f": {_with_scales(misfit)}" if len(misfit) else ""),
        None if items["p"].isna().all() else not len(misfit),
    )
    dependent = pairs[pairs["excess"] > bounds.q3_excess]
    yield rate(
        OURS,
        f"no pair with Q3 more than {bounds.q3_excess:g} above the mean",
        f"{share_of(len(dependent), len(pairs), 'pair')}, largest "
        f"{beside(pairs['excess'].max(), bounds.q3_excess)} "
        f"({_pair(pairs, pairs['excess'].idxmax())})",
        not len(dependent),
    )
    for scale, row in overall.iterrows():
        yield rate(
            OURS,
            f"{scale}: RMSEA below {bounds.irt_rmsea:g} and SRMSR below "
            f"{bounds.irt_srmsr:g} of the response model",
            f"RMSEA {beside(row['rmsea'], bounds.irt_rmsea, 3)}, SRMSR "
            f"{beside(row['srmsr'], bounds.irt_srmsr, 3)} ({row['test']})",
            row["rmsea"] < bounds.irt_rmsea and row["srmsr"] < bounds.irt_srmsr,
            "Bounds of Maydeu-Olivares & Joe (2014).",
        )


def _with_scales(items: pd.DataFrame) -> str:
    """The items of each scale under its name, where there are several."""
    by_scale = items.groupby("scale", sort=False)
    return "; ".join(
        f"{scale}: {', '.join(map(str, own.index))}" for scale, own in by_scale
    )


def _pair(pairs: pd.DataFrame, name: str) -> str:
    return f"{name} of {pairs.loc[name, 'scale']}"


def _reading(items: pd.DataFrame, pairs: pd.DataFrame, bounds: Criteria) -> str:
    misfit = int((items["p"] <= bounds.item_fit_p).sum())
    dependent = int((pairs["excess"] > bounds.q3_excess).sum())
    return (
        f"Answered otherwise than the model says: "
        f"{share_of(misfit, len(items), 'item')}; sharing more than the dimension "
        f"explains: {share_of(dependent, len(pairs), 'pair')}."
    )


def _worst(pairs: pd.DataFrame, bound: float) -> Figure:
    """The pairs that share most, one point a pair, over the bound."""
    shown = pairs.head(20)
    off = (shown["excess"] > bound).to_numpy()
    names = [f"{pair} ({scale})" for pair, scale in shown["scale"].items()]

    def draw(ax: Axes) -> None:
        at = np.arange(len(shown))[::-1]
        ax.plot(shown["excess"][~off], at[~off], "o", color=BLUE)
        ax.plot(shown["excess"][off], at[off], "X", color=ORANGE, markersize=8)
        ax.axvline(bound, color="black", linestyle="--", linewidth=1)
        ax.set_yticks(at, names, fontsize=8)
        ax.set_xlabel("Q3 above the mean of its scale")

    n = int((pairs["excess"] > bound).sum())
    return Figure(
        name="dependence",
        caption="The pairs with the largest Q3; crosses lie beyond the line at "
        f"{bound:g}.",
        alt=f"One point a pair, {len(shown)} of {len(pairs)}: "
        f"{share_of(n, len(pairs), 'pair')} beyond {bound:g}; {pairs.index[0]} share "
        f"most, {beside(pairs['excess'].iloc[0], bound)} above the mean.",
        draw=draw,
        height=max(2.5, 0.24 * len(shown) + 1.2),
        data=pairs,
    )
