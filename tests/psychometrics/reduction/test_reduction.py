"""Item reduction: known faults are found, sound items stay, people decide."""

from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    DEFAULT_RULES,
    InvalidResponses,
    Rule,
    reduce_items,
    tally_votes,
)
from tests.psychometrics.reduction.planted import found, planted_bank


@pytest.fixture(scope="module")
def planted():
    return planted_bank(1)


@pytest.fixture(scope="module")
def reduction(planted):
    answers, domains, groups, _ = planted
    return reduce_items(answers, domains, groups=groups, minimum=4)


@pytest.fixture(scope="module")
def small():
    """Two domains of six items, of which a1 is noise and b1 a copy of b2."""
    rng = np.random.default_rng(3)
    theta = rng.standard_normal((400, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    latent = 0.75 * np.repeat(theta, 6, axis=1) + 0.66 * rng.standard_normal((400, 12))
    latent[:, 0] = rng.standard_normal(400)
    latent[:, 6] = latent[:, 7] + 0.2 * rng.standard_normal(400)
    domains = {d: [f"{d}{k}" for k in range(1, 7)] for d in "ab"}
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]).astype(float)
    return pd.DataFrame(codes, columns=sum(domains.values(), [])), domains


def test_planted_faults_are_found_and_sound_items_stay(planted, reduction):
    faults = planted[3]
    caught, sound = found(reduction, faults)
    assert len(caught) >= 10
    assert len(sound) <= 4
    assert len(set(reduction.removed) - set(faults)) <= 1


@pytest.mark.slow
def test_planted_faults_are_found_in_nine_of_ten_banks_and_all_ten_finish():
    good = []
    for seed in range(1, 11):
        answers, domains, groups, faults = planted_bank(seed)
        options = {"groups": groups, "minimum": 4, "n_replications": 20}
        reduction = reduce_items(answers, domains, **options)
        caught, sound = found(reduction, faults)
        good.append(len(caught) >= 10 and len(sound) <= 4)
    assert sum(good) >= 9


def test_ledger_has_a_row_for_every_item_and_rule(reduction):
    assert len(reduction.ledger) == 72 * len(DEFAULT_RULES)
    assert reduction.ledger["source"].str.len().min() > 0
    assert reduction.decisions["reason"].str.len().min() > 0


def test_an_easy_item_is_flagged_for_one_option_but_spared(planted, reduction):
    ceiling = [item for item, kind in planted[3].items() if kind == "ceiling"]
    rows = reduction.ledger.set_index(["item", "statistic"])
    for item in ceiling:
        assert rows.loc[(item, "top_option"), "flagged"]
        assert not rows.loc[(item, "top_option"), "counts"]
        assert item in reduction.retained


def test_flow_adds_up_and_is_drawn(reduction):
    flow = reduction.flow()
    assert flow["removed"] + flow["retained"] == flow["items in the bank"] == 72
    texts = [text.get_text() for text in reduction.plot().texts]
    assert f"retained\nn = {flow['retained']}" in texts
    (gone,) = (text for text in texts if text.startswith("removed: "))
    assert str(reduction.removed[0]) in gone


def test_noise_goes_first_and_one_of_a_redundant_pair_follows(small):
    answers, domains = small
    reduction = reduce_items(answers, domains)
    assert reduction.removed[0] == "a1"
    assert len({"b1", "b2"} & set(reduction.removed)) == 1
    assert len(reduction.removed) == 2


def test_votes_overrule_flags(small):
    answers, domains = small
    reduction = reduce_items(answers, domains, votes={"a1": "keep", "b6": "drop"})
    assert "a1" in reduction.retained
    assert reduction.decisions.loc["a1", "decision"] == "kept by vote"
    assert reduction.removed[0] == "b6"
    assert "voted" in reduction.decisions.loc["b6", "reason"]


def test_a_domain_never_falls_below_its_minimum(small):
    answers, domains = small
    reduction = reduce_items(
        answers, domains, minimum=MappingProxyType({"a": 6, "b": 2})
    )
    assert set(domains["a"]) <= set(reduction.retained)


def test_rules_can_be_changed(small):
    answers, domains = small
    strict = [Rule(1, "item_rest", 0.99, "for this test", is_floor=True)]
    reduction = reduce_items(answers, domains, rules=strict, n_flags=1, minimum=5)
    assert len(reduction.removed) == 2
    assert set(reduction.ledger["statistic"]) == {"item_rest"}


def test_resamples_give_the_share_in_which_an_item_is_kept(small):
    answers, domains = small
    with ThreadPoolExecutor(1) as executor:
        there = reduce_items(answers, domains, n_replications=4, executor=executor)
    here = reduce_items(answers, domains, n_replications=4)
    share = here.decisions["kept_share"]
    assert share["a1"] == 0 and share["a4"] == 1
    pd.testing.assert_series_equal(share, there.decisions["kept_share"])


def test_order_of_items_does_not_change_what_goes(small):
    answers, domains = small
    turned = {d: items[::-1] for d, items in reversed(domains.items())}
    one, other = reduce_items(answers, domains), reduce_items(answers, turned)
    assert one.removed == other.removed


def test_an_unknown_item_is_refused(small):
    answers, domains = small
    with pytest.raises(InvalidResponses, match="no column z9"):
        reduce_items(answers, {**domains, "c": ["z9"]})


def test_raters_flag_an_item_and_those_nobody_rated_stay(small):
    answers, domains = small
    content = pd.DataFrame({"relevance": [0.5, 0.95]}, index=["a2", "a3"])
    reduction = reduce_items(answers, domains, content=content)
    stage = reduction.ledger.query("stage == 0 and flagged")
    assert stage[["item", "statistic"]].to_numpy().tolist() == [["a2", "relevance"]]
    assert reduction.flow()["flagged by content"] == 1
    assert "flagged by content" not in reduce_items(answers, domains).flow()


def test_every_row_of_the_ledger_says_what_was_decided_and_why(small):
    answers, domains = small
    reduction = reduce_items(answers, domains, votes={"b6": "drop"})
    rows = reduction.ledger.set_index("item").loc["b6"]
    assert set(rows["decision"]) == {"removed"}
    assert rows["reason"].str.contains("voted").all()
    assert reduction.flow()["dropped by vote"] == 1


def test_the_majority_of_ballots_decides_and_a_tie_decides_nothing():
    ballots = pd.DataFrame(
        {
            "voter": list("xyzxyx"),
            "item": ["a1", "a1", "a1", "a2", "a2", "a3"],
            "vote": ["keep", "drop", "Drop ", "keep", "drop", "keep"],
        }
    )
    assert tally_votes(ballots).to_dict() == {"a1": "drop", "a3": "keep"}


@pytest.mark.parametrize(
    "options, says",
    [
        ({"votes": {"z9": "keep"}}, "a vote about z9"),
        ({"votes": {"a1": "maybe"}}, "'maybe' on a1"),
        ({"content": pd.DataFrame({"relevance": [1]}, ["z9"])}, "a rating about z9"),
        ({"rules": [Rule(1, "charm", 1, "nobody")]}, "a rule about charm"),
    ],
)
def test_what_is_unknown_is_named(small, options, says):
    with pytest.raises(InvalidResponses, match=says):
        reduce_items(*small, **options)


def test_a_ballot_that_says_neither_is_named_by_its_row():
    ballots = pd.DataFrame({"item": ["a1"], "vote": ["perhaps"]}, index=[2])
    with pytest.raises(InvalidResponses, match="row 2: 'perhaps'"):
        tally_votes(ballots)
