"""Psychometrics for ordinal items: data in, frozen results out.

The public names stand in `__init__.pyi`; each is loaded once it is asked for.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
