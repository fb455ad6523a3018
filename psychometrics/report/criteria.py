"""COSMIN's criteria for good measurement properties, and where ours ask for more.

Source: Prinsen et al. (2018), the set that most published reviews used; the newer
guideline (2.0, Mokkink et al. 2024, doi 10.1007/s11136-024-03761-6) updates it.
"""

from ..cfa.rivals import fit_verdicts
from .document import Outcome, Verdict

COSMIN = "COSMIN 2018"
OURS = "ours"
SUFFICIENT = Outcome.SUFFICIENT.value


def rate(judge, criterion, found, passed, why=""):
    """Turn True, False or None (cannot be judged) into a `Verdict`."""
    outcome = {
        True: Outcome.SUFFICIENT,
        False: Outcome.INSUFFICIENT,
        None: Outcome.INDETERMINATE,
    }[None if passed is None else bool(passed)]
    return Verdict(judge, criterion, found, outcome, why)


def structural(cfi, tli, rmsea, srmr):
    """COSMIN's rule for a factor model: any one index in its favour suffices."""
    indices = {"cfi": cfi, "tli": tli, "rmsea": rmsea, "srmr": srmr}
    return rate(
        COSMIN,
        "CFI or TLI above .95, or RMSEA below .06, or SRMR below .08",
        _indices(**indices),
        fit_verdicts(indices)[0] == SUFFICIENT,
    )


def structural_strict(cfi, tli, rmsea, srmr):
    """Ours: SRMR and RMSEA must agree, since CFI alone flatters ordinal models."""
    indices = {"cfi": cfi, "tli": tli, "rmsea": rmsea, "srmr": srmr}
    return rate(
        OURS,
        "RMSEA below .06 and SRMR below .08 together",
        _indices(**indices),
        fit_verdicts(indices)[1] == SUFFICIENT,
        "CFI and TLI alone never certify: least squares on ordinal items flatter them.",
    )


def _indices(cfi, tli, rmsea, srmr):
    return f"CFI {cfi:.3f}, TLI {tli:.3f}, RMSEA {rmsea:.3f}, SRMR {srmr:.3f}"


def internal_consistency(scale, coefficient, value, structure_ok):
    """Alpha or omega at .70 or above counts once the structure has been shown."""
    passed = None if not structure_ok else value >= 0.70
    why = "" if structure_ok else "The structure was not shown to be sufficient first."
    if value > 0.95:
        why += " Above .95: some items may say the same thing."
    return rate(
        COSMIN,
        f"{scale}: alpha or omega at least .70, structure sufficient first",
        f"{coefficient} {value:.2f}",
        passed,
        why.strip(),
    )


def floor_ceiling(scale, floor, ceiling):
    """At most 15 % of persons at the lowest or highest total (Terwee 2007)."""
    return rate(
        "Terwee 2007",
        f"{scale}: at most 15 % at the lowest or the highest total score",
        f"{floor:.1f} % lowest, {ceiling:.1f} % highest",
        max(floor, ceiling) <= 15,
    )


def sample_size(n_persons, n_items):
    """Factor analysis: at least seven persons an item, and a hundred."""
    return rate(
        COSMIN,
        "at least 7 people an item and at least 100 for factor analysis",
        f"{n_persons} people, {n_persons / n_items:.0f} an item",
        n_persons >= max(7 * n_items, 100),
    )
