"""What confirm promises: labels, equality, refusals, caveats, pictures, tables."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    HeywoodWarning,
    InvalidOption,
    InvalidResponses,
    ModelSyntaxError,
    NotIdentified,
    SparseCategoryWarning,
    bootstrap_errors,
    compare_nested,
    confirm,
    longitudinal_model,
    path_diagram,
    population_of,
    satorra_bentler_2010,
)

POPULATION = (
    "f =~ .7*x1 + .6*x2 + .8*x3 + .5*x4\ng =~ .7*y1 + .6*y2 + .8*y3 + .5*y4\nf ~~ .4*g"
)
MODEL = "f =~ x1 + x2 + x3 + x4\ng =~ y1 + y2 + y3 + y4"
CUTS = [-0.5, 0.3, 1.0, 1.6]


@pytest.fixture(scope="module")
def numbers():
    return population_of(POPULATION).draw(400, np.random.default_rng(1))


@pytest.fixture(scope="module")
def answers():
    population = population_of(POPULATION, thresholds=CUTS)
    return population.draw(500, np.random.default_rng(2), missing=0.05)


@pytest.fixture(scope="module")
def ordinal(answers):
    return confirm(MODEL, answers)


def test_permuting_the_items_permutes_the_estimates(numbers):
    one = confirm(MODEL, numbers, estimator="mlr", std_lv=True)
    turned = "g =~ y4 + y2 + y1 + y3\nf =~ x3 + x1 + x4 + x2"
    two = confirm(turned, numbers[numbers.columns[::-1]], estimator="mlr", std_lv=True)
    np.testing.assert_allclose(
        two.loadings().loc[one.items, ["f", "g"]], one.loadings(), atol=1e-6
    )
    assert two.fit["chi2"] == pytest.approx(one.fit["chi2"])


def test_reversing_every_item_twice_changes_nothing_and_once_the_sign(answers, ordinal):
    reversed_once = confirm(MODEL, 4 - answers)
    twice = confirm(MODEL, 4 - (4 - answers))
    assert twice.fit["chi2"] == pytest.approx(ordinal.fit["chi2"], rel=1e-9)
    assert reversed_once.fit["chi2"] == pytest.approx(ordinal.fit["chi2"], rel=1e-5)


@pytest.mark.parametrize("estimator", ["ml", "wlsmv"])
def test_identification_changes_neither_fit_nor_standardised_values(answers, estimator):
    marker = confirm(MODEL, answers, estimator=estimator)
    unit = confirm(MODEL, answers, estimator=estimator, std_lv=True)
    assert unit.fit["chi2"] == pytest.approx(marker.fit["chi2"], rel=1e-6)
    np.testing.assert_allclose(unit.loadings(), marker.loadings(), atol=1e-5)


def test_theta_and_delta_are_one_model(answers, ordinal):
    theta = confirm(MODEL, answers, parameterization="theta")
    assert theta.fit["chi2_scaled"] == pytest.approx(
        ordinal.fit["chi2_scaled"], rel=1e-4
    )
    np.testing.assert_allclose(theta.loadings(), ordinal.loadings(), atol=1e-4)


def test_equal_labels_make_equal_estimates_and_one_parameter_less(numbers):
    free = confirm(MODEL, numbers, estimator="ml", std_lv=True)
    equal = confirm(
        "f =~ a*x1 + a*x2 + x3 + x4\ng =~ y1 + y2 + y3 + y4",
        numbers,
        estimator="ml",
        std_lv=True,
    )
    assert equal.fit["df"] == free.fit["df"] + 1
    assert equal.estimates["est"][0] == pytest.approx(equal.estimates["est"][1])
    same = confirm(
        MODEL.replace("x1 + x2", "a*x1 + b*x2") + "\na == b",
        numbers,
        estimator="ml",
        std_lv=True,
    )
    assert same.fit["chi2"] == pytest.approx(equal.fit["chi2"])


def test_fixed_values_stay_and_are_tested_by_modification(numbers):
    fitted = confirm(MODEL + "\nf ~~ 0*g", numbers, estimator="ml")
    row = fitted.estimates.query("op == '~~' and lhs == 'f' and rhs == 'g'").iloc[0]
    assert row["est"] == 0 and row["se"] == 0
    top = fitted.modification_indices().iloc[0]
    assert {top["lhs"], top["rhs"]} == {"f", "g"}
    free = confirm(MODEL, numbers, estimator="ml")
    assert top["mi"] == pytest.approx(fitted.fit["chi2"] - free.fit["chi2"], rel=0.2)


def test_intercepts_are_the_means_when_nothing_restricts_them(numbers):
    fitted = confirm(MODEL, numbers, estimator="ml", meanstructure=True)
    rows = fitted.estimates.query("op == '~1'").set_index("lhs").loc[list(fitted.items)]
    np.testing.assert_allclose(rows["est"], numbers[rows.index].mean(), atol=1e-6)


def test_clusters_that_are_single_persons_give_the_robust_errors(numbers):
    robust = confirm(MODEL, numbers, estimator="mlr")
    own = pd.Series(np.arange(len(numbers)), index=numbers.index)
    alone = confirm(MODEL, numbers, estimator="mlr", clusters=own, correction="none")
    np.testing.assert_allclose(alone.estimates["se"], robust.estimates["se"])
    # the factor of the mean is the robust test's, taken at the saturated moments
    assert alone.scaling == pytest.approx(robust.scaling, rel=0.1)
    assert alone.evidence.scaling == pytest.approx(robust.evidence.scaling, rel=0.1)


def test_a_longitudinal_model_holds_items_equal_and_frees_later_means():
    rng = np.random.default_rng(4)
    trait = (
        rng.standard_normal((500, 1))
        + [[0.0, 0.5]]
        + 0.3 * rng.standard_normal((500, 2))
    )
    habit = 0.5 * rng.standard_normal((500, 3))
    columns = {
        f"x{j + 1}_{t}": trait[:, k] * 0.8
        + habit[:, j]
        + 0.5 * rng.standard_normal(500)
        for k, t in enumerate(("t1", "t2"))
        for j in range(3)
    }
    model = longitudinal_model(
        {"trust": ["x1", "x2", "x3"]},
        ["t1", "t2"],
        equal=("loadings", "intercepts", "residuals"),
    )
    fitted = confirm(model, pd.DataFrame(columns), estimator="ml")
    rows = fitted.estimates.set_index(["lhs", "op", "rhs"])
    assert rows.loc[("trust_t2", "~1", ""), "est"] == pytest.approx(0.4, abs=0.1)
    assert rows.loc[("x1_t1", "~~", "x1_t2"), "est"] == pytest.approx(0.25, abs=0.08)
    assert fitted.fit["df"] == 27 - 15 and fitted.fit["p"] > 0.001


def test_plain_and_corrected_difference_tests_agree_for_normal_data(numbers):
    models = {
        name: confirm(MODEL + extra, numbers, estimator="mlr", std_lv=True)
        for name, extra in (("free", ""), ("orthogonal", "\nf ~~ 0*g"))
    }
    plain = compare_nested(models, method="plain").to_frame()
    robust = compare_nested(models).to_frame()
    assert robust["difference"].iloc[1] == pytest.approx(
        plain["difference"].iloc[1], rel=0.2
    )
    newer = satorra_bentler_2010(models["free"], models["orthogonal"], numbers)
    assert newer["p"] < 1e-4 and newer["df_difference"] == 1
    for other in ("satorra_2000", "clustered", "satora_bentler"):
        with pytest.raises(InvalidOption, match=f"method is '{other}'.*plain"):
            compare_nested(models, method=other)


def test_bootstrapped_errors_are_near_the_information_errors(numbers):
    fitted = confirm(MODEL, numbers, estimator="ml", std_lv=True)
    boot = bootstrap_errors(
        MODEL, numbers, estimator="ml", std_lv=True, n_replications=60
    ).to_frame()
    loads = boot["op"] == "=~"
    ratio = boot.loc[loads, "se"] / fitted.estimates.loc[loads, "se"]
    assert ratio.mean() == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    "model, error, said",
    [
        ("f =~ x1 + x2", NotIdentified, "free parameters"),
        ("f =~ NA*x1 + x2 + x3 + x4", NotIdentified, "does not determine"),
        ("f =~ x1 + z9 + x3 + x4", InvalidResponses, "z9"),
        ("y1 =~ x1 + x2 + x3 + x4", InvalidResponses, "rename the factor"),
        ("x1 ~~ x2", ModelSyntaxError, "no factor"),
        ("f =~ c(1, 2)*x1 + x2 + x3", ModelSyntaxError, "2 entries"),
    ],
)
def test_a_model_that_cannot_be_fitted_is_refused_with_what_to_do(
    numbers, model, error, said
):
    with pytest.raises(error, match=said):
        confirm(model, numbers, estimator="ml")


def test_options_that_are_not_known_name_those_that_are(numbers):
    for options, said in (
        ({"estimator": "gls"}, "wlsmv"),
        ({"missing": "mean"}, "listwise"),
        ({"missing": "pairwise"}, "give one of full, listwise"),
        ({"parameterization": "gamma"}, "theta"),
        ({"equal": ("slopes",), "groups": np.arange(400) % 2}, "loadings"),
    ):
        with pytest.raises(ValueError, match=said):
            confirm(MODEL, numbers, **({"estimator": "ml"} | options))


def test_a_category_empty_in_one_group_is_refused_by_name(answers):
    group = np.where(answers["x1"].eq(4), "one", "two")
    with pytest.raises(InvalidResponses, match="x1: nobody in group"):
        confirm(MODEL, answers, groups=group)


def test_a_negative_variance_is_announced():
    heywood = np.array(
        [[1, 0.9, 0.9, 0.3], [0, 1, 0.7, 0.3], [0, 0, 1, 0.3], [0, 0, 0, 1]]
    )
    cov = heywood + heywood.T - np.eye(4)
    rng = np.random.default_rng(3)
    values = rng.multivariate_normal(np.zeros(4), cov, 300)
    frame = pd.DataFrame(values, columns=["x1", "x2", "x3", "x4"])
    with pytest.warns(HeywoodWarning, match="variance of x1"):
        fitted = confirm("f =~ x1 + x2 + x3 + x4", frame, estimator="ml")
    assert "Heywood" in fitted.summary()


def near_copies(seed, n=80):
    """Eight items that nearly say the same, in four categories."""
    rng = np.random.default_rng(seed)
    base = rng.standard_normal(n)
    values = {f"x{j}": base + 0.35 * rng.standard_normal(n) for j in range(1, 9)}
    return pd.DataFrame(values).apply(lambda x: np.digitize(x, [-0.8, 0.1, 0.9]))


def test_correlations_that_are_not_positive_definite_are_announced():
    answers = near_copies(51)
    with pytest.warns(SparseCategoryWarning, match="not positive definite"):
        fitted = confirm("f =~ " + " + ".join(answers), answers)
    assert "cfi_robust" not in fitted.fit.index
    assert "not positive definite" in fitted.summary()


def test_two_copies_of_an_item_are_refused_by_name():
    answers = near_copies(1).assign(copy=lambda frame: frame["x1"])
    with pytest.raises(InvalidResponses, match="x1 and copy"):
        confirm("f =~ " + " + ".join(answers), answers)


def test_persons_without_a_group_or_a_cluster_are_named(numbers):
    labels = pd.Series(["a", "b"] * 200, index=numbers.index).where(numbers.index != 7)
    with pytest.raises(InvalidResponses, match="person 7 has no groups"):
        confirm(MODEL, numbers, estimator="ml", groups=labels)
    with pytest.raises(InvalidResponses, match="one cluster"):
        confirm(MODEL, numbers, estimator="ml", clusters=np.zeros(400))


def test_tables_and_the_path_diagram_are_written_as_text(ordinal):
    assert ordinal.to_latex().startswith("\\begin{tabular}")
    assert "<table" in ordinal.to_html() and "f =~ x1" in ordinal.to_html()
    assert ordinal.to_csv().splitlines()[0].startswith("lhs,op,rhs,group")
    svg = ordinal.to_svg()
    assert svg.lstrip().startswith("<?xml") and "x1" in svg
    assert path_diagram(ordinal).texts
    assert ordinal.plot().get_xlabel().startswith("standardised")


def test_the_summary_says_what_was_fitted_to_whom_and_how(ordinal):
    text = ordinal.summary()
    assert "500 persons" in text and "diagonally weighted" in text and "CFI" in text
    chi2 = f"{ordinal.fit['chi2_scaled']:.3f}"
    assert repr(ordinal).startswith(f"ConfirmedModel(chi2={chi2}, p=")
    assert f"cfi={ordinal.fit['cfi_scaled']:.3f}" in repr(ordinal)


def test_the_summary_begins_with_scaled_and_robust_fit(ordinal):
    line = " ".join(ordinal.summary().split())
    order = ["CFI scaled", "RMSEA scaled", "CFI robust", "CFI unscaled"]
    places = [line.index(name) for name in order]
    assert places == sorted(places)
    assert "CFI scaled" in ordinal.plot().get_title()


def test_the_summary_of_an_unscaled_fit_calls_nothing_unscaled(numbers):
    text = " ".join(confirm(MODEL, numbers, estimator="ml").summary().split())
    assert "CFI" in text and "scaled" not in text


def test_reliability_and_r_squared_follow_from_the_loadings(ordinal):
    loadings = ordinal.loadings()["f"][:4]
    np.testing.assert_allclose(ordinal.r_squared()[list(loadings.index)], loadings**2)
    omega = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert ordinal.reliability().loc["f", "omega"] == pytest.approx(omega)


def test_a_model_without_degrees_of_freedom_has_no_test(numbers):
    fitted = confirm("f =~ x1 + x2 + x3", numbers, estimator="ml")
    assert fitted.fit["df"] == 0 and np.isnan(fitted.fit["p"])
    assert fitted.fit["cfi"] == 1 and fitted.fit["rmsea"] == 0


def test_arrays_get_item_names():
    values = population_of(POPULATION).draw(200, np.random.default_rng(5)).to_numpy()
    fitted = confirm("f =~ item1 + item2 + item3 + item4", values, estimator="ml")
    assert fitted.items == ("item1", "item2", "item3", "item4")
