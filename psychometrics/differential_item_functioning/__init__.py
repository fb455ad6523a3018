"""Differential item functioning between groups of respondents."""

from .by_background import DifScreen, dif_screen
from .cutoffs import DifCutoffs, dif_cutoffs
from .purification import dif
from .result import DifResult

__all__ = [
    "DifCutoffs",
    "DifResult",
    "DifScreen",
    "dif",
    "dif_cutoffs",
    "dif_screen",
]
