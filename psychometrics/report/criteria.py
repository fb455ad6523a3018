"""COSMIN's criteria for good measurement properties, and where ours ask for more.

Source: Prinsen et al. (2018), the set that most published reviews used; the newer
guideline (2.0, Mokkink et al. 2024, doi 10.1007/s11136-024-03761-6) updates it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ..cfa.model_comparison import BANK_ECV, BANK_OMEGA_H
from ..cfa.model_comparison import COSMIN as FIT
from ..scores.hypotheses import ENOUGH
from .document import Outcome, Verdict
from .words import beside

if TYPE_CHECKING:
    import pandas as pd

COSMIN = "COSMIN 2018"
OURS = "ours"


@dataclass(frozen=True)
class Criteria:
    """The bounds that verdicts use; a plan may set its own before the data are read.

    Attributes
    ----------
    cfi, tli, rmsea, srmr : float
        Fit of a factor model (Prinsen et al., 2018).
    residual : float
        Largest residual correlation of a pair that may pass.
    residual_share : float
        Share of pairs below `residual`.
    omega_hierarchical, ecv : float
        For one score over several scales.
    alpha : float
        Least alpha or omega of a scale.
    dif_r2 : float
        Largest change of McFadden's R2 over groups.
    h : float
        Least scalability of a scale or item (Mokken, 1971).
    q3, q3_excess : float
        Largest Q3; largest Q3 above the mean of all (Christensen et al., 2017).
    item_fit_p : float
        Least p of S-X2.
    irt_rmsea, irt_srmsr : float
        Fit of a response model (Maydeu-Olivares & Joe, 2014).
    icc : float
        Least intraclass correlation of a retest.
    hypotheses : float
        Share of hypotheses that must be confirmed.
    auc : float
        Least area under the curve of change against the anchor.
    floor_ceiling : float
        Largest percentage at the lowest or highest total (Terwee et al., 2007).
    population_gap : float
        Largest difference of a group's share from the population's, in points; ours.
    """

    cfi: float = FIT["cfi"]
    tli: float = FIT["tli"]
    rmsea: float = FIT["rmsea"]
    srmr: float = FIT["srmr"]
    residual: float = 0.20
    residual_share: float = 0.95
    omega_hierarchical: float = BANK_OMEGA_H
    ecv: float = BANK_ECV
    alpha: float = 0.70
    dif_r2: float = 0.02
    h: float = 0.30
    q3: float = 0.37
    q3_excess: float = 0.20
    item_fit_p: float = 0.001
    irt_rmsea: float = 0.089
    irt_srmsr: float = 0.05
    icc: float = 0.70
    hypotheses: float = ENOUGH
    auc: float = 0.70
    floor_ceiling: float = 15.0
    population_gap: float = 10.0

    def departures(self) -> dict[str, tuple[float, float]]:
        """{name: (this bound, the published one)} where the two differ."""
        return {
            f.name: (getattr(self, f.name), f.default)
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }


def rate(
    judge: str,
    criterion: str,
    found: str,
    passed: bool | None,
    why: str = "",
    measures: str = "",
) -> Verdict:
    """Turn True, False or None (cannot be judged) into a `Verdict`."""
    outcome = {
        True: Outcome.SUFFICIENT,
        False: Outcome.INSUFFICIENT,
        None: Outcome.INDETERMINATE,
    }[None if passed is None else bool(passed)]
    return Verdict(
        judge=judge,
        criterion=criterion,
        found=found,
        outcome=outcome,
        why=why,
        measures=measures,
    )


def structural(found: pd.Series, bounds: Criteria) -> Verdict:
    """COSMIN's rule for a factor model: any one index in its favour suffices."""
    return rate(
        COSMIN,
        f"CFI above {bounds.cfi:g} or TLI above {bounds.tli:g}, or RMSEA below "
        f"{bounds.rmsea:g}, or SRMR below {bounds.srmr:g}",
        _indices(found, bounds),
        found["CFI"] > bounds.cfi
        or found["TLI"] > bounds.tli
        or found["RMSEA"] < bounds.rmsea
        or found["SRMR"] < bounds.srmr,
    )


def structural_strict(found: pd.Series, bounds: Criteria) -> Verdict:
    """Ours: SRMR and RMSEA must agree, since CFI alone flatters ordinal models."""
    return rate(
        OURS,
        f"RMSEA below {bounds.rmsea:g} and SRMR below {bounds.srmr:g} together",
        _indices(found, bounds),
        found["RMSEA"] < bounds.rmsea and found["SRMR"] < bounds.srmr,
        "CFI and TLI alone never certify: least squares on ordinal items flatter them.",
    )


def _indices(found: pd.Series, bounds: Criteria) -> str:
    return ", ".join(
        f"{name} {beside(value, getattr(bounds, name.lower()), 3)}"
        for name, value in found.items()
    )


def internal_consistency(
    scale: str, coefficient: str, value: float, bounds: Criteria
) -> Verdict:
    """Alpha or omega at the bound or above; the ladder asks for a structure first."""
    why = "Above .95: some items may say the same thing." if value > 0.95 else ""
    return rate(
        COSMIN,
        f"{scale}: alpha or omega at least {bounds.alpha:.2f}, structure sufficient "
        "first",
        f"{coefficient} {beside(value, bounds.alpha)}",
        value >= bounds.alpha,
        why,
    )


def floor_ceiling(
    scale: str, floor: float, ceiling: float, bounds: Criteria
) -> Verdict:
    """Few persons at the lowest or highest total (Terwee 2007)."""
    return rate(
        "Terwee 2007",
        f"{scale}: at most {bounds.floor_ceiling:g} % at the lowest or the highest "
        "total score",
        f"{beside(floor, bounds.floor_ceiling, 1)} % lowest, "
        f"{beside(ceiling, bounds.floor_ceiling, 1)} % highest",
        max(floor, ceiling) <= bounds.floor_ceiling,
    )


def _apart(sdc: float, important: float) -> str:
    """Both changes with as many digits as show which is the larger."""
    return f"SDC {beside(sdc, important)}, MIC {beside(important, sdc)}"


def change_that_shows(scale: str, row: pd.Series) -> Verdict:
    """A change that matters is known, and large enough to be seen (Terwee 2007)."""
    important = row.get("MIC")
    known = important is not None and important == important
    return rate(
        "Terwee 2007",
        f"{scale}: the smallest change that shows is below the one that matters",
        (
            _apart(row["sdc"], important)
            if known
            else f"SDC {row['sdc']:.2f}, MIC not known"
        ),
        row["sdc"] < important if known else None,
        "" if known else "No anchor told what change matters to people.",
    )
