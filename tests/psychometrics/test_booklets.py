"""Nobody answers every item, by design: a value from what there is, or *cannot*."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt import moments as irt_moments
from psychometrics.irt.models import category_probabilities
from psychometrics.irt.moment_persons import moment_persons
from psychometrics.irt.patterns import find_patterns
from psychometrics.responses import check_responses

SLOPES = np.linspace(1.0, 2.0, 9)
INTERCEPTS = -SLOPES[:, None] * (np.array([-1.2, 0.0, 1.0]) + SLOPES[:, None] - 1.5)
ITEMS = [f"q{j}" for j in range(9)]
SCALES = {"one": ITEMS[:3], "two": ITEMS[3:6], "three": ITEMS[6:]}
MODEL = "\n".join(f"{name} =~ {' + '.join(own)}" for name, own in SCALES.items())
STATISTICS = ("item_fit", "model_fit", "local_dependence", "persons", "person_fit")


def drawn(rng, n, copied=0.0):
    """Answers to nine graded items; some people copy their first answer."""
    p = category_probabilities("graded", rng.normal(size=n), SLOPES, INTERCEPTS)
    answers = (rng.uniform(size=(9, n))[:, None] > p.cumsum(axis=1)).sum(axis=1).T
    same = rng.uniform(size=n) < copied
    answers[same, 1] = answers[same, 0]
    return pd.DataFrame(answers.astype(float), columns=ITEMS)


def booklets(answers):
    """Two of three blocks each: every two items meet."""
    answers = answers.copy()
    for part, block in enumerate(SCALES.values()):
        answers.loc[answers.index % 3 == part, block] = np.nan
    return answers


def chain(answers):
    """The first two blocks or the last two: the first and the last never meet."""
    answers = answers.copy()
    answers.loc[answers.index % 2 == 0, SCALES["three"]] = np.nan
    answers.loc[answers.index % 2 == 1, SCALES["one"]] = np.nan
    return answers


@pytest.fixture(scope="module")
def whole():
    return drawn(np.random.default_rng(11), 600)


@pytest.mark.parametrize("design", [booklets, chain])
@pytest.mark.parametrize("model", ["graded_response", "partial_credit", "rating_scale"])
def test_each_fit_statistic_of_booklets_has_a_test(whole, design, model):
    fit = getattr(pm, model)(design(whole))
    overall = fit.model_fit(statistics=["M2", "C2"])
    items = fit.item_fit()
    for table in (overall.to_frame(), items.to_frame()):
        assert (table["df"] > 0).all() and table["p"].between(0, 1).all()
        if model == "graded_response":  # which drew the answers
            assert (table["p"] > 1e-3).all()
        assert table["n"].between(50, 600).all()
    assert overall.n_complete == items.n_complete == 0
    apart = (overall.n_pair.to_numpy()[np.tril_indices(9, -1)] == 0).sum()
    assert apart == (9 if design is chain else 0)
    q3 = fit.local_dependence()
    assert np.isnan(q3.to_frame()["q3"]).sum() == apart
    assert abs(q3.mean_q3) < 0.2
    for result in (overall, q3):
        assert ("by nobody" in result.summary()) == (apart > 0 and result is overall)
        assert ("nothing is said" in result.summary()) == (apart > 0)


def test_fit_of_booklets_keeps_its_size(rng):
    """Sixteen samples: mean statistic over df within four standard errors of one."""
    overall, items = [], []
    for _ in range(16):
        fit = pm.graded_response(booklets(drawn(rng, 300)), se=False)
        overall.append(fit.model_fit(statistics=["C2"]).to_frame())
        items.append(fit.item_fit().to_frame())
    for found in (pd.concat(overall), pd.concat(items)):
        off = (
            found["statistic" if "cfi" in found else "s_x2"] / found["df"]
        ).mean() - 1
        assert abs(off) < 4 * np.sqrt(2 / found["df"].sum())


def test_two_items_that_share_more_than_theta_are_seen_in_booklets(rng):
    fit = pm.graded_response(booklets(drawn(rng, 1200, copied=0.4)), se=False)
    assert fit.model_fit().to_frame().loc["C2", "p"] < 1e-6
    assert fit.local_dependence().to_frame().index[0] == ("q0", "q1")


def test_moments_of_pairs_weigh_complete_answers_as_their_number(whole):
    """Nothing missing: the covariance of the means is that of one person over n."""
    fit = pm.graded_response(whole, se=False)
    moments = irt_moments.category_moments(fit.patterns.n_categories)
    persons = moment_persons(fit.patterns, moments.items)
    np.testing.assert_allclose(persons.weight, 1 / 600, rtol=1e-12)
    state = irt_moments.ExpectedMoments.of(fit, moments)
    observed = irt_moments.observed_moments(moments, fit.patterns) / 600
    by_pairs = state.among(persons).statistic(observed)
    assert by_pairs == pytest.approx(state.statistic(observed, 600), rel=1e-10)
    assert fit.model_fit().to_frame()["n"].eq(600).all()


def test_moments_of_booklets_have_the_covariance_of_their_means(whole):
    """Against four thousand draws of the persons of a design under one true table."""
    rng = np.random.default_rng(3)
    design = chain(whole.iloc[:60])
    moments = irt_moments.mean_moments(9, 4)
    needs = moments.items
    patterns = find_patterns(check_responses(design))
    persons = moment_persons(patterns, needs)
    answered = design.notna().to_numpy()
    of_person = answered[:, needs[:, 0]] & answered[:, needs[:, 1]]
    n = of_person.sum(axis=0)
    sample = drawn(rng, 60 * 4000).to_numpy().reshape(4000, 60, 9)
    products = np.concatenate(
        [sample, sample[..., moments.first] * sample[..., moments.second]], axis=2
    )
    means = (products * of_person).sum(axis=1)[:, n > 0] / n[n > 0]
    assert (persons.n == n).all() and (persons.known == (n > 0)).all()
    of_one = np.cov(products.reshape(-1, len(needs))[:, n > 0].T)
    expected = of_one * persons.weight
    assert (expected == 0).any()  # means over different persons
    np.testing.assert_allclose(np.cov(means.T), expected, atol=0.1 * expected.max())


def test_too_few_of_any_set_are_said_and_not_given_as_nought():
    answers = drawn(np.random.default_rng(4), 400)
    holes = np.random.default_rng(5).uniform(size=answers.shape) < 0.4
    found = pm.graded_response(answers.mask(holes).dropna(how="all"), se=False)
    table = found.item_fit().to_frame()
    assert table[["s_x2", "df", "p", "rmsea"]].isna().all(axis=None)
    assert table["infit"].between(0.7, 1.3).all()
    assert "S-X2 cannot be computed for every item" in found.item_fit().summary()
    assert found.model_fit().to_frame().loc["C2", "df"] == 27


def test_andersens_test_needs_whole_answers_or_groups(whole):
    found = pm.conditional_partial_credit(booklets(whole))
    with pytest.raises(pm.InvalidResponses, match="0 persons answered every item"):
        pm.andersen_test(found)


def calls(answers):
    """Every estimate of answers that looks at more than one item."""
    sides = pd.Series(np.where(answers.index % 4 < 2, "user", "carer"), answers.index)
    for name in (
        "acceleration aisp cronbach_alpha empirical_kaiser guttman_lambdas hull icc "
        "invariant_ordering little_mcar minimum_average_partial monotonicity pearson "
        "polychoric scalability sequential_chi_square spearman split_half "
        "very_simple_structure"
    ).split():
        yield name, getattr(pm, name), (answers,), {}
    for corr in ("pearson", "polychoric"):
        yield f"explore {corr}", pm.explore, (answers, 2), {"corr": corr}
        yield f"omega {corr}", pm.omega, (answers, 3), {"corr": corr}
    for estimator in ("wlsmv", "ml", "uls"):
        yield estimator, pm.confirm, (MODEL, answers), {"estimator": estimator}
    for method in ("ordinal_logistic", "mantel"):
        yield method, pm.dif, (answers, sides), {"method": method}
    yield "nominal", pm.nominal_response, (answers,), {}
    for name in STATISTICS:
        for model in ("graded_response", "generalized_partial_credit"):
            yield f"{model} {name}", fitted(model, name), (answers,), {}


def fitted(model, name):
    return lambda answers: getattr(getattr(pm, model)(answers, se=False), name)()


@pytest.mark.parametrize("design", [booklets, chain])
def test_every_estimate_of_booklets_is_a_value_or_cannot(whole, design):
    """Never another error of numpy's, and no warning of its own."""
    answers = design(whole)
    for name, call, given, options in calls(answers):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", pm.PsychometricsWarning)
            try:
                found = call(*given, **options)
            except pm.PsychometricsError as problem:
                assert re.search("person|target|moments", str(problem)), name
                continue
        table = found.to_frame() if isinstance(found, pm.Result) else found
        assert len(table), name
