"""Mokken scale analysis: scalability, scales, monotonicity, order, reliability."""

from .guttman import GuttmanErrors, guttman_errors
from .monotonicity import Monotonicity, monotonicity
from .nonintersection import Nonintersection, pmatrix_check, restscore_check
from .ordering import InvariantOrdering, invariant_ordering
from .reliability import ScaleReliability, scale_reliability
from .scalability import Scalability, scalability
from .selection import ScaleSelection, aisp

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
