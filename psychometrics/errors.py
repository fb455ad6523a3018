"""What can go wrong, and what a reader should know about a result that stands.

Exception
└── PsychometricsError
    ├── InvalidResponses (also a ValueError)
    ├── InvalidOption (also a ValueError)
    ├── ConvergenceError (``partial`` holds where the search stopped)
    ├── NotIdentified (also a ValueError)
    └── ModelSyntaxError (also a ValueError)

UserWarning
└── PsychometricsWarning
    ├── HeywoodWarning
    ├── SparseCategoryWarning
    ├── SmoothingWarning
    ├── SmallSampleWarning
    ├── EmptyRowWarning
    ├── UnstatedCodeWarning
    └── ReversedItemWarning
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .factor.exploratory import ExploratoryFactors
    from .optimise import Maximum


class PsychometricsError(Exception):
    """Any failure of this package."""


class InvalidResponses(PsychometricsError, ValueError):
    """The data cannot be used as they are; the message names the item."""


class InvalidOption(PsychometricsError, ValueError):
    """An option is none of its choices; the message names all of them."""


class NotIdentified(PsychometricsError, ValueError):
    """The data or the constraints do not determine the parameters asked for."""


class ModelSyntaxError(PsychometricsError, ValueError):
    """The text of a model cannot be read; the message names line and column."""


class ConvergenceError(PsychometricsError):
    """A search stopped before it settled; `partial` is where it stood."""

    def __init__(
        self,
        message: str,
        partial: (
            np.ndarray | tuple[np.ndarray, ...] | ExploratoryFactors | Maximum | None
        ) = None,
    ) -> None:
        super().__init__(message)
        self.partial = partial


class PsychometricsWarning(UserWarning):
    """A result that stands but needs a caveat."""


class HeywoodWarning(PsychometricsWarning):
    """A uniqueness or residual variance at or below zero."""


class SparseCategoryWarning(PsychometricsWarning):
    """A category that hardly anybody used."""


class SmoothingWarning(PsychometricsWarning):
    """A correlation matrix was not positive definite and was smoothed."""


class SmallSampleWarning(PsychometricsWarning):
    """Fewer persons than the method was shown to work with."""


class EmptyRowWarning(PsychometricsWarning):
    """Rows without any answer were left out: they are nobody."""


class UnstatedCodeWarning(PsychometricsWarning):
    """A code apart from the others, that may be no answer: 9 beside 1 to 5."""


class ReversedItemWarning(PsychometricsWarning):
    """An item that falls where the others rise."""
