"""A second column is matched by label, whichever function takes it."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps

PERSONS = pd.Index([f"p{k}" for k in range(60)])
SCORES = pd.Series(np.random.default_rng(1).normal(5, 1, 60).round(2), PERSONS)
TEAMS = pd.Series(np.repeat(range(6), 10), PERSONS)
RATINGS = pd.DataFrame({"calm": [1 + k % 4 for k in range(60)]}, PERSONS)
CALLS = {
    "mean_interval": lambda column: ps.mean_interval(SCORES, clusters=column),
    "unit_reliability": lambda column: ps.unit_reliability(SCORES, column),
    "known_groups": lambda column: ps.known_groups(SCORES, column % 2),
    "minimal_important_change": lambda column: ps.minimal_important_change(
        SCORES + 0.1 * TEAMS, column // 3
    ),
    "content_validity": lambda column: ps.content_validity(RATINGS, groups=column),
    "xbar_s_chart": lambda column: ps.xbar_s_chart(SCORES, column),
    "group_mean_chart": lambda column: ps.group_mean_chart(SCORES, column + 5, sd=1.0),
}


@pytest.mark.parametrize("name", CALLS)
def test_another_order_of_the_same_persons_changes_nothing(name):
    wanted = CALLS[name](TEAMS).to_frame()
    turned = TEAMS.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(CALLS[name](turned).to_frame(), wanted)


@pytest.mark.parametrize("name", ["known_groups", "unit_reliability", "mean_interval"])
def test_labels_that_stand_twice_are_taken_in_their_order_or_refused(name):
    once = CALLS[name](TEAMS).to_frame()
    twice = TEAMS.set_axis(PERSONS[np.arange(60) // 2])
    with pytest.raises(ps.InvalidResponses, match="p0 stands twice"):
        CALLS[name](twice)
    pd.testing.assert_frame_equal(CALLS[name](TEAMS.to_numpy()).to_frame(), once)
