"""Answers that leave little to estimate: the report stands, and says what it lacks."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import validation_report
from psychometrics.report.sections import response_model
from psychometrics.report.study import prepare_study


def drawn(n, n_items, n_categories, seed=5):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(n, 1))
    latent = 0.7 * theta + 0.7 * rng.normal(size=(n, n_items))
    cuts = np.linspace(-1, 1, n_categories - 1)
    columns = [f"i{k}" for k in range(n_items)]
    return pd.DataFrame(np.digitize(latent, cuts).astype(float), columns=columns)


def halves(answers):
    items = list(answers.columns)
    return {"one": items[: len(items) // 2], "two": items[len(items) // 2 :]}


def verdicts(report, key):
    return [v for s in report.sections if s.key == key for v in s.verdicts]


def test_booklets_that_nobody_has_whole_are_reported_on():
    answers = drawn(600, 9, 5)
    parts = np.arange(600) % 3
    for part, start in enumerate((0, 3, 6)):
        answers.iloc[parts == part, start : start + 3] = np.nan
    report = validation_report(answers, n_replications=0)
    (found,) = (s for s in report.sections if s.key == "exploration")
    loadings = next(t.frame for t in found.tables if t.name == "Loadings")
    assert loadings["factor 1"].abs().min() > 0.5  # .7 was drawn
    (fit,) = (s for s in report.sections if s.key == "response_fit")
    overall, items = (table.frame for table in fit.tables[:2])
    assert overall["df"].min() > 0 and overall["p"].min() > 0.001
    assert (items["df"] > 0).all() and items["s_x2"].notna().all()


def test_two_items_have_no_factors_and_the_rest_is_there():
    report = validation_report(drawn(150, 2, 5), n_replications=0)
    (verdict,) = verdicts(report, "exploration")
    assert verdict.outcome == "indeterminate" and "three items" in verdict.why
    assert verdicts(report, "consistency")[0].found.startswith("alpha")


def test_a_scale_that_a_response_model_cannot_fit_costs_only_itself():
    answers = drawn(300, 8, 4)
    ladder = answers["i4"] + 4 * answers["i5"]
    for step, item in enumerate(("i0", "i1", "i2", "i3")):
        answers[item] = (ladder > 3 * step + 1).astype(float)
    study = prepare_study(answers, halves(answers))
    section = response_model(study, ())
    assert any(note.startswith("one: ") for note in section.notes)
    assert set(section.tables[0].frame["scale"]) == {"two"}


@pytest.mark.parametrize("n, n_items, n_categories", [(30, 4, 5), (45, 6, 4)])
def test_a_pilot_of_a_few_people_is_printed(n, n_items, n_categories):
    answers = drawn(n, n_items, n_categories)
    report = validation_report(answers, scales=halves(answers), n_replications=2)
    assert report.to_pdf().startswith(b"%PDF")
    sizes = set(report.by_property()["sample"])
    assert sizes & {"doubtful", "inadequate"}
