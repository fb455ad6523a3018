"""What a free parameter of an item response model is."""

from enum import StrEnum
from typing import Protocol

import numpy as np


class Kind(StrEnum):
    """The first four belong to items, the others to the distribution of theta."""

    SLOPE = "slope"
    INTERCEPT = "intercept"
    LOCATION = "location"
    STEP = "step"
    MEAN = "mean"
    LOG_SD = "log_sd"
    ATANH_R = "atanh_r"
    LOG_WEIGHT = "log_weight"
    LOGIT_FLOOR = "logit_floor"


class Parametrised(Protocol):
    """What knows the kind of each of its free parameters."""

    @property
    def kinds(self) -> np.ndarray: ...

    @property
    def is_slope(self) -> np.ndarray: ...
