"""Pearson, Spearman and polychoric matrices."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import (
    InvalidResponses,
    SmoothingWarning,
    SparseCategoryWarning,
    pearson,
    polychoric,
    polychoric_pair,
    polyserial,
    spearman,
    tetrachoric,
)


def answers(rng, n=800, corr=0.5, n_items=5, cuts=(-1, 0, 1), missing=0.0):
    latent = np.sqrt(corr) * rng.normal(size=(n, 1))
    latent = latent + np.sqrt(1 - corr) * rng.normal(size=(n, n_items))
    frame = pd.DataFrame(np.digitize(latent, cuts) + 1.0).add_prefix("q")
    return frame.mask(rng.random(frame.shape) < missing)


def between(matrix):
    return matrix.to_numpy()[np.tril_indices(len(matrix), -1)]


@pytest.mark.parametrize("corr", [0.0, 0.3, 0.7, 0.95])
def test_a_known_correlation_is_recovered(rng, corr):
    found = polychoric(answers(rng, n=8000, corr=corr))
    assert between(found.corr).mean() == pytest.approx(corr, abs=0.02)
    expected = pd.DataFrame([[-1, 0, 1]] * 5).to_numpy()
    np.testing.assert_allclose(found.thresholds, expected, atol=0.06)


@given(st.integers(0, 10**6), st.floats(0.05, 0.9), st.booleans())
@settings(deadline=None, max_examples=25)
def test_a_matrix_has_a_unit_diagonal_and_follows_its_items(seed, corr, gaps):
    rng = np.random.default_rng(seed)
    frame = answers(rng, n=150, corr=corr, missing=0.1 if gaps else 0.0)
    order = rng.permutation(frame.columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmoothingWarning)
        found = polychoric(frame).corr
        again = polychoric(frame[order]).corr
        turned = polychoric(6 - frame).corr
    assert (np.diag(found) == 1).all()
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(again, found.loc[order, order], atol=1e-8)
    np.testing.assert_allclose(turned, found, atol=1e-8)
    assert np.linalg.eigvalsh(found)[0] > 0


def test_reversing_one_item_turns_the_sign_of_its_correlations(rng):
    frame = answers(rng)
    turned = polychoric(frame.assign(q0=5 - frame["q0"])).corr.loc["q0", "q1":]
    straight = polychoric(frame).corr.loc["q0", "q1":]
    np.testing.assert_allclose(turned, -straight, atol=1e-8)


def test_pairwise_uses_all_who_answered_both_and_complete_only_the_full_rows(rng):
    frame = answers(rng, missing=0.1)
    assert polychoric(frame).n.loc["q0", "q1"] == frame[["q0", "q1"]].dropna().shape[0]
    complete = polychoric(frame, missing="complete")
    assert complete.n_persons == len(frame.dropna())
    pd.testing.assert_frame_equal(complete.corr, polychoric(frame.dropna()).corr)


def test_thresholds_of_pairs_are_those_of_the_persons_of_that_pair(rng):
    frame = answers(rng, missing=0.3).dropna(how="all")
    found = polychoric(frame, thresholds="pair").pair_thresholds.loc[("q0", "q3")]
    both = frame[["q0", "q3"]].dropna()
    np.testing.assert_allclose(found, polychoric(both).thresholds.loc["q0"])


def test_an_indefinite_matrix_is_smoothed_and_said_to_be(rng):
    frame = answers(rng, n=80, corr=0.7, n_items=8, cuts=(0,), missing=0.5)
    with pytest.warns(SmoothingWarning, match="smallest eigenvalue was -"):
        found = tetrachoric(frame, correction=0.5)
    assert found.min_eigenvalue < 0 < np.linalg.eigvalsh(found.corr)[0]
    assert "smoothed" in found.summary()
    np.testing.assert_allclose(np.diag(found.corr), 1)
    raw = tetrachoric(frame, correction=0.5, smooth=False).corr
    assert np.linalg.eigvalsh(raw)[0] == pytest.approx(found.min_eigenvalue)


def test_empty_cells_send_a_correlation_to_its_limit_and_a_correction_holds_it():
    frame = pd.DataFrame({"a": [0, 0, 0, 1, 1, 1] * 5, "b": [0, 0, 1, 1, 1, 1] * 5})
    with pytest.warns(SparseCategoryWarning, match="items a and b"):
        limit = tetrachoric(frame, smooth=False)
    assert limit.corr.loc["a", "b"] > 0.9999
    assert np.isnan(limit.se.loc["a", "b"])
    assert "1 of 1 pairs of items have empty cells" in limit.summary()
    assert tetrachoric(frame, correction=0.5).corr.loc["a", "b"] < 0.99


def test_tetrachorics_need_two_categories(rng):
    with pytest.raises(InvalidResponses, match="item q0 has 4 categories"):
        tetrachoric(answers(rng))


def test_the_covariance_of_the_estimates_is_labelled_thresholds_first(rng):
    found = polychoric(answers(rng, n_items=3), acov=True)
    labels = [f"q{j}|t{k}" for j in range(3) for k in (1, 2, 3)]
    assert [*found.acov.index] == labels + ["q0~~q1", "q0~~q2", "q1~~q2"]
    se = np.sqrt(found.acov.loc["q0~~q2", "q0~~q2"] / found.n_persons)
    assert se == pytest.approx(found.se.loc["q0", "q2"])


def test_pearson_of_pairs_is_that_of_their_complete_rows(rng):
    frame = answers(rng, missing=0.2).dropna(how="all")
    pd.testing.assert_frame_equal(pearson(frame).corr, frame.corr())
    both = frame[["q1", "q4"]].dropna()
    ranks = both.rank().corr().iloc[0, 1]
    assert spearman(frame).corr.loc["q1", "q4"] == pytest.approx(ranks)


def test_standard_errors_are_those_of_repeated_samples(rng):
    cov = [[1, 0.6], [0.6, 1]]
    found = [pearson(rng.multivariate_normal([0, 0], cov, 100)) for _ in range(400)]
    spread = np.std([result.corr.iloc[0, 1] for result in found])
    assert np.mean([result.se.iloc[0, 1] for result in found]) == pytest.approx(
        spread, rel=0.15
    )


def test_polyserial_recovers_a_known_correlation(rng):
    latent = rng.multivariate_normal([0, 0], [[1, -0.6], [-0.6, 1]], 6000)
    item = pd.Series(np.digitize(latent[:, 1], [-1, 0.5]), name="q")
    found = polyserial(pd.Series(latent[:, 0] * 9 + 50, name="total"), item)
    assert found.corr.loc["total", "q"] == pytest.approx(-0.6, abs=0.03)
    assert found.se.loc["total", "q"] == pytest.approx(0.01, abs=0.003)


def test_polyserial_nears_pearson_as_categories_multiply(rng):
    latent = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 4000)
    fine = np.digitize(latent[:, 1], np.linspace(-2.5, 2.5, 60))
    found = polyserial(latent[:, 0], fine).corr.iloc[0, 0]
    assert found == pytest.approx(np.corrcoef(latent.T)[0, 1], abs=0.005)


def test_normal_answers_pass_the_test_of_normality_and_bent_ones_fail(rng):
    frame = answers(rng, n=3000, n_items=2)
    assert polychoric_pair(frame["q0"], frame["q1"]).p > 0.01
    bent = frame["q0"].where(frame["q1"] != 4, 1)
    assert polychoric_pair(bent, frame["q1"]).p < 1e-6


def test_joint_estimates_are_at_least_as_likely(rng):
    frame = answers(rng, n_items=2)
    steps = polychoric_pair(frame["q0"], frame["q1"])
    joint = polychoric_pair(frame["q0"], frame["q1"], joint=True)
    assert joint.chi2 <= steps.chi2
    assert joint.corr == pytest.approx(steps.corr, abs=0.01)
    assert joint.expected.sum().sum() == pytest.approx(len(frame))


@pytest.mark.parametrize("estimate", [pearson, spearman, polychoric])
def test_items_never_answered_together_are_named(estimate):
    gaps = pd.DataFrame(
        {"a": [1, 2, 1, None, None, None], "b": [None, None, None, 1, 2, 1]}
    )
    with pytest.raises(InvalidResponses, match="items a and b were answered together"):
        estimate(gaps)


@pytest.mark.parametrize("estimate", [pearson, spearman, polychoric])
def test_items_that_do_not_vary_together_are_named(estimate):
    rows = [[1, None], [2, None], [3, None], [2, 1], [2, 2], [2, 3], [2, 1]]
    with pytest.raises(InvalidResponses, match="items a and b"):
        estimate(pd.DataFrame(rows, columns=["a", "b"]))


def test_a_category_that_a_pair_s_persons_lack_has_no_threshold(rng):
    frame = answers(rng, n=300, n_items=2)
    gaps = frame.assign(q1=frame["q1"].where(frame["q0"].isin([2, 3])))
    found = polychoric(gaps, thresholds="pair")
    assert found.pair_thresholds.loc[("q0", "q1")].isna().tolist() == [
        True,
        False,
        True,
    ]
    assert found.pair_thresholds.loc[("q1", "q0")].notna().all()
    assert found.se.loc["q0", "q1"] > 0


def test_a_correction_that_outweighs_a_pair_s_answers_is_refused():
    few = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6, 1], "b": [2, 1, 4, 3, 6, 5, 1]})
    with pytest.raises(InvalidResponses, match="correction outweighs the answers"):
        polychoric(few, thresholds="pair", correction=0.5)


def test_options_that_do_not_exist_are_named(rng):
    frame = answers(rng)
    with pytest.raises(ValueError, match="pairwise, complete"):
        pearson(frame, missing="listwise")
    with pytest.raises(ValueError, match="give one of item, pair"):
        polychoric(frame, thresholds="own")
    with pytest.raises(ValueError, match="give one of product, observed"):
        polychoric(frame, information="expected")
    with pytest.raises(ValueError, match="correction is -1"):
        polychoric(frame, correction=-1)
    with pytest.raises(ValueError, match="acov needs"):
        polychoric(frame, thresholds="pair", acov=True)


def test_pictures_and_pairs_are_drawn_from_the_matrix(rng):
    found = polychoric(answers(rng, n_items=3))
    assert [*found.pairs().columns] == ["item", "with", "r", "se", "n"]
    assert len(found.plot().get_xticklabels()) == 3
    frame = answers(rng, n_items=2)
    assert polychoric_pair(frame["q0"], frame["q1"]).plot().images


def test_a_table_cut_at_both_means_is_sheppards():
    rows = [[0, 0]] * 40 + [[0, 1]] * 10 + [[1, 0]] * 10 + [[1, 1]] * 40
    found = tetrachoric(pd.DataFrame(rows, columns=["a", "b"]))
    assert found.corr.loc["a", "b"] == pytest.approx(np.sin(0.3 * np.pi), abs=1e-9)
