"""Psychometrics for ordinal items: data in, frozen results out."""

from .assembly import ShortForm, ant_colony, assemble
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
from .intervals import MeanInterval, mean_interval, proportion_interval
from .responses import check_responses
from .results import Result
from .scoring import CodedResponses, ScaleScores, code_reasons, score
from .spc import ControlChart, xbar_s_chart, xmr_chart
from .suppression import Suppression, suppress

__all__ = [
    "CodedResponses",
    "ControlChart",
    "ConvergenceError",
    "HeywoodWarning",
    "InvalidResponses",
    "MeanInterval",
    "NotIdentified",
    "PsychometricsError",
    "PsychometricsWarning",
    "Result",
    "ScaleScores",
    "ShortForm",
    "SmallSampleWarning",
    "SmoothingWarning",
    "SparseCategoryWarning",
    "Suppression",
    "ant_colony",
    "assemble",
    "check_responses",
    "code_reasons",
    "mean_interval",
    "proportion_interval",
    "score",
    "suppress",
    "xbar_s_chart",
    "xmr_chart",
]
