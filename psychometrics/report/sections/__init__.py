"""The report's sections, in the order they are read.

Each takes the study and the sections before it, and gives a `Section`, or None
where the study has nothing to say on it.
"""

from .comparability import comparability
from .confirmation import confirmation
from .consistency import consistency
from .differential import differential
from .interpretation import interpretation
from .items import items
from .methods import methods
from .response_model import response_model
from .sample import sample
from .scaling import scaling
from .structure import exploration

SECTIONS = (
    ("Sample", sample),
    ("Items", items),
    ("Dimensions", exploration),
    ("Structure", confirmation),
    ("Internal consistency", consistency),
    ("Comparability", comparability),
    ("Single items", differential),
    ("Scaling", scaling),
    ("Response models", response_model),
    ("Scores", interpretation),
    ("Methods", methods),
)
