"""One dialect: options that are one of a few, and generators of chance."""

import inspect

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.options import generator, streams

# by name: what is loaded once it is asked for is not among the module's variables
CALLS = {
    name: getattr(pm, name)
    for name in pm.__all__
    if inspect.isfunction(getattr(pm, name))
}
ITEMS = [f"x{k}" for k in range(6)]
# other words for how often something is drawn, who draws, and what goes unsaid
REPLICATIONS = {"n_boot", "n_samples", "n_simulated", "n_studies", "n_resamples"}


@pytest.fixture(scope="module")
def answers():
    drawn = pm.simulate.responses(
        450, rng=7, loadings=[[0.7]] * 6, thresholds=(-1.0, 0.0, 1.0)
    )
    return drawn.responses.set_axis(ITEMS, axis=1)


def halves(answers):
    return pd.Series(np.arange(len(answers)) % 2, answers.index)


def one(answers):
    return pm.confirm("f =~ x0 + x1 + x2 + x3", answers, estimator="ml")


def ladder(answers):
    return pm.invariance(
        "f =~ x0 + x1 + x2",
        answers,
        halves(answers),
        estimator="ml",
        steps=["loadings"],
    )


WRONG = {
    "confirm estimator": lambda a: pm.confirm("f =~ x0 + x1 + x2", a, estimator="gls"),
    "confirm missing": lambda a: pm.confirm("f =~ x0 + x1 + x2", a, missing="mean"),
    "confirm equal": lambda a: pm.confirm("f =~ x0 + x1 + x2", a, equal=["slopes"]),
    "explore extraction": lambda a: pm.explore(a, 1, extraction="alpha"),
    "explore rotation": lambda a: pm.explore(a, 2, rotation="oblimax"),
    "explore corr": lambda a: pm.explore(a, 1, corr="kendall"),
    "parallel method": lambda a: pm.parallel_analysis(a, method="bootstrap"),
    "parallel reference": lambda a: pm.parallel_analysis(a, reference="median"),
    "map power": lambda a: pm.minimum_average_partial(a, power=3),
    "hull index": lambda a: pm.hull(a, index="srmr"),
    "bootstrap": lambda a: pm.bootstrap_loadings(a, 1, extraction="wls"),
    "polychoric": lambda a: pm.polychoric(a, information="expected"),
    "polychoric missing": lambda a: pm.polychoric(a, missing="mean"),
    "alpha missing": lambda a: pm.cronbach_alpha(a, missing="mean"),
    "rater_agreement": lambda a: pm.rater_agreement(a, weights="cubic"),
    "kappa": lambda a: pm.weighted_kappa(a["x0"], a["x1"], weights="cubic"),
    "graded latent": lambda a: pm.graded_response(a, latent="flat"),
    "groups model": lambda a: pm.multiple_group(a, halves(a), model="2pl"),
    "dif method": lambda a: pm.dif(a, halves(a), method="logistic"),
    "dif matching": lambda a: pm.dif(a, halves(a), matching="sum"),
    "dif criterion": lambda a: pm.dif(a, halves(a), criterion="either"),
    "aisp search": lambda a: pm.aisp(a, search="greedy"),
    "cutoffs method": lambda a: pm.dif_cutoffs(a, halves(a), method="likelihood_ratio"),
    "cutoffs matching": lambda a: pm.dif_cutoffs(a, halves(a), matching="theta"),
    "model over time": lambda a: pm.longitudinal_model(
        {"f": ITEMS}, ["t1", "t2"], equal=["thresholds"]
    ),
    "release step": lambda a: pm.release_tests(one(a), a, None, "slopes"),
    "ladder step": lambda a: ladder(a).model("residuals"),
    "ladder cutoffs": lambda a: pm.invariance_cutoffs(ladder(a), "residuals"),
    "estimator of a test": lambda a: pm.satorra_bentler_2010(one(a), one(a), a),
}
# what is said of one group of a fitted model
OF_A_GROUP = {
    "place": lambda fit: fit.place_of("north"),
    "estimates": lambda fit: fit.group("north"),
    "factor correlations": lambda fit: fit.factor_corr("north"),
    "determinacy": lambda fit: pm.factor_determinacy(fit, group="north"),
    "general factor": lambda fit: pm.general_factor_indices(fit, group="north"),
    "composites": lambda fit: pm.model_composites(fit, group="north"),
    "diagram": lambda fit: pm.path_diagram(fit, group="north"),
    "population": lambda fit: pm.population_of(fit, group="north"),
}
# numbers that are no choice among a few, and models without items
OUT_OF_RANGE = {
    "error": lambda: pm.sdc(-1.0),
    "level": lambda: pm.sdc(1.0, level=95),
    "persons": lambda: pm.sdc(1.0, n=0),
    "no scale of ratings": lambda: pm.aikens_v([3, 3], (3, 3)),
    "no rating": lambda: pm.aikens_v([np.nan], (1, 4)),
    "rating above": lambda: pm.aikens_v([2, 5], (1, 4)),
    "one factor": lambda: pm.one_factor_model([]),
    "factors": lambda: pm.correlated_factors_model({"f": ["a"], "g": []}),
    "bifactor": lambda: pm.bifactor_model({}),
    "occasions": lambda: pm.longitudinal_model({"f": []}, ["t1", "t2"]),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=list(WRONG))
def test_a_wrong_option_always_raises_the_same_error_with_its_choices(call, answers):
    with pytest.raises(pm.InvalidOption, match="give (a .*)?one of "):
        call(answers)


@pytest.mark.parametrize("call", OF_A_GROUP.values(), ids=list(OF_A_GROUP))
def test_a_group_that_there_is_not_is_named_with_those_there_are(call, answers):
    with pytest.raises(pm.InvalidOption, match="group is 'north'; give one of 0"):
        call(one(answers))


@pytest.mark.parametrize("call", OUT_OF_RANGE.values(), ids=list(OUT_OF_RANGE))
def test_a_number_out_of_its_range_is_refused_in_words(call):
    with pytest.raises(pm.PsychometricsError, match="give |has no items"):
        call()


@pytest.mark.parametrize("level", [95, 1.0, 0.0, -0.5, np.nan])
def test_a_level_of_confidence_that_is_no_share_is_refused_everywhere(level):
    having = {n: inspect.signature(c).parameters for n, c in CALLS.items()}
    having = {n: words for n, words in having.items() if "level" in words}
    assert len(having) >= 20
    for name, words in having.items():
        needed = [w for w in words.values() if w.default is inspect.Parameter.empty]
        said = {word.name: None for word in needed} | {"level": level}
        with pytest.raises(pm.InvalidOption, match="level is .*; give a share"):
            CALLS[name](**said)


def test_chance_is_always_called_rng_and_repetitions_always_replications():
    said = {name: {*inspect.signature(call).parameters} for name, call in CALLS.items()}
    seeds = [name for name, words in said.items() if "seed" in words]
    assert seeds == ["validation_report"]  # a number that the report prints
    assert {name: words & REPLICATIONS for name, words in said.items()} == {
        name: set() for name in said
    }


def test_every_call_with_rng_says_that_a_whole_number_will_do():
    silent = [
        name
        for name, call in CALLS.items()
        if "rng" in inspect.signature(call).parameters
        and not ("int" in inspect.getdoc(call) or "As in" in inspect.getdoc(call))
    ]
    assert silent == []


def test_a_whole_number_and_its_generator_draw_the_same():
    drawn = [generator(source).random(3) for source in (3, np.random.default_rng(3))]
    assert (drawn[0] == drawn[1]).all()


def test_streams_of_one_number_are_the_same_and_of_one_generator_are_new():
    def first(source):
        return [np.random.default_rng(one).random() for one in streams(source, 2)]

    assert first(4) == first(4)
    source = np.random.default_rng(4)
    assert first(source) != first(source)


def test_nothing_is_drawn_without_rng():
    with pytest.raises(pm.InvalidOption, match="needs rng: a numpy Generator, or a wh"):
        pm.simulate.responses(5, rng=None, loadings=[[0.7]] * 3)


def test_a_number_seeds_what_used_to_need_a_generator(answers):
    scored = pm.cronbach_alpha(answers, n_replications=20, rng=5)
    again = pm.cronbach_alpha(answers, n_replications=20, rng=np.random.default_rng(5))
    assert scored.ci == again.ci
