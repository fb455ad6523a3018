"""Cluster sums, CR2 weights and Satterthwaite's degrees of freedom."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidResponses, confirm, population_of
from psychometrics.cfa.data.clusters import read_clusters

MODEL = "f =~ x1 + x2 + x3 + x4"
STATED = "f =~ .7*x1 + .6*x2 + .8*x3 + .5*x4"


def labels(sizes):
    return pd.Series(np.repeat(np.arange(len(sizes)), sizes))


def test_even_clusters_have_one_degree_of_freedom_less_than_clusters():
    found = read_clusters(labels([20] * 8), pd.RangeIndex(160))
    assert found.df == pytest.approx(7)
    np.testing.assert_allclose(found.weights, 8 / 7)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=15))
def test_uneven_clusters_have_fewer_degrees_of_freedom(sizes):
    found = read_clusters(labels(sizes), pd.RangeIndex(sum(sizes)))
    assert 0.9 < found.df <= len(sizes) - 1 + 1e-9


def test_sums_add_the_rows_of_each_cluster():
    found = read_clusters(np.array(["b", "a", "b"]), pd.RangeIndex(3), "none")
    sums = found.sums(np.array([[1.0], [10.0], [100.0]]))
    np.testing.assert_allclose(sums.ravel(), [101.0, 10.0])


def test_a_person_without_a_cluster_is_named():
    with pytest.raises(InvalidResponses, match="person 1 has no cluster"):
        read_clusters(pd.Series(["a", None, "b"]), pd.RangeIndex(3))


@pytest.mark.parametrize("estimator", ["mlr", "wlsmv", "ulsmv", "uls"])
def test_errors_grow_when_clusters_share_their_answers(estimator):
    rng = np.random.default_rng(2)
    cuts = (-0.5, 0.5) if estimator.endswith("mv") else None
    clusters = np.repeat(np.arange(12), 40)
    drawn = population_of(STATED, thresholds=cuts).draw(
        480, rng, clusters=clusters, icc=0.4
    )
    plain = confirm(MODEL, drawn, estimator=estimator)
    nested = confirm(MODEL, drawn, estimator=estimator, clusters=clusters)
    free = plain.estimates["se"] > 0
    ratio = nested.estimates.loc[free, "se"] / plain.estimates.loc[free, "se"]
    assert ratio.mean() > 1.2
    assert nested.t_df == pytest.approx(11)
    assert "12 clusters" in nested.summary()


def test_clusters_may_cross_groups():
    rng = np.random.default_rng(3)
    clusters = np.tile(np.arange(15), 40)
    drawn = population_of(STATED).draw(600, rng, clusters=clusters, icc=0.2)
    drawn["who"] = np.where(np.arange(600) % 2, "carer", "user")
    drawn["team"] = clusters
    fitted = confirm(
        MODEL,
        drawn,
        estimator="mlr",
        groups="who",
        clusters="team",
        equal=("loadings",),
    )
    assert fitted.n_clusters == 15 and 0 < fitted.fit["p_scaled"] <= 1


def test_rows_of_one_label_keep_their_own_clusters():
    rng = np.random.default_rng(2)
    team = np.repeat(np.arange(12), 10)
    drawn = population_of(STATED).draw(120, rng, clusters=team, icc=0.4)
    wanted = confirm(MODEL, drawn, estimator="mlr", clusters=team).estimates["se"]
    twice = drawn.set_axis(np.arange(120) // 2)
    by_label = pd.Series(team, twice.index)
    for clusters in (team, by_label):
        found = confirm(MODEL, twice, estimator="mlr", clusters=clusters)
        np.testing.assert_allclose(found.estimates["se"], wanted, rtol=1e-9)
