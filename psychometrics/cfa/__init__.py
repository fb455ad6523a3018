"""Confirmatory factor models for ordinal and continuous items."""

from .bifactor_indices import factor_determinacy, general_factor_indices
from .bootstrap_errors import BootstrapErrors, bootstrap_errors
from .confirm import confirm
from .cross_validation import held_out_log_likelihood
from .difference_tests import NestedTest, compare_nested, satorra_bentler_2010
from .dynamic_cutoffs import DynamicCutoffs, dynamic_cutoffs
from .factor_scores import factor_scores
from .fit.rmsea_power import rmsea_power, rmsea_sample_size
from .model.builders import (
    bifactor_model,
    correlated_factors_model,
    longitudinal_model,
    one_factor_model,
    second_order_model,
)
from .model.syntax import parse_model
from .model_comparison import RivalModels, compare_models
from .monte_carlo import MonteCarlo, monte_carlo
from .path_diagram import path_diagram
from .population import Population, population_of
from .result import ConfirmedModel
from .score_tests import release_tests
