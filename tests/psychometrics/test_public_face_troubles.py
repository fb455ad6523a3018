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
from matplotlib.axes import Axes

import psychometrics as ps

ITEMS = [f"q{k}" for k in range(1, 7)]
FEW = {"n_replications": 4}


# Who and what goes where is by name, so that their order can be changed.
def sides(frame):
    return pd.Series(np.where(frame.index % 2, "user", "carer"), frame.index)


def halves(frame):
    items = sorted(frame)
    if len(items) < 4:
        return {"A": items}
    return {"A": items[: len(items) // 2], "B": items[len(items) // 2 :]}


def model(frame):
    return "f =~ " + " + ".join(sorted(frame))


def corr(frame):
    return ps.pearson(frame).corr


def two_kinds(frame):
    """One item by a model of its own, whichever place it has, the others graded."""
    first, *others = sorted(frame)
    return {first: "gpcm", **dict.fromkeys(others, "graded")}


def first_two(frame):
    return frame.iloc[:, 0], frame.iloc[:, 1]


def adaptive(frame):
    stop = ps.adaptive.StopRule(min_items=1, max_items=2)
    bank = ps.graded_response(frame, se=False)
    test = ps.adaptive.AdaptiveTest(bank, halves(frame), stop=stop)
    return ps.adaptive.simulate(test, responses=frame.iloc[:5])


def fitted(frame, **options):
    return ps.confirm(model(frame), frame, **options)


def one_mean(frame):
    return frame.astype(float).mean(axis=1)


def composite(frame):
    found = fitted(frame, std_lv=True)
    cov = pd.DataFrame([[1.0]], ["f"], ["f"])
    return ps.composite_reliability(found.loadings(), cov, 1 - found.r_squared())


def composites(frame):
    return ps.model_composites(fitted(frame), responses=frame)


def of_information(frame):
    at = ps.graded_response(frame, se=False).information(np.linspace(-2, 2, 5))
    return ps.assemble(at[list(frame)].T, halves(frame), 2)


def equal_loadings(frame):
    first, *others = sorted(frame)
    return "f =~ " + " + ".join([f"a*{first}", *(f"a*{item}" for item in others)])


def nested(frame):
    free = ps.confirm(model(frame), frame, std_lv=True)
    equal = ps.confirm(equal_loadings(frame), frame, std_lv=True)
    return {"free": free, "equal": equal}


def satorra_bentler(frame):
    options = {"estimator": "mlr", "std_lv": True}
    larger = ps.confirm(model(frame), frame, **options)
    smaller = ps.confirm(equal_loadings(frame), frame, **options)
    return ps.satorra_bentler_2010(larger, smaller, frame)


def twice(frame):
    later = frame.iloc[:, ::-1].set_axis(frame.columns, axis=1)
    both = frame.add_suffix("_1").join(later.add_suffix("_2"))
    scale = {"A": list(frame)[:3]}
    return ps.longitudinal_invariance(scale, both, ["1", "2"], steps=["loadings"])


def cutoffs_of_a_step(frame):
    ladder = ps.invariance(model(frame), frame, sides(frame), steps=["loadings"])
    return ps.invariance_cutoffs(ladder, "loadings", **FEW)


def released(frame):
    equal = ps.confirm(
        model(frame), frame, groups=sides(frame), equal=["loadings"], std_lv=True
    )
    return ps.release_tests(equal, frame, sides(frame), "loadings")


def linked(frame):
    old, new = (
        ps.graded_response(part, se=False).parameters
        for part in (frame[frame.index % 2 == k] for k in (0, 1))
    )
    return ps.link(old, new, purify=False)


def coded(frame):
    reasons = pd.DataFrame(index=frame.index, columns=frame.columns, dtype=object)
    coding = {item: {} for item in frame}
    return ps.code_reasons(
        frame, reasons, coding, categories=dict.fromkeys(frame, range(1, 10))
    )


# what takes answers, directly or by the results of others
CALLS = {
    "acceleration": lambda f: ps.acceleration(f, corr="pearson"),
    "adaptive": adaptive,
    "aikens_v": lambda f: ps.aikens_v(f.iloc[:, 0], (1, 9)),
    "aisp": ps.aisp,
    "andersen_test": lambda f: ps.andersen_test(
        ps.conditional_partial_credit(f), groups=sides(f)
    ),
    "assemble": of_information,
    "bartlett_sphericity": lambda f: ps.bartlett_sphericity(corr(f), len(f)),
    "bifactor_graded": lambda f: ps.bifactor_graded(f, halves(f), n_nodes=9, se=False),
    "bland_altman": lambda f: ps.bland_altman(*first_two(f)),
    "bootstrap_errors": lambda f: ps.bootstrap_errors(model(f), f, **FEW),
    "bootstrap_loadings": lambda f: ps.bootstrap_loadings(f, 1, **FEW),
    "check_responses": ps.check_responses,
    "code_reasons": coded,
    "compare_forms": lambda f: ps.compare_forms(f, list(f)[:2], halves(f)),
    "compare_models": lambda f: ps.compare_models(halves(f), f, folds=0),
    "compare_nested": lambda f: ps.compare_nested(nested(f)),
    "comparison_data": lambda f: ps.comparison_data(f, population=500, **FEW),
    "composite_reliability": composite,
    "conditional_partial_credit": ps.conditional_partial_credit,
    "conditional_rating_scale": ps.conditional_rating_scale,
    "conditioning": lambda f: ps.conditioning(corr(f)),
    "confirm": lambda f: ps.confirm(model(f), f),
    "confirm by ml": lambda f: ps.confirm(model(f), f, estimator="mlr"),
    "content_validity": lambda f: ps.content_validity(f.T, categories=(1, 9)),
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
    "factor_determinacy": lambda f: ps.factor_determinacy(fitted(f)),
    "factor_scores": lambda f: ps.factor_scores(ps.confirm(model(f), f), f),
    "general_factor_indices": lambda f: ps.general_factor_indices(fitted(f)),
    "generalized_partial_credit": ps.generalized_partial_credit,
    "graded_response": ps.graded_response,
    "group_change": lambda f: ps.group_change(*first_two(f)),
    "group_mean_chart": lambda f: ps.group_mean_chart(
        f.astype(float).mean(), f.notna().sum(), sd=1.0
    ),
    "guttman_lambdas": ps.guttman_lambdas,
    "held_out_log_likelihood": lambda f: ps.held_out_log_likelihood(
        model(f), f, folds=3, rng=1
    ),
    "htmt": lambda f: ps.htmt(corr(f), halves(f)),
    "hull": lambda f: ps.hull(f, corr="pearson"),
    "icc": ps.icc,
    "icc reml": lambda f: ps.icc(f, missing="reml"),
    "invariance": lambda f: ps.invariance(model(f), f, sides(f)),
    "invariance_cutoffs": cutoffs_of_a_step,
    "invariant_ordering": ps.invariant_ordering,
    "kmo": lambda f: ps.kmo(corr(f)),
    "known_groups": lambda f: ps.known_groups(one_mean(f), sides(f)),
    "likelihood_ratio": lambda f: ps.likelihood_ratio(
        ps.partial_credit(f), ps.generalized_partial_credit(f)
    ),
    "link": linked,
    "little_mcar": ps.little_mcar,
    "longitudinal_invariance": twice,
    "mcdonald_omega": ps.mcdonald_omega,
    "mcdonald_omega ordinal": lambda f: ps.mcdonald_omega(
        f, ordinal=True, rng=1, **FEW
    ),
    "mean_interval": lambda f: ps.mean_interval(one_mean(f)),
    "minimal_important_change": lambda f: ps.minimal_important_change(
        one_mean(f), f.iloc[:, 0], improved_from=3, n_replications=4, rng=1
    ),
    "minimum_average_partial": lambda f: ps.minimum_average_partial(f, corr="pearson"),
    "missing_patterns": ps.missing_patterns,
    "mixed_response": lambda f: ps.mixed_response(f, two_kinds(f)),
    "model_composites": composites,
    "monotonicity": ps.monotonicity,
    "monte_carlo": lambda f: ps.monte_carlo(fitted(f), model(f), 200, **FEW),
    "multidimensional_graded": lambda f: ps.multidimensional_graded(
        f, halves(f), n_nodes=7, se=False
    ),
    "multiple_group": lambda f: ps.multiple_group(f, sides(f)),
    "nominal_response": ps.nominal_response,
    "omega": lambda f: ps.omega(f, 1),
    "parallel_analysis": lambda f: ps.parallel_analysis(f, **FEW),
    "parallel_analysis normal": lambda f: ps.parallel_analysis(
        f, method="normal", **FEW
    ),
    "partial_credit": ps.partial_credit,
    "path_diagram": lambda f: ps.path_diagram(fitted(f)),
    "pearson": ps.pearson,
    "polychoric": ps.polychoric,
    "polychoric_pair": lambda f: ps.polychoric_pair(*first_two(f)),
    "polyserial": lambda f: ps.polyserial(one_mean(f), f),
    "population_of": lambda f: ps.population_of(fitted(f)),
    "rater_agreement": ps.rater_agreement,
    "rating_scale": ps.rating_scale,
    "reduce_items": lambda f: ps.reduce_items(f, halves(f)),
    "release_tests": released,
    "reliable_change": lambda f: ps.reliable_change(*first_two(f), reliability=0.8),
    "retention": lambda f: ps.retention(f, **FEW),
    "retest_items": lambda f: ps.retest_items(f, f.iloc[::-1].set_axis(f.index)),
    "rotate": lambda f: ps.rotate(ps.explore(f, 2, rotation="none").loadings),
    "sample_size": lambda f: ps.sample_size(
        ps.explore(f, 1).loadings, sizes=(100, 200), **FEW
    ),
    "satorra_bentler_2010": satorra_bentler,
    "scalability": ps.scalability,
    "score": lambda f: ps.score(f, halves(f), categories=dict.fromkeys(f, (1, 9))),
    "sequential_chi_square": ps.sequential_chi_square,
    "spearman": ps.spearman,
    "split_half": ps.split_half,
    "split_half_sample": lambda f: ps.split_half_sample(f, rng=1),
    "test_retest": lambda f: ps.test_retest(*first_two(f)),
    "tetrachoric": lambda f: ps.tetrachoric(
        (f.astype(float) > 2).astype(float).where(f.notna())
    ),
    "unit_reliability": lambda f: ps.unit_reliability(one_mean(f), f.index % 20),
    "validation_report": lambda f: ps.validation_report(
        f, scales=halves(f), groups=sides(f), n_replications=2, date="1 May 2026"
    ),
    "very_simple_structure": lambda f: ps.very_simple_structure(f, corr="pearson"),
    "weighted_kappa": lambda f: ps.weighted_kappa(*first_two(f)),
    "xbar_s_chart": lambda f: ps.xbar_s_chart(one_mean(f), np.arange(len(f)) // 20),
    "xmr_chart": lambda f: ps.xmr_chart(one_mean(f)),
}
# these take no answers, nor what came of any
WITHOUT_ANSWERS = {
    "ant_colony": "a measure of quality",
    "bifactor_model": "names",
    "correlated_factors_model": "names",
    "judge_hypotheses": "what was expected and what was found",
    "length_needed": "a reliability",
    "longitudinal_model": "names",
    "one_factor_model": "names",
    "parse_model": "a text",
    "proportion_interval": "two counts",
    "rmsea_power": "degrees of freedom",
    "rmsea_sample_size": "degrees of freedom",
    "sample_size_plan": "names",
    "sdc": "an error of measurement",
    "second_order_model": "names",
    "spearman_brown": "a reliability",
    "suppress": "counts",
    "tally_votes": "ballots",
}
# these give each row a line, or take two columns rather than a table
ROW_BY_ROW = {
    "adaptive",
    "aikens_v",
    "bland_altman",
    "code_reasons",
    "content_validity",
    "factor_scores",
    "group_change",
    "group_mean_chart",
    "known_groups",
    "mean_interval",
    "minimal_important_change",
    "polychoric_pair",
    "polyserial",
    "reliable_change",
    "retest_items",
    "score",
    "split_half_sample",
    "test_retest",
    "unit_reliability",
    "weighted_kappa",
    "xbar_s_chart",
    "xmr_chart",
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
    elif trouble == "three items that share nothing":
        drawn = np.random.default_rng(4).integers(1, 5, (12, 3))
        frame = pd.DataFrame(drawn.astype(float), columns=ITEMS[:3])
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
    "three items that share nothing",
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
    if isinstance(outcome, list):  # of releases
        return np.array([one.statistic for one in outcome])
    if isinstance(outcome, ps.Population):
        return outcome.cov
    if isinstance(outcome, Axes):
        return np.array([len(outcome.texts), len(outcome.patches)])
    frame = outcome if isinstance(outcome, pd.DataFrame) else outcome.to_frame()
    return frame.select_dtypes("number").to_numpy(float)


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


def test_categorical_columns_change_no_number():
    kinds = pd.CategoricalDtype([1, 2, 3, 4], ordered=True)
    frame = answers("none").astype(int).astype(kinds)
    drawn = {"bootstrap_errors", "dynamic_cutoffs", "monte_carlo"}
    for name in CALLS.keys() - SLOW - drawn:
        alone, _ = met(name, "none")
        if not isinstance(alone, ps.Result):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ps.PsychometricsWarning)
            outcome = CALLS[name](frame)
        np.testing.assert_allclose(
            numbers(outcome), numbers(alone), rtol=1e-6, atol=1e-8, err_msg=name
        )


def test_a_nine_beside_one_to_four_is_named_by_all_that_take_the_table():
    refused = met("longitudinal_invariance", "a hole in the codes")[0]
    assert "[1.0, 2.0, 3.0, 4.0, 9.0]" in str(refused)
    others = {"tetrachoric", "longitudinal_invariance"}
    for name in CALLS.keys() - SLOW - ROW_BY_ROW - others:
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


SAMPLES = {"n_replications": 12, "rng": 3}
ONE_FACTOR = "f =~ q1 + q2 + q3 + q6"


def doubled(frame):
    return pd.concat([frame, frame], ignore_index=True), np.repeat(["a", "b"], 60)


def rare_in_groups(frame):
    both, groups = doubled(frame)
    ladder = ps.invariance(ONE_FACTOR, both, groups, steps=["loadings"])
    return ps.invariance_cutoffs(ladder, "loadings", **SAMPLES)


# asked of 60 persons, one of whom alone chose the highest category of an item
RARE = {
    "bootstrap_errors": lambda f: ps.bootstrap_errors(ONE_FACTOR, f, **SAMPLES),
    "dynamic_cutoffs": lambda f: ps.dynamic_cutoffs(
        ps.confirm(ONE_FACTOR, f), **SAMPLES
    ),
    "invariance_cutoffs": rare_in_groups,
    "monte_carlo": lambda f: ps.monte_carlo(
        ps.confirm(ONE_FACTOR, f), ONE_FACTOR, 60, **SAMPLES
    ),
}
# asked of 60 persons, all but one of whom answered an item alike
HARDLY = {
    "bootstrap_loadings": lambda f: ps.bootstrap_loadings(f, 1, **SAMPLES),
    "comparison_data": lambda f: ps.comparison_data(f, population=60, **SAMPLES),
    "cronbach_alpha": lambda f: ps.cronbach_alpha(f, ordinal=True, **SAMPLES),
    "dif_cutoffs": lambda f: ps.dif_cutoffs(
        *doubled(f), min_group=50, min_cell=1, **SAMPLES
    ),
    "mcdonald_omega": lambda f: ps.mcdonald_omega(f, **SAMPLES),
    "minimal_important_change": lambda f: ps.minimal_important_change(
        one_mean(f), f["q6"], improved_from=2, **SAMPLES
    ),
    "parallel_analysis": lambda f: ps.parallel_analysis(f, method="normal", **SAMPLES),
    "reduce_items": lambda f: ps.reduce_items(
        f, {"A": list(f)}, rules=ps.DEFAULT_RULES[3:5], **SAMPLES
    ),
}
DRAWN_OTHERWISE = {
    "retention": "the notes of parallel_analysis and comparison_data",
    "sample_size": "counts what could not be fitted, of loadings without answers",
    "validation_report": "the notes of what it calls",
}


def test_what_draws_samples_says_how_many_lacked_a_rare_answer():
    rare = answers("none").iloc[:60].copy()
    place = rare["q1"].argmax(), 5
    hardly = rare.assign(q6=1.0)
    rare.iloc[place], hardly.iloc[place] = 5, 2
    calls = [(rare, *pair) for pair in RARE.items()]
    calls += [(hardly, *pair) for pair in HARDLY.items()]
    for frame, name, call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            outcome = call(frame)
        words = [str(w.message) for w in caught]
        if isinstance(outcome, ps.Result):
            words.append(outcome.summary())
        words = " ".join(" ".join(words).split())
        assert "drawn again" in words or "redrawn" in words, name


def test_everything_that_draws_samples_is_asked_for_rare_answers():
    draws = {
        name
        for name in ps.__all__
        if inspect.isfunction(getattr(ps, name))
        and "n_replications" in inspect.signature(getattr(ps, name)).parameters
    }
    assert draws == RARE.keys() | HARDLY.keys() | DRAWN_OTHERWISE.keys()


def test_every_public_function_is_walked_or_takes_no_answers():
    functions = {n for n in ps.__all__ if inspect.isfunction(getattr(ps, n))}
    walked = {name.split()[0] for name in CALLS}
    assert functions - walked == set(WITHOUT_ANSWERS)
    for name in WITHOUT_ANSWERS:
        takes = {*inspect.signature(getattr(ps, name)).parameters}
        assert not takes & {"responses", "ratings", "held_out", "fitted", "values"}
