"""The report's sections, in the order they are read.

Each takes the study and the sections before it, and gives a `Section`, or None
where the study has nothing to say on it. `registration` is made last, from all of
them, and is read first.
"""

from collections.abc import Callable
from typing import NamedTuple

from .comparability import comparability
from .confirmation import confirmation
from .consistency import consistency
from .construct_validity import hypotheses
from .differential import differential
from .filter_question import filter_question
from .interpretation import interpretation
from .items import items
from .lowest_category import lowest_category
from .methods import methods
from .registration import registration
from .representativeness import representativeness
from .response_fit import response_fit
from .response_model import response_model
from .responsiveness import responsiveness
from .sample import sample
from .scaling import scaling
from .split_ballot import split_ballot
from .stability import measurement_error, reliability
from .structure import exploration


class Step(NamedTuple):
    """One section to build; key and property say what it is where it cannot be."""

    title: str
    build: Callable
    key: str
    measures: str = ""


SECTIONS = (
    Step("Sample", sample, "sample"),
    Step("Representativeness", representativeness, "representativeness"),
    Step("Items", items, "items"),
    Step("Dimensions", exploration, "exploration"),
    Step("Structure", confirmation, "structure", "Structural validity"),
    Step("Internal consistency", consistency, "consistency", "Internal consistency"),
    Step("Comparability", comparability, "comparability", "Measurement invariance"),
    Step("Single items", differential, "differential", "Measurement invariance"),
    Step("Scaling", scaling, "scaling", "Structural validity"),
    Step("Response models", response_model, "response_model"),
    Step(
        "Fit of the response models",
        response_fit,
        "response_fit",
        "Structural validity",
    ),
    Step("Reliability over time", reliability, "reliability", "Reliability over time"),
    Step(
        "Measurement error", measurement_error, "measurement_error", "Measurement error"
    ),
    Step("Hypotheses", hypotheses, "hypotheses", "Hypotheses testing"),
    Step("Responsiveness", responsiveness, "responsiveness", "Responsiveness"),
    Step("Scores", interpretation, "interpretation", "Interpretability"),
    Step("Filter question", filter_question, "filter_question"),
    Step("Variants of the form", split_ballot, "split_ballot"),
    Step("Lowest category", lowest_category, "lowest_category"),
    Step("Methods", methods, "methods"),
)
