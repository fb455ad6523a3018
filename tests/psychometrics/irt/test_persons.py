"""Theta of persons, from answers and from sum scores."""

import itertools

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities
from psychometrics.irt.person_slopes import likelihood_slopes

SLOPES = np.linspace(1.2, 2.8, 12)
CUTS = np.array([-1.5, -0.7, 0.2, 1.1])
INTERCEPTS = -SLOPES[:, None] * CUTS


def draw(rng, theta, slopes=SLOPES, intercepts=INTERCEPTS):
    p = category_probabilities("graded", theta, slopes, intercepts)
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(5)
    return pm.graded_response(draw(rng, rng.normal(size=600)))


@pytest.mark.parametrize("method", ["eap", "map", "wle"])
def test_theta_never_falls_when_an_answer_rises(method):
    grid = np.array(list(itertools.product(range(3), repeat=3)) * 8)
    rng = np.random.default_rng(3)
    small = draw(rng, rng.normal(size=300), SLOPES[:3], INTERCEPTS[:3, [0, 2]])
    table = pd.concat([pd.DataFrame(grid, columns=small.columns), small])
    theta = pm.graded_response(table, se=False).persons(method).theta.to_numpy()[:27]
    cube = theta.reshape(3, 3, 3)
    assert all((np.diff(cube, axis=axis) > 0).all() for axis in range(3))


@pytest.mark.parametrize("steeper", [1.0, 3.0])
def test_modal_theta_is_the_highest_point_of_the_posterior(steeper):
    slopes = steeper * np.array([3.1, 2.9, 2.0, 1.3, 1.1])  # about bfi's N
    cuts = [[-0.8, 0.3, 1.7], [-1.4, -0.1, 1.5], [-1.2, 0.1, 1.8]]
    cuts = np.array([*cuts, [-1.6, 0.2, 2.3], [-1.3, 0.5, 2.5]])
    cuts = np.insert(cuts, [1, 2], cuts[:, 1:] - [[0.4, 0.7]], axis=1)
    items = [f"q{j}" for j in range(5)]
    parameters = pm.ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"a": slopes}, index=items),
        intercepts=pd.DataFrame(-slopes[:, None] * cuts, index=items),
        categories={item: np.arange(6) for item in items},
    )
    patterns = np.array(list(itertools.product((0, 3, 5), repeat=5)))
    found = parameters.persons(pd.DataFrame(patterns, columns=items), "map").theta
    theta = np.linspace(-4, 4, 1601)
    p = category_probabilities("graded", theta, slopes, -slopes[:, None] * cuts)
    logs = np.log(np.maximum(p, 1e-300))[np.arange(5), patterns].sum(axis=1)
    highest = theta[(logs - theta**2 / 2).argmax(axis=1)]
    np.testing.assert_allclose(found, highest, atol=0.006)


def test_modal_theta_is_exact_to_rounding(fit):
    """Newton's last step, which adds nothing, is not thrown away for a middle."""
    theta = fit.persons("map").theta.to_numpy()
    codes = fit.patterns.codes[fit.patterns.rows]
    found = likelihood_slopes(fit.parameters, codes, theta)
    left = (found.first - theta) / (found.second - 1)
    assert abs(left).max() < 1e-13


def test_eap_of_nobody_is_the_prior(fit):
    answers = fit.patterns.answers()
    answers.iloc[0] = np.nan
    again = fit.parameters
    assert again.persons(answers).to_frame().iloc[0].tolist() == pytest.approx(
        [0, 1], abs=1e-6
    )
    assert again.persons(answers, "wle").to_frame().iloc[0].isna().all()
    assert again.persons(answers, "ml").to_frame().iloc[0].isna().all()


def test_maximum_likelihood_has_no_finite_theta_at_the_ends(fit):
    estimates = fit.persons("ml").to_frame()
    answers = fit.patterns.answers()
    assert (estimates.theta[(answers == 0).all(axis=1)] == -np.inf).all()
    middle = estimates[np.isfinite(estimates.theta)]
    assert middle.se.notna().all()
    assert len(middle) > 500


def test_unanswered_items_widen_the_error(fit):
    answers = fit.patterns.answers()
    half = answers.copy()
    half.iloc[:, 6:] = np.nan
    both = pd.concat([answers, half], ignore_index=True)
    se = pm.graded_response(both, se=False).persons().se.to_numpy()
    assert (se[600:] > se[:600]).mean() > 0.99


def test_eap_error_with_true_parameters_is_as_published(rng):
    """METHOD table: RMSE .266 with 12 items, a from 1.2 to 2.8, four cut points."""
    theta = rng.normal(size=4000)
    known = pm.graded_response(draw(rng, theta), se=False)
    rmse = np.sqrt(((known.persons().theta - theta) ** 2).mean())
    assert rmse == pytest.approx(known.persons().se.mean(), rel=0.04)
    assert rmse == pytest.approx(0.27, abs=0.02)


def test_an_unknown_method_is_named(fit):
    with pytest.raises(ValueError, match="'mean'; give one of eap"):
        fit.persons("mean")


def test_t_scores_put_the_reference_population_at_fifty_and_ten(fit):
    estimates = fit.persons()
    t = estimates.t_scores(estimates.theta.mean(), estimates.theta.std())
    assert t["t"].mean() == pytest.approx(50)
    assert t["t"].std() == pytest.approx(10)


def test_sum_score_table_equals_enumeration_of_all_patterns(fit):
    items = list(fit.items[:3])
    table = fit.sum_score_table(items).to_frame()
    p = fit.parameters.probabilities(fit.latent.nodes)[:3]
    joint = np.zeros((13, p.shape[2]))
    for x in itertools.product(range(5), repeat=3):
        joint[sum(x)] += np.prod([p[j, k] for j, k in enumerate(x)], axis=0)
    joint *= fit.latent.weights
    theta = joint @ fit.latent.nodes[:, 0] / joint.sum(axis=1)
    assert table["theta"].to_numpy() == pytest.approx(theta)
    assert table["share"].sum() == pytest.approx(1)


def test_sum_scores_are_in_the_codes_of_the_data():
    rng = np.random.default_rng(8)
    fit = pm.graded_response(draw(rng, rng.normal(size=300)) + 1, se=False)
    table = fit.sum_score_table(mean=0.5, sd=2.0).to_frame()
    assert table.index[[0, -1]].tolist() == [12, 60]
    assert (table["theta"].diff().dropna() > 0).all()
    assert table["t"].to_numpy() == pytest.approx(50 + 5 * (table["theta"] - 0.5))


def test_careless_answers_have_a_low_lz_and_a_high_infit(fit, rng):
    answers = fit.patterns.answers()
    answers.iloc[:50] = rng.integers(0, 5, (50, 12))
    found = pm.graded_response(answers, se=False).person_fit()
    assert found.lz[:50].median() < -1 < found.lz[50:].median() < 1
    assert found.infit[:50].median() > 1.5 * found.infit[50:].median()


def test_plausible_values_have_the_mean_and_variance_of_the_population(rng):
    theta = rng.normal(size=3000)
    short = pm.graded_response(draw(rng, theta, SLOPES[:4], INTERCEPTS[:4]), se=False)
    values = short.plausible_values(rng, 5)
    assert values.to_numpy().std() == pytest.approx(1, abs=0.04)
    assert short.persons().theta.std() < 0.93


def test_latent_regression_recovers_a_gap_that_eaps_shrink(rng):
    team = rng.integers(0, 2, 4000).astype(float)
    theta = 0.8 * team + rng.normal(size=4000)
    answers = draw(rng, theta, SLOPES[:4], INTERCEPTS[:4])
    fit = pm.graded_response(answers, se=False)
    found = fit.regress(pd.DataFrame({"team": team}))
    gap = found.coefficients["team"] / found.residual_sd
    eap = fit.persons().theta.groupby(team).mean().diff().iloc[-1]
    assert gap == pytest.approx(0.8, abs=0.12)
    assert eap < 0.9 * found.coefficients["team"]
    assert found.se["team"] == pytest.approx(
        2 * found.residual_sd / 4000**0.5, rel=0.25
    )


def test_plausible_values_conditioned_on_a_regression_keep_its_gap(rng):
    team = pd.DataFrame({"team": rng.integers(0, 2, 2000).astype(float)})
    theta = team["team"].to_numpy() + rng.normal(size=2000)
    fit = pm.graded_response(draw(rng, theta, SLOPES[:4], INTERCEPTS[:4]), se=False)
    found = fit.regress(team)
    values = fit.plausible_values(rng, 10, predictors=team, regression=found)
    gap = values.groupby(team["team"]).mean().mean(axis=1).diff().iloc[-1]
    assert gap == pytest.approx(found.coefficients["team"], abs=0.05)
    assert "Residual" not in found.summary()
    assert "take the item parameters as known" in found.summary()


def test_a_missing_predictor_is_named(fit):
    team = pd.DataFrame({"team": np.ones(600)})
    team.iloc[3] = np.nan
    with pytest.raises(pm.InvalidResponses, match="team is missing for 1 persons"):
        fit.regress(team)


def test_pictures_are_drawn_on_the_axes_given(fit):
    from psychometrics.results import axes

    for draw_on in (
        fit.plot,
        fit.persons().plot,
        fit.sum_score_table().plot,
        fit.parameters.plot_expected,
    ):
        ax = axes()
        assert draw_on(ax=ax) is ax
    title = fit.parameters.plot_categories("q1").get_title()
    assert title == "Answers to q1 along theta"
