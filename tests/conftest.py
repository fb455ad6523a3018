"""Fixtures that every part of the suite shares."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    """A generator of random numbers that is the same in every run."""
    return np.random.default_rng(20260101)
