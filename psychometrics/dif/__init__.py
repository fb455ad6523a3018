"""Differential item functioning between groups of respondents."""

from .analysis import dif
from .cutoffs import DifCutoffs, dif_cutoffs
from .result import DifResult

__all__ = ["DifCutoffs", "DifResult", "dif", "dif_cutoffs"]
