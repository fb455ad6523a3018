"""Alpha, split halves, lambdas and composite reliability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import (
    EmptyRowWarning,
    InvalidResponses,
    NotIdentified,
    ReversedItemWarning,
    composite_reliability,
    cronbach_alpha,
    guttman_lambdas,
    htmt,
    length_needed,
    spearman_brown,
    split_half,
)
from psychometrics.correlation.polychoric import covariance_of
from psychometrics.reliability.alpha_inference import alpha_of, jackknife_alphas

LOADINGS = np.array([0.5, 0.6, 0.7, 0.8])


def answers(rng, n=400, loadings=LOADINGS, cuts=None):
    loadings = np.asarray(loadings)
    latent = rng.normal(size=(n, 1)) * loadings
    latent = latent + rng.normal(size=(n, len(loadings))) * np.sqrt(1 - loadings**2)
    if cuts is not None:
        latent = np.digitize(latent, cuts)
    return pd.DataFrame(latent).add_prefix("q")


@given(st.integers(0, 10**6), st.floats(-50, 50))
@settings(deadline=None, max_examples=25)
def test_alpha_ignores_a_shift_the_order_of_items_and_a_common_factor(seed, shift):
    frame = answers(np.random.default_rng(seed), n=40)
    plain = cronbach_alpha(frame)
    assert cronbach_alpha(frame + shift).alpha == pytest.approx(plain.alpha)
    assert cronbach_alpha(frame * 3).alpha == pytest.approx(plain.alpha)
    assert cronbach_alpha(frame[frame.columns[::-1]]).alpha == pytest.approx(
        plain.alpha
    )
    assert cronbach_alpha(-frame).standardized == pytest.approx(plain.standardized)


def test_alpha_of_parallel_items_is_their_reliability_and_its_interval_covers_it(rng):
    truth, covered = 4 * 0.49 / (1 + 3 * 0.49), 0
    for _ in range(300):
        low, high = cronbach_alpha(answers(rng, n=60, loadings=[0.7] * 4)).ci
        covered += low < truth < high
    assert 0.92 < covered / 300 < 0.98


def test_the_bootstrap_interval_is_near_feldts_where_that_holds(rng):
    frame = answers(rng, n=500, loadings=[0.7] * 4)
    feldt, resampled = (
        cronbach_alpha(frame),
        cronbach_alpha(frame, n_replications=400, rng=rng),
    )
    np.testing.assert_allclose(resampled.ci, feldt.ci, atol=0.015)
    with pytest.raises(ValueError, match="needs rng"):
        cronbach_alpha(frame, n_replications=10)


def test_ordinal_alpha_is_that_of_the_responses_behind(rng):
    frame = answers(rng, n=3000, cuts=[0.8, 1.5])
    coarse = cronbach_alpha(frame)
    behind = cronbach_alpha(frame, ordinal=True, n_replications=30, rng=rng)
    total = LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum()
    assert behind.alpha == pytest.approx(4 / 3 * (1 - 4 / total), abs=0.02)
    assert coarse.alpha < behind.alpha - 0.05
    assert behind.ci[0] < behind.alpha < behind.ci[1]
    assert "not of the sum score" in behind.summary()


def test_the_interval_of_ordinal_alpha_covers_it(rng):
    total = LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum()
    truth, covered = 4 / 3 * (1 - 4 / total), 0
    for _ in range(200):
        frame = answers(rng, n=200, cuts=[-0.5, 0.5, 1.2])
        low, high = cronbach_alpha(frame, ordinal=True).ci
        covered += low < truth < high
    assert 0.90 < covered / 200 < 0.99


def teams(rng, n_teams=10, size=40, spread=0.25):
    """Answers in teams that differ in the very covariances of their items."""
    team = np.repeat(np.arange(n_teams), size)
    strength = np.exp(spread * rng.normal(size=n_teams))[team, None]
    latent = strength * rng.normal(size=(len(team), 1))
    latent = latent + rng.normal(size=(len(team), 4))
    return pd.DataFrame(latent).add_prefix("q"), team


def test_an_interval_by_teams_covers_where_that_by_persons_does_not(rng):
    common = np.exp(2 * 0.25**2)  # the mean of the squared strength
    truth = 4 / 3 * (1 - 4 * (common + 1) / (16 * common + 4))
    covered = np.zeros(2)
    for _ in range(300):
        frame, team = teams(rng)
        for place, clusters in enumerate((None, team)):
            low, high = cronbach_alpha(frame, clusters=clusters).ci
            covered[place] += low < truth < high
    assert covered[0] / 300 < 0.8
    assert 0.90 < covered[1] / 300 < 0.98


def test_influences_give_the_normal_error_where_answers_are_normal(rng):
    frame = answers(rng, n=8000)
    everybody_alone = cronbach_alpha(frame, clusters=np.arange(8000))
    assert everybody_alone.se == pytest.approx(cronbach_alpha(frame).se, rel=0.05)


def test_missing_answers_leave_the_influences_those_of_the_resamples(rng):
    frame = answers(rng, n=400)
    frame = frame.mask(rng.random(frame.shape) < 0.2)
    alone = cronbach_alpha(frame, clusters=np.arange(400))
    again = [
        cronbach_alpha(frame.iloc[rng.integers(0, 400, 400)]).alpha for _ in range(200)
    ]
    assert alone.se == pytest.approx(np.std(again), rel=0.15)


def test_clusters_that_do_not_fit_are_refused(rng):
    frame = answers(rng)
    with pytest.raises(InvalidResponses, match="10 clusters for 400 persons"):
        cronbach_alpha(frame, clusters=np.arange(10))
    with pytest.raises(InvalidResponses, match="one cluster"):
        cronbach_alpha(frame, clusters=np.zeros(400))


def test_dropping_an_item_gives_alpha_of_the_others(rng):
    frame = answers(rng)
    found = cronbach_alpha(frame).if_dropped["alpha"]
    for item in frame:
        others = cronbach_alpha(frame.drop(columns=item)).alpha
        assert found[item] == pytest.approx(others)


def test_an_item_keyed_the_wrong_way_is_named(rng):
    frame = answers(rng)
    frame["q3"] = -frame["q3"]
    with pytest.warns(ReversedItemWarning, match="^q3: negative"):
        found = cronbach_alpha(frame)
    assert "q3: negative item-rest correlation" in found.summary()
    with pytest.warns(ReversedItemWarning, match="^q3: negative"):
        split_half(frame)


@pytest.mark.parametrize("design", ["30 %", "50 %", "booklets", "half the rows"])
def test_intervals_of_alpha_cover_where_answers_are_missing(design, rng):
    n, k, cuts = 120, 6, (-1.5, -0.5, 0.5, 1.5)
    truth = cronbach_alpha(answers(rng, 200_000, [0.6] * k, cuts)).alpha
    covered = 0
    for _ in range(200):
        frame = answers(rng, n, [0.6] * k, cuts).astype(float)
        if design == "booklets":
            for b in range(3):
                frame.iloc[b::3, 2 * b : 2 * b + 2] = np.nan
        elif design == "half the rows":
            frame.iloc[n // 2 :] = np.nan
        else:
            frame = frame.mask(rng.random(frame.shape) < float(design[:2]) / 100)
        low, high = cronbach_alpha(frame.dropna(how="all")).ci
        covered += low < truth < high
    # four standard errors of 200 draws
    assert abs(covered / 200 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200)


def test_the_jackknife_leaves_out_each_person_in_turn(rng):
    values = answers(rng, n=25).mask(rng.random((25, 4)) < 0.2).to_numpy()
    values = values[~np.isnan(values).all(axis=1)]
    one_by_one = [
        alpha_of(covariance_of(np.delete(values, person, axis=0)))
        for person in range(len(values))
    ]
    np.testing.assert_allclose(jackknife_alphas(values), one_by_one, atol=1e-12)


def test_empty_rows_change_nothing_of_alpha_and_are_said(rng):
    frame = answers(rng, cuts=(-1, 0, 1)).astype(float)
    padded = pd.concat([frame, frame.iloc[:300] * np.nan], ignore_index=True)
    plain = cronbach_alpha(frame)
    with pytest.warns(EmptyRowWarning, match="300 of 700 rows"):
        found = cronbach_alpha(padded)
    assert (found.ci, found.se, found.n) == (plain.ci, plain.se, 400)
    assert "300 of 700 rows hold no answer" in found.summary()


def test_gaps_leave_persons_worth_fewer_than_there_are(rng):
    frame = answers(rng, cuts=(-1, 0, 1)).astype(float)
    whole = cronbach_alpha(frame)
    assert whole.n_effective == pytest.approx(400)
    gaps = cronbach_alpha(frame.mask(rng.random(frame.shape) < 0.4).dropna(how="all"))
    assert gaps.n_complete < gaps.n_effective < 0.7 * gaps.n
    assert f"together worth {gaps.n_effective:.0f}" in gaps.summary()


def test_an_option_used_by_two_leaves_the_ordinal_interval_finite(rng):
    frame = answers(rng, n=150, cuts=(-1, 0, 1))
    frame["rare"] = 0
    frame.loc[[3, 9], "rare"] = 1
    found = cronbach_alpha(frame, ordinal=True, n_replications=60, rng=1)
    assert np.isfinite(found.ci).all() and found.n_redrawn > 0
    assert f"{found.n_redrawn} resamples drawn again" in found.summary()


def test_two_items_have_no_alpha_without_one_of_them(rng):
    found = cronbach_alpha(answers(rng)[["q0", "q1"]])
    assert found.if_dropped["alpha"].isna().all()


def test_the_mean_of_all_equal_halves_is_alpha(rng):
    frame = answers(rng, loadings=[0.3, 0.5, 0.6, 0.7, 0.8, 0.9])
    found = split_half(frame)
    assert (found.is_exhaustive, found.n_possible) == (True, 10)
    assert found.mean == pytest.approx(cronbach_alpha(frame).alpha)


def test_one_split_is_guttmans_formula(rng):
    frame = answers(rng)
    found = split_half(frame).splits.set_index("first_half")["reliability"]
    halves = frame[["q0", "q2"]].sum(axis=1), frame[["q1", "q3"]].sum(axis=1)
    expected = 4 * np.cov(*halves)[0, 1] / frame.sum(axis=1).var()
    assert found["q0 q2"] == pytest.approx(expected)


def test_many_items_are_sampled_and_said_to_be(rng):
    frame = answers(rng, loadings=[0.6] * 20)
    with pytest.raises(ValueError, match="92378 splits of 20 items"):
        split_half(frame)
    found = split_half(frame, n_splits=500, rng=rng)
    assert (len(found.splits), found.is_exhaustive) == (500, False)
    assert "sampled from 92378 splits" in found.summary()
    assert found.mean == pytest.approx(cronbach_alpha(frame).alpha, abs=0.005)


def test_the_lambdas_keep_their_order_and_bound_the_reliability(rng):
    found = guttman_lambdas(answers(rng, n=20000)).lambdas
    truth = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    assert found["lambda1"] < found["lambda3"] <= found["lambda2"]
    assert (found <= truth + 0.01).all()


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
@settings(deadline=None, max_examples=50)
def test_the_length_needed_reaches_its_target(reliability, target):
    length = length_needed(reliability, target=target)
    assert spearman_brown(reliability, length=length) == pytest.approx(target)


def test_impossible_lengths_are_refused():
    with pytest.raises(ValueError, match="target is 1"):
        length_needed(0.8, target=1)
    with pytest.raises(ValueError, match="length is 0"):
        spearman_brown(0.8, length=0)
    for percent in (80, 1.2, -0.5):
        with pytest.raises(ValueError, match=f"reliability is {percent}"):
            spearman_brown(percent, length=2)


def one_factor(loadings=LOADINGS):
    items = [f"q{j}" for j in range(len(loadings))]
    pattern = pd.DataFrame({"f": loadings}, index=items)
    unique = pd.Series(1 - np.asarray(loadings) ** 2, index=items)
    return pattern, pd.DataFrame({"f": [1.0]}, index=["f"]), unique


def test_composite_reliability_is_the_squared_correlation_with_the_factor(rng):
    found = composite_reliability(*one_factor()).table.loc["f"]
    factor = rng.normal(size=(50000, 1))
    noise = rng.normal(size=(50000, 4)) * np.sqrt(1 - LOADINGS**2)
    total = (factor * LOADINGS + noise).sum(axis=1)
    squared = np.corrcoef(total, factor[:, 0])[0, 1] ** 2
    assert found["composite"] == pytest.approx(squared, abs=0.01)
    assert found["ave"] == pytest.approx((LOADINGS**2).mean())


def test_reliability_of_categories_is_the_correlation_of_parallel_forms(rng):
    cuts = [0.5, 1.2]
    factor, forms = rng.normal(size=(60000, 1)), []
    for _ in range(2):
        noise = rng.normal(size=(60000, 4)) * np.sqrt(1 - LOADINGS**2)
        forms.append(np.digitize(factor * LOADINGS + noise, cuts).sum(axis=1))
    model = one_factor()
    thresholds = pd.DataFrame([cuts] * 4, index=model[0].index)
    found = composite_reliability(*model, thresholds=thresholds).table.loc["f"]
    assert found["composite"] == pytest.approx(np.corrcoef(*forms)[0, 1], abs=0.01)
    assert found["composite"] < found["latent"]


def test_tables_that_do_not_match_are_named():
    pattern, cov, unique = one_factor()
    with pytest.raises(InvalidResponses, match="uniquenesses has no row for q3"):
        composite_reliability(pattern, cov, unique.drop("q3"))
    thresholds = pd.DataFrame(0.0, index=pattern.index, columns=["t1"])
    with pytest.raises(InvalidResponses, match="unit variance"):
        composite_reliability(pattern, cov, unique * 2, thresholds=thresholds)


def block(between):
    items = ["a1", "a2", "b1", "b2"]
    values = np.full((4, 4), float(between))
    values[:2, :2] = values[2:, 2:] = 0.5
    np.fill_diagonal(values, 1)
    corr = pd.DataFrame(values, index=items, columns=items)
    return corr, {"a": ["a1", "a2"], "b": ["b1", "b2"]}


def test_the_ratio_is_the_correlation_between_factors():
    for geometric in (False, True):
        found = htmt(*block(0.3), geometric=geometric).ratios
        assert found.loc["a", "b"] == pytest.approx(0.6)
    assert "a and b (0.96)" in htmt(*block(0.48)).summary()


def test_unusable_scales_are_named():
    corr, scales = block(0.3)
    with pytest.raises(InvalidResponses, match="scale a has item zz"):
        htmt(corr, {**scales, "a": ["a1", "zz"]})
    with pytest.raises(InvalidResponses, match="scale b has one item"):
        htmt(corr, {**scales, "b": ["b1"]})
    with pytest.raises(NotIdentified, match="exactly zero"):
        htmt(*block(0.0), geometric=True)


def test_pictures_are_drawn(rng):
    frame = answers(rng)
    assert cronbach_alpha(frame).plot().get_xlabel() == "alpha without the item"
    assert split_half(frame).plot().get_xlabel() == "split-half reliability"
    assert composite_reliability(*one_factor()).plot().patches
    assert htmt(*block(0.3)).plot().images
    assert "lambda6" in guttman_lambdas(frame).summary()
