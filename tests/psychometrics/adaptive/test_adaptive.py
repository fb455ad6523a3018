"""Adaptive tests: the right item, the right end, and what the bank was asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidOption, InvalidResponses
from psychometrics.adaptive import AdaptiveTest, StopRule, simulate
from psychometrics.irt.models import intercepts_from_thresholds
from psychometrics.irt.parameters import ItemParameters
from tests.counting import calls

SIX = ("parity", "coordination", "personalisation", "trust", "collaboration", "plan")


def bank(rng, n=72, low=1.2, high=2.8):
    """Graded items, five categories, thresholds spread over -2.5 to 1.5."""
    items = [f"q{j}" for j in range(n)]
    slopes = rng.uniform(low, high, n)
    thresholds = np.sort(rng.uniform(-2.5, 1.5, (n, 4)), axis=1)
    intercepts = intercepts_from_thresholds("graded", slopes, thresholds)
    return ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"a": slopes}, index=items),
        intercepts=pd.DataFrame(intercepts, index=items, columns=range(1, 5)),
        categories={item: np.arange(5) for item in items},
    )


def sixths(parameters):
    return {name: list(parameters.items[k::6]) for k, name in enumerate(SIX)}


@pytest.fixture
def items(rng):
    return bank(rng)


def test_first_item_is_the_most_informative_over_the_prior(items):
    test = AdaptiveTest(items)
    theta = np.linspace(-6, 6, 121)
    weights = np.exp(-(theta**2) / 2)
    information = items.information(theta).drop(columns="test")
    assert test.step({}).item == (information.T @ weights).idxmax()


def test_theta_is_the_eap_and_reacts_to_answers(items):
    test = AdaptiveTest(items)
    low, high = (test.step({"q0": code, "q1": code}) for code in (0, 4))
    assert low.theta < test.step({}).theta < high.theta
    assert test.step({}).theta == pytest.approx(0, abs=1e-9)
    assert test.step({}).se == pytest.approx(1, abs=1e-6)
    assert low.predicted_se < low.se < 1


@pytest.mark.parametrize(
    "criterion", ["posterior_weighted", "expected_information", "expected_precision"]
)
@pytest.mark.parametrize("balance", ["penalty", "shadow"])
def test_seventy_two_items_need_at_most_eight(items, criterion, balance, rng):
    test = AdaptiveTest(
        items,
        sixths(items),
        stop=StopRule(se=0.32),
        criterion=criterion,
        balance=balance,
    )
    theta = np.repeat(np.linspace(-2, 1, 7), 8)
    found = simulate(test, theta, rng=rng).persons
    assert (found.groupby("true_theta")["n_items"].median() <= 8).all()
    assert found["all_domains"].all()
    assert (found["se"] < 0.32).mean() > 0.9


def test_weaker_items_take_about_eleven_at_the_low_end(rng):
    weak = bank(rng, low=0.8, high=2.0)
    test = AdaptiveTest(weak, sixths(weak), stop=StopRule(max_items=20, se=0.32))
    found = simulate(test, np.full(40, -2.0), rng=rng)
    assert 8 <= found.persons["n_items"].median() <= 13


def fixed_form_se(parameters, chosen, drawn):
    """Mean posterior standard error of a fixed form on drawn answers."""
    test = AdaptiveTest(parameters, stop=StopRule(min_items=1, max_items=72))
    rows = drawn[chosen].to_dict("records")
    return np.mean([test.step(row, wish=True).se for row in rows])


def best_fixed_form(parameters, length):
    """Items that together make the mean error over the prior smallest, greedily."""
    theta = np.linspace(-3, 3, 61)
    weights = np.exp(-(theta**2) / 2)
    information = parameters.information(theta).drop(columns="test")
    chosen, total = [], np.ones(61)
    for _ in range(length):
        left = information.drop(columns=chosen)
        errors = ((left.T + total) ** -0.5) @ weights
        chosen.append(errors.idxmin())
        total = total + information[chosen[-1]].to_numpy()
    return chosen


@pytest.mark.parametrize("length", [5, 10, 15])
def test_mean_error_is_no_larger_than_the_best_fixed_forms(items, length, rng):
    theta = rng.normal(size=150)
    chances = items.probabilities(theta)
    above = rng.random((72, 1, 150)) > chances.cumsum(axis=1)[:, :-1]
    drawn = pd.DataFrame(above.sum(axis=1).T, columns=items.items)
    test = AdaptiveTest(
        items, stop=StopRule(min_items=length, max_items=length, se=0.0)
    )
    adaptive = simulate(test, responses=drawn).persons
    assert (adaptive["n_items"] == length).all()
    fixed = fixed_form_se(items, best_fixed_form(items, length), drawn)
    assert adaptive["se"].mean() <= fixed


def test_a_step_enters_no_more_functions_with_two_hundred_items_than_with_fifty(rng):
    answers = {f"q{j}": j % 5 for j in range(10)}
    counts = []
    for n in (50, 200):
        options = {"balance": "shadow", "criterion": "expected_precision"}
        test = AdaptiveTest(bank(rng, n=n), **options)
        test.step(answers)
        counts.append(calls(lambda: test.step(answers)))
    assert counts[1] <= counts[0] < 1000


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["penalty", "shadow", None]))
def test_six_items_see_six_domains_whatever_is_answered(seed, balance):
    rng = np.random.default_rng(seed)
    few = bank(rng, n=24)
    test = AdaptiveTest(
        few, sixths(few), balance=balance, stop=StopRule(min_items=6, max_items=6)
    )
    answers, step = {}, test.step({})
    while step.item is not None:
        answers[step.item] = rng.choice([0, 2, 4, None])
        step = test.step(answers)
    assert len(answers) == 6 and all(step.seen.values())
    assert step.stop_reason == "longest"


def test_targets_shift_the_shares_of_domains(items, rng):
    targets = dict.fromkeys(SIX, 1.0) | {"trust": 4.0}
    for balance in ("penalty", "shadow"):
        test = AdaptiveTest(
            items,
            sixths(items),
            targets=targets,
            weight=2.0,
            balance=balance,
            stop=StopRule(min_items=18, max_items=18, se=0.0),
        )
        found = simulate(test, np.zeros(5), rng=rng)
        given = found.exposure[sixths(items)["trust"]].sum()
        assert 7 <= given <= 9


def test_an_item_without_a_category_is_not_offered_again(items):
    test = AdaptiveTest(items)
    first = test.step({}).item
    after = test.step({first: None})
    assert after.item != first and after.n_answered == 0
    assert after.se == pytest.approx(1, abs=1e-6)


def test_a_test_starts_from_answers_and_from_a_prior(items):
    moved = AdaptiveTest(items, mean=-1.5, sd=0.8)
    assert moved.step({}).theta == pytest.approx(-1.5, abs=1e-6)
    assert moved.step({}).item != AdaptiveTest(items, mean=1.5, sd=0.5).step({}).item


def test_a_persons_wish_ends_the_test(items):
    step = AdaptiveTest(items).step({"q0": 1}, wish=True)
    assert step.item is None and step.stop_reason == "wish"


def test_the_end_of_the_bank_ends_the_test(rng):
    few = bank(rng, n=3)
    test = AdaptiveTest(few, stop=StopRule(min_items=6, max_items=12))
    step = test.step({"q0": 0, "q1": 1, "q2": 2})
    assert step.stop_reason == "exhausted" and step.item is None


def test_small_predicted_gains_end_the_test_at_the_floor(items, rng):
    floor = np.full(20, -4.0)
    patient = AdaptiveTest(
        items, sixths(items), stop=StopRule(min_items=6, max_items=12, se=0.1)
    )
    saving = AdaptiveTest(
        items,
        sixths(items),
        stop=StopRule(min_items=6, max_items=12, se=0.1, min_gain=0.02),
    )
    long = simulate(patient, floor, rng=np.random.default_rng(1)).persons
    short = simulate(saving, floor, rng=np.random.default_rng(1)).persons
    assert (long["stop_reason"] == "longest").all()
    assert (short["stop_reason"] == "no_gain").mean() > 0.9
    assert short["n_items"].mean() < long["n_items"].mean() - 2


def test_precision_of_the_whole_bank_falls_off_below_its_items(items):
    reach = AdaptiveTest(items).precision([-5.0, -2.0, 0.0])
    assert reach[0] > 2 * reach[1] and reach[2] < 0.2


def test_exposure_is_limited_by_chance_and_by_rates(items, rng):
    theta, rule = np.zeros(60), StopRule(min_items=6, max_items=6)
    plain = simulate(AdaptiveTest(items, stop=rule), theta, rng=rng)
    drawn = simulate(AdaptiveTest(items, stop=rule, randomesque=5), theta, rng=rng)
    assert plain.exposure.max() == 1 and drawn.exposure.max() < 1
    assert (drawn.exposure > 0).sum() > (plain.exposure > 0).sum()
    capped = AdaptiveTest(items, stop=rule, exposure=plain.exposure, max_exposure=0.5)
    overused = plain.exposure.index[plain.exposure > 0.5]
    assert (simulate(capped, theta, rng=rng).exposure[overused] == 0).all()


def test_simulation_reports_burden_and_accuracy_by_level(items, rng):
    test = AdaptiveTest(items, sixths(items), stop=StopRule(se=0.32))
    result = simulate(test, rng.normal(-0.5, 1.2, 120), rng=rng)
    table = result.to_frame()
    assert table.index[-1] == "all" and table["n"].iloc[:-1].sum() == 120
    assert table.at["all", "r_full"] > 0.93 and abs(table.at["all", "bias"]) < 0.1
    assert "Below theta -2" in result.summary()
    assert result.plot().get_xlabel() == "theta, true"


def test_real_answers_with_gaps_are_replayed(items, rng):
    answers = simulate_answers(items, rng, 30).mask(rng.random((30, 72)) < 0.2)
    result = simulate(AdaptiveTest(items), responses=answers)
    assert "true_theta" not in result.persons
    assert "held against theta by the whole bank" in result.summary()
    assert (result.persons["n_items"] <= 12).all()


def simulate_answers(items, rng, n):
    chances = items.probabilities(rng.normal(size=n))
    above = rng.random((len(items.items), 1, n)) > chances.cumsum(axis=1)[:, :-1]
    return pd.DataFrame(above.sum(axis=1).T.astype(float), columns=items.items)


@pytest.mark.parametrize("option", ["criterion", "balance"])
def test_an_unknown_rule_is_refused_with_the_known_ones(option, items):
    with pytest.raises(InvalidOption, match=f"{option} is 'luck'; give one of"):
        AdaptiveTest(items, **{option: "luck"})


@pytest.mark.parametrize(
    "options, said",
    [
        (
            {"stop": StopRule(min_items=5, max_items=4)},
            "give 1 <= min_items <= max_items",
        ),
        (
            {"stop": StopRule(min_items=2, max_items=4), "domains": "six"},
            "cannot see 6 domains",
        ),
        ({"domains": {"a": ["q0"]}}, "item q1 is in 0 domains"),
    ],
)
def test_rules_that_cannot_work_are_refused(options, said, items):
    if options.get("domains") == "six":
        options = options | {"domains": sixths(items)}
    with pytest.raises(InvalidResponses, match=said):
        AdaptiveTest(items, **options)


def test_unknown_items_and_categories_are_named(items, rng):
    test = AdaptiveTest(items)
    with pytest.raises(InvalidResponses, match="item q99 is not in the bank"):
        test.step({"q99": 1})
    with pytest.raises(
        InvalidResponses, match="item q1 has no category 7; it has 0, 1"
    ):
        test.step({"q1": 7})
    with pytest.raises(InvalidResponses, match="either true theta or real responses"):
        simulate(test)
    with pytest.raises(InvalidOption, match="drawing answers needs rng"):
        simulate(test, [0.0])
    with pytest.raises(InvalidOption, match="among the best items needs rng"):
        AdaptiveTest(items, randomesque=3).step({})
