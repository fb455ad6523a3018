"""Items that a model refuses are findings: nothing else is lost for their sake."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import reduce_items
from psychometrics.reduction.ledger import gaps_in_resamples

DOMAINS = {d: [f"{d}{k}" for k in range(1, 5)] for d in "ab"}


@pytest.fixture(scope="module")
def sound():
    """Two domains of five sound items, and two groups of the same size."""
    rng = np.random.default_rng(5)
    theta = rng.standard_normal((400, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    latent = 0.75 * np.repeat(theta, 4, axis=1) + 0.66 * rng.standard_normal((400, 8))
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]).astype(float)
    frame = pd.DataFrame(codes, columns=sum(DOMAINS.values(), []))
    return frame, pd.DataFrame({"sex": np.arange(400) % 2})


def constant(answers, groups):
    answers["a1"] = 3.0


def empty(answers, groups):
    answers["a1"] = np.nan


def copy(answers, groups):
    answers["a1"] = answers["a2"]


def copy_from_another_domain(answers, groups):
    answers["a1"] = answers["b2"]


def nearly_constant(answers, groups):
    answers["a1"] = np.where(answers.index < 8, 2.0, 3.0)


def constant_in_one_group(answers, groups):
    answers.loc[groups["sex"] == 1, "a1"] = 3.0


def unanswered_in_one_group(answers, groups):
    answers.loc[groups["sex"] == 1, "a1"] = np.nan


def perfect_split(answers, groups):
    answers["a1"] = (answers[["a2", "a3", "a4"]].sum(axis=1) > 6).astype(float)


def triplets(answers, groups):
    answers["a1"] = answers["a3"] = answers["a2"]


TROUBLES = (
    constant,
    empty,
    copy,
    copy_from_another_domain,
    nearly_constant,
    constant_in_one_group,
    unanswered_in_one_group,
    perfect_split,
    triplets,
)


@pytest.fixture(scope="module")
def reduced(sound):
    """Each trouble planted in a1, reduced with a resample and groups."""

    def reduce(trouble):
        answers, groups = (table.copy() for table in sound)
        trouble(answers, groups)
        return reduce_items(answers, DOMAINS, groups=groups, n_replications=1)

    return {trouble: reduce(trouble) for trouble in TROUBLES}


@pytest.mark.parametrize("trouble", TROUBLES[:-1])  # triplets leave two items of four
def test_an_item_no_model_takes_costs_no_other_item_its_assessment(reduced, trouble):
    rows = reduced[trouble].ledger.query("item not in ['a1', 'a2', 'a3']")
    asked = rows[~rows["statistic"].isin(["relevance", "clarity", "i_cvi"])]
    assert asked["outcome"].isin(["passed", "flagged"]).all()
    assert asked["outcome"].eq("passed").mean() > 0.9


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_has_no_value_is_said_with_its_reason_and_never_passes(reduced, trouble):
    ledger = reduced[trouble].ledger
    unknown = ledger[ledger["value"].isna()]
    assert unknown["note"].str.len().min() > 0
    passed = unknown[unknown["outcome"] == "passed"]
    assert passed["note"].str.contains("no stronger item").all()


@pytest.mark.parametrize("trouble", [constant, empty, copy, copy_from_another_domain])
def test_an_item_that_adds_nothing_is_flagged_and_goes(reduced, trouble):
    assert len({"a1", "a2", "b2"} & set(reduced[trouble].removed)) == 1
    assert len(reduced[trouble].removed) == 1


def test_an_exact_copy_is_charged_whichever_way_round_it_stands(sound):
    answers = sound[0].assign(a1=sound[0]["a2"])
    turned = {d: items[::-1] for d, items in DOMAINS.items()}
    one, other = reduce_items(answers, DOMAINS), reduce_items(answers, turned)
    assert one.removed == other.removed == ["a2"]


def test_dif_without_groups_is_not_assessed(sound):
    reduction = reduce_items(sound[0], DOMAINS)
    dif = reduction.ledger.query("statistic == 'dif'")
    assert set(dif["outcome"]) == {"not assessed"} and dif["value"].isna().all()
    assert "dif was not assessed for any item: no groups were given." in (
        reduction.summary()
    )
    assert "not assessed: " in reduction.decisions.loc["b1", "reason"]


def test_a_grouping_of_nearly_all_in_one_group_costs_only_itself(sound):
    answers, groups = sound
    lopsided = groups.assign(carer=(np.arange(400) < 8).astype(int))
    dif = reduce_items(answers, DOMAINS, groups=lopsided).ledger
    dif = dif.query("statistic == 'dif'")
    assert dif["value"].notna().all()
    assert set(dif["outcome"]) == {"assessed in part"}
    assert dif["note"].str.contains(r"not by carer: groups are 0 \(392\), 1").all()


@pytest.mark.parametrize("size", [1, 2])
def test_a_domain_as_small_as_allowed_is_judged_on_what_it_allows(sound, size):
    answers, groups = sound
    domains = {d: items[:size] for d, items in DOMAINS.items()}
    reduction = reduce_items(answers, domains, groups=groups, n_replications=2)
    ledger = reduction.ledger.set_index("statistic")
    assert reduction.removed == []
    assert set(ledger.loc["misfit", "outcome"]) == {"not assessed"}
    rest = "passed" if size == 2 else "not assessed"
    assert set(ledger.loc["item_rest", "outcome"]) == {rest}


def test_booklets_without_a_common_pair_are_judged_within_their_domains(sound):
    answers = sound[0].copy()
    answers.loc[:199, DOMAINS["a"]] = np.nan
    answers.loc[200:, DOMAINS["b"]] = np.nan
    reduction = reduce_items(answers, DOMAINS)
    loading = reduction.ledger.query("statistic == 'loading'")
    assert (loading["value"] > 0.4).all()
    cross = reduction.ledger.query("statistic == 'cross_loading'")
    assert cross["note"].str.contains("no other domain").all()


def test_resamples_are_drawn_again_until_what_varies_in_all_varies(sound):
    answers = sound[0].assign(a1=np.where(sound[0].index < 1, 2.0, 3.0))
    notes = " ".join(reduce_items(answers, DOMAINS, n_replications=3).notes)
    assert "were drawn again" in notes and "flags nothing there" not in notes


def test_resamples_say_where_a_statistic_was_out_of_reach(sound):
    ledger = reduce_items(sound[0], DOMAINS).ledger
    here = ledger["outcome"].eq("not assessed").groupby(ledger["statistic"]).sum()
    gaps = pd.DataFrame([here] * 3, index=range(3))
    gaps.loc[1:, "misfit"] += 2
    (note,) = gaps_in_resamples(gaps, ledger, 3)
    assert note.startswith("misfit could not be assessed for every item in 2 of 3")
