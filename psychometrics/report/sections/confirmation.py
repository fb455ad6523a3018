"""Rival models of the structure, side by side, and what a general factor carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...cfa.confirm import ORDINAL
from ...cfa.dynamic_cutoffs import DynamicCutoffs, dynamic_cutoffs
from ...errors import PsychometricsError
from ...factor.omega import Omega, omega
from ...figures import heatmap
from ..adequacy import Adequacy, factor_analysis
from ..criteria import COSMIN, OURS, Criteria, rate, structural, structural_strict
from ..document import Figure, Outcome, Section, Table, Verdict
from ..ladder import ONE_SCORE
from ..rival_models import planned_models
from ..words import beside

if TYPE_CHECKING:
    from ...cfa.model_comparison import RivalModels
    from ...cfa.result import ConfirmedModel
    from ..study import Study

INDICES = {
    "chi2": "chi2_scaled",
    "df": "df",
    "CFI": "cfi_scaled",
    "TLI": "tli_scaled",
    "RMSEA": "rmsea_scaled",
    "RMSEA lower": "rmsea_ci_lower_scaled",
    "RMSEA upper": "rmsea_ci_upper_scaled",
    "CFI robust": "cfi_robust",
    "RMSEA robust": "rmsea_robust",
    "SRMR": "srmr",
}
MOST_MODIFIED = 10  # parameters in the table of modification indices
# Each sample takes longer with more items: (at most so many items, samples).
SAMPLES = ((30, 100), (50, 50), (float("inf"), 25))
METHODS = {
    "wlsmv": "Diagonally weighted least squares on polychoric correlations",
    "ulsmv": "Unweighted least squares on polychoric correlations",
    "mlr": "Maximum likelihood, codes taken as numbers, robust errors",
    "ml": "Maximum likelihood, codes taken as numbers",
}


def confirmation(study: Study, earlier: Sequence[Section]) -> Section:
    """Fit the rival models to all answers, and judge the intended one."""
    found, intended, problems = study.rivals, study.intended, study.rivals.problems
    if intended in problems:
        return _not_fitted(intended, problems[intended])
    model = found.model(intended)
    table = _indices(found)
    indices = table.loc[intended, ["CFI", "TLI", "RMSEA", "SRMR"]].astype(float)
    simulated, why = _simulated(study, model, intended)
    general, no_general = _general(study)
    return Section(
        key="structure",
        title="Structure: rival models",
        plain=_reading(table, intended, general),
        verdicts=(
            structural(indices, study.criteria),
            structural_strict(indices, study.criteria),
            *_simulated_verdict(simulated),
            _residual_verdict(model.residuals, study),
            *_general_verdicts(general, study.criteria),
        ),
        tables=(
            *_tables(table, model, intended, study.estimator),
            *_cutoff_table(simulated),
            *_modifications(model, structural_strict(indices, study.criteria)),
        ),
        figures=(_residual_map(model.residuals, study.items),),
        notes=(
            *why,
            *no_general,
            *(f"{name}: {said}" for name, said in problems.items()),
        ),
        measures="Structural validity",
        adequacy=_adequacy(study),
    )


def _adequacy(study: Study) -> Adequacy:
    """Of the scale that fewest people answered: the structure is as certain as that."""
    n = {scale: study.n_answered(scale) for scale in study.scales}
    fewest = min(n, key=n.get)
    alike = len({*n.values()}) == 1
    what = "people" if alike else f"people in {fewest}"
    return factor_analysis(n[fewest], len(study.items), what)


def _simulated(
    study: Study, model: ConfirmedModel, intended: str
) -> tuple[DynamicCutoffs | None, tuple[str, ...]]:
    """Cut-offs for this model and sample; fewer samples where each takes long."""
    n_replications = study.n_replications
    if n_replications is None:
        n_replications = next(n for most, n in SAMPLES if len(study.items) <= most)
    if n_replications == 0:
        return None, ("Cut-offs of fit were not simulated.",)
    try:
        found = dynamic_cutoffs(
            model,
            n_replications=n_replications,
            rng=study.seed,
            executor=study.executor,
            **planned_models(study)[0][intended][1],
        )
    except (PsychometricsError, np.linalg.LinAlgError) as problem:
        return None, (f"Cut-offs could not be simulated: {problem}.",)
    return found, ()


def _simulated_verdict(simulated: DynamicCutoffs | None) -> tuple[Verdict, ...]:
    if simulated is None:
        return ()
    table = simulated.to_frame().loc[["rmsea", "srmr"]]
    is_blind = table["flawed_model"].isna().any()
    limit = table["flawed_model"].fillna(table["true_model"])
    within = bool((table["observed"] <= limit).all())
    found = ", ".join(
        f"{name.upper()} {beside(table.loc[name, 'observed'], limit[name], 3)} against "
        f"{limit[name]:.3f}"
        for name in table.index
    )
    return (
        rate(
            OURS,
            "RMSEA and SRMR within cut-offs simulated for this model and sample",
            found,
            None if within and is_blind else within,
            _what_shows(simulated.flaw, is_blind, within and _is_beyond_true(table)),
        ),
    )


def _is_beyond_true(table: pd.DataFrame) -> bool:
    return bool((table["observed"] > table["true_model"]).any())


def _what_shows(flaw: str, is_blind: bool, is_beyond: bool) -> str:
    if is_blind:
        return (
            "A sample of this size does not tell the model from one where "
            f"{flaw}; the bounds are those of the true model."
        )
    shows = f"The flaw that would be found: {flaw}."
    if is_beyond:
        shows += (
            " The fit is worse than in 95 % of samples from the true model: the model "
            "is not exact, though nearer to it than to that flaw."
        )
    return shows


def _cutoff_table(simulated: DynamicCutoffs | None) -> tuple[Table, ...]:
    if simulated is None:
        return ()
    names = {"true_model": "model true", "flawed_model": "model flawed"}
    frame = simulated.to_frame().rename(columns=names).astype(float)
    return (
        Table(
            name="Simulated cut-offs",
            caption=f"From {simulated.n_replications} samples of this size each, after "
            "McNeish "
            "& Wolf (2023): 95 % of samples from the true model stay within the first, "
            f"95 % miss the second where {simulated.flaw}; a dash where no bound would "
            "tell the two apart.",
            frame=frame.rename(index=str.upper).rename_axis("index"),
            digits=3,
        ),
    )


def _modifications(model: ConfirmedModel, verdict: Verdict) -> tuple[Table, ...]:
    """What freeing more would gain, where the model does not fit."""
    found = model.modification_indices().dropna(subset="mi").head(MOST_MODIFIED)
    if verdict.outcome is Outcome.SUFFICIENT or found.empty:
        return ()
    names = found["lhs"] + " " + found["op"] + " " + found["rhs"]
    frame = found[["mi_scaled", "sepc_all"]].set_axis(names, axis=0)
    frame.columns = ["index", "expected standardised change"]
    return (
        Table(
            name="Modification indices",
            caption=f"The {len(frame)} parameters whose freeing would lower chi2 most "
            "(Sorbom, 1989), as =~ for a loading and ~~ for a covariance. They say "
            "where the model fails, not what is true: a model that was changed by them "
            "has to be confirmed on other people. A change is drawn on from the slope "
            "at nought, and may pass 1.",
            frame=frame.rename_axis("parameter"),
        ),
    )


def _not_fitted(intended: str, why: str) -> Section:
    verdict = rate(OURS, f"the model of {intended} fits", "no result", None, why)
    return Section(
        key="structure",
        title="Structure: rival models",
        plain="The intended model could not be fitted.",
        verdicts=(verdict,),
        measures="Structural validity",
    )


def _indices(found: RivalModels) -> pd.DataFrame:
    rows = {
        name: {label: _index(model.fit, key) for label, key in INDICES.items()}
        | {"admissible": "yes" if model.is_admissible else "no"}
        for name, model in found.models().items()
    }
    return pd.DataFrame(rows).T.rename_axis("model").astype({"df": "Int64"})


def _index(fit: pd.Series, key: str) -> float:
    """The scaled version of an index, or the plain one where nothing is scaled."""
    return fit.get(key, fit.get(key.removesuffix("_scaled"), np.nan))


def _tables(
    table: pd.DataFrame, model: ConfirmedModel, intended: str, estimator: str
) -> tuple[Table, ...]:
    scaled = "scaled and shifted" if estimator in ORDINAL else "scaled where robust"
    loadings = model.loadings()
    loadings = loadings.where(loadings != 0).rename_axis("item")
    return (
        Table(
            name="Rival models",
            caption=f"{METHODS.get(estimator, estimator)}; chi2, CFI, TLI and RMSEA "
            "are "
            f"{scaled}, RMSEA with its 90 % interval; CFI and RMSEA robust by Savalei "
            "(2021). Scaled values of two models do not compare: a stricter model may "
            "have the smaller.",
            frame=table,
            digits=3,
        ),
        Table(
            name="Standardised loadings",
            caption=f"Loadings in the model of {intended}; a dash is fixed at nought.",
            frame=_with_errors(loadings, model),
        ),
        *_factor_corr(model),
    )


def _with_errors(loadings: pd.DataFrame, model: ConfirmedModel) -> pd.DataFrame:
    """Loadings with their standard errors, where each item has one."""
    rows = model.group()
    rows = rows[(rows["op"] == "=~") & rows["rhs"].isin(loadings.index)]
    if rows["rhs"].duplicated().any() or "std_se" not in rows:
        return loadings
    return loadings.assign(SE=rows.set_index("rhs")["std_se"].reindex(loadings.index))


def _factor_corr(model: ConfirmedModel) -> tuple[Table, ...]:
    found = model.factor_corr()
    if len(found) < 2:
        return ()
    caption = "Correlations between the factors of the intended model."
    return (
        Table(
            name="Correlations of factors",
            caption=caption,
            frame=found.rename_axis("factor"),
        ),
    )


def _general(study: Study) -> tuple[Omega | None, tuple[str, ...]]:
    """Omega of a general factor over three scales or more, or why there is none."""
    if len(study.scales) < 3 or len(study.items) < 6:
        return None, ()
    try:
        return omega(study.responses, len(study.scales)), ()
    except PsychometricsError as problem:
        return None, (f"No general factor was extracted: {problem}.",)


def _reading(table: pd.DataFrame, intended: str, general: Omega | None) -> str:
    admissible = table["admissible"] == "yes"
    best = table.loc[admissible if admissible.any() else slice(None), "SRMR"].idxmin()
    said = (
        f"Of {len(table)} rival models {best} leaves the smallest residuals (SRMR "
        f"{table.loc[best, 'SRMR']:.3f})"
    )
    if len(table) == 1:
        alone = f"{table['SRMR'].iloc[0]:.3f}"
        said = f"The model of {intended} was fitted alone (SRMR {alone})."
    elif best == intended:
        said += " and is the intended one."
    else:
        said += f"; the intended one, {intended}, has "
        said += f"{table.loc[intended, 'SRMR']:.3f}."
    if best == "bifactor":
        said += " A bifactor model nearly always fits best: judge it by omega and ECV."
    if general is None:
        return said
    return said + (
        f" A general factor accounts for {100 * general.omega_hierarchical:.0f} % of "
        "the variance of the total score."
    )


def _general_verdicts(general: Omega | None, bounds: Criteria) -> tuple[Verdict, ...]:
    if general is None:
        return ()
    return (
        rate(
            COSMIN,
            "one score for all: omega hierarchical above "
            f"{bounds.omega_hierarchical:.2f} and ECV above {bounds.ecv:.2f}",
            "omega hierarchical "
            f"{beside(general.omega_hierarchical, bounds.omega_hierarchical)}, ECV "
            f"{beside(general.ecv, bounds.ecv)}",
            general.omega_hierarchical > bounds.omega_hierarchical
            and general.ecv > bounds.ecv,
            measures=ONE_SCORE,
        ),
    )


def _square(residuals: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Residual correlations between items, whatever else stands in the table."""
    return residuals.reindex(index=items, columns=items)


def _residual_verdict(residuals: pd.DataFrame, study: Study) -> Verdict:
    square = _square(residuals, study.items).to_numpy()
    below = np.abs(square[np.tril_indices(len(study.items), -1)])
    bound, enough = study.criteria.residual, study.criteria.residual_share
    share = (below < bound).mean()
    return rate(
        COSMIN,
        f"residual correlations below {bound:.2f} in at least "
        f"{100 * enough:.0f} % of pairs",
        f"{100 * share:.0f} % of pairs, largest {below.max():.2f}",
        share >= enough,
    )


def _residual_map(residuals: pd.DataFrame, items: Sequence[str]) -> Figure:
    square = _square(residuals, items)
    off = square.where(~np.eye(len(items), dtype=bool))
    (one, other), largest = off.abs().stack().idxmax(), off.abs().stack().max()
    small = (off.abs().stack() < 0.1).mean()
    return Figure(
        name="residuals",
        caption="Residual correlations of the intended model.",
        alt=f"A square of {len(items)} by {len(items)} items: {100 * small:.0f} % of "
        f"the pairs are below .10; the model leaves most between {one} and {other}, "
        f"{largest:.2f} in size.",
        draw=lambda ax: heatmap(ax, off, limit=0.4, label="residual correlation"),
        height=6.0,
        data=square,
    )
