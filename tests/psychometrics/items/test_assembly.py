"""Short forms: best under the rules, and honest about how best."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from psychometrics import NotIdentified, ant_colony, assemble

DOMAINS = {"one": ["a", "b", "c", "d"], "two": ["e", "f", "g", "h"]}
ITEMS = [item for items in DOMAINS.values() for item in items]


@pytest.fixture
def information(rng):
    return pd.DataFrame(rng.uniform(0.1, 2, (8, 3)), ITEMS, [-2.0, 0.0, 1.0])


def every_form(n_items, minimum):
    for form in combinations(ITEMS, n_items):
        if all(len({*form} & {*items}) >= minimum for items in DOMAINS.values()):
            yield list(form)


def test_weighted_form_beats_every_other_form(information):
    found = assemble(information, DOMAINS, 4, minimum=2)
    best = max(information.loc[form].to_numpy().sum() / 3 for form in every_form(4, 2))
    assert found.is_optimal
    assert found.objective == pytest.approx(best)
    assert information.loc[found.form()].to_numpy().sum() / 3 == pytest.approx(best)


def test_maximin_form_has_the_highest_lowest_information(information):
    found = assemble(information, DOMAINS, 3, criterion="maximin")
    best = max(information.loc[form].sum().min() for form in every_form(3, 1))
    assert found.information[1].min() == pytest.approx(best)


def test_reliability_form_takes_the_highest_loadings():
    loadings = pd.DataFrame({"g": [0.8, 0.7, 0.3, 0.2, 0.9, 0.1, 0.4, 0.5]}, ITEMS)
    found = assemble(loadings, DOMAINS, 4, criterion="reliability", minimum=2)
    assert found.form() == ["a", "b", "e", "h"]


def test_enemies_forced_and_forbidden_items_are_respected(information):
    free = assemble(information, DOMAINS, 4).form()
    found = assemble(
        information,
        DOMAINS,
        4,
        enemies=[free[:2]],
        forced=[next(i for i in ITEMS if i not in free)],
        forbidden=[free[3]],
    ).form()
    assert not {*free[:2]} <= {*found}
    assert free[3] not in found
    assert next(i for i in ITEMS if i not in free) in found


def test_reading_load_stays_under_its_limit(information):
    words = pd.Series(np.arange(8) + 5.0, ITEMS)
    found = assemble(information, DOMAINS, 4, load=words, load_limit=30)
    assert words[found.form()].sum() <= 30


def test_parallel_forms_share_no_item_and_are_alike(information):
    found = assemble(information, DOMAINS, 3, n_forms=2, criterion="maximin")
    assert not {*found.form(1)} & {*found.form(2)}
    weakest = found.information.min().min()
    assert weakest == pytest.approx(found.objective)


def test_rules_that_no_form_can_satisfy_are_refused(information):
    with pytest.raises(NotIdentified, match="no form satisfies"):
        assemble(information, DOMAINS, 3, minimum=2)


def test_ants_find_the_proven_form(information, rng):
    proven = assemble(information, DOMAINS, 4, minimum=2)

    def quality(form):
        return information.loc[form].to_numpy().sum() / 3

    found = ant_colony(quality, DOMAINS, 4, minimum=2, rng=rng)
    assert found.objective == pytest.approx(proven.objective)
    assert np.isnan(found.bound)
