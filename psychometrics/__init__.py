"""Psychometrics for ordinal items: data in, frozen results out."""

from .errors import (
    ConvergenceError,
    HeywoodWarning,
    InvalidResponses,
    NotIdentified,
    PsychometricsError,
    PsychometricsWarning,
    SmallSampleWarning,
    SmoothingWarning,
    SparseCategoryWarning,
)
from .responses import check_responses
from .results import Result

__all__ = [
    "ConvergenceError",
    "HeywoodWarning",
    "InvalidResponses",
    "NotIdentified",
    "PsychometricsError",
    "PsychometricsWarning",
    "Result",
    "SmallSampleWarning",
    "SmoothingWarning",
    "SparseCategoryWarning",
    "check_responses",
]
