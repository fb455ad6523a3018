"""Mokken scale analysis: scalability, scales, monotonicity, order, reliability."""

from .aisp import ScaleSelection, aisp
from .guttman import GuttmanErrors, guttman_errors
from .invariant_ordering import InvariantOrdering, invariant_ordering
from .monotonicity import Monotonicity, monotonicity
from .nonintersection import Nonintersection, pmatrix_check, restscore_check
from .scalability import Scalability, scalability
from .scale_reliability import ScaleReliability, scale_reliability

__all__ = [
    "GuttmanErrors",
    "InvariantOrdering",
    "Monotonicity",
    "Nonintersection",
    "ScaleReliability",
    "ScaleSelection",
    "Scalability",
    "aisp",
    "guttman_errors",
    "invariant_ordering",
    "monotonicity",
    "pmatrix_check",
    "restscore_check",
    "scalability",
    "scale_reliability",
]
