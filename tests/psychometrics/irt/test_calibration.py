"""Marginal calibration: what holds for all data, and what is said of bad data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import psychometrics as pm
from psychometrics.irt.models import category_probabilities
from psychometrics.irt.objective import Prior

FITTERS = {
    "graded": pm.graded_response,
    "gpcm": pm.generalized_partial_credit,
    "pcm": pm.partial_credit,
    "rsm": pm.rating_scale,
    "nominal": pm.nominal_response,
}


def draw(rng, n, slopes, intercepts, model="graded", theta=None):
    """Answers of n persons, codes from 0."""
    theta = rng.normal(size=n) if theta is None else theta
    p = category_probabilities(model, theta, slopes, np.asarray(intercepts, float))
    codes = (rng.uniform(size=(len(p), n))[:, None] > p.cumsum(axis=1)).sum(axis=1)
    return pd.DataFrame(codes.T, columns=[f"q{j + 1}" for j in range(len(p))])


def small(seed=1, n=400, n_items=4):
    rng = np.random.default_rng(seed)
    slopes = rng.uniform(0.8, 2.0, n_items)
    cuts = np.sort(rng.normal(0, 0.4, (n_items, 3)) + [-1, 0, 1], axis=1)
    return draw(rng, n, slopes, -slopes[:, None] * cuts)


@pytest.mark.parametrize("model", FITTERS)
def test_the_search_ends_where_the_gradient_vanishes(model):
    fit = FITTERS[model](small(), tol=1e-6)
    assert fit.gradient < 1e-6
    assert "Log-likelihood" in fit.summary()


@given(st.permutations(range(4)))
@settings(deadline=None, max_examples=5)
def test_permuting_items_permutes_estimates(order):
    answers = small()
    ours = pm.graded_response(answers, se=False)
    other = pm.graded_response(answers.iloc[:, list(order)], se=False)
    assert other.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-7)
    wanted = ours.to_frame().iloc[list(order)]
    pd.testing.assert_frame_equal(other.to_frame(), wanted, atol=1e-5)


def test_reversing_every_item_turns_the_thresholds_round():
    answers = small()
    ours, other = pm.graded_response(answers), pm.graded_response(3 - answers)
    assert other.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-7)
    turned = -other.thresholds.to_numpy()[:, ::-1]
    assert turned == pytest.approx(ours.thresholds.to_numpy(), abs=1e-5)


def test_a_person_who_answered_nothing_changes_no_parameter():
    answers = small()
    silent = pd.concat([answers, answers.iloc[:3] * np.nan])
    ours = pm.graded_response(answers)
    with pytest.warns(pm.EmptyRowWarning, match="3 of"):
        other = pm.graded_response(silent)
    assert other.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-8)
    assert (other.n_persons, other.bic) == (ours.n_persons, ours.bic)
    assert other.persons().reliability == ours.persons().reliability
    assert f"3 of {len(silent)} rows hold no answer" in other.summary()


def test_planned_booklets_calibrate_all_items_together(rng):
    answers = small(n=2000, n_items=6).astype(float)
    truth = pm.graded_response(answers).parameters.slopes["a"]
    half = rng.uniform(size=len(answers)) < 0.5
    answers.loc[half, ["q1", "q2"]] = np.nan
    answers.loc[~half, ["q5", "q6"]] = np.nan
    fit = pm.graded_response(answers)
    error = fit.standard_errors["a"]
    assert (abs(fit.discrimination - truth) < 3 * error).all()


def test_louis_information_is_the_second_derivative_of_the_likelihood():
    from psychometrics.irt.latent_distribution import Normal, grid
    from psychometrics.irt.objective import Problem
    from psychometrics.irt.parameter_map import Design
    from psychometrics.irt.patterns import find_patterns
    from psychometrics.irt.starting_values import starting_block

    patterns = find_patterns(pm.check_responses(small(n=150)))
    latent = Normal(grid(31), is_mean_free=True, is_sd_free=True)
    block = starting_block("gpcm", patterns)
    problem = Problem(Design("gpcm", latent.nodes, (block,), (latent,)), patterns)
    at, step = problem.design.start + 0.1, 1e-5
    numeric = [
        (problem(at - shift)[1] - problem(at + shift)[1]) / (2 * step)
        for shift in step * np.eye(len(at))
    ]
    assert problem.observed(at) == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("model", ["graded", "gpcm", "pcm"])
def test_fixed_items_stay_and_new_items_come_out_on_the_old_scale(model):
    answers = small(n=3000, n_items=6)
    old = FITTERS[model](answers)
    keep = ["q1", "q2", "q3"]
    anchors = pm.ItemParameters(
        model=model,
        slopes=old.parameters.slopes.loc[keep],
        intercepts=old.intercepts.loc[keep],
        categories={item: old.parameters.categories[item] for item in keep},
    )
    new = FITTERS[model](answers, fixed=anchors)
    assert new.intercepts.loc[keep].equals(old.intercepts.loc[keep])
    assert new.log_likelihood == pytest.approx(old.log_likelihood, abs=1e-3)
    assert new.latent.sd == pytest.approx(old.latent.sd, abs=0.02)


def test_a_prior_draws_slopes_in_and_is_announced():
    answers = small(n=150)
    prior = Prior(slope=(0.0, 0.1))
    fit = pm.graded_response(answers, prior=prior)
    loose = pm.graded_response(answers)
    assert (
        abs(np.log(fit.discrimination)).sum() < abs(np.log(loose.discrimination)).sum()
    )
    assert "Prior: log slope normal" in fit.summary()


def test_without_standard_errors_asking_for_them_says_what_to_do():
    fit = pm.graded_response(small(), se=False)
    with pytest.raises(ValueError, match="se=True"):
        fit.threshold_standard_errors


def test_a_category_that_nobody_used_is_announced():
    answers = small().replace({"q1": {1: 2}})
    with pytest.warns(pm.SparseCategoryWarning, match="q1: nobody used 1"):
        fit = pm.graded_response(answers)
    assert fit.intercepts.loc["q1"].notna().sum() == 2


def test_fewer_than_a_hundred_persons_are_announced():
    with pytest.warns(pm.SmallSampleWarning, match="Only 80 persons"):
        pm.partial_credit(small(n=80))


def test_a_perfect_guttman_pattern_is_refused():
    ladder = np.repeat(np.tril(np.ones((5, 4)), -1), 40, axis=0)
    with pytest.raises((pm.NotIdentified, pm.ConvergenceError), match="prior"):
        pm.graded_response(ladder)


def test_disordered_thresholds_are_announced(rng):
    intercepts = [[-1.5, 0.0, -1.0]] * 4
    fit = pm.partial_credit(draw(rng, 800, np.ones(4), intercepts, "pcm"))
    assert "out of order for: q1, q2, q3, q4" in fit.summary()


def test_disordered_thresholds_come_with_what_to_do(rng):
    intercepts = [[-1.5, 0.0, -1.0], *[[1.5, 1.0, -1.5]] * 3]
    fit = pm.partial_credit(draw(rng, 800, np.ones(4), intercepts, "pcm"))
    (said,) = [note for note in fit.cautions if "out of order" in note]
    assert "for: q1." in said and "merge it" in said


def test_an_item_worded_the_other_way_round_is_announced():
    fit = pm.graded_response(small().assign(q2=lambda table: 3 - table["q2"]))
    assert any("fall as theta rises for: q2" in note for note in fit.cautions)


def test_an_unused_end_of_the_scale_is_announced():
    fit = pm.graded_response(small().replace({"q3": {0: 1}}))
    assert any("other items unused: q3;" in note for note in fit.cautions)
    assert not any("unused" in note for note in pm.graded_response(small()).cautions)


def test_two_items_are_called_too_few_for_slopes_of_their_own():
    fit = pm.graded_response(small()[["q1", "q2"]], se=False)
    assert any("use three items" in note for note in fit.cautions)


def test_people_who_answered_nothing_are_counted_in_words():
    answers = small().astype(float)
    answers.iloc[7] = np.nan
    with pytest.warns(pm.EmptyRowWarning):
        found = pm.partial_credit(answers)
    assert f"1 of {len(answers)} rows holds no answer" in found.summary()


def test_each_group_says_which_of_its_thresholds_are_out_of_order(rng):
    intercepts = [[-1.5, 0.0, -1.0], *[[1.5, 1.0, -1.5]] * 3]
    answers = draw(rng, 1600, np.ones(4), intercepts, "pcm")
    fit = pm.multiple_group(answers, np.repeat(["a", "b"], 800), model="pcm")
    assert sum("out of order for: q1." in note for note in fit.cautions) == 1


def test_a_rating_scale_has_the_step_of_an_unused_option_from_other_items():
    answers = small().replace({"q2": {3: 2}})
    fit = pm.rating_scale(answers)
    cuts = fit.thresholds
    assert cuts.notna().all(axis=None)
    from_others = cuts.sub(cuts.mean(axis=1), axis=0)
    np.testing.assert_allclose(from_others - from_others.iloc[0], 0, atol=1e-9)
    assert any("its steps there are those of the others" in n for n in fit.notes)


def test_an_unknown_latent_distribution_is_named():
    with pytest.raises(ValueError, match="'flat'; give one of normal"):
        pm.graded_response(small(), latent="flat")


def test_a_search_that_is_cut_short_raises_and_keeps_where_it_stood():
    with pytest.raises(pm.ConvergenceError) as caught:
        pm.graded_response(small(), max_iter=2)
    assert caught.value.partial.largest_gradient > 1e-4


def test_nominal_slopes_show_that_a_category_is_out_of_place(rng):
    answers = draw(rng, 3000, [1.5] * 5, [[1.5, 0.0, -1.5]] * 5)
    swapped = answers.replace({"q1": {0: 1, 1: 0}})
    slopes = pm.nominal_response(swapped).parameters.slopes
    assert slopes.loc["q1", "a1"] < 0
    assert (slopes.drop(index="q1").diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_two_binary_items_do_not_determine_four_parameters(rng):
    answers = draw(rng, 500, [1.0, 1.5], [[0.5], [-0.2]])
    with pytest.raises(pm.NotIdentified, match="use more items"):
        pm.graded_response(answers)


@pytest.mark.parametrize(
    "fitter", [pm.partial_credit, pm.graded_response, pm.conditional_partial_credit]
)
def test_items_answered_all_alike_are_refused(fitter, rng):
    alike = np.repeat(rng.integers(0, 3, (200, 1)), 4, axis=1)
    with pytest.raises((pm.NotIdentified, pm.ConvergenceError)):
        fitter(alike)


@pytest.mark.parametrize("latent", ["histogram", "zero_inflated"])
@pytest.mark.parametrize("model", ["gpcm", "pcm", "rsm"])
def test_other_distributions_never_fit_worse_than_the_normal(model, latent):
    answers = small()
    normal = FITTERS[model](answers, se=False)
    other = FITTERS[model](answers, latent=latent, se=False)
    # the histogram gives up one person's worth of likelihood to its prior
    assert other.log_likelihood > normal.log_likelihood - 0.5
    assert other.latent.weights.sum() == pytest.approx(1)
    spread = other.latent.weights @ other.latent.nodes[:, 0] ** 2
    assert spread == pytest.approx(other.latent.covariance[0, 0], rel=1e-3)


def test_standard_errors_with_a_histogram_are_near_those_with_a_normal():
    answers = small(n=1500, n_items=8)
    normal = pm.graded_response(answers).standard_errors
    free = pm.graded_response(answers, latent="histogram").standard_errors
    assert (free / normal).to_numpy() == pytest.approx(1, abs=0.5)
    assert "spread evenly" in pm.graded_response(answers, latent="histogram").summary()


@pytest.mark.parametrize("shape", ["normal", "zero_inflated", "histogram"])
def test_gradient_and_information_include_the_priors(shape):
    from psychometrics.irt import latent_distribution
    from psychometrics.irt.objective import Problem
    from psychometrics.irt.parameter_map import Design
    from psychometrics.irt.patterns import find_patterns
    from psychometrics.irt.starting_values import starting_block

    normal = latent_distribution.Normal(
        latent_distribution.grid(21), is_mean_free=True, is_sd_free=True
    )
    population = {
        "normal": normal,
        "zero_inflated": latent_distribution.ZeroInflated(normal),
        "histogram": latent_distribution.Histogram(normal.nodes),
    }[shape]
    patterns = find_patterns(pm.check_responses(small(n=120)))
    block = starting_block("gpcm", patterns)
    plan = Design("gpcm", normal.nodes, (block,), (population,))
    prior = Prior(
        slope=(0.2, 0.5),
        intercept=(0.0, 2.0),
        histogram=1.0 if shape == "histogram" else 0.0,
    )
    problem = Problem(plan, patterns, prior)
    at, step = plan.start + 0.05, 1e-5
    up = [problem(at + shift) for shift in step * np.eye(len(at))]
    down = [problem(at - shift) for shift in step * np.eye(len(at))]
    numeric = [(u[0] - d[0]) / (2 * step) for u, d in zip(up, down)]
    assert problem(at)[1] == pytest.approx(np.array(numeric), abs=1e-5)
    bend = [(d[1] - u[1]) / (2 * step) for u, d in zip(up, down)]
    assert problem.observed(at) == pytest.approx(np.array(bend), rel=1e-5, abs=1e-4)
