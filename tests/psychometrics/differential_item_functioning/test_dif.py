"""DIF that was built in is found, and level and refusals hold."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    EmptyRowWarning,
    InvalidResponses,
    NotIdentified,
    SmallSampleWarning,
    dif,
    simulate,
)
from psychometrics.differential_item_functioning import dif_cutoffs, dif_screen

ITEMS = [f"i{j}" for j in range(8)]
METHODS = ("ordinal_logistic", "mantel", "likelihood_ratio")


def grouped(rng, n=400, *, shift=0.0, steepness=1.0, gap=0.5, n_groups=2):
    """Answers 0..3 of groups; in focal groups item i3 is shifted or steeper."""
    group = np.repeat(np.arange(n_groups), n)
    theta = rng.normal(size=n_groups * n) - gap * group
    easiness = np.linspace(-0.8, 0.8, 8)[:, None] + np.array([1.3, 0.0, -1.3])
    z = 1.7 * (theta[:, None, None] + easiness)
    focal = group > 0
    z[focal, 3] = 1.7 * (steepness * theta[focal, None] + easiness[3] + shift)
    answers = (rng.random((len(theta), 8, 1)) < 1 / (1 + np.exp(-z))).sum(axis=2)
    return pd.DataFrame(answers, columns=ITEMS), pd.Series(group).map(str)


@pytest.mark.parametrize("method", METHODS)
def test_a_shifted_item_is_flagged_and_its_direction_known(method, rng):
    table, group = grouped(rng, shift=-0.8)
    result = dif(table, group, method=method)
    assert result.flagged == ["i3"]
    assert result.table.at["i3", "kind"] == "uniform"
    assert result.table.at["i3", "signed_difference"] < -0.2
    assert result.settled and "flagged: i3" in result.summary()


@pytest.mark.parametrize("method", ["ordinal_logistic", "likelihood_ratio"])
def test_a_steeper_item_is_nonuniform(method, rng):
    table, group = grouped(rng, 800, steepness=2.8, gap=0.0)
    result = dif(table, group, method=method, criterion="p")
    assert result.table.at["i3", "kind"] == "nonuniform"


def test_scale_effect_adds_up_the_items(rng):
    table, group = grouped(rng, shift=-0.8)
    result = dif(table, group)
    flagged = result.table.loc["i3"]
    effect = result.scale_effect.loc["1"]
    assert effect["signed_flagged"] == pytest.approx(flagged["signed_difference"])
    total = result.table["unsigned_difference"].sum()
    assert effect["unsigned_all"] == pytest.approx(total)


def test_areas_are_those_between_the_curves(rng):
    table, group = grouped(rng, shift=-0.8)
    row = dif(table, group, method="likelihood_ratio").table.loc["i3"]
    # equal slopes: each of the three steps moves by the shift over the sd of theta
    assert row["signed_area"] == pytest.approx(-0.8 * 3, rel=0.25)
    assert row["unsigned_area"] == pytest.approx(-row["signed_area"], rel=0.05)
    assert abs(row["signed_difference"]) < row["unsigned_area"]


def test_purification_takes_the_guilty_item_out_of_the_match(rng):
    table, group = grouped(rng, 1000, shift=-1.2)
    before = dif(table, group, purify=False, criterion="p")
    after = dif(table, group, criterion="p")
    innocent = [item for item in ITEMS if item != "i3"]
    assert len(before.flagged) > len(after.flagged)
    assert (
        after.table.loc[innocent, "chi2_uniform"].sum()
        < before.table.loc[innocent, "chi2_uniform"].sum()
    )


@pytest.mark.parametrize("method, n_rounds", [("ordinal_logistic", 40), ("mantel", 40)])
def test_level_holds_where_groups_differ_in_theta_alone(method, n_rounds, rng):
    p = [
        dif(*grouped(rng, 300), method=method, purify=False).table["p_total"]
        for _ in range(n_rounds)
    ]
    rejected = (pd.concat(p) < 0.05).mean()
    spread = np.sqrt(0.05 * 0.95 / (8 * n_rounds))
    assert 0.025 - 2 * spread <= rejected <= 0.075 + 2 * spread


@pytest.mark.slow
@pytest.mark.parametrize("method, n_rounds", [*zip(METHODS, (400, 400, 60))])
def test_level_lies_between_2_5_and_7_5_percent(method, n_rounds, rng):
    p = [
        dif(*grouped(rng, 500), method=method, purify=False).table["p_total"]
        for _ in range(n_rounds)
    ]
    assert 0.025 <= (pd.concat(p) < 0.05).mean() <= 0.075


def test_likelihood_ratio_holds_its_level_over_the_items_of_a_few_samples(rng):
    p = [
        dif(*grouped(rng, 300), method="likelihood_ratio", purify=False).table
        for _ in range(4)
    ]
    assert (pd.concat(p)["p_total"] < 0.05).mean() < 0.16


@pytest.mark.parametrize("method", METHODS)
def test_three_groups_are_compared_at_once(method, rng):
    table, group = grouped(rng, 250, shift=-0.9, n_groups=3)
    result = dif(table, group, method=method, criterion="p", purify=False)
    assert result.table["p_total"].idxmin() == "i3"
    assert result.table["df_total"].iloc[0] >= 2
    assert result.scale_effect.index.tolist() == ["1", "2"]


def test_declared_anchors_are_matched_on_and_not_purified(rng):
    table, group = grouped(rng, shift=-0.8)
    result = dif(table, group, anchors=["i0", "i1", "i2"])
    assert len(result.rounds) == 1 and "i3" in result.flagged
    with pytest.raises(InvalidResponses, match="none of the anchors"):
        dif(table, group, anchors=["x"])


def test_a_single_anchor_cannot_be_tested_against_itself(rng):
    table, group = grouped(rng)
    with pytest.raises(NotIdentified, match="item i0 is the only anchor"):
        dif(table, group, method="likelihood_ratio", anchors=["i0"])


def test_gaps_and_unknown_groups_leave_the_others_in(rng):
    table, group = grouped(rng, shift=-0.8)
    table = table.astype(float).mask(rng.random(table.shape) < 0.1)
    group = group.mask(rng.random(len(group)) < 0.05)
    for matching in ("total", "rest", "eap"):
        result = dif(table, group, matching=matching)
        assert "i3" in result.flagged
        assert sum(result.sizes.values()) == group.notna().sum()


def test_a_given_matching_score_is_used(rng):
    table, group = grouped(rng, shift=-0.8)
    result = dif(table, group, matching=table.sum(axis=1))
    assert "matched on a given score" in result.summary()
    assert result.table["p_total"].idxmin() == "i3"


def test_swapping_groups_turns_the_direction_and_nothing_else(rng):
    table, group = grouped(rng, shift=-0.8)
    there = dif(table, group).table
    back = dif(table, group, reference="1").table
    assert back["chi2_total"].to_numpy() == pytest.approx(there["chi2_total"])
    assert back.at["i3", "signed_difference"] > 0 > there.at["i3", "signed_difference"]


def test_categories_that_one_group_lacks_are_joined(rng):
    table, group = grouped(rng)
    table.loc[(group == "1") & (table["i5"] == 3), "i5"] = 2
    models = dif(table, group).models
    assert models.loc["i5", ["threshold_1", "threshold_2"]].notna().all()
    assert np.isnan(models.at["i5", "threshold_3"])


def test_cutoffs_replace_the_fixed_bound(rng):
    table, group = grouped(rng, shift=-0.8)
    cutoffs = dif_cutoffs(table, group, n_replications=20, alpha=0.05, rng=4)
    assert (cutoffs.table["mcfadden_total"] < 0.02).all()
    result = dif(table, group, criterion="effect", cutoffs=cutoffs)
    assert "i3" in result.flagged
    again = dif_cutoffs(table, group, n_replications=20, alpha=0.05, rng=4)
    assert again.table.equals(cutoffs.table)
    assert "20 data sets without DIF" in cutoffs.summary()


def test_small_groups_are_refused_with_their_sizes(rng):
    table, group = grouped(rng, 60)
    with pytest.raises(InvalidResponses, match=r"0 \(60\), 1 \(60\); each needs 100"):
        dif(table, group)
    with pytest.warns(SmallSampleWarning, match="below 200 a group"):
        dif(table, group, min_group=50)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"method": "magic"}, "method is 'magic'; give one of"),
        ({"matching": "magic"}, "matching is 'magic'; give one of"),
        ({"criterion": "magic"}, "criterion is 'magic'; give one of"),
        ({"reference": "9"}, "reference group '9'"),
    ],
)
def test_unknown_options_are_named(options, said, rng):
    table, group = grouped(rng)
    with pytest.raises(ValueError, match=said):
        dif(table, group, **options)


def test_one_group_is_nothing_to_compare(rng):
    table, group = grouped(rng)
    with pytest.raises(InvalidResponses, match="1 group"):
        dif(table, group.map({"0": "a", "1": "a"}))


def test_effects_are_drawn_against_their_bound(rng):
    ax = dif(*grouped(rng, shift=-0.8)).plot()
    assert len(ax.patches) == 8
    assert ax.get_title().startswith("DIF between 0 (n = ")
    assert "flagged" in ax.get_legend_handles_labels()[1]


def test_a_screen_covers_every_column_and_names_what_it_leaves_out(rng):
    table, group = grouped(rng, shift=-0.8)
    background = pd.DataFrame(
        {
            "perspective": group,
            "mode": rng.choice(["web", "paper"], len(group)),
            "language": np.where(np.arange(len(group)) < 30, "cy", "en"),
            "age": rng.integers(18, 90, len(group)),
        }
    )
    background.loc[:19, "mode"] = "telephone"
    result = dif_screen(table, background)
    assert result.flagged.index.tolist() == [("perspective", "i3")]
    assert result.table.index.unique("column").tolist() == ["perspective", "mode"]
    text = result.summary()
    assert "mode: too small: telephone (20 persons)." in text
    assert "language: not compared: 1 group large enough" in text
    assert result.plot().get_title() == "DIF of 8 items by 2 background questions"
    with pytest.raises(InvalidResponses, match="no column can be compared"):
        dif_screen(table, background[["language"]])


def test_rows_without_an_answer_make_no_group_large_enough():
    made = simulate.responses(420, rng=3, loadings=[[0.7]] * 4, thresholds=(-1, 0, 1))
    answers = made.responses.astype(float)
    answers.iloc[410:] = np.nan
    background = pd.DataFrame(
        {"who": ["u"] * 315 + ["c"] * 105, "sex": ["f", "m"] * 210}
    )
    with pytest.warns(EmptyRowWarning):
        found = dif_screen(answers, background)
    assert found.table.index.unique("column").tolist() == ["sex"]
    assert found.refused.iloc[0].tolist() == ["who", "c", "95 persons"]
