"""How many things the items measure, and which item goes with which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...counted import counted
from ...errors import PsychometricsError
from ...factor.exploratory import ExploratoryFactors, explore
from ...factor.factorability import KMOResult, bartlett_sphericity, kmo
from ...factor.retention import Retention, retention
from ...figures import BLUE, GREY, heatmap
from ..document import Figure, Section, Table

if TYPE_CHECKING:
    from ..study import Study


def exploration(study: Study, earlier: Sequence[Section]) -> Section:
    """Factorability, eigenvalues, and the loadings of as many factors as scales."""
    corr, n = study.polychoric.corr, study.n_pairs
    n_factors = len(study.scales)
    rotation = "oblimin" if n_factors > 1 else "none"
    explored = explore(None, n_factors, corr=corr, n_obs=n, rotation=rotation)
    counts, why = _counted(study)
    adequacy = kmo(corr)
    return Section(
        key="exploration",
        title="Dimensions found",
        plain=_reading(corr, counts, adequacy.overall),
        tables=(
            _factorability(corr, n, adequacy),
            *_rules(counts),
            Table(
                name="Loadings",
                caption=f"{counted(n_factors, 'factor')}: minres on polychoric "
                "correlations"
                f"{', oblimin' if n_factors > 1 else ''}. Each item stands with the "
                "factor it loads on most.",
                frame=_sorted(explored),
            ),
            *_factor_corr(explored),
        ),
        figures=(
            *(() if counts is None else (_scree(counts.parallel.to_frame()),)),
            _loading_map(explored.loadings),
        ),
        notes=why if counts is None else counts.cautions,
    )


def _counted(study: Study) -> tuple[Retention, tuple[str, ...]]:
    """The rules for the number of factors, or why they cannot be asked."""
    try:
        found = retention(study.responses, rng=study.seed, executor=study.executor)
    except (PsychometricsError, np.linalg.LinAlgError) as problem:
        return None, (f"The number of factors was not judged: {problem}.",)
    return found, ()


def _rules(counts: Retention) -> tuple[Table, ...]:
    if counts is None:
        return ()
    return (
        Table(
            name="Number of factors",
            caption="What nine rules say; none decides alone. Each has its caveat "
            "below.",
            frame=counts.to_frame(),
            digits=0,
        ),
    )


def _reading(corr: pd.DataFrame, counts: Retention, msa: float) -> str:
    first, second = np.linalg.eigvalsh(corr)[:-3:-1]
    judged = "" if counts is None else f"{' '.join(counts.reading)} "
    return (
        f"The first dimension carries {100 * first / len(corr):.0f} % of what "
        f"the items share out, {first / second:.1f} times the second. "
        f"{judged}Sampling adequacy is {msa:.2f}."
    )


def _factorability(corr: pd.DataFrame, n: int, adequacy: KMOResult) -> Table:
    sphericity = bartlett_sphericity(corr, n)
    frame = pd.DataFrame(
        {
            "value": {
                "Kaiser-Meyer-Olkin, overall": adequacy.overall,
                "Kaiser-Meyer-Olkin, lowest item": adequacy.per_item.min(),
                "Bartlett's test, chi-square": sphericity.chi2,
            }
        }
    )
    frame["df"] = pd.array([pd.NA, pd.NA, int(sphericity.df)], dtype="Int64")
    frame["p"] = [np.nan, np.nan, sphericity.p]
    return Table(
        name="Factorability",
        caption="Whether the items share enough to factor; Bartlett's test takes the "
        "median number of people behind a correlation.",
        frame=frame,
    )


def _factor_corr(explored: ExploratoryFactors) -> tuple[Table, ...]:
    if explored.loadings.shape[1] < 2:
        return ()
    caption = "Correlations between the factors above."
    corr = explored.factor_corr
    names = [f"factor {k}" for k in range(1, len(corr) + 1)]
    table = corr.set_axis(names, axis=0).set_axis(names, axis=1)
    return (Table(name="Factor correlations", caption=caption, frame=table),)


def _sorted(explored: ExploratoryFactors) -> pd.DataFrame:
    loadings = explored.loadings
    leader = np.abs(loadings.to_numpy()).argmax(axis=1)
    strength = np.abs(loadings.to_numpy()).max(axis=1)
    order = np.lexsort((-strength, leader))
    spelt = {name: f"factor {k}" for k, name in enumerate(loadings, 1)}
    frame = loadings.rename(columns=spelt)  # an item may be called F1
    frame = frame.assign(communality=explored.communalities)
    return frame.iloc[order].rename_axis("item")


def _scree(curves: pd.DataFrame) -> Figure:
    found, chance = curves["components"], curves["components_percentile"]

    def draw(ax: Axes) -> None:
        ax.plot(found.index, found, "o-", color=BLUE, label="these answers")
        ax.plot(
            chance.index, chance, "s--", color=GREY, label="chance, 95th percentile"
        )
        ax.set_xlabel("dimension")
        ax.set_ylabel("eigenvalue")
        ax.legend(frameon=False)

    first = ", ".join(f"{value:.2f}" for value in found.iloc[:4])
    return Figure(
        name="scree",
        caption="Eigenvalues of the polychoric correlations beside those of chance.",
        alt=f"A falling line that starts at {first}; it is above the line of chance "
        f"for {counted(int((found > chance).cummin().sum()), 'dimension')}.",
        draw=draw,
        data=curves,
    )


def _loading_map(loadings: pd.DataFrame) -> Figure:
    strong = int((loadings.abs() >= 0.4).any(axis=1).sum())
    return Figure(
        name="loadings",
        caption="Loadings of the items on the factors.",
        alt=f"A grid of {loadings.shape[0]} items by "
        f"{counted(loadings.shape[1], 'factor')}; "
        f"{strong} items load .40 or more on some factor.",
        draw=lambda ax: heatmap(ax, loadings, label="loading"),
        height=max(3.0, 0.22 * len(loadings) + 1),
        data=loadings,
    )
