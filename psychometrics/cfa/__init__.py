"""Confirmatory factor models for ordinal and continuous items."""

from .builders import (
    bifactor_model,
    correlated_factors_model,
    longitudinal_model,
    one_factor_model,
    second_order_model,
)
from .confirm import confirm
from .nested import NestedTest, compare_nested
from .release import release_tests
from .result import ConfirmedModel
from .syntax import parse_model
