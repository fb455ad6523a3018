"""Rounding at random and without bias, by draws that are made once for good.

A draw is a keyed hash of what is rounded, so that nothing is stored and nothing is
drawn a second time, by an attempt that was cut off or by a score that is made anew.
"""

import hmac
import math
from dataclasses import dataclass

from flask import current_app

STEP = 5


@dataclass(frozen=True)
class Draws:
    """Numbers from 0 up to 1, each the same whenever it is asked for."""

    key: str

    @classmethod
    def of_installation(cls):
        return cls(current_app.config["PROM"].derived_key("rounding"))

    def number(self, *of):
        """The draw that belongs to these names and numbers."""
        named = "/".join(map(str, of)).encode()
        digest = hmac.new(self.key.encode(), named, "sha256").digest()
        return int.from_bytes(digest[:6]) / 2**48

    def rounded(self, value, *of):
        """A neighbouring multiple of five; over all draws its mean is the value."""
        return STEP * math.floor(value / STEP + self.number(*of))
