"""The report's sections, in the order they are read.

Each takes the study and the sections before it, and gives a `Section`, or None
where the study has nothing to say on it. `registration` is made last, from all of
them, and is read first.
"""

from .comparability import comparability
from .confirmation import confirmation
from .consistency import consistency
from .differential import differential
from .hypotheses import hypotheses
from .interpretation import interpretation
from .items import items
from .methods import methods
from .registration import registration
from .representativeness import representativeness
from .response_fit import response_fit
from .response_model import response_model
from .responsiveness import responsiveness
from .sample import sample
from .scaling import scaling
from .stability import measurement_error, reliability
from .structure import exploration

SECTIONS = (
    ("Sample", sample),
    ("Representativeness", representativeness),
    ("Items", items),
    ("Dimensions", exploration),
    ("Structure", confirmation),
    ("Internal consistency", consistency),
    ("Comparability", comparability),
    ("Single items", differential),
    ("Scaling", scaling),
    ("Response models", response_model),
    ("Fit of the response models", response_fit),
    ("Reliability over time", reliability),
    ("Measurement error", measurement_error),
    ("Hypotheses", hypotheses),
    ("Responsiveness", responsiveness),
    ("Scores", interpretation),
    ("Methods", methods),
)
