"""What a user may ask for works: unused options, two indicators, pasted models."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

CUTS = np.array([-1.5, -0.5, 0.5, 1.5])
MODELS = [pm.graded_response, pm.generalized_partial_credit, pm.partial_credit]
QUIET = pytest.mark.filterwarnings("ignore::psychometrics.SparseCategoryWarning")


def drawn(n=600, n_scales=3, items=2, seed=3):
    loadings, phi = pm.simulate.simple_structure(
        n_scales, items, loading=0.75, correlation=0.4
    )
    made = pm.simulate.responses(
        n,
        rng=np.random.default_rng(seed),
        loadings=loadings,
        factor_corr=phi,
        thresholds=[-1, -0.2, 0.5, 1.2],
    )
    return made.responses.set_axis(list("abcdef"[: n_scales * items]), axis=1)


@pytest.fixture(scope="module")
def answers():
    return drawn()


def options_gone(answers):
    """The answers, with a lowest, a middle and a highest option that nobody chose."""
    answers = answers - answers.min().min() + 1
    gone = answers.copy()
    for item, unused, instead in (("a", 1, 2), ("b", 3, 2), ("c", 5, 4)):
        gone[item] = gone[item].replace(unused, instead)
    return answers, gone


@QUIET
def test_thresholds_of_correlations_and_models_stay_under_their_label(answers):
    whole, gone = options_gone(answers)
    found = pm.polychoric(gone, acov=True)
    full = pm.polychoric(whole).thresholds
    expected = full.copy()  # of the margins: those of other options stay as they were
    expected.loc["a", "t1"] = expected.loc["b", "t2"] = expected.loc["c", "t4"] = np.nan
    np.testing.assert_allclose(found.thresholds, expected, atol=1e-8)
    assert [n for n in found.acov if n.startswith("b|")] == ["b|t1", "b|t3", "b|t4"]
    pairs = pm.polychoric(gone, thresholds="pair").pair_thresholds
    np.testing.assert_allclose(pairs.loc["b"].iloc[0], expected.loc["b"], atol=1e-8)
    fit = pm.confirm("g =~ a + b + c + d + e + f", gone)
    assert fit.thresholds().isna().to_numpy().sum() == 3
    np.testing.assert_allclose(fit.thresholds(), expected, atol=1e-6)
    assert "a, b: options that nobody chose; thresholds are" in fit.cautions[-1]
    assert pm.confirm("g =~ a + b + c", whole, estimator="ml").thresholds().empty


@QUIET
@pytest.mark.parametrize("estimate", [*MODELS, pm.conditional_partial_credit])
def test_thresholds_stay_under_their_label(answers, estimate):
    """Lowest, middle and highest option unused: NaN there, the others in place."""
    answers, gone = options_gone(answers)
    fit, whole = estimate(gone), estimate(answers)
    nan = fit.thresholds.isna()
    assert nan.loc["a"].tolist() == [True, False, False, False]
    assert nan.loc["b"].tolist() == [False, True, False, False]
    assert nan.loc["c"].tolist() == [False, False, False, True]
    assert not nan.loc[["d", "e", "f"]].any(axis=None)
    errors = getattr(fit, "threshold_standard_errors", None)
    errors = fit.standard_errors if errors is None else errors
    assert (errors.isna() == nan).all(axis=None)
    if estimate is pm.graded_response:  # whose thresholds are those of the margins
        gap = (fit.thresholds - whole.thresholds).drop(columns=2).abs()
        assert gap.max(axis=None) < 0.35
        assert fit.parameters.threshold_order()["ordered"].all()


def test_a_rating_scale_finds_the_place_of_an_item_without_its_highest_option(rng):
    """Items of a true rating scale; hardly anybody is far enough for the last one."""
    locations = np.array([-0.5, -0.2, 0.0, 0.3, 2.6])
    cuts = locations[:, None] + CUTS * 0.6
    intercepts = -cuts.cumsum(axis=1)
    theta = rng.normal(size=1500)
    p = category_probabilities("pcm", theta, np.ones((5, 1)), intercepts)
    drawn = (rng.uniform(size=(5, 1500))[:, None] > p.cumsum(axis=1)).sum(axis=1).T
    responses = pd.DataFrame(drawn, columns=list("abcde"))
    responses["e"] = responses["e"].where(responses["e"] < 4)  # nobody is left there
    fit = pm.rating_scale(responses, se=False)
    np.testing.assert_allclose(fit.thresholds.loc["a":"d"], cuts[:4], atol=0.25)
    np.testing.assert_allclose(fit.thresholds.loc["e"], cuts[4], atol=0.5)
    by_score = pm.conditional_rating_scale(responses).thresholds
    assert by_score.notna().all(axis=None)


@pytest.mark.parametrize("estimator", ["wlsmv", "ml", "ulsmv", "uls"])
def test_two_indicators_a_factor_are_enough_for_correlated_ones(answers, estimator):
    model = "A =~ a + b\nB =~ c + d\nC =~ e + f"
    found = pm.confirm(model, answers, estimator=estimator)
    loadings = found.loadings().to_numpy()
    assert np.allclose(loadings[loadings != 0], 0.75, atol=0.12)
    assert found.is_admissible and found.fit["p"] > 0.001


def test_rivals_of_one_scale_and_of_two_small_ones_are_compared(answers):
    one = pm.compare_models({"all": list("abcdef")}, answers, folds=0)
    assert list(one.to_frame().index) == ["one factor"]
    two = pm.compare_models({"A": ["a", "b"], "B": ["c", "d"]}, answers, folds=0)
    assert two.to_frame()["problem"].eq("").all()


def test_a_label_on_the_first_loading_of_a_pasted_model_leaves_it_the_marker(answers):
    plain = pm.confirm("A =~ a + b\nB =~ c + d\n", answers, estimator="ml")
    labelled = "A =~ l1*a + l2*b\nB =~ l3*c + l4*d"
    found = pm.confirm(labelled, answers, estimator="ml")
    assert found.fit["chi2"] == pytest.approx(plain.fit["chi2"], rel=1e-6)
    first = found.estimates.set_index("rhs").loc["a"].iloc[0]
    assert (first["label"], first["est"], first["is_free"]) == ("l1", 1.0, False)
    free = pm.confirm(labelled, answers, estimator="ml", std_lv=True)
    assert free.fit["chi2"] == pytest.approx(plain.fit["chi2"], rel=1e-6)
    alike = pm.confirm("A =~ l*a + l*b\nB =~ c + d", answers, estimator="ml")
    assert alike.fit["df"] == plain.fit["df"] + 1
    assert alike.estimates["est"].iloc[:2].eq(1).all()


def test_a_defined_parameter_has_its_delta_method_error(answers):
    """A product of two loadings, by hand; and omega, which the package has as well."""
    model = "A =~ NA*a + l1*a + l2*b + l3*c\nA ~~ 1*A\nproduct := l1*l2^2"
    model += "\nomega := (l1+l2+l3)^2 / ((l1+l2+l3)^2 + e1 + e2 + e3)"
    model += "\na ~~ e1*a\nb ~~ e2*b\nc ~~ e3*c\ntwice := 2*omega - omega  # itself"
    found = pm.confirm(model, answers, estimator="ml")
    loads = found.estimates.set_index("label").loc[["l1", "l2"], "est"]
    slope = np.array([loads["l2"] ** 2, 2 * loads["l1"] * loads["l2"]])
    names = ["A=~a", "A=~b"]
    spread = found.vcov.loc[names, names].to_numpy()
    product = found.defined.loc["product"]
    assert product["est"] == pytest.approx(loads["l1"] * loads["l2"] ** 2)
    assert product["se"] == pytest.approx(np.sqrt(slope @ spread @ slope), rel=1e-8)
    assert product["z"] == pytest.approx(product["est"] / product["se"])
    omega = pm.model_composites(found).to_frame().to_numpy(float)
    assert np.isclose(omega, found.defined.loc["omega", "est"], atol=1e-6).any()
    columns = ["est", "se", "std"]
    assert np.allclose(
        found.defined.loc["twice", columns].astype(float),
        found.defined.loc["omega", columns].astype(float),
    )
    assert "Defined:" in found.summary() and "l1*l2^2" in found.summary()


@pytest.mark.parametrize(
    "line, said",
    [
        ("x := ", "line 2, column 1: the definition of x has nothing"),
        ("x := l1 +", "the definition of x cannot be read"),
        ("x := other * 2", "uses other, which labels no parameter"),
        ("x := abs(l2)", "sqrt, exp and log only"),
        ("x := l2.real", "sqrt, exp and log only"),
        ("x := l2\nx := l2", "line 3, column 1: the definition of x is defined twice"),
        (f"x := {'1+' * 1500}1", "more than 2000 characters"),
    ],
)
def test_a_definition_that_cannot_be_read_is_named_with_its_place(answers, line, said):
    with pytest.raises(pm.ModelSyntaxError, match=said):
        pm.confirm(f"A =~ a + l2*b + c\n{line}", answers, estimator="ml")
    assert pm.confirm("A =~ a + l2*b + c\nx := 2^99999*0+l2", answers) is not None
