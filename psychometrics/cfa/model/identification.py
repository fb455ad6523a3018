"""What equality of thresholds, loadings and intercepts lets later groups differ in.

Wu & Estabrook (2016), on the metric of unit residual variances and unit factor
variances. With equal thresholds an item of three categories or more has an intercept
and a residual variance of its own; an item of two has one threshold, so that its
intercept takes the threshold's place and its residual variance is known only once its
loading is equal too. A factor of such items alone has a variance only once their
intercepts are equal as well: thresholds, loadings and intercepts are then tested
together, in the intercepts' step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...annotations import Scales


@dataclass(frozen=True)
class Freed:
    """Names that are free beyond the first group or occasion."""

    intercepts: tuple
    residuals: tuple
    variances: tuple
    means: tuple


def wu_estabrook(
    equal: set[str],
    scales: Scales,
    n_thresholds: Mapping[str, int],
    released: set[tuple[str, str, int]],
) -> Freed:
    """Return what is Freed once the classes in `equal` are.

    Parameters
    ----------
    equal : set of str
    scales : dict of str to sequence of str
        Factors and their items (or factors).
    n_thresholds : dict of str to int
    released : set of (class, item, k)
        What a class leaves out; k is 0, or a threshold's number.
    """
    released = _items_left_out(released, n_thresholds)
    has = {name: name in equal for name in ("thresholds", "loadings", "intercepts")}
    kept = [x for x in n_thresholds if x not in released.get("thresholds", ())]
    loose = released.get("loadings", ())

    def known(item: str) -> bool:
        return n_thresholds[item] > 1 or (has["loadings"] and item not in loose)

    def open_to(kind: str, names: Sequence[str]) -> tuple[str, ...]:
        free = kind not in equal
        return tuple(x for x in names if free or x in released.get(kind, ()))

    intercepts = open_to("intercepts", kept) if has["thresholds"] else ()
    residuals = [x for x in kept if known(x)] if has["thresholds"] else []
    variances = [
        factor
        for factor, own in scales.items()
        if has["loadings"]
        and (has["intercepts"] or any(n_thresholds.get(x, 2) > 1 for x in own))
    ]
    everything = has["thresholds"] and has["loadings"] and has["intercepts"]
    return Freed(
        intercepts,
        open_to("residuals", residuals),
        tuple(variances),
        tuple(scales) if everything else (),
    )


def _items_left_out(
    released: set[tuple[str, str, int]], n_thresholds: Mapping[str, int]
) -> dict[str, set[str]]:
    """Items by class; of thresholds those that keep fewer than two equal.

    Two equal thresholds go on fixing an item's intercept and residual variance.
    """
    found, cuts = {}, {}
    for kind, item, k in released:
        if kind == "thresholds":
            cuts.setdefault(item, set()).add(k)
        else:
            found.setdefault(kind, set()).add(item)
    found["thresholds"] = {
        item for item, own in cuts.items() if n_thresholds.get(item, 0) - len(own) < 2
    }
    return found


def released_thresholds(item: str, n_thresholds: int) -> str:
    """Return the text that frees what two equal thresholds leave to free, or None."""
    if n_thresholds < 3:
        return None
    return f"{item} | " + " + ".join(f"t{k}" for k in range(3, n_thresholds + 1))
