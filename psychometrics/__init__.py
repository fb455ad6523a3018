"""Psychometrics for ordinal items: data in, frozen results out."""

import typing as _typing

from . import adaptive, simulate
from .cfa import (
    BootstrapErrors,
    ConfirmedModel,
    DynamicCutoffs,
    MonteCarlo,
    NestedTest,
    Population,
    RivalModels,
    bifactor_model,
    bootstrap_errors,
    compare_models,
    compare_nested,
    confirm,
    correlated_factors_model,
    dynamic_cutoffs,
    factor_determinacy,
    factor_scores,
    general_factor_indices,
    held_out_log_likelihood,
    invariance_cutoffs,
    longitudinal_model,
    monte_carlo,
    one_factor_model,
    parse_model,
    path_diagram,
    population_of,
    release_tests,
    rmsea_power,
    rmsea_sample_size,
    satorra_bentler_2010,
    second_order_model,
)
from .correlation.polychoric import pearson, polychoric, spearman, tetrachoric
from .correlation.polychoric_pair import PolychoricPair, polychoric_pair
from .correlation.polyserial import polyserial
from .correlation.result import CorrelationResult, PolychoricResult, PolyserialResult
from .differential_item_functioning import dif, dif_cutoffs, dif_screen
from .differential_item_functioning.by_background import DifScreen
from .differential_item_functioning.cutoffs import DifCutoffs
from .differential_item_functioning.result import DifResult
from .errors import (
    ConvergenceError,
    EmptyRowWarning,
    HeywoodWarning,
    InvalidOption,
    InvalidResponses,
    ModelSyntaxError,
    NotIdentified,
    PsychometricsError,
    PsychometricsWarning,
    ReversedItemWarning,
    SmallSampleWarning,
    SmoothingWarning,
    SparseCategoryWarning,
    UnstatedCodeWarning,
)
from .factor.bootstrap_loadings import BootstrappedFactors, bootstrap_loadings
from .factor.comparison_data import comparison_data
from .factor.exploratory import ExploratoryFactors, explore
from .factor.factor_count import FactorCount
from .factor.factor_fit import FactorFit
from .factor.factorability import (
    ConditionResult,
    KMOResult,
    SphericityResult,
    bartlett_sphericity,
    conditioning,
    kmo,
)
from .factor.hull import hull
from .factor.omega import Omega, omega
from .factor.parallel_analysis import ParallelAnalysis, parallel_analysis
from .factor.retention import Retention, retention
from .factor.retention_rules import (
    acceleration,
    empirical_kaiser,
    minimum_average_partial,
    sequential_chi_square,
    very_simple_structure,
)
from .factor.rotation import Rotation, rotate
from .factor.sample_size import SampleSize, sample_size
from .irt.andersen import AndersenTest, andersen_test
from .irt.bifactor import BifactorResult, bifactor_graded
from .irt.calibration import (
    generalized_partial_credit,
    graded_response,
    nominal_response,
    partial_credit,
    rating_scale,
)
from .irt.comparison import ModelComparison, likelihood_ratio
from .irt.conditional import (
    ConditionalResult,
    conditional_partial_credit,
    conditional_rating_scale,
)
from .irt.item_fit import ItemFit
from .irt.latent_distribution import LatentDistribution
from .irt.latent_regression import LatentRegression
from .irt.limited_information import ModelFit
from .irt.linking import Link, link
from .irt.local_dependence import LocalDependence
from .irt.multidimensional import multidimensional_graded
from .irt.multiple_group import MultipleGroupResult, multiple_group
from .irt.objective import Prior
from .irt.parameters import ItemParameters
from .irt.persons import PersonEstimates
from .irt.result import IrtResult
from .irt.sum_scores import SumScoreTable
from .items.assembly import ShortForm, ant_colony, assemble
from .items.content_validity import ContentValidity, aikens_v, content_validity
from .items.descriptives import ItemDescription, describe_items
from .items.missing_data import (
    MCARResult,
    PatternsResult,
    little_mcar,
    missing_patterns,
)
from .items.short_forms import FormComparison, compare_forms, split_half_sample
from .measurement_invariance.longitudinal_invariance import longitudinal_invariance
from .measurement_invariance.multigroup import Invariance, invariance
from .mokken import aisp, invariant_ordering, monotonicity, scalability
from .mokken.aisp import ScaleSelection
from .mokken.guttman import GuttmanErrors
from .mokken.invariant_ordering import InvariantOrdering
from .mokken.monotonicity import Monotonicity
from .mokken.nonintersection import Nonintersection
from .mokken.scalability import Scalability
from .mokken.scale_reliability import ScaleReliability
from .reduction import DEFAULT_RULES, Reduction, Rule, reduce_items, tally_votes
from .reliability.aggregate_reliability import UnitReliability, unit_reliability
from .reliability.alpha import AlphaResult, cronbach_alpha
from .reliability.composite import (
    CompositeResult,
    HTMTResult,
    composite_reliability,
    htmt,
    model_composites,
)
from .reliability.interrater import KappaResult, weighted_kappa
from .reliability.intraclass import ICCResult, icc
from .reliability.many_raters import RaterAgreementResult, rater_agreement
from .reliability.mcdonald_omega import McDonaldOmega, mcdonald_omega
from .reliability.retest import (
    BlandAltmanResult,
    ItemRetestResult,
    RetestResult,
    bland_altman,
    retest_items,
    sdc,
    test_retest,
)
from .reliability.split_half import (
    LambdaResult,
    SplitHalfResult,
    guttman_lambdas,
    length_needed,
    spearman_brown,
    split_half,
)
from .responses import check_responses
from .results import Result
from .scores.change import (
    ChangeResult,
    ReliableChangeResult,
    group_change,
    reliable_change,
)
from .scores.control_charts import group_mean_chart, xbar_s_chart, xmr_chart
from .scores.control_limits import StepChange
from .scores.control_result import ControlChart
from .scores.control_rules import RULE_SETS, RuleSet
from .scores.hypotheses import (
    HypothesesResult,
    KnownGroupsResult,
    judge_hypotheses,
    known_groups,
)
from .scores.intervals import MeanInterval, mean_interval, proportion_interval
from .scores.minimal_important_change import MICResult, minimal_important_change
from .scores.scale_scores import CodedResponses, ScaleScores, code_reasons, score
from .scores.suppression import Suppression, suppress

if _typing.TYPE_CHECKING:
    from .report import ValidationReport, validation_report

__all__ = [
    "AlphaResult",
    "AndersenTest",
    "BifactorResult",
    "BlandAltmanResult",
    "BootstrapErrors",
    "BootstrappedFactors",
    "ChangeResult",
    "CodedResponses",
    "CompositeResult",
    "ConditionResult",
    "ConditionalResult",
    "ConfirmedModel",
    "ContentValidity",
    "ControlChart",
    "ConvergenceError",
    "CorrelationResult",
    "DEFAULT_RULES",
    "DifCutoffs",
    "DifResult",
    "DifScreen",
    "DynamicCutoffs",
    "EmptyRowWarning",
    "ExploratoryFactors",
    "FactorCount",
    "FactorFit",
    "FormComparison",
    "GuttmanErrors",
    "HTMTResult",
    "HeywoodWarning",
    "HypothesesResult",
    "ICCResult",
    "InvalidOption",
    "InvalidResponses",
    "Invariance",
    "InvariantOrdering",
    "IrtResult",
    "ItemDescription",
    "ItemFit",
    "ItemParameters",
    "ItemRetestResult",
    "KMOResult",
    "KappaResult",
    "KnownGroupsResult",
    "LambdaResult",
    "LatentDistribution",
    "LatentRegression",
    "Link",
    "LocalDependence",
    "MCARResult",
    "MICResult",
    "McDonaldOmega",
    "MeanInterval",
    "ModelComparison",
    "ModelFit",
    "ModelSyntaxError",
    "Monotonicity",
    "MonteCarlo",
    "MultipleGroupResult",
    "NestedTest",
    "Nonintersection",
    "NotIdentified",
    "Omega",
    "ParallelAnalysis",
    "PatternsResult",
    "PersonEstimates",
    "PolychoricPair",
    "PolychoricResult",
    "PolyserialResult",
    "Population",
    "Prior",
    "PsychometricsError",
    "PsychometricsWarning",
    "RULE_SETS",
    "RaterAgreementResult",
    "Reduction",
    "ReliableChangeResult",
    "Result",
    "Retention",
    "RetestResult",
    "ReversedItemWarning",
    "RivalModels",
    "Rotation",
    "Rule",
    "RuleSet",
    "SampleSize",
    "Scalability",
    "ScaleReliability",
    "ScaleScores",
    "ScaleSelection",
    "ShortForm",
    "SmallSampleWarning",
    "SmoothingWarning",
    "SparseCategoryWarning",
    "SphericityResult",
    "SplitHalfResult",
    "StepChange",
    "SumScoreTable",
    "Suppression",
    "UnitReliability",
    "UnstatedCodeWarning",
    "ValidationReport",
    "acceleration",
    "adaptive",
    "aikens_v",
    "aisp",
    "andersen_test",
    "ant_colony",
    "assemble",
    "bartlett_sphericity",
    "bifactor_graded",
    "bifactor_model",
    "bland_altman",
    "bootstrap_errors",
    "bootstrap_loadings",
    "check_responses",
    "code_reasons",
    "compare_forms",
    "compare_models",
    "compare_nested",
    "comparison_data",
    "composite_reliability",
    "conditional_partial_credit",
    "conditional_rating_scale",
    "conditioning",
    "confirm",
    "content_validity",
    "correlated_factors_model",
    "cronbach_alpha",
    "describe_items",
    "dif",
    "dif_cutoffs",
    "dif_screen",
    "dynamic_cutoffs",
    "empirical_kaiser",
    "explore",
    "factor_determinacy",
    "factor_scores",
    "general_factor_indices",
    "generalized_partial_credit",
    "graded_response",
    "group_change",
    "group_mean_chart",
    "guttman_lambdas",
    "held_out_log_likelihood",
    "htmt",
    "hull",
    "icc",
    "invariance",
    "invariance_cutoffs",
    "invariant_ordering",
    "judge_hypotheses",
    "kmo",
    "known_groups",
    "length_needed",
    "likelihood_ratio",
    "link",
    "little_mcar",
    "longitudinal_invariance",
    "longitudinal_model",
    "mcdonald_omega",
    "mean_interval",
    "minimal_important_change",
    "minimum_average_partial",
    "missing_patterns",
    "model_composites",
    "monotonicity",
    "monte_carlo",
    "multidimensional_graded",
    "multiple_group",
    "nominal_response",
    "omega",
    "one_factor_model",
    "parallel_analysis",
    "parse_model",
    "partial_credit",
    "path_diagram",
    "pearson",
    "polychoric",
    "polychoric_pair",
    "polyserial",
    "population_of",
    "proportion_interval",
    "rater_agreement",
    "rating_scale",
    "reduce_items",
    "release_tests",
    "reliable_change",
    "retention",
    "retest_items",
    "rmsea_power",
    "rmsea_sample_size",
    "rotate",
    "sample_size",
    "satorra_bentler_2010",
    "scalability",
    "score",
    "sdc",
    "second_order_model",
    "sequential_chi_square",
    "simulate",
    "spearman",
    "spearman_brown",
    "split_half",
    "split_half_sample",
    "suppress",
    "tally_votes",
    "test_retest",
    "tetrachoric",
    "unit_reliability",
    "validation_report",
    "very_simple_structure",
    "weighted_kappa",
    "xbar_s_chart",
    "xmr_chart",
]


def __getattr__(name: str) -> _typing.Any:
    """The report, whose sections are loaded once one is asked for."""
    if name in ("ValidationReport", "validation_report"):
        from . import report

        return getattr(report, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
