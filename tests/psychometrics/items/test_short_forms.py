"""A short form of public answers: proven best, and checked on those held out."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import assemble, compare_forms, graded_response, split_half_sample
from tests.golden.reference import BFI_ITEMS, BFI_REVERSED, BFI_SCALES, dataset

FORMS = ["full", "form"]
THETA = [-2.0, -1.0, 0.0, 1.0, 2.0]


@pytest.fixture(scope="module")
def halves():
    answers = dataset("bfi")[BFI_ITEMS].copy()
    answers[list(BFI_REVERSED)] = 7 - answers[list(BFI_REVERSED)]
    return split_half_sample(answers, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def information(halves):
    parts = [
        graded_response(halves[0][items], se=False).information(THETA)
        for items in BFI_SCALES.values()
    ]
    return pd.concat([part.drop(columns="test").T for part in parts])


@pytest.fixture(scope="module")
def form(information):
    return assemble(information, BFI_SCALES, 10, minimum=2, maximum=2)


def test_form_keeps_more_information_than_2000_random_ones(form, information, rng):
    summed = information.sum(axis=1)
    best = max(
        sum(
            summed[rng.choice(items, 2, replace=False)].sum()
            for items in BFI_SCALES.values()
        )
        for _ in range(2000)
    )
    assert form.is_optimal
    assert summed[form.form()].sum() >= best - 1e-9


def test_form_keeps_at_least_what_a_greedy_search_keeps(information):
    chosen, left = [], dict.fromkeys(BFI_SCALES, 2)
    for _ in range(10):
        lowest = {
            item: (information.loc[chosen].sum() + information.loc[item]).min()
            for scale, items in BFI_SCALES.items()
            for item in items
            if left[scale] and item not in chosen
        }
        chosen.append(max(lowest, key=lowest.get))
        left[next(s for s, items in BFI_SCALES.items() if chosen[-1] in items)] -= 1
    found = assemble(
        information, BFI_SCALES, 10, criterion="maximin", minimum=2, maximum=2
    )
    greedy = information.loc[chosen].sum().min()
    assert found.information[1].min() >= greedy - 1e-9


@pytest.mark.filterwarnings("ignore::psychometrics.HeywoodWarning")
def test_comparison_on_held_out_persons_shows_what_is_lost(form, halves):
    found = compare_forms(halves[1], form.form(), BFI_SCALES)
    assert found.n_persons == len(halves[1])
    assert list(found.table.index) == [(s, v) for s in BFI_SCALES for v in FORMS]
    full, form = (found.table.xs(version, level="version") for version in FORMS)
    assert form["alpha"].mean() < full["alpha"].mean()
    assert (form["corrected"] > 0.5).all()
    assert (form["corrected"] < form["correlation"]).all()
    kept = found.information.xs("form", axis=1, level=1)
    assert (kept < found.information.xs("full", axis=1, level=1)).all().all()


def test_a_scale_is_checked_as_the_score_that_it_will_be(halves):
    items = ["A1", "A2", "A3", "C1", "C2", "E1"]
    found = compare_forms(halves[1], items, BFI_SCALES)
    held = halves[1][BFI_SCALES["A"]]
    scored = held.mean(axis=1).where(held.notna().sum(axis=1) >= 2.5)
    kept = held[items[:3]]
    short = kept.mean(axis=1).where(kept.notna().sum(axis=1) >= 1.5)
    row = found.table.loc[("A", "form")]
    assert row["correlation"] == pytest.approx(scored.corr(short), abs=1e-12)
    assert np.isnan(found.table.loc[("E", "form"), "alpha"])
    assert any("E: the form has one of its items" in note for note in found.notes)
    assert any("N: the form has none of its items" in note for note in found.notes)


def test_correction_recovers_the_correlation_of_an_alternate_form(rng):
    true = rng.standard_normal((20_000, 1))
    items = true + rng.standard_normal((20_000, 12))
    codes = np.digitize(items, [-1.5, 0, 1.5]).astype(float)
    frame = pd.DataFrame(codes, columns=[f"i{k}" for k in range(12)])
    form, twin = list(frame.columns[:4]), list(frame.columns[4:8])
    rest = {"bank": list(frame.columns)}
    found = compare_forms(frame, form, rest, together=True)
    corrected = found.table.loc[("total", "form"), "corrected"]
    outside = frame.drop(columns=form).mean(axis=1)
    shared = frame[form].mean(axis=1)
    free = (8 * shared.cov(outside) + 4 * shared.cov(frame[twin].mean(axis=1))) / 12
    full = frame.mean(axis=1)
    assert corrected == pytest.approx(free / (shared.std() * full.std()), abs=0.01)
