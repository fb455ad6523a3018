"""Change of a group, and of a person beyond error."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, group_change, reliable_change


def occasions(rng, n=80, change=4.0, corr=0.6):
    cov = 100 * np.array([[1, corr], [corr, 1]])
    scores = rng.multivariate_normal([50, 50 + change], cov, n)
    return pd.Series(scores[:, 0]), pd.Series(scores[:, 1])


def test_effect_sizes_are_what_they_are_named(rng):
    before, after = occasions(rng)
    found, change = group_change(before, after), after - before
    assert found.effect_size == pytest.approx(change.mean() / before.std())
    assert found.srm == pytest.approx(change.mean() / change.std())
    assert found.t == pytest.approx(found.srm * np.sqrt(80))


def test_intervals_cover_the_truth_as_often_as_they_say(rng):
    truth = np.array([4, 0.4, 4 / (10 * np.sqrt(0.8))])
    covered = np.zeros(3)
    for _ in range(400):
        table = group_change(*occasions(rng)).table
        covered += (table["low"] < truth) & (truth < table["high"])
    assert ((covered / 400 > 0.92) & (covered / 400 < 0.98)).all()


def test_no_change_is_rejected_at_its_level(rng):
    p = [group_change(*occasions(rng, n=30, change=0)).p for _ in range(400)]
    assert 0.025 < np.mean(np.array(p) < 0.05) < 0.075


def test_persons_without_both_scores_are_counted(rng):
    before, after = occasions(rng)
    after[:5] = np.nan
    found = group_change(before, after)
    assert (found.n, found.n_left_out) == (75, 5)
    assert "5 persons without both" in found.summary()


def test_the_reliable_change_index_is_jacobson_and_truax_s(rng):
    before, after = occasions(rng)
    found = reliable_change(before, after, reliability=0.8)
    scale = before.std() * np.sqrt(2) * np.sqrt(1 - 0.8)
    np.testing.assert_allclose(found.persons["index"], (after - before) / scale)
    assert found.threshold == pytest.approx(1.959964 * scale)
    assert found.counts.sum() == 80


def test_error_alone_looks_like_change_in_one_of_twenty(rng):
    true = rng.normal(50, 10, 20000)
    before, after = true + rng.normal(0, 3, (2, 20000))
    counts = reliable_change(before, after, sem=3).counts
    assert counts["unchanged"] / 20000 == pytest.approx(0.95, abs=0.005)
    assert counts["improved"] == pytest.approx(counts["deteriorated"], rel=0.2)


def test_unusable_arguments_are_refused(rng):
    before, after = occasions(rng)
    with pytest.raises(ValueError, match="one of reliability and sem"):
        reliable_change(before, after)
    with pytest.raises(ValueError, match="reliability is 1.2"):
        reliable_change(before, after, reliability=1.2)
    with pytest.raises(ValueError, match="must be > 0"):
        reliable_change(before, after, sem=0)
    with pytest.raises(InvalidResponses, match="persons before alike"):
        group_change([1, 1, 1], [1, 2, 3])
    with pytest.raises(InvalidResponses, match="infinite"):
        group_change([1, 2, np.inf], [1, 2, 3])


def test_pictures_are_drawn(rng):
    before, after = occasions(rng)
    label = group_change(before, after).plot().get_xlabel()
    assert label == "standardised change, 95% interval"
    found = reliable_change(before, after, sem=2)
    assert found.plot().get_ylabel() == "after, points"
    assert "improved" in found.summary()


def test_scores_that_differ_by_rounding_alone_are_alike():
    before = np.array([0.1, 0.2, 0.3, 0.7])
    with pytest.raises(InvalidResponses, match="persons changed alike"):
        group_change(before, before + 0.1)
    with pytest.raises(InvalidResponses, match="persons before alike"):
        group_change([0.1, 0.1, 0.1], [0.2, 0.3, 0.5])
