"""Intervals of means and proportions against textbook values."""

import numpy as np
import pytest
from scipy import stats

from psychometrics import (
    InvalidResponses,
    aikens_v,
    mean_interval,
    proportion_interval,
)


def test_interval_without_clusters_is_students(rng):
    scores = rng.normal(50, 20, 25)
    result = mean_interval(np.append(scores, np.nan))
    expected = stats.t.interval(0.95, 24, scores.mean(), stats.sem(scores))
    assert (result.lower, result.upper) == pytest.approx(expected)
    assert result.n == 25 and result.is_few and not result.is_small


def test_equal_clusters_give_the_interval_of_their_means(rng):
    scores = rng.normal(50, 20, (6, 9)) + rng.normal(0, 10, (6, 1))
    result = mean_interval(scores.ravel(), clusters=np.repeat(range(6), 9))
    means = scores.mean(axis=1)
    assert result.df == pytest.approx(5)
    assert result.se == pytest.approx(stats.sem(means))


def test_unequal_clusters_follow_the_matrix_form_of_cr2(rng):
    sizes = [3, 8, 15, 5, 20]
    cluster = np.repeat(range(5), sizes)
    y = rng.normal(50, 20, cluster.size)
    result = mean_interval(y, clusters=cluster)
    n = len(y)
    leftover = np.eye(n) - 1 / n
    forms = []
    for c in range(5):
        inside = cluster == c
        values, vectors = np.linalg.eigh(leftover[np.ix_(inside, inside)])
        adjusted = vectors @ np.diag(values**-0.5) @ vectors.T
        forms.append(adjusted.sum(axis=0) @ leftover[inside] / n)
    forms = np.array(forms)
    gram = forms @ forms.T
    assert result.se == pytest.approx(np.sqrt(((forms @ y) ** 2).sum()))
    assert result.df == pytest.approx(np.trace(gram) ** 2 / (gram**2).sum())


def test_clustered_interval_keeps_its_level_with_six_unequal_teams(rng):
    sizes, covered = [5, 9, 12, 20, 30, 8], 0
    cluster = np.repeat(range(6), sizes)
    for _ in range(1000):
        y = rng.normal(size=cluster.size) + 0.5 * rng.normal(size=6)[cluster]
        result = mean_interval(y, clusters=cluster)
        covered += result.lower <= 0 <= result.upper
    assert 0.91 <= covered / 1000 <= 0.98


@pytest.mark.parametrize(
    "scores, clusters", [([], None), ([3.0], None), ([1, 2], "aa")]
)
def test_too_little_for_an_interval_gives_none(scores, clusters):
    clusters = None if clusters is None else list(clusters)
    result = mean_interval(scores, clusters=clusters)
    assert np.isnan([result.lower, result.upper]).all()
    assert result.is_small


def test_a_score_without_a_cluster_is_refused():
    with pytest.raises(InvalidResponses, match="no cluster"):
        mean_interval([1.0, 2.0, 3.0], clusters=["a", None, "b"])


def test_wilson_interval_of_a_small_share():
    result = proportion_interval(3, 20)
    expected = stats.binomtest(3, 20).proportion_ci(method="wilson")
    assert result[["lower", "upper"]].tolist() == pytest.approx([*expected])
    with pytest.raises(InvalidResponses, match="5 of 4"):
        proportion_interval(5, 4)


def test_nobody_and_everybody_lie_within_their_intervals():
    for n in range(1, 60):
        assert proportion_interval(0, n)["lower"] == 0
        assert proportion_interval(n, n)["upper"] == 1
        assert aikens_v([1] * n, (1, 4))["lower"] == 0
        assert aikens_v([4] * n, (1, 4))["upper"] == 1
