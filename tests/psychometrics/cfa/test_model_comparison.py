"""Rival models, general factors, held-out likelihood, cut-offs, power."""

import warnings

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    HeywoodWarning,
    bifactor_model,
    compare_models,
    confirm,
    dynamic_cutoffs,
    factor_determinacy,
    general_factor_indices,
    monte_carlo,
    one_factor_model,
    population_of,
    rmsea_power,
    rmsea_sample_size,
    second_order_model,
    simulate,
)
from psychometrics.cfa.model_comparison import fit_verdicts, held_out_words
from psychometrics.errors import ModelSyntaxError, NotIdentified
from psychometrics.options import streams

SCALES = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}
CUTS = [-0.8, 0.0, 0.9]
BIFACTOR = "\n".join(
    [
        "g =~ " + " + ".join(f"0.6*{i}" for items in SCALES.values() for i in items),
        *(f"{s} =~ " + " + ".join(f"0.4*{i}" for i in v) for s, v in SCALES.items()),
    ]
)


@pytest.fixture(scope="module")
def bifactor_answers():
    rng = np.random.default_rng(8)
    return population_of(BIFACTOR, thresholds=CUTS).draw(1200, rng)


def test_general_factor_indices_recover_the_population(bifactor_answers):
    fitted = confirm(bifactor_model(SCALES, factor="g"), bifactor_answers, std_lv=True)
    found = general_factor_indices(fitted)
    # 9 items: general 5.4^2, three specific 1.2^2 each, residuals 9 * .48
    total = 5.4**2 + 3 * 1.2**2 + 9 * 0.48
    assert found["omega_h"] == pytest.approx(5.4**2 / total, abs=0.03)
    assert found["ecv"] == pytest.approx(0.36 / 0.52, abs=0.06)
    assert found["puc"] == pytest.approx(0.75)


def test_second_order_and_bifactor_agree_on_a_proportional_general_factor(
    bifactor_answers,
):
    second = confirm(second_order_model(SCALES, factor="g"), bifactor_answers)
    free = confirm(bifactor_model(SCALES, factor="g"), bifactor_answers, std_lv=True)
    one, two = general_factor_indices(second), general_factor_indices(free)
    assert one["omega_h"] == pytest.approx(two["omega_h"], abs=0.02)


def test_rivals_are_read_by_more_than_cfi(bifactor_answers):
    found = compare_models(SCALES, bifactor_answers, rng=np.random.default_rng(1))
    assert list(found.table.index) == [
        "one factor",
        "correlated factors",
        "second order",
        "bifactor",
    ]
    words = " ".join(found.reading)
    assert "omega_h" in words and "foretold best" in words
    held = found.table["held_out"].astype(float)
    assert held["one factor"] < held["second order"]


def test_cosmin_accepts_on_one_index_and_ours_does_not():
    indices = {"cfi": 0.97, "tli": 0.96, "rmsea": 0.09, "srmr": 0.05}
    assert fit_verdicts(indices) == ("sufficient", "insufficient")
    indices["rmsea"] = 0.05
    assert fit_verdicts(indices) == ("sufficient", "sufficient")


def test_a_rival_that_cannot_be_fitted_stands_with_its_problem(bifactor_answers):
    models = {"fits": "f =~ a1 + a2 + a3 + b1", "too free": "f =~ a1 + a2"}
    found = compare_models(models, bifactor_answers, folds=0)
    assert found.table.loc["too free", "problem"]
    assert found.model("fits").fit["df"] == 2


def test_rivals_none_of_which_can_be_fitted_are_said_to_be_so(bifactor_answers):
    found = compare_models({"too free": "f =~ a1 + a2"}, bifactor_answers, folds=0)
    assert found.models() == {} and "too free" in found.problems
    assert "could not be fitted" in found.summary()


def test_cutoffs_are_looser_for_a_flawed_model_than_for_a_true_one(bifactor_answers):
    items = bifactor_answers[["a1", "a2", "a3", "b1", "b2", "b3"]]
    fitted = confirm(one_factor_model(items.columns), items)
    found = dynamic_cutoffs(fitted, n_replications=20).to_frame()
    assert (found["fixed"] == [0.95, 0.95, 0.06, 0.08]).all()
    assert found.loc["srmr", "true_model"] < 0.04


def test_a_drawn_sample_fits_as_it_does_when_it_comes_alone(bifactor_answers):
    model = one_factor_model(["a1", "a2", "a3", "b1"])
    fitted = confirm(model, bifactor_answers)
    rng = np.random.default_rng(streams(1, 1)[0])
    alone = confirm(model, population_of(fitted).draw_whole(1200, rng)[0]).fit
    cutoffs = dynamic_cutoffs(fitted, n_replications=1).to_frame()["true_model"]
    expected = alone[["cfi_scaled", "tli_scaled", "rmsea_scaled", "srmr"]]
    np.testing.assert_allclose(cutoffs, expected, atol=1e-7)


def test_cutoffs_are_refused_for_groups(bifactor_answers):
    halves = np.arange(1200) % 2
    fitted = confirm("f =~ a1 + a2 + a3 + b1", bifactor_answers, groups=halves)
    with pytest.raises(NotIdentified, match="one group"):
        dynamic_cutoffs(fitted)


def test_a_stated_population_needs_every_loading():
    with pytest.raises(ModelSyntaxError, match="no value for f =~ x2"):
        population_of("f =~ 0.5*x1 + x2")
    with pytest.raises(ModelSyntaxError, match="more than"):
        population_of("f =~ 1.1*x1 + 0.5*x2")


def test_a_fitted_model_is_a_population_with_its_own_thresholds(bifactor_answers):
    fitted = confirm("f =~ a1 + a2 + a3 + b1", bifactor_answers)
    population = population_of(fitted)
    drawn = population.draw(4000, np.random.default_rng(2), missing=0.1)
    assert drawn.isna().mean().mean() == pytest.approx(0.1, abs=0.01)
    shares = [drawn["a1"].eq(k).mean() / 0.9 for k in range(4)]
    seen = [bifactor_answers["a1"].eq(k).mean() for k in range(4)]
    np.testing.assert_allclose(shares, seen, atol=0.03)


def test_monte_carlo_sets_estimates_beside_the_truth():
    population = "f =~ 0.7*x1 + 0.6*x2 + 0.8*x3 + 0.5*x4"
    found = monte_carlo(
        population_of(population, thresholds=CUTS),
        "f =~ x1 + x2 + x3 + x4",
        400,
        n_replications=40,
        std_lv=True,
    )
    assert found.tests["converged"] == 40
    assert (found.parameters["bias"].abs() < 0.03).all()
    assert (found.parameters["power"] == 1).all()


def test_power_agrees_with_the_published_table():
    # MacCallum, Browne & Sugawara (1996), tables 2 and 4
    assert rmsea_power(5, 100) == pytest.approx(0.127, abs=6e-4)
    found = rmsea_power(5, 100, null=0.05, alternative=0.01)
    assert found == pytest.approx(0.081, abs=6e-4)
    assert rmsea_power(100, 200) == pytest.approx(0.955, abs=6e-4)
    # The paper halved intervals by hand and is one person off where df is small.
    for df, n in ((5, 1463), (10, 782), (20, 435), (50, 214), (100, 132)):
        assert rmsea_sample_size(df) == pytest.approx(n, abs=1)


@pytest.fixture(scope="module")
def impossible():
    """Three scales whose correlations no single second-order factor can give."""
    loadings, _ = simulate.simple_structure(3, 3, loading=0.7)
    phi = np.array([[1, 0.8, 0.7], [0.8, 1, 0.3], [0.7, 0.3, 1]])  # .8 x .7 > .3
    made = simulate.responses(
        500,
        rng=np.random.default_rng(3),
        loadings=loadings,
        factor_corr=phi,
        thresholds=[-1, -0.2, 0.5, 1.2],
    ).responses
    scales = {name: list(made)[3 * k : 3 * k + 3] for k, name in enumerate("ABC")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HeywoodWarning)
        return compare_models(scales, made, estimator="ml", folds=3, rng=1)


def test_an_inadmissible_solution_is_marked_and_never_ranked(impossible):
    table = impossible.to_frame()
    assert not table.loc["second order", "admissible"]
    assert table.loc["second order", "ours"] == "insufficient"
    assert table.loc["correlated factors", "admissible"]
    shares = ["omega_h", "omega_total", "ecv", "determinacy", "lowest_determinacy"]
    for name in table.index[table["problem"] == ""]:
        assert table.loc[name, shares].dropna().between(0, 1).all()
    (ranked,) = (line for line in impossible.reading if "Persons not fitted" in line)
    assert "second order" not in ranked
    assert any("second order: the solution is inadm" in s for s in impossible.reading)
    determinacy = factor_determinacy(impossible.model("second order"))
    assert determinacy.isna().any() and determinacy.dropna().between(0, 1).all()


def test_two_forms_of_one_model_are_not_ranked(impossible):
    table = impossible.to_frame()
    assert table.loc["second order", "same_as"] == "correlated factors"
    assert (table.drop(index="second order")["same_as"].fillna("") == "").all()
    assert any("one model in two forms" in line for line in impossible.reading)


def test_a_gap_that_chance_leaves_ranks_nothing():
    kept = pd.DataFrame(
        {"held_out": [-3.0, -3.0 - 1e-10], "admissible": True, "same_as": ""},
        ["one", "two"],
    )
    tied = {"one": np.full(3, -10.0), "two": np.full(3, -10.0 - 1e-10)}
    assert "do not tell the one model from the two" in held_out_words(kept, tied)
    noisy = kept.assign(held_out=[-3.0, -3.1])
    folded = {"one": np.array([-9, -10, -11.0]), "two": np.array([-12, -9, -10.0])}
    assert "do not tell" in held_out_words(noisy, folded)
    clear = {"one": np.array([-9, -10, -11.0]), "two": np.array([-9.3, -10.3, -11.3])}
    assert "foretold best by the one model" in held_out_words(noisy, clear)
