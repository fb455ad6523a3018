import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    ConvergenceError,
    HeywoodWarning,
    InvalidOption,
    InvalidResponses,
    NotIdentified,
    SmoothingWarning,
    explore,
    simulate,
)
from tests.golden.alignment import aligned

LOADINGS, PHI = simulate.simple_structure(3, 5, loading=0.7, correlation=0.3)
TRUTH = simulate.responses(
    10, rng=np.random.default_rng(0), loadings=LOADINGS, factor_corr=PHI
)


@pytest.mark.parametrize("extraction", ["minres", "ml", "principal_axis", "wls"])
def test_population_correlations_give_back_the_population_loadings(extraction):
    found = explore(None, 3, corr=TRUTH.corr, n_obs=500, extraction=extraction)
    loadings, phi = aligned(found.loadings, LOADINGS, found.factor_corr)
    assert np.allclose(loadings, LOADINGS, atol=1e-5)
    assert np.allclose(phi, PHI, atol=1e-5)
    assert found.fit.srmr < 1e-5


def test_permuting_items_permutes_loadings():
    order = np.random.default_rng(1).permutation(15)
    shuffled = TRUTH.corr.iloc[order, order]
    found = explore(None, 3, corr=shuffled, n_obs=500, rotation="geomin")
    plain = explore(None, 3, corr=TRUTH.corr, n_obs=500, rotation="geomin")
    turned = aligned(found.loadings.loc[plain.loadings.index], plain.loadings)
    assert np.allclose(turned, plain.loadings, atol=1e-6)


def test_reflecting_an_item_reflects_its_loadings_alone():
    signs = np.ones(15)
    signs[4] = -1
    turned = TRUTH.corr * np.outer(signs, signs)
    plain = explore(None, 3, corr=TRUTH.corr, n_obs=500)
    found = explore(None, 3, corr=turned, n_obs=500)
    same = aligned(found.loadings.mul(signs, axis=0), plain.loadings)
    assert np.allclose(same, plain.loadings, atol=1e-6)


def test_reproduced_correlations_do_not_depend_on_the_rotation():
    rotations = ("none", "varimax", "promax", "oblimin", "geomin", "bifactor_oblique")
    fits = [explore(None, 3, corr=TRUTH.corr, n_obs=500, rotation=r) for r in rotations]
    for found in fits:
        assert np.allclose(found.communalities, 0.49, atol=1e-6)
        assert np.allclose(found.communalities + found.uniquenesses, 1, atol=1e-6)


def test_heywood_cases_are_announced_by_name():
    loadings = np.array([0.999, 0.7, 0.6, 0.5])
    values = np.outer(loadings, loadings)
    np.fill_diagonal(values, 1.0)
    values[0, 1] = values[1, 0] = 0.76
    names = ["first", "b", "c", "d"]
    corr = pd.DataFrame(values, names, names)
    with pytest.warns(HeywoodWarning, match="first"):
        found = explore(None, 1, corr=corr, n_obs=100)
    assert found.heywood == ("first",)
    assert "Heywood" in found.summary()


def test_an_indefinite_matrix_is_smoothed_and_said_so():
    values = np.array([[1, 0.9, 0.1, 0.5], [0.9, 1, 0.9, 0.5], [0.1, 0.9, 1, 0.5]])
    values = np.vstack([values, [0.5, 0.5, 0.5, 1]])
    corr = pd.DataFrame(values, list("abcd"), list("abcd"))
    with pytest.warns((SmoothingWarning, HeywoodWarning)) as told:
        found = explore(None, 1, corr=corr, n_obs=100)
    assert any("not positive definite" in str(w.message) for w in told)
    assert np.linalg.eigvalsh(found.corr)[0] > 0


def test_a_total_among_its_parts_is_named():
    made = simulate.responses(
        300, rng=np.random.default_rng(2), loadings=[[0.7]] * 5, thresholds=[0.0, 1.0]
    ).responses
    made["total"] = made.sum(axis=1)
    with pytest.raises(NotIdentified, match="singular"):
        explore(made, 1, corr="pearson")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"n_obs": None}, "needs n_obs"),
        ({"n_obs": 0}, "number of persons"),
        ({"n_obs": 12}, "more persons than items"),
        ({"corr": TRUTH.corr * 2}, "from -1 to 1"),
        ({"corr": TRUTH.corr.iloc[:, ::-1]}, "same distinct items"),
        ({"corr": TRUTH.corr.where(TRUTH.corr < 1, 0.9)}, "ones on its diagonal"),
    ],
)
def test_correlations_that_cannot_be_used_are_refused(change, message):
    options = {"corr": TRUTH.corr, "n_obs": 100} | change
    with pytest.raises(InvalidResponses, match=message):
        explore(None, 2, **options)


def test_an_unknown_kind_of_correlation_is_refused_with_the_choices():
    with pytest.raises(InvalidOption, match="kendall.*polychoric, pearson, spearman"):
        explore(None, 2, corr="kendall", n_obs=100)


def test_more_factors_than_items_determine_are_refused():
    with pytest.raises(NotIdentified, match="at most 10"):
        explore(None, 12, corr=TRUTH.corr, n_obs=100)


def test_unknown_methods_are_named_with_what_there_is():
    with pytest.raises(ValueError, match="principal_axis"):
        explore(None, 2, corr=TRUTH.corr, n_obs=100, extraction="alpha")
    with pytest.raises(ValueError, match="quartimax"):
        explore(None, 2, corr=TRUTH.corr, n_obs=100, rotation="spin")
    with pytest.raises(ValueError, match="needs a target"):
        explore(None, 2, corr=TRUTH.corr, n_obs=100, rotation="target")


def test_local_minima_are_reported_with_their_starts():
    from tests.golden.reference import matrix, reference

    corr = matrix(reference("bfi", "efa")["input_matrices"]["polychoric"])
    found = explore(None, 5, corr=corr, n_obs=2436, rotation="geomin", normalize=True)
    assert found.minima["starts"].sum() == 30
    assert len(found.minima) > 1
    assert "local minima" in found.summary()


def test_pictures_are_drawn_on_the_axes_given():
    from matplotlib.figure import Figure

    found = explore(None, 3, corr=TRUTH.corr, n_obs=500)
    ax = Figure().subplots()
    assert found.plot(ax) is ax
    assert len(ax.get_lines()) == 6
    paths = found.plot_paths(smallest=0.25)
    assert sum(t.get_text() == "0.70" for t in paths.texts) == 15


def test_principal_axes_rest_where_minres_does():
    from tests.golden.reference import matrix, reference

    corr = matrix(reference("bfi", "efa")["input_matrices"]["pearson"])
    axes, minres = (
        explore(None, 5, corr=corr, n_obs=2436, extraction=e, rotation="none")
        for e in ("principal_axis", "minres")
    )
    assert np.allclose(axes.loadings, minres.loadings, atol=1e-6)


def test_weights_of_answers_are_their_correlations_own_precision():
    from psychometrics import polychoric

    data = simulate.responses(
        600,
        rng=np.random.default_rng(9),
        loadings=LOADINGS,
        factor_corr=PHI,
        thresholds=(-1, 0, 1),
    ).responses
    found = polychoric(data)
    own = explore(data, 3, extraction="wls")
    weights = 1 / found.se**2
    stated = explore(
        None, 3, corr=found.corr, n_obs=600, extraction="wls", weights=weights
    )
    assert np.allclose(own.loadings, stated.loadings, atol=1e-6)
    assert abs(aligned(own.loadings, LOADINGS) - LOADINGS).to_numpy().max() < 0.15


def test_a_result_is_one_line_and_says_what_it_is():
    found = explore(None, 3, corr=TRUTH.corr, n_obs=80)
    assert repr(found).startswith("ExploratoryFactors(3 factors, rmsea=")
    assert repr(found).endswith(", n=80)")
    assert "Fewer than 100 persons" in found.summary()


def test_the_worked_example_of_the_page_holds():
    values = np.outer([0.7, 0.6, 0.5], [0.7, 0.6, 0.5])
    np.fill_diagonal(values, 1.0)
    corr = pd.DataFrame(values, list("abc"), list("abc"))
    found = explore(None, 1, corr=corr, n_obs=100)
    assert found.loadings["F1"].to_numpy() == pytest.approx([0.7, 0.6, 0.5], abs=1e-6)
    assert found.uniquenesses.to_numpy() == pytest.approx([0.51, 0.64, 0.75], abs=1e-6)
    assert found.fit.df == 0
    assert np.isnan(found.fit.p)


def test_principal_axes_that_run_away_are_an_error_not_a_result():
    rng = np.random.default_rng(3)
    corr = pd.DataFrame(np.corrcoef(rng.standard_normal((25, 8)), rowvar=False))
    with pytest.raises(ConvergenceError, match="fewer factors, or minres") as told:
        explore(None, 4, corr=corr, n_obs=25, extraction="principal_axis")
    assert len(told.value.partial) == 8
