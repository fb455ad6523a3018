"""Whether the items of a scale agree with one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...cfa.confirm import ORDINAL
from ...errors import PsychometricsError
from ...figures import BLUE, spread
from ...reliability.alpha import AlphaResult, cronbach_alpha
from ...reliability.mcdonald_omega import McDonaldOmega, mcdonald_omega
from .. import criteria
from ..adequacy import persons
from ..document import Figure, Section, Table, Verdict
from ..words import beside, named_span, span

if TYPE_CHECKING:
    from ..criteria import Criteria
    from ..study import Study


def consistency(study: Study, earlier: Sequence[Section]) -> Section:
    """Alpha and omega with intervals for each scale, and what each item adds."""
    found = {scale: cronbach_alpha(study.scale_frame(scale)) for scale in study.scales}
    omegas, problems = _omegas(study)
    rows = {
        scale: _row(study, scale, a, omegas.get(scale)) for scale, a in found.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "scale"
    return Section(
        key="consistency",
        title="Internal consistency",
        plain=(
            f"Alpha: {named_span(table['alpha'])}. It says how far items agree, not "
            "that they measure one thing."
        ),
        verdicts=(
            *(
                criteria.internal_consistency(scale, "alpha", a.alpha, study.criteria)
                for scale, a in found.items()
            ),
            _ours(table["alpha"], study.criteria),
        ),
        tables=(
            Table(
                name="Reliability",
                caption="Alpha and omega of the sum score with 95 % intervals, ordinal "
                "alpha "
                "(of the polychoric correlations), and the mean correlation of items. "
                f"Omega is of one factor ({_how(study)}), its interval by the delta "
                "method.",
                frame=table,
            ),
            _dropped(found),
        ),
        figures=(_intervals(table, study.criteria.alpha),),
        notes=tuple(f"{scale}: no omega: {why}" for scale, why in problems.items()),
        measures="Internal consistency",
        adequacy=persons(min(a.n for a in found.values())),
    )


def _omegas(study: Study) -> tuple[dict[str, McDonaldOmega], dict[str, str]]:
    """{scale: omega}, and {scale: why there is none}."""
    found, problems = {}, {}
    for scale in study.scales:
        try:
            found[scale] = mcdonald_omega(
                study.scale_frame(scale), ordinal=study.estimator in ORDINAL
            )
        except PsychometricsError as problem:
            problems[scale] = str(problem)
    return found, problems


def _how(study: Study) -> str:
    if study.estimator in ORDINAL:
        return "ordinal: Green & Yang, 2009"
    return "maximum likelihood: McDonald, 1999"


def _ours(alpha: pd.Series, bounds: Criteria) -> Verdict:
    """Alpha means what it says where RMSEA, SRMR and simulated cut-offs agree."""
    return criteria.rate(
        criteria.OURS,
        f"every scale at {bounds.alpha:.2f} or more, in a structure that ours finds "
        "sufficient",
        f"lowest {beside(alpha.min(), bounds.alpha)} ({alpha.idxmin()})",
        alpha.min() >= bounds.alpha,
    )


def _row(
    study: Study, scale: str, alpha: AlphaResult, omega: McDonaldOmega | None
) -> dict[str, float]:
    low, high = alpha.ci
    low_omega, high_omega = omega.ci if omega else (np.nan, np.nan)
    try:
        ordinal = cronbach_alpha(study.scale_frame(scale), ordinal=True).alpha
    except PsychometricsError:
        ordinal = np.nan
    return {
        "items": len(study.scales[scale]),
        "alpha": alpha.alpha,
        "lower": low,
        "upper": high,
        "omega": omega.omega if omega else np.nan,
        "omega lower": low_omega,
        "omega upper": high_omega,
        "ordinal alpha": ordinal,
        "mean r": alpha.average_r,
    }


def _dropped(found: Mapping[str, AlphaResult]) -> Table:
    rows = pd.concat(
        {scale: a.if_dropped["alpha"] for scale, a in found.items()}, names=["scale"]
    )
    frame = rows.rename("alpha if dropped").reset_index()
    frame.columns = ["scale", "item", "alpha if dropped"]
    frame["alpha"] = [found[scale].alpha for scale in frame["scale"]]
    return Table(
        name="If an item is dropped",
        caption="Alpha of the scale without the item, beside alpha of the whole scale.",
        frame=frame.set_index("item"),
    )


def _intervals(table: pd.DataFrame, bound: float) -> Figure:
    def draw(ax: Axes) -> None:
        y = np.arange(len(table))
        reach = spread(table["alpha"], table["lower"], table["upper"])
        ax.errorbar(table["alpha"], y, xerr=reach, fmt="o", color=BLUE, capsize=3)
        ax.set_yticks(y, table.index)
        ax.axvline(bound, color="black", linestyle="--", linewidth=1)
        ax.set_xlabel(f"alpha, with 95 % interval; the dashed line is {bound:.2f}")
        ax.set_xlim(min(0.4, table["lower"].min() - 0.02), 1.0)
        ax.invert_yaxis()

    below = table.index[table["alpha"] < bound].tolist()
    said = f"all reach {bound:.2f}"
    if below:
        said = f"below {bound:.2f}: {', '.join(map(str, below))}"
    return Figure(
        name="alpha",
        caption="Alpha of each scale.",
        alt=f"One point a scale with its interval, {span(table['alpha'])}; {said}.",
        draw=draw,
        height=max(2.2, 0.4 * len(table) + 1.2),
        data=table[["alpha", "lower", "upper"]],
    )
