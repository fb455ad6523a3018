"""Rival models of the same items, side by side, and what to make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng, Scales
from ..errors import PsychometricsError
from ..figures import bound, finish, grouped_bars, name_rows
from ..options import generator
from ..results import Result, axes
from .bifactor_indices import general_factor_indices
from .confirm import ORDINAL, confirm
from .cross_validation import fold_totals
from .model.builders import (
    bifactor_model,
    correlated_factors_model,
    one_factor_model,
    second_order_model,
)

if TYPE_CHECKING:
    from .dynamic_cutoffs import DynamicCutoffs
    from .result import ConfirmedModel

# Prinsen et al. (2018): CFI or TLI > .95, or RMSEA < .06, or SRMR < .08.
COSMIN = {"cfi": 0.95, "tli": 0.95, "rmsea": 0.06, "srmr": 0.08}
BANK_OMEGA_H, BANK_ECV = 0.80, 0.60
ENOUGH_DETERMINACY = 0.90
ONE_FACTOR, CORRELATED = "one factor", "correlated factors"
_INDICES = ("cfi", "tli", "rmsea", "srmr")
SAME_LIKELIHOOD = 1e-6  # a person: what rounding leaves between two searches
SAME = 1e-3  # between implied correlations of one model in two forms, each converged


@dataclass(frozen=True, eq=False, kw_only=True)
class RivalModels(Result):
    """Rival models of the same answers.

    Attributes
    ----------
    table : DataFrame
        One row a model: free parameters, chi2, df, p, CFI, TLI, RMSEA, SRMR (robust
        versions where there are any, else scaled), AIC and BIC (likelihood), omega_h,
        ecv, puc, determinacy, held_out (log likelihood a person), cosmin, ours,
        problem, caveat, admissible (no negative variance, no impossible correlation)
        and same_as (the model before it that implies the same correlations with as
        many parameters: no answers can tell them apart).
    reading : tuple of str
        What the table says, in words.
    fitted : tuple of ConfirmedModel
        Those that could be fitted, in the table's order.
    """

    _headline = ("cfi=table.cfi", "rmsea=table.rmsea", "models=table.index")

    table: pd.DataFrame
    reading: tuple
    fitted: tuple

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def model(self, name: str) -> ConfirmedModel:
        """Return one fitted model by its name in the table."""
        return self.models()[name]

    def models(self) -> dict[str, ConfirmedModel]:
        """Return the fitted models by name."""
        kept = self.table.index[self.table["problem"] == ""]
        return dict(zip(kept, self.fitted))

    @property
    def problems(self) -> dict[str, str]:
        """Why each of the others could not be fitted, by name."""
        said = self.table["problem"]
        return said[said != ""].to_dict()

    def _about(self) -> Sequence[str]:
        return [f"{len(self.table)} rival models."]

    def _caveats(self) -> Sequence[str]:
        return self.reading

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw RMSEA and SRMR of each model, with COSMIN's bounds."""
        ax = axes(ax, rows=3 * len(self.table))
        name_rows(ax, self.table.index, what="model")
        grouped_bars(ax, self.table[["rmsea", "srmr"]], names=("RMSEA", "SRMR"))
        for k, name in enumerate(("rmsea", "srmr")):
            bound(ax, COSMIN[name], f"{name.upper()} up to {COSMIN[name]:g}", k=k)
        title = f"Misfit of {len(self.table)} rival models: less is better"
        return finish(ax, title, x="RMSEA and SRMR", key=True)


def rival_models(
    scales: Scales, *, factor: str = "involvement"
) -> dict[str, tuple[str, dict[str, bool]]]:
    """Return the usual rivals by name: {name: (model, options)}.

    One scale has no rival to one factor, and two hardly determine a second-order or
    a general factor.
    """
    unit = {"std_lv": True}
    rivals = {ONE_FACTOR: (one_factor_model(scales, factor=factor), unit)}
    if len(scales) > 1:
        rivals[CORRELATED] = (correlated_factors_model(scales), unit)
    if len(scales) > 2:
        rivals["second order"] = (second_order_model(scales, factor=factor), {})
        rivals["bifactor"] = (bifactor_model(scales, factor=factor), unit)
    return rivals


def compare_models(
    models: Mapping[str, str],
    responses: pd.DataFrame,
    *,
    estimator: str = "wlsmv",
    folds: int = 5,
    rng: Rng = None,
    cutoffs: Mapping[str, DynamicCutoffs] | None = None,
    **options: bool,
) -> RivalModels:
    """Fit rival models and set them side by side, with a reading in words.

    Rivals stated before the answers say more than one model alone (Joreskog, 1993).

    Parameters
    ----------
    models : dict
        {scale: items} for the usual rivals (one factor, correlated factors, second
        order, bifactor), {name: model text}, or {name: (text, options of its own)}.
    responses : DataFrame, shape (n_persons, n_items)
        As in `confirm`, NaN where unanswered.
    estimator : str
        As in `confirm`.
    folds : int
        Of the held-out likelihood; 0 leaves it out.
    rng : Generator or int, optional
        Deals the persons to the folds; needed when `folds` is not 0.
    cutoffs : dict of str to DynamicCutoffs, optional
        By model; the verdict then asks for these too.
    **options
        Of `confirm`.

    Returns
    -------
    RivalModels
        A model that cannot be fitted stands in the table with its problem.

    Raises
    ------
    InvalidOption
        `rng` is None although `folds` is not 0, or an option that `confirm` has not.
    InvalidResponses
        Answers that no model can use.

    Notes
    -----
    Never judged by CFI alone: `cosmin` prints COSMIN's rule, in which any one index is
    enough, `ours` asks that RMSEA and SRMR agree (docs/methods/rivals.md).

    Examples
    --------
    >>> from psychometrics import compare_models, simulate
    >>> loadings, phi = simulate.simple_structure(2, 3, loading=0.7, correlation=0.3)
    >>> made = simulate.responses(
    ...     300, rng=1, loadings=loadings, factor_corr=phi, thresholds=(-1, 1)
    ... )
    >>> scales = {"trust": ["i1", "i2", "i3"], "parity": ["i4", "i5", "i6"]}
    >>> found = compare_models(scales, made.responses, folds=0, std_lv=True)
    >>> cfi = found.table["cfi"]
    >>> bool(cfi["correlated factors"] > cfi["one factor"])
    True
    """
    rows, fitted, folded = {}, [], {}
    seed = 0
    if folds:
        deal = generator(rng, what="dealing persons to folds")
        seed = int(deal.integers(2**32))
    for name, (text, own) in _stated(models).items():
        settings = {"estimator": estimator} | own | options
        try:
            model = confirm(text, responses, **settings)
            row = _row(model, (cutoffs or {}).get(name))
        except PsychometricsError as problem:
            rows[name] = {"problem": str(problem)}
            continue
        if folds:
            folded[name] = _held_out(text, responses, folds, seed, settings)
            row["held_out"] = folded[name].sum() / len(responses)
        before = zip((n for n, r in rows.items() if not r["problem"]), fitted)
        row["same_as"] = next((n for n, one in before if _are_one(one, model)), "")
        rows[name], fitted = row, [*fitted, model]
    table = pd.DataFrame(rows).T.infer_objects()
    if not fitted:
        judged = ("cosmin", "ours", "problem", "caveat")
        table = table.reindex(columns=[*_INDICES, *judged])
    reading = tuple(_reading(table, estimator, folded))
    return RivalModels(table=table, reading=reading, fitted=tuple(fitted))


def _are_one(first: ConfirmedModel, second: ConfirmedModel) -> bool:
    """As many parameters and the same implied correlations: two forms of one model."""
    if first.fit["n_free"] != second.fit["n_free"]:
        return False
    if {*first.items} != {*second.items}:
        return False
    gap = first.residuals - second.residuals.reindex_like(first.residuals)
    return bool(gap.abs().max(axis=None) < SAME)


def _held_out(
    text: str,
    responses: pd.DataFrame,
    folds: int,
    seed: int,
    settings: Mapping[str, Any],
) -> np.ndarray:
    """All rivals are dealt the same folds; NaN where a fold cannot be fitted."""
    try:
        return np.array(fold_totals(text, responses, folds, seed, settings))
    except PsychometricsError:
        return np.full(folds, np.nan)


def _stated(
    models: Mapping[str, Sequence[Mapping[str, bool] | str] | str],
) -> dict[str, tuple[str, dict[str, bool]]]:
    first = next(iter(models.values()))
    if isinstance(first, str):
        return {name: (text, {}) for name, text in models.items()}
    if isinstance(first, tuple):
        return models
    return rival_models(models)


def best_version(fit: pd.Series, name: str) -> float:
    """Return the robust version of an index, else the scaled, else the plain one."""
    for version in (f"{name}_robust", f"{name}_scaled", name):
        if version in fit.index and np.isfinite(fit[version]):
            return float(fit[version])
    return np.nan


def _row(
    model: ConfirmedModel, cutoffs: DynamicCutoffs | None
) -> dict[str, float | str]:
    f = model.fit
    scaled = "chi2_scaled" in f.index
    row = {
        "n_free": int(f["n_free"]),
        "chi2": f["chi2_scaled" if scaled else "chi2"],
        "df": int(f["df"]),
        "p": f["p_scaled" if scaled else "p"],
    }
    row |= {name: best_version(f, name) for name in _INDICES}
    row |= {name: f.get(name, np.nan) for name in ("aic", "bic")}
    row |= general_factor_indices(model).to_dict()
    row["cosmin"], row["ours"] = fit_verdicts(row, cutoffs)
    if model.caveats:
        row["ours"] = "insufficient"
    row["problem"], row["caveat"] = "", " ".join(model.caveats)
    row["admissible"] = model.is_admissible
    return row


def fit_verdicts(
    indices: Mapping[str, float], cutoffs: DynamicCutoffs | None = None
) -> tuple[str, str]:
    """Return COSMIN's verdict and ours, "sufficient" or "insufficient".

    Parameters
    ----------
    indices : mapping with cfi, tli, rmsea, srmr
    cutoffs : DynamicCutoffs, optional
        Simulated cut-offs of RMSEA and SRMR that must hold as well.
    """
    high = any(indices[name] > COSMIN[name] for name in ("cfi", "tli"))
    small = indices["rmsea"] < COSMIN["rmsea"], indices["srmr"] < COSMIN["srmr"]
    ours = all(small)
    if cutoffs is not None:
        table = cutoffs.to_frame()
        limit = table["flawed_model"].fillna(table["true_model"])
        ours = ours and all(
            table.loc[name, "observed"] <= limit[name] for name in ("rmsea", "srmr")
        )
    words = {True: "sufficient", False: "insufficient"}
    return words[bool(high or any(small))], words[bool(ours)]


def _reading(
    table: pd.DataFrame, estimator: str, folded: Mapping[str, np.ndarray]
) -> Iterator[str]:
    kept = table[table["problem"] == ""]
    for name, row in table[table["problem"] != ""].iterrows():
        yield f"{name} could not be fitted: {row['problem']}."
    for name in kept.index[~kept["admissible"].astype(bool)] if len(kept) else ():
        yield (
            f"{name}: the solution is inadmissible; the model is neither ranked nor "
            "supported."
        )
    for name, same in kept["same_as"].items() if len(kept) else ():
        if same:
            yield (
                f"{name} and {same} are one model in two forms: as many parameters, "
                "the same implied correlations. No answers can tell them apart."
            )
    for name, row in kept[kept["caveat"] != ""].iterrows():
        yield f"{name}: {row['caveat']}"
    for name, row in kept[kept["caveat"] == ""].iterrows():
        if row["cosmin"] != row["ours"]:
            yield (
                f"{name}: by COSMIN's rule one index is enough "
                f"({row['cosmin']}); RMSEA {row['rmsea']:.3f} and SRMR "
                f"{row['srmr']:.3f} do not agree on it, so ours is {row['ours']}."
            )
    if not len(kept[kept["ours"] == "sufficient"]):
        yield "No rival fits by RMSEA and SRMR together: none is supported as it is."
    if folded:
        yield held_out_words(kept, folded)
    if "bifactor" in kept.index and kept.loc["bifactor", "admissible"]:
        yield _bifactor_words(kept)
    if estimator in ORDINAL:
        yield (
            "With ordinal items the unscaled CFI and RMSEA look better than they are "
            "(Xia & Yang, 2019); the table gives the robust ones."
        )


def held_out_words(kept: pd.DataFrame, folded: Mapping[str, np.ndarray]) -> str:
    """Rank admissible models, one form of each, and only beyond what chance leaves."""
    lost = kept.index[kept["held_out"].astype(float).isna()]
    if len(lost):
        return f"A part of the persons was too few to fit {', '.join(lost)} to."
    ranked = kept[kept["admissible"].astype(bool) & (kept["same_as"] == "")]
    values = ranked["held_out"].astype(float).sort_values(ascending=False)
    if not len(values):
        return "No solution is admissible: held-out persons prefer none."
    if len(values) == 1:
        return (
            f"Held-out log likelihood a person: {values.iloc[0]:.4f} by the "
            f"{values.index[0]} model, with no other to compare."
        )
    first, second = values.index[:2]
    gap = values.iloc[0] - values.iloc[1]
    apart = folded[first] - folded[second]
    n = folded[first].sum() / values.iloc[0]
    error = apart.std(ddof=1) * np.sqrt(len(apart)) / n if len(apart) > 1 else 0.0
    if gap <= max(2 * error, SAME_LIKELIHOOD):
        return (
            f"Persons not fitted to do not tell the {first} model from the {second} "
            f"one ({values.iloc[0]:.4f} a person, a gap of {gap:.4f}, standard error "
            f"{error:.4f} over the folds)."
        )
    return (
        f"Persons not fitted to are foretold best by the {first} model "
        f"({values.iloc[0]:.4f} a person, {gap:.4f} ahead of {second}, standard error "
        f"{error:.4f} over the folds)."
    )


def _bifactor_words(kept: pd.DataFrame) -> str:
    row = kept.loc["bifactor"]
    strong = row["omega_h"] > BANK_OMEGA_H and row["ecv"] > BANK_ECV
    determined = row["lowest_determinacy"] >= ENOUGH_DETERMINACY
    held = kept[kept["admissible"].astype(bool)]
    held = held.get("held_out", pd.Series(dtype=float)).astype(float).dropna()
    ahead = "bifactor" not in held or held.idxmax() == "bifactor"
    words = (
        f"The bifactor model is not preferred for its fit, which flatters it: omega_h "
        f"{row['omega_h']:.2f}, ECV {row['ecv']:.2f}, PUC {row['puc']:.2f}; "
    )
    words += (
        "one general score carries nearly all (essentially unidimensional)"
        if strong
        else "the specific factors carry too much to report one score alone"
    )
    words += (
        "; specific scores are determined"
        if determined
        else f"; specific factors are poorly determined (lowest "
        f"{row['lowest_determinacy']:.2f}), so report no score of theirs"
    )
    return words + ("." if ahead else "; and held-out persons favour another model.")
