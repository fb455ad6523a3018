"""Every public estimate has its named parts, a table, a summary and a picture."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import psychometrics as ps

SCALES = {
    "trust": ["i1", "i2", "i3"],
    "respect": ["i4", "i5", "i6"],
    "planning": ["i7", "i8", "i9"],
}
ITEMS = [item for items in SCALES.values() for item in items]
MODEL = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in SCALES.items())
RANGES = dict.fromkeys(ITEMS, (1, 4))


@pytest.fixture(scope="module")
def answers():
    """Three correlated factors of three items each, four categories."""
    loadings, phi = ps.simulate.simple_structure(3, 3, loading=0.75, correlation=0.5)
    made = ps.simulate.responses(
        400,
        rng=np.random.default_rng(5),
        loadings=loadings,
        factor_corr=phi,
        thresholds=[-1.0, 0.0, 0.9],
    )
    return made.responses


@pytest.fixture(scope="module")
def corr(answers):
    return ps.polychoric(answers).corr


@pytest.fixture(scope="module")
def sides(answers):
    return pd.Series(np.where(np.arange(len(answers)) % 2, "user", "carer"))


@pytest.fixture(scope="module")
def calibrated(answers):
    return ps.graded_response(answers)


def shown(result, *attributes):
    """Check that a result has these attributes, is all words and draws where told."""
    missing = [name for name in attributes if not hasattr(result, name)]
    assert not missing, f"{type(result).__name__} lacks {', '.join(missing)}"
    assert isinstance(result, ps.Result)
    frame = result.to_frame()
    assert isinstance(frame, pd.DataFrame) and len(frame)
    lines = result.summary().splitlines()
    assert len(lines) >= min(len(frame), 40)
    assert max(map(len, lines)) <= 100  # of a terminal that says nothing of its width
    assert "\n" not in repr(result)
    assert "<table" in result._repr_html_()
    ax = Figure().subplots()
    assert result.plot(ax) is ax
    assert ax.has_data() or ax.texts or ax.child_axes
    return result


def test_item_descriptions(answers):
    found = shown(ps.describe_items(answers))
    wanted = "n missing mean sd skew kurtosis floor ceiling item_rest".split()
    assert {*wanted} <= {*found.to_frame().columns}


@pytest.mark.parametrize("ordinal", [False, True])
def test_alpha(answers, ordinal):
    found = shown(
        ps.cronbach_alpha(answers, ordinal=ordinal),
        *"alpha ci standardized if_dropped average_r lambda6".split(),
    )
    assert found.ci[0] < found.alpha < found.ci[1]


def test_polychoric_correlations(answers):
    found = shown(ps.polychoric(answers, correction=0.0, acov=True), "thresholds")
    assert list(found.corr) == ITEMS
    assert len(found.acov) == found.thresholds.size + 36


def test_factorability(corr):
    assert list(shown(ps.kmo(corr), "overall").per_item.index) == ITEMS
    assert shown(ps.bartlett_sphericity(corr, 400), "chi2", "p").df == 36


@pytest.mark.parametrize(
    "rule",
    [
        lambda a: ps.parallel_analysis(a, n_replications=10),
        ps.minimum_average_partial,
        ps.empirical_kaiser,
        ps.hull,
        lambda a: ps.comparison_data(a, n_replications=20),
    ],
)
def test_rule_for_the_number_of_factors(answers, rule):
    found = shown(rule(answers), "curve")
    assert 1 <= found.n_factors <= 4


def test_rules_side_by_side(answers):
    found = shown(ps.retention(answers, n_replications=20), "reading")
    assert {"parallel", "empirical_kaiser", "hull"} <= {*found.n_factors.index}


def test_exploratory_factors_from_answers_and_from_correlations(answers, corr):
    wanted = "loadings structure factor_corr communalities uniquenesses fit".split()
    ours = shown(
        ps.explore(
            answers, 3, extraction="minres", rotation="oblimin", corr="polychoric"
        ),
        *wanted,
    )
    given = shown(ps.explore(None, 3, corr=corr, n_obs=400), *wanted)
    shown(ours.fit, "chi2", "rmsea", "tli", "cfi", "srmr", "bic")
    np.testing.assert_allclose(ours.loadings, given.loadings, atol=1e-5)


def test_omega(answers):
    found = shown(ps.omega(answers, 3), "schmid_leiman", "ecv", "puc")
    assert 0 < found.omega_hierarchical < found.omega_total < 1


@pytest.mark.parametrize("estimator", ["wlsmv", "ml"])
def test_confirmed_model(answers, estimator):
    found = shown(
        ps.confirm(
            MODEL,
            answers,
            estimator=estimator,
            groups=None,
            clusters=None,
            equal=(),
            missing="full",
        ),
        *"estimates fit residuals".split(),
    )
    assert {"mi", "epc"} <= {*found.modification_indices().columns}


def test_invariance_ladder(answers, sides):
    found = shown(ps.invariance(MODEL, answers, sides, estimator="wlsmv"))
    table = found.to_frame()
    assert list(table.index)[:2] == ["configural", "thresholds"]
    assert {"cfi", "rmsea", "srmr", "change_cfi", "p", "verdict"} <= {*table.columns}


def test_rival_models(answers):
    found = shown(ps.compare_models(SCALES, answers, folds=0), "reading", "fitted")
    assert "bifactor" in found.to_frame().index


@pytest.mark.parametrize(
    "estimate",
    [
        ps.graded_response,
        ps.generalized_partial_credit,
        ps.partial_credit,
        ps.rating_scale,
    ],
)
def test_item_response_model(answers, estimate):
    found = shown(
        estimate(answers),
        *"discrimination thresholds intercepts log_likelihood aic bic".split(),
    )
    persons = shown(found.persons(), "theta", "se")
    assert len(persons.to_frame()) == len(answers)
    assert found.information([-1, 0, 1])["test"].gt(0).all()
    shown(found.item_fit())
    shown(found.model_fit())
    shown(found.local_dependence(), "q3")


def test_mokken_scales(answers):
    found = shown(ps.scalability(answers), *"h se_h h_item se_item se_pair".split())
    assert found.h_pair.shape == (9, 9)
    assert len(shown(ps.aisp(answers, lower_bound=0.3), "scale").scales()) >= 1
    shown(ps.monotonicity(answers), "violations")
    shown(ps.invariant_ordering(answers), "violations", "ht")


@pytest.mark.parametrize("method", ["ordinal_logistic", "mantel", "likelihood_ratio"])
def test_differential_item_functioning(answers, sides, method):
    found = shown(ps.dif(answers, sides, method=method), "flagged")
    assert {"p_total", "flagged", "kind"} <= {*found.to_frame().columns}


def test_agreement_and_retest(answers):
    first, second = answers[ITEMS[:4]].sum(axis=1), answers[ITEMS[4:8]].sum(axis=1)
    coefficients = shown(ps.icc(pd.DataFrame({"first": first, "second": second})))
    assert list(coefficients.to_frame().index) == [
        f"ICC{k}{mean}" for mean in ("", "k") for k in (1, 2, 3)
    ]
    shown(ps.weighted_kappa(answers["i1"], answers["i2"]), "kappa", "se", "ci")
    found = shown(ps.test_retest(first, second), "icc", "ci", "sem", "sdc")
    assert {"lower limit", "upper limit"} <= {*shown(found.limits).table.index}


def test_scores(answers):
    found = shown(ps.score(answers, SCALES, categories=RANGES))
    for part in (found.values, found.se, found.n_answered, found.reason):
        assert part.shape == (len(answers), 3)


def test_reduction_and_assembly(answers, calibrated):
    ledger = shown(ps.reduce_items(answers, SCALES), "retained", "removed")
    assert {*ledger.to_frame().index.get_level_values("item")} == {*ITEMS}
    information = calibrated.information([-1, 0, 1]).drop(columns="test").T
    form = shown(ps.assemble(information, SCALES, 4), "objective", "is_optimal")
    assert form.is_optimal and len(form.form()) == 4


def test_adaptive_test(calibrated, rng):
    stop = ps.adaptive.StopRule(min_items=3, max_items=6)
    test = ps.adaptive.AdaptiveTest(calibrated, SCALES, stop=stop)
    step = test.step({"i1": 2})
    assert step.item in ITEMS and step.se > 0 and step.stop_reason is None
    done = shown(ps.adaptive.simulate(test, np.linspace(-2, 2, 9), rng=rng))
    assert {"mean_length", "bias", "rmse"} <= {*done.to_frame().columns}


def test_simulated_answers(rng):
    loadings, phi = ps.simulate.simple_structure(2, 3)
    made = shown(
        ps.simulate.responses(50, rng=rng, loadings=loadings, factor_corr=phi),
        *"theta slopes factor_corr thresholds model".split(),
    )
    assert made.responses.shape == (50, 6)


def test_validation_report(answers):
    said = []
    report = shown(
        ps.validation_report(
            answers,
            scales=SCALES,
            date="1 May 2026",
            n_replications=5,
            progress=lambda *step: said.append(step),
        ),
        "cover",
        "sections",
    )
    assert "400 persons, 9 items" in report.summary()
    assert "1 May 2026" in report.to_html()
    assert report.to_pdf().startswith(b"%PDF")
    assert said[-1][0] == "done"
