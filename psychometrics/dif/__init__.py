"""Differential item functioning between groups of respondents."""

from .analysis import dif
from .cutoffs import DifCutoffs, dif_cutoffs
from .result import DifResult
from .screening import DifScreen, dif_screen

__all__ = [
    "DifCutoffs",
    "DifResult",
    "DifScreen",
    "dif",
    "dif_cutoffs",
    "dif_screen",
]
