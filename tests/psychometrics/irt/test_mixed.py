"""Items of several kinds calibrated together, with known truth and by one kind."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps
from psychometrics import InvalidOption, InvalidResponses, simulate
from psychometrics.irt.latent_distribution import Normal, grid
from psychometrics.irt.models import intercepts_from_thresholds
from psychometrics.irt.objective import Problem
from psychometrics.irt.parameter_map import Design
from psychometrics.irt.parameters import ItemParameters
from psychometrics.irt.patterns import find_patterns
from psychometrics.irt.person_slopes import likelihood_slopes
from psychometrics.irt.starting_values import starting_block
from psychometrics.responses import check_responses

KINDS = {
    **dict.fromkeys(["g1", "g2", "g3"], "graded"),
    **dict.fromkeys(["p1", "p2", "p3"], "gpcm"),
    **dict.fromkeys(["c1", "c2"], "pcm"),
    **dict.fromkeys(["d1", "d2"], "dichotomous"),
}
ITEMS = [*KINDS]
SLOPES = np.array([1.5, 2.0, 1.2, 0.8, 1.0, 1.3, 0.9, 0.9, 1.4, 2.0])
PLACES = np.array([0.3, -0.2, 0.1, -0.3, 0.0, 0.2, -0.1, 0.4, -0.4, 0.2])


@pytest.fixture(scope="module")
def truth():
    """Ten items: three graded, five partial credit (two of one slope), two of two."""
    cuts = PLACES[:, None] + np.array([-1.0, 0.0, 1.0])
    cuts[8:, 1:] = np.nan
    model = tuple({"dichotomous": "graded"}.get(k, k) for k in KINDS.values())
    return ItemParameters(
        model=model,
        slopes=pd.DataFrame(SLOPES, ITEMS, ["a"]),
        intercepts=pd.DataFrame(
            intercepts_from_thresholds(model, SLOPES, cuts), ITEMS, [1, 2, 3]
        ),
        categories={i: np.arange(2 if i[0] == "d" else 4) for i in ITEMS},
    )


@pytest.fixture(scope="module")
def answers(truth):
    return simulate.answers_to(truth, 400, rng=7, missing=0.03).responses


@pytest.fixture(scope="module")
def fitted(answers):
    return ps.mixed_response(answers, KINDS)


def test_parameters_are_recovered_without_bias_and_intervals_cover(truth):
    errors, reached = [], []
    for seed in range(12):
        drawn = simulate.answers_to(truth, 400, rng=100 + seed).responses
        found = ps.mixed_response(drawn, KINDS)
        wanted = truth.slopes.join(truth.thresholds).to_numpy()
        frame = found.to_frame().to_numpy()
        gap, se = frame[:, :4] - wanted, frame[:, 4:]
        errors.append(gap)
        reached.append(np.abs(gap / se) < 1.96)
    errors, reached = np.array(errors), np.array(reached)
    there = ~np.isnan(errors[0])
    z = errors.mean(0)[there] / (errors.std(0, ddof=1)[there] / np.sqrt(12))
    assert np.abs(z).max() < 4
    assert 0.91 <= reached[:, there].mean() <= 0.98


@pytest.mark.parametrize(
    "kind, alone",
    [
        ("graded", ps.graded_response),
        ("gpcm", ps.generalized_partial_credit),
        ("pcm", ps.partial_credit),
    ],
)
def test_items_of_one_kind_are_calibrated_as_by_its_own_function(kind, alone, answers):
    some = answers[ITEMS[:5]]
    ours = ps.mixed_response(some, dict.fromkeys(some, kind))
    pd.testing.assert_frame_equal(ours.to_frame(), alone(some).to_frame())


def test_two_categories_are_the_same_by_every_kind_with_a_slope(answers):
    two = (answers > 1).astype(float).where(answers.notna())[ITEMS[:8]]
    by_kind = [
        ps.mixed_response(two, dict.fromkeys(two, "graded") | {"g1": kind, "p1": kind})
        for kind in ("dichotomous", "gpcm")
    ]
    same = by_kind[0].log_likelihood
    assert by_kind[1].log_likelihood == pytest.approx(same, abs=1e-6)
    frames = [one.to_frame() for one in by_kind]
    pd.testing.assert_frame_equal(*frames, atol=1e-4)


def test_partial_credit_items_share_a_slope_and_others_have_their_own(fitted):
    slopes = fitted.discrimination
    assert slopes["c1"] == slopes["c2"]
    assert slopes.nunique() == 9 and fitted.n_parameters == 8 + 1 + 26
    assert fitted.model[:4] == ("graded", "graded", "graded", "gpcm")
    said = " ".join(fitted.summary().split())
    assert "3 by the generalised partial credit model" in said
    assert "offered there too" not in fitted.summary()
    assert repr(fitted).endswith("model=mixed)")


def test_gradient_and_information_are_derivatives_of_the_likelihood(answers, truth):
    patterns = find_patterns(check_responses(answers))
    nodes = grid(61)
    block = starting_block(truth.model, patterns)
    problem = Problem(Design(truth.model, nodes, (block,), (Normal(nodes),)), patterns)
    at, step = problem.design.start * 0.9, 1e-5
    steps = step * np.eye(len(at))
    slope = [(problem(at + s)[0] - problem(at - s)[0]) / (2 * step) for s in steps]
    assert problem(at)[1] == pytest.approx(np.array(slope), abs=1e-3)
    bend = [(problem(at + s)[1] - problem(at - s)[1]) / (2 * step) for s in steps]
    assert problem.observed(at) == pytest.approx(-np.array(bend), abs=1e-2)


def test_the_order_of_items_does_not_matter(answers, fitted):
    order = ITEMS[::-1]
    other = ps.mixed_response(answers[order], KINDS)
    assert other.log_likelihood == pytest.approx(fitted.log_likelihood, abs=1e-6)
    wanted = fitted.to_frame().loc[order]
    pd.testing.assert_frame_equal(other.to_frame(), wanted, atol=1e-4)


def test_information_is_that_of_each_kind(truth):
    theta = np.linspace(-2, 2, 5)
    whole = truth.information(theta)
    for rows, part in truth.by_kind():
        alone = part.information(theta).drop(columns="test")
        pd.testing.assert_frame_equal(whole.iloc[:, rows], alone)


@pytest.mark.parametrize("method", ["map", "ml", "wle"])
def test_persons_are_where_their_own_likelihood_says(method, truth, answers, fitted):
    items = fitted.parameters
    codes = find_patterns(check_responses(answers)).codes[:50]
    line = np.linspace(-6, 6, 4001)
    p = items.probabilities(line)
    log = np.zeros((len(codes), len(line)))
    for j in range(len(ITEMS)):
        seen = codes[:, j] >= 0
        log[seen] += np.log(p[j, codes[seen, j]])
    if method == "map":
        log -= line**2 / 2
    if method == "wle":
        first = np.gradient(p, line, axis=2)
        second = np.gradient(first, line, axis=2)
        terms = [
            np.divide(n, p, where=p > 0, out=np.zeros_like(p))
            for n in (first**2, first * second)
        ]
        each, skew = (one.sum(axis=1) for one in terms)
        seen = (codes >= 0).astype(float)
        pull = (seen @ skew) / (2 * seen @ each)
        log += np.cumsum(pull, axis=1) * (line[1] - line[0])
    top = line[log.argmax(axis=1)]
    table = pd.DataFrame(
        [[np.nan if k < 0 else k for k in row] for row in codes], columns=ITEMS
    )
    theta = items.persons(table, method).theta.to_numpy()
    inside = np.abs(top) < 4
    assert theta[inside] == pytest.approx(top[inside], abs=0.02)


def test_likelihood_slopes_are_derivatives(truth, rng):
    codes = np.column_stack([rng.integers(-1, 2, 30) for _ in ITEMS])
    theta, step = rng.normal(size=30), 1e-5
    up, down = (likelihood_slopes(truth, codes, theta + s) for s in (step, -step))
    here = likelihood_slopes(truth, codes, theta, expected=True)
    assert here.second == pytest.approx((up.first - down.first) / (2 * step), abs=1e-6)
    each = truth.information(theta)[ITEMS].to_numpy()
    assert here.information == pytest.approx((each * (codes >= 0)).sum(axis=1))


def test_fit_is_not_refused_and_does_not_reject_the_true_model(fitted, answers):
    frame = fitted.item_fit().to_frame()
    assert (frame["p"] > 0.001).all() and frame["infit"].between(0.7, 1.3).all()
    assert fitted.model_fit().to_frame()["p"].min() > 0.001
    assert fitted.local_dependence().to_frame()["excess"].abs().max() < 0.3
    side = pd.DataFrame({"half": np.arange(400) % 2.0})
    assert abs(fitted.regress(side).to_frame()["coefficient"].iloc[-1]) < 0.5
    stop = ps.adaptive.StopRule(min_items=2, max_items=4)
    test = ps.adaptive.AdaptiveTest(fitted, stop=stop)
    found = ps.adaptive.simulate(test, np.linspace(-2, 2, 5), rng=1)
    assert len(found.to_frame())


def test_kinds_may_stand_in_a_column_of_a_table(answers):
    kinds = pd.Series(KINDS)
    ours = ps.mixed_response(answers, kinds, se=False)
    assert ours.free.equals(ps.mixed_response(answers, KINDS, se=False).free)


def test_a_share_at_the_floor_fits_no_worse(answers, fitted):
    found = ps.mixed_response(answers, KINDS, latent="zero_inflated", se=False)
    assert found.log_likelihood > fitted.log_likelihood - 0.5


def test_answers_are_drawn_with_the_chances_of_the_parameters(truth):
    made = simulate.answers_to(truth, 4000, rng=5, theta=np.full(4000, 0.5))
    chance = truth.probabilities(np.array([0.5]))[:, :, 0]
    for j, item in enumerate(ITEMS):
        share = made.responses[item].value_counts(normalize=True).sort_index()
        assert share.to_numpy() == pytest.approx(chance[j][chance[j] > 0], abs=0.035)
    assert made.model == "mixed" and "4000 simulated" in made.summary()


def test_kinds_that_do_not_fit_the_items_are_refused(answers, fitted):
    with pytest.raises(InvalidOption, match="kind"):
        ps.mixed_response(answers, KINDS | {"g1": "rasch"})
    with pytest.raises(InvalidResponses, match="d2 is in only one"):
        ps.mixed_response(answers, {k: v for k, v in KINDS.items() if k != "d2"})
    with pytest.raises(InvalidResponses, match="z9 is in only one"):
        ps.mixed_response(answers, KINDS | {"z9": "graded"})
    with pytest.raises(InvalidResponses, match="g1 has 4 categories"):
        ps.mixed_response(answers, KINDS | {"g1": "dichotomous"})
    with pytest.raises(InvalidResponses, match="several kinds are not linked"):
        ps.link(fitted.parameters, fitted.parameters)
