"""Rival models of the structure, side by side, and what a general factor carries."""

import numpy as np
import pandas as pd

from ...cfa.rivals import (
    BANK_ECV,
    BANK_OMEGA_H,
    CORRELATED,
    ONE_FACTOR,
    compare_models,
    rival_models,
)
from ...factor.hierarchy import omega
from ..criteria import COSMIN, OURS, rate, structural, structural_strict
from ..document import Figure, Section, Table
from ..figures import heatmap

INDICES = {
    "chi2": "chi2_scaled",
    "df": "df_scaled",
    "CFI": "cfi_scaled",
    "TLI": "tli_scaled",
    "RMSEA": "rmsea_scaled",
    "RMSEA robust": "rmsea_robust",
    "SRMR": "srmr",
}


def confirmation(study, earlier):
    """Fit the rival models by weighted least squares on all answers."""
    rivals = rival_models(study.scales, factor="general")
    found = compare_models(rivals, study.responses, folds=0)
    intended = CORRELATED if CORRELATED in rivals else ONE_FACTOR
    problems = found.problems
    if intended in problems:
        return _not_fitted(intended, problems[intended])
    model = found.model(intended)
    table = _indices(found)
    indices = table.loc[intended, ["CFI", "TLI", "RMSEA", "SRMR"]].astype(float)
    general = omega(study.responses, len(study.scales)) if _has_general(study) else None
    return Section(
        key="structure",
        title="Structure: rival models",
        plain=_reading(table, intended, general),
        verdicts=(
            structural(*indices),
            structural_strict(*indices),
            _residual_verdict(model.residuals, study.items),
            *_general_verdicts(general),
        ),
        tables=_tables(table, model, intended),
        figures=(_residual_map(model.residuals, study.items),),
        notes=tuple(f"{name}: {why}" for name, why in problems.items()),
    )


def _not_fitted(intended, why):
    verdict = rate(OURS, f"the model of {intended} fits", "no result", None, why)
    return Section("structure", "Structure", "No model could be fitted.", (verdict,))


def _indices(found):
    rows = {
        name: {label: model.fit.get(key, np.nan) for label, key in INDICES.items()}
        for name, model in found.models().items()
    }
    return pd.DataFrame(rows).T.rename_axis("model").astype({"df": "Int64"})


def _tables(table, model, intended):
    loadings = model.loadings()
    return (
        Table(
            "Rival models",
            "Diagonally weighted least squares on polychoric correlations; chi2, "
            "CFI, TLI and RMSEA are scaled and shifted; RMSEA robust by Savalei "
            "(2021).",
            table,
            3,
        ),
        Table(
            "Standardised loadings",
            f"Loadings in the model of {intended}; a dash is fixed at nought.",
            loadings.where(loadings != 0).rename_axis("item"),
        ),
    )


def _has_general(study):
    return len(study.scales) > 2 and len(study.items) >= 6


def _reading(table, intended, general):
    best = table["SRMR"].idxmin()
    said = (
        f"Of {len(table)} rival models {best} leaves the smallest residuals (SRMR "
        f"{table.loc[best, 'SRMR']:.3f}); the intended one, {intended}, has "
        f"{table.loc[intended, 'SRMR']:.3f}."
    )
    if best == "bifactor":
        said += " A bifactor model nearly always fits best: judge it by omega and ECV."
    if general is None:
        return said
    return said + (
        f" A general factor accounts for {100 * general.omega_hierarchical:.0f} % of "
        "the variance of the total score."
    )


def _general_verdicts(general):
    if general is None:
        return ()
    return (
        rate(
            COSMIN,
            "one score for all: omega hierarchical above .80 and ECV above .60",
            f"omega hierarchical {general.omega_hierarchical:.2f}, "
            f"ECV {general.ecv:.2f}",
            general.omega_hierarchical > BANK_OMEGA_H and general.ecv > BANK_ECV,
        ),
    )


def _square(residuals, items):
    """Residual correlations between items, whatever else stands in the table."""
    return residuals.reindex(index=items, columns=items)


def _residual_verdict(residuals, items):
    square = _square(residuals, items).to_numpy()
    below = np.abs(square[np.tril_indices(len(items), -1)])
    return rate(
        COSMIN,
        "residual correlations below .20 in at least 95 % of pairs",
        f"{100 * (below < 0.20).mean():.0f} % of pairs, largest {below.max():.2f}",
        (below < 0.20).mean() >= 0.95,
    )


def _residual_map(residuals, items):
    square = _square(residuals, items)
    off = square.where(~np.eye(len(items), dtype=bool))
    (one, other), largest = off.abs().stack().idxmax(), off.abs().stack().max()
    return Figure(
        "residuals",
        "Residual correlations of the intended model.",
        f"A square of {len(items)} by {len(items)} items, mostly pale; the model "
        f"leaves most between {one} and {other}, {largest:.2f} in size.",
        lambda ax: heatmap(ax, off, limit=0.4, label="residual correlation"),
        height=6.0,
    )
