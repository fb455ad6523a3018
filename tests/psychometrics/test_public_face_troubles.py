"""Every public estimate meets data as people have them: a value, an error, a caveat.

Each trouble is planted in one sound scale and walked through all that takes answers.
What comes back is a result without numpy's warnings, or an error of ours that names
what is wrong. New public functions that take answers have to be added here.
"""

import inspect
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps

ITEMS = [f"q{k}" for k in range(1, 7)]
FEW = {"n_replications": 4}


def sides(frame):
    return pd.Series(np.where(np.arange(len(frame)) % 2, "user", "carer"), frame.index)


def halves(frame):
    items = list(frame)
    if len(items) < 4:
        return {"A": items}
    return {"A": items[: len(items) // 2], "B": items[len(items) // 2 :]}


def model(frame):
    return "f =~ " + " + ".join(frame)


def corr(frame):
    return ps.pearson(frame).corr


def first_two(frame):
    return frame.iloc[:, 0], frame.iloc[:, 1]


def adaptive(frame):
    stop = ps.adaptive.StopRule(min_items=1, max_items=2)
    bank = ps.graded_response(frame, se=False)
    test = ps.adaptive.AdaptiveTest(bank, halves(frame), stop=stop)
    return ps.adaptive.simulate(test, responses=frame.iloc[:5])


# what takes answers, directly or by the results of others
CALLS = {
    "acceleration": lambda f: ps.acceleration(f, corr="pearson"),
    "adaptive": adaptive,
    "aisp": ps.aisp,
    "andersen_test": lambda f: ps.andersen_test(
        ps.conditional_partial_credit(f), groups=sides(f)
    ),
    "bartlett_sphericity": lambda f: ps.bartlett_sphericity(corr(f), len(f)),
    "bland_altman": lambda f: ps.bland_altman(*first_two(f)),
    "bootstrap_errors": lambda f: ps.bootstrap_errors(model(f), f, **FEW),
    "bootstrap_loadings": lambda f: ps.bootstrap_loadings(f, 1, **FEW),
    "check_responses": ps.check_responses,
    "compare_forms": lambda f: ps.compare_forms(f, list(f)[:2], halves(f)),
    "compare_models": lambda f: ps.compare_models(halves(f), f, folds=0),
    "comparison_data": lambda f: ps.comparison_data(f, population=500, **FEW),
    "conditional_partial_credit": ps.conditional_partial_credit,
    "conditional_rating_scale": ps.conditional_rating_scale,
    "conditioning": lambda f: ps.conditioning(corr(f)),
    "confirm": lambda f: ps.confirm(model(f), f),
    "confirm by ml": lambda f: ps.confirm(model(f), f, estimator="mlr"),
    "cronbach_alpha": ps.cronbach_alpha,
    "cronbach_alpha ordinal": lambda f: ps.cronbach_alpha(
        f, ordinal=True, rng=1, **FEW
    ),
    "describe_items": ps.describe_items,
    "dif": lambda f: ps.dif(f, sides(f)),
    "dif by mantel": lambda f: ps.dif(f, sides(f), method="mantel"),
    "dif_cutoffs": lambda f: ps.dif_cutoffs(f, sides(f), **FEW),
    "dif_screen": lambda f: ps.dif_screen(f, sides(f).rename("side").to_frame()),
    "dynamic_cutoffs": lambda f: ps.dynamic_cutoffs(ps.confirm(model(f), f), **FEW),
    "empirical_kaiser": ps.empirical_kaiser,
    "explore": lambda f: ps.explore(f, 1),
    "factor_scores": lambda f: ps.factor_scores(ps.confirm(model(f), f), f),
    "generalized_partial_credit": ps.generalized_partial_credit,
    "graded_response": ps.graded_response,
    "group_change": lambda f: ps.group_change(*first_two(f)),
    "guttman_lambdas": ps.guttman_lambdas,
    "held_out_log_likelihood": lambda f: ps.held_out_log_likelihood(
        model(f), f, folds=3, rng=1
    ),
    "htmt": lambda f: ps.htmt(corr(f), halves(f)),
    "hull": lambda f: ps.hull(f, corr="pearson"),
    "icc": ps.icc,
    "invariance": lambda f: ps.invariance(model(f), f, sides(f)),
    "invariant_ordering": ps.invariant_ordering,
    "kmo": lambda f: ps.kmo(corr(f)),
    "known_groups": lambda f: ps.known_groups(f.mean(axis=1), sides(f)),
    "little_mcar": ps.little_mcar,
    "minimum_average_partial": lambda f: ps.minimum_average_partial(f, corr="pearson"),
    "mcdonald_omega": ps.mcdonald_omega,
    "mcdonald_omega ordinal": lambda f: ps.mcdonald_omega(
        f, ordinal=True, rng=1, **FEW
    ),
    "missing_patterns": ps.missing_patterns,
    "monotonicity": ps.monotonicity,
    "multiple_group": lambda f: ps.multiple_group(f, sides(f)),
    "nominal_response": ps.nominal_response,
    "omega": lambda f: ps.omega(f, 1),
    "parallel_analysis": lambda f: ps.parallel_analysis(f, **FEW),
    "parallel_analysis normal": lambda f: ps.parallel_analysis(
        f, method="normal", **FEW
    ),
    "partial_credit": ps.partial_credit,
    "pearson": ps.pearson,
    "polychoric": ps.polychoric,
    "polychoric_pair": lambda f: ps.polychoric_pair(*first_two(f)),
    "polyserial": lambda f: ps.polyserial(f.mean(axis=1), f),
    "rating_scale": ps.rating_scale,
    "reduce_items": lambda f: ps.reduce_items(f, halves(f)),
    "retention": lambda f: ps.retention(f, **FEW),
    "retest_items": lambda f: ps.retest_items(f, f.iloc[::-1].set_axis(f.index)),
    "scalability": ps.scalability,
    "score": lambda f: ps.score(f, halves(f), categories=dict.fromkeys(f, (1, 9))),
    "sequential_chi_square": ps.sequential_chi_square,
    "spearman": ps.spearman,
    "split_half": ps.split_half,
    "tetrachoric": lambda f: ps.tetrachoric((f > 2).astype(float).where(f.notna())),
    "test_retest": lambda f: ps.test_retest(*first_two(f)),
    "unit_reliability": lambda f: ps.unit_reliability(
        f.mean(axis=1), np.arange(len(f)) % 20
    ),
    "validation_report": lambda f: ps.validation_report(
        f, scales=halves(f), groups=sides(f), n_replications=2, date="1 May 2026"
    ),
    "very_simple_structure": lambda f: ps.very_simple_structure(f, corr="pearson"),
    "weighted_kappa": lambda f: ps.weighted_kappa(*first_two(f)),
}
# walked with troubles of their own elsewhere, or slow without another result
ELSEWHERE = {
    "bifactor_graded": "tests/psychometrics/irt",
    "aikens_v": "takes ratings of items",
    "composite_reliability": "takes loadings",
    "content_validity": "takes ratings of items",
    "longitudinal_invariance": "tests/psychometrics/invariance",
    "minimal_important_change": "takes changes of scores",
    "model_composites": "takes a fitted model",
    "release_tests": "takes a fitted model",
    "satorra_bentler_2010": "takes fitted models",
    "multidimensional_graded": "tests/psychometrics/irt",
    "split_half_sample": "deals persons to halves",
}
# these give each row a line, or take two columns rather than a table
ROW_BY_ROW = {
    "adaptive",
    "bland_altman",
    "factor_scores",
    "group_change",
    "known_groups",
    "polychoric_pair",
    "polyserial",
    "retest_items",
    "score",
    "test_retest",
    "unit_reliability",
    "weighted_kappa",
}
SLOW = {"validation_report", "retention", "reduce_items"}


def planted(frame, trouble):
    """Return the sound answers with one trouble in them."""
    frame = frame.copy()
    if trouble == "empty rows":
        return pd.concat([frame, frame.iloc[:100] * np.nan], ignore_index=True)
    if trouble == "a hole in the codes":
        frame.iloc[::20, 1] = 9
    elif trouble == "an unused option":
        frame["q2"] = frame["q2"].where(frame["q2"] != 2, 3)
    elif trouble == "a category of two":
        frame["q6"] = 1.0
        frame.iloc[[4, 9], 5] = 2
    elif trouble == "booklets":
        for b in range(3):
            frame.iloc[b::3, 2 * b : 2 * b + 2] = np.nan
    elif trouble == "a constant item in a group":
        frame.iloc[::2, 2] = 2
    elif trouble == "two items":
        frame = frame[["q1", "q2"]]
    elif trouble == "two items a scale":
        frame = frame[["q1", "q2", "q3", "q4"]]
    elif trouble == "an item twice":
        frame["q7"] = frame["q1"]
    elif trouble == "fewer persons than items":
        frame = frame.iloc[:5]
    elif trouble == "answers at random":
        drawn = np.random.default_rng(7).integers(1, 3, frame.shape)
        frame = pd.DataFrame(drawn.astype(float), frame.index, frame.columns)
    return frame


TROUBLES = (
    "empty rows",
    "a hole in the codes",
    "an unused option",
    "a category of two",
    "booklets",
    "a constant item in a group",
    "two items",
    "two items a scale",
    "an item twice",
    "fewer persons than items",
    "answers at random",
)


@cache
def answers(trouble):
    """The sound scale of 210 persons, with one trouble or "none"."""
    drawn = ps.simulate.responses(
        210, rng=5, loadings=[[0.7]] * 6, thresholds=[-1.0, 0.0, 0.9], lowest=1
    )
    return planted(drawn.responses.set_axis(ITEMS, axis=1).astype(float), trouble)


@cache
def met(name, trouble):
    """Return (result or our error, warnings of ours); all else fails the test.

    Each estimate meets each trouble once, whatever the tests below ask of it.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            outcome = CALLS[name](answers(trouble))
            if isinstance(outcome, ps.Result):
                outcome.summary()
        except ps.PsychometricsError as refusal:
            outcome = refusal
            assert len(str(refusal)) > 20
    foreign = [w for w in caught if not issubclass(w.category, ps.PsychometricsWarning)]
    assert foreign == [], f"{name}: {foreign[0].message} in {foreign[0].filename}"
    return outcome, caught


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_estimate_meets_the_trouble_in_words(trouble):
    for name in CALLS.keys() - SLOW:
        met(name, trouble)


def test_the_slow_ones_meet_rare_answers_and_empty_rows_in_words():
    for trouble in ("empty rows", "a category of two"):
        for name in SLOW:
            met(name, trouble)


def numbers(outcome):
    if isinstance(outcome, (float, ps.PsychometricsError)):
        return np.array([outcome if isinstance(outcome, float) else 0.0])
    return outcome.to_frame().select_dtypes("number").to_numpy(float)


def test_empty_rows_are_said_and_change_no_number():
    for name in CALLS.keys() - SLOW - ROW_BY_ROW - {"dif_screen"}:
        alone, _ = met(name, "none")
        outcome, caught = met(name, "empty rows")
        said = [w for w in caught if w.category is ps.EmptyRowWarning]
        assert said, f"{name} says nothing of 100 empty rows"
        if name == "bartlett_sphericity":  # is told its n
            continue
        np.testing.assert_allclose(
            numbers(outcome), numbers(alone), rtol=1e-6, atol=1e-8, err_msg=name
        )


def test_a_nine_beside_one_to_four_is_named_by_all_that_take_the_table():
    for name in CALLS.keys() - SLOW - ROW_BY_ROW - {"tetrachoric"}:
        _, caught = met(name, "a hole in the codes")
        said = [w for w in caught if w.category is ps.UnstatedCodeWarning]
        assert said, f"{name} takes a 9 for an answer without a word"
        assert str(said[0].message).startswith("9 stands beside 1 to 4 in q2")


@pytest.mark.parametrize(
    "name", ["dif", "dif_cutoffs", "invariance", "andersen_test", "dif by mantel"]
)
def test_an_item_constant_in_a_group_gets_advice_about_that_group(name):
    outcome, _ = met(name, "a constant item in a group")
    assert isinstance(outcome, ps.InvalidResponses)
    said = "item q3: nobody in group carer used another category than 2"
    assert str(outcome).startswith(said)


def test_what_draws_samples_has_finite_intervals_with_a_category_of_two():
    trouble = "a category of two"
    for name in (
        "bootstrap_loadings",
        "comparison_data",
        "cronbach_alpha ordinal",
        "parallel_analysis",
        "parallel_analysis normal",
    ):
        outcome, _ = met(name, trouble)
        assert isinstance(outcome, ps.Result), f"{name}: {outcome}"
    assert np.isfinite(met("cronbach_alpha ordinal", trouble)[0].ci).all()


def test_every_public_function_that_takes_answers_is_walked():
    takes = {
        name
        for name in ps.__all__
        if inspect.isfunction(getattr(ps, name))
        and {"responses", "ratings", "held_out"}
        & set(inspect.signature(getattr(ps, name)).parameters)
    }
    walked = {name.split()[0] for name in CALLS}
    assert takes - walked - set(ELSEWHERE) - {"code_reasons"} == set()
