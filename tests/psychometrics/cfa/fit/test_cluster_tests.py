"""The test of fit with few clusters: its traces, its F, and what it is shown on."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_law

from psychometrics import compare_nested, confirm, population_of
from psychometrics.cfa.data.clusters import read_clusters
from psychometrics.cfa.fit.cluster_tests import ClusterForm, cluster_test, without_noise

MODEL = "f =~ x1 + x2 + x3 + x4 + x5"
STATED = "f =~ .7*x1 + .6*x2 + .8*x3 + .5*x4 + .6*x5"
EQUAL = "f =~ a*x1 + a*x2 + x3 + x4 + x5"


def nested_answers(n=480, n_clusters=12, icc=0.2, cuts=(-0.5, 0.5), seed=4):
    clusters = np.repeat(np.arange(n_clusters), n // n_clusters)
    drawn = population_of(STATED, thresholds=cuts).draw(
        n, np.random.default_rng(seed), clusters=clusters, icc=icc
    )
    return drawn.assign(team=clusters)


def test_the_trace_of_the_square_is_unbiased_with_fewer_units_than_dimensions(rng):
    nu, weights = 9, np.linspace(0.2, 2.0, 30)
    draws = rng.standard_normal((4000, nu, 30)) * np.sqrt(weights / nu)
    crossed = draws @ draws.transpose(0, 2, 1)
    trace, trace2 = np.trace(crossed, axis1=1, axis2=2), (crossed**2).sum(axis=(1, 2))
    found = nu**2 / ((nu - 1) * (nu + 2)) * (trace2 - trace**2 / nu)
    error = 4 * found.std() / np.sqrt(4000)
    assert abs(found.mean() - np.sum(weights**2)) < error
    assert trace2.mean() > 3 * np.sum(weights**2)  # what it would be without
    one = without_noise(trace[0], trace2[0], 30, nu)
    assert trace[0] ** 2 / 30 <= one <= trace[0] ** 2


def test_f_is_referred_to_the_clusters_degrees_of_freedom():
    found = cluster_test(60.0, 40.0, 80.0, 9.0)
    assert found["f_scaled"] == 1.5 and found["f_df1"] == 20
    assert found["p_scaled"] == pytest.approx(f_law.sf(1.5, 20, 180))


def test_a_difference_of_restrictions_has_the_traces_of_its_own_directions(rng):
    units, tangent = rng.standard_normal((8, 6)), np.eye(6)[:, :4]
    larger = ClusterForm(units=units, tangent=tangent, nu=np.inf)
    smaller = ClusterForm(units=units, tangent=tangent[:, :2], nu=np.inf)
    own = units[:, 2:4].T @ units[:, 2:4]
    trace, trace2 = larger.of_restrictions(smaller)
    assert trace == pytest.approx(np.trace(own))
    assert trace2 == pytest.approx(np.sum(own**2))


@pytest.mark.parametrize("estimator", ["wlsmv", "ulsmv", "uls", "mlr"])
def test_clustered_fit_reports_f_and_its_degrees_of_freedom(estimator):
    cuts = (-0.5, 0.5) if estimator.endswith("mv") else None
    answers = nested_answers(cuts=cuts)
    fitted = confirm(MODEL, answers, estimator=estimator, clusters="team")
    fit = fitted.fit
    assert 1 <= fit["f_df1"] <= fit["df"]
    assert fit["f_df2"] == pytest.approx(11 * fit["f_df1"])
    expected = f_law.sf(fit["f_scaled"], fit["f_df1"], fit["f_df2"])
    assert fit["p_scaled"] == pytest.approx(expected)
    assert "F(" in fitted.summary()


def test_without_correction_the_test_is_scaled_and_shifted_chi2():
    answers = nested_answers()
    fitted = confirm(MODEL, answers, clusters="team", correction="none")
    assert "f_scaled" not in fitted.fit and 0 < fitted.fit["p_scaled"] < 1


@pytest.mark.parametrize("estimator", ["wlsmv", "mlr"])
def test_nested_models_are_compared_by_the_clusters_spread(estimator):
    answers = nested_answers(cuts=(-0.5, 0.5) if estimator == "wlsmv" else None)
    models = {
        name: confirm(m, answers, estimator=estimator, clusters="team", std_lv=True)
        for name, m in (("free", MODEL), ("equal", EQUAL))
    }
    step = compare_nested(models).steps.loc["equal"]
    assert step["method"] == "clustered" and step["df_difference"] == 1
    assert 0 < step["p"] < 1


def test_clusters_that_cross_groups_tie_their_estimates():
    answers = nested_answers(n=720, icc=0.4)
    answers["who"] = np.tile(["user", "carer"], 360)
    apart = answers["team"].astype(str) + answers["who"]
    options = {"groups": "who", "equal": ("thresholds", "loadings")}
    crossing = confirm(MODEL, answers, clusters="team", **options)
    separate = confirm(MODEL, answers, clusters=apart, **options)
    shared = [("|" in name) for name in crossing.vcov.index]
    ratio = np.diag(crossing.vcov)[shared] / np.diag(separate.vcov)[shared]
    assert ratio.mean() > 1.2  # two groups of one team are not two teams


def test_a_category_of_one_cluster_alone_does_not_stop_the_fit():
    answers = nested_answers(cuts=(-0.5, 0.5))
    answers.loc[answers.index[:9], "x1"] = 3.0
    fitted = confirm(MODEL, answers, clusters="team")
    assert fitted.fit["f_df1"] >= 1


def test_more_degrees_of_freedom_than_clusters_is_said():
    terms = " + ".join(f"x{j}" for j in range(1, 8))
    stated = "f =~ " + " + ".join(f".6*x{j}" for j in range(1, 8))
    clusters = pd.Series(np.arange(300) % 6)
    drawn = population_of(stated).draw(300, np.random.default_rng(1))
    fitted = confirm(f"f =~ {terms}", drawn, estimator="mlr", clusters=clusters)
    assert any("6 clusters and 14 degrees" in line for line in fitted.cautions)


def test_leaving_clusters_out_is_averaged_with_their_influence():
    found = read_clusters(np.repeat(np.arange(4), 3), pd.RangeIndex(12))
    values = np.arange(12.0)[:, None]
    mean = values.mean(axis=0)
    units = found.units(values - mean, mean, lambda kept: values[kept].mean(axis=0))
    # a mean is linear: both halves say the same
    np.testing.assert_allclose(units[:4], units[4:])
    sums = (values - mean).reshape(4, 3).sum(axis=1)
    np.testing.assert_allclose((units**2).sum(), 4 / 3 * (sums**2).sum())


@pytest.mark.parametrize("estimator", ["wlsmv", "mlr"])
def test_persons_who_are_their_own_clusters_change_next_to_nothing(estimator):
    answers = nested_answers(cuts=(-0.5, 0.5) if estimator == "wlsmv" else None)
    plain = confirm(MODEL, answers, estimator=estimator)
    alone = confirm(MODEL, answers, estimator=estimator, clusters=answers.index)
    free = plain.estimates["se"] > 0
    ratio = alone.estimates.loc[free, "se"] / plain.estimates.loc[free, "se"]
    np.testing.assert_allclose(ratio, np.sqrt(480 / 479), rtol=1e-6)
    assert alone.fit["p_scaled"] == pytest.approx(plain.fit["p_scaled"], abs=0.03)


def test_the_order_of_persons_and_the_names_of_teams_do_not_matter():
    answers = nested_answers()
    mixed = answers.sample(frac=1, random_state=5)
    named = mixed["team"].map(lambda team: f"team {5 * team % 12}")
    one = confirm(MODEL, answers, clusters="team").fit
    two = confirm(MODEL, mixed, clusters=named).fit
    np.testing.assert_allclose(two[["f_scaled", "f_df1"]], one[["f_scaled", "f_df1"]])


def test_missing_answers_in_clusters_are_fitted_by_full_information(rng):
    answers = nested_answers(cuts=None)
    lost = rng.random((480, 5)) < 0.1
    answers[answers.columns[:5]] = answers[answers.columns[:5]].mask(lost)
    fitted = confirm(MODEL, answers, estimator="mlr", clusters="team")
    whole = confirm(MODEL, nested_answers(cuts=None), estimator="mlr", clusters="team")
    gap = fitted.fit["f_scaled"] / whole.fit["f_scaled"]
    assert 0.3 < gap < 3 and fitted.n_clusters == 12
