"""Confirmatory factor models for ordinal and continuous items."""

from .bootstrap import BootstrapErrors, bootstrap_errors
from .builders import (
    bifactor_model,
    correlated_factors_model,
    longitudinal_model,
    one_factor_model,
    second_order_model,
)
from .confirm import confirm
from .diagram import path_diagram
from .dynamic import DynamicCutoffs, dynamic_cutoffs
from .general import factor_determinacy, general_factor_indices
from .group_cutoffs import invariance_cutoffs
from .held_out import held_out_log_likelihood
from .monte_carlo import MonteCarlo, monte_carlo
from .nested import NestedTest, compare_nested, satorra_bentler_2010
from .population import Population, population_of
from .power import rmsea_power, rmsea_sample_size
from .release import release_tests
from .result import ConfirmedModel
from .rivals import RivalModels, compare_models
from .scores import factor_scores
from .syntax import parse_model
