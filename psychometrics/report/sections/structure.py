"""How many things the items measure, and which item goes with which."""

import numpy as np
import pandas as pd

from ...factor.exploratory import explore
from ...factorability import bartlett_sphericity, kmo
from ..document import Figure, Section, Table
from ..figures import BLUE, heatmap


def exploration(study, earlier):
    """Factorability, eigenvalues, and the loadings of as many factors as scales."""
    corr, n = study.polychoric.corr, len(study.complete)
    n_factors = len(study.scales)
    rotation = "oblimin" if n_factors > 1 else "none"
    explored = explore(None, n_factors, corr=corr, n_obs=n, rotation=rotation)
    eigenvalues = np.linalg.eigvalsh(corr)[::-1]
    adequacy = kmo(corr)
    return Section(
        key="exploration",
        title="Dimensions found",
        plain=_reading(eigenvalues, adequacy.overall),
        tables=(
            _factorability(corr, n, adequacy),
            Table(
                "Loadings",
                f"{n_factors} factor(s): minres on polychoric correlations"
                f"{', oblimin' if n_factors > 1 else ''}. Each item stands with the "
                "factor it loads on most.",
                _sorted(explored),
            ),
            Table(
                "Factor correlations",
                "Correlations between the factors above.",
                explored.factor_corr,
            ),
        ),
        figures=(_scree(eigenvalues), _loading_map(explored.loadings)),
    )


def _reading(eigenvalues, msa):
    ratio = eigenvalues[0] / eigenvalues[1]
    share = 100 * eigenvalues[0] / len(eigenvalues)
    return (
        f"The first dimension carries {share:.0f} % of what the items share out and is "
        f"{ratio:.1f} times the second; {int((eigenvalues > 1).sum())} exceed one. "
        f"Sampling adequacy is {msa:.2f}."
    )


def _factorability(corr, n, adequacy):
    sphericity = bartlett_sphericity(corr, n)
    frame = pd.DataFrame(
        {
            "value": {
                "Kaiser-Meyer-Olkin, overall": adequacy.overall,
                "Kaiser-Meyer-Olkin, lowest item": adequacy.per_item.min(),
                "Bartlett chi-square": sphericity.chi2,
                "Bartlett degrees of freedom": sphericity.df,
                "Bartlett p": sphericity.p,
            }
        }
    )
    return Table("Factorability", "Whether the items share enough to factor.", frame)


def _sorted(explored):
    loadings = explored.loadings
    leader = np.abs(loadings.to_numpy()).argmax(axis=1)
    strength = np.abs(loadings.to_numpy()).max(axis=1)
    order = np.lexsort((-strength, leader))
    frame = loadings.assign(communality=explored.communalities)
    return frame.iloc[order].rename_axis("item")


def _scree(eigenvalues):
    def draw(ax):
        ax.plot(range(1, len(eigenvalues) + 1), eigenvalues, "o-", color=BLUE)
        ax.axhline(1, color="black", linestyle="--", linewidth=1)
        ax.set_xlabel("dimension")
        ax.set_ylabel("eigenvalue (dashed: 1)")

    first = ", ".join(f"{value:.2f}" for value in eigenvalues[:4])
    return Figure(
        "scree",
        "Eigenvalues of the polychoric correlations.",
        f"A falling line; the first eigenvalues are {first}.",
        draw,
    )


def _loading_map(loadings):
    strong = int((loadings.abs() >= 0.4).any(axis=1).sum())
    return Figure(
        "loadings",
        "Loadings of the items on the factors.",
        f"A grid of {loadings.shape[0]} items by {loadings.shape[1]} factor(s); "
        f"{strong} items load .40 or more on some factor.",
        lambda ax: heatmap(ax, loadings, label="loading"),
        height=max(3.0, 0.22 * len(loadings) + 1),
    )
