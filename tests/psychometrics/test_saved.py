"""Every result is written as text and read back as it was."""

import json
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps
from psychometrics import InvalidResponses, Result
from psychometrics.cfa.model.model_matrices import Implied
from psychometrics.saved import PARTS, class_of

from .drawn_results import RESULTS, made, study

pytestmark = pytest.mark.usefixtures("results_of_one_study")


def same(one, other):
    """Check that two values are the same in type, labels and every bit."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and one.shape == other.shape
        if one.dtype.kind == "O":
            return same(one.ravel().tolist(), other.ravel().tolist())
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_freq=False)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, check_exact=True, check_freq=False)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other, exact=True)
    elif is_dataclass(one):
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, Implied):
        same(vars(one), vars(other))
    elif isinstance(one, dict):
        same(list(one.items()), list(other.items()))
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other):
            same(*pair)
    else:
        assert one == other or (one != one and other != other)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_read_back_as_it_was(name):
    result = made(name)
    found = Result.from_json(result.to_json())
    same(result, found)
    assert repr(found) == repr(result)
    assert found.summary() == result.summary()


def test_each_class_with_a_public_name_is_among_those_that_are_read_back():
    public = (getattr(ps, name) for name in ps.__all__)
    classes = {c for c in public if isinstance(c, type) and issubclass(c, Result)}
    assert {c.__name__ for c in classes - {Result}} <= set(RESULTS)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_a_result_is_at_home_where_the_table_says(name):
    found = class_of(name)
    assert found.__module__ == f"psychometrics.{PARTS[name]}"
    assert is_dataclass(found) or issubclass(found, (Enum, Implied))


def test_a_calibration_read_back_scores_and_fits_as_before():
    answers, old = study().answers, made("IrtResult")
    new = ps.IrtResult.from_json(old.to_json())
    for method in ("eap", "wle"):
        pd.testing.assert_frame_equal(
            new.persons(method).to_frame(), old.persons(method).to_frame()
        )
    same(new.item_fit().to_frame(), old.item_fit().to_frame())
    same(new.model_fit().to_frame(), old.model_fit().to_frame())
    same(
        new.parameters.persons(answers).to_frame(),
        old.parameters.persons(answers).to_frame(),
    )
    assert new.parameters.plot().get_title() == old.parameters.plot().get_title()
    stop = ps.adaptive.StopRule(min_items=3, max_items=6)
    grids = []
    for fitted in (old, new):
        test = ps.adaptive.AdaptiveTest(fitted, study().scales, stop=stop)
        rng = np.random.default_rng(1)
        grids.append(ps.adaptive.simulate(test, np.linspace(-2, 2, 5), rng=rng))
    same(*(one.to_frame() for one in grids))


@pytest.mark.parametrize("estimator", ["wlsmv", "ml", "mlr"])
def test_a_model_read_back_can_be_compared_scored_and_drawn(estimator):
    s = study()
    small = ps.confirm(ps.one_factor_model(s.scales), s.complete, estimator=estimator)
    large = ps.confirm(s.model, s.complete, estimator=estimator)
    again = [ps.ConfirmedModel.from_json(one.to_json()) for one in (small, large)]
    before, after = (
        ps.compare_nested({"three": three, "one": one}).to_frame()
        for one, three in ((small, large), again)
    )
    same(before, after)
    same(ps.factor_scores(large, s.complete), ps.factor_scores(again[1], s.complete))
    drawn = [
        sorted(text.get_text() for text in ps.path_diagram(one).texts)
        for one in (large, again[1])
    ]
    assert drawn[0] == drawn[1] != []


def test_a_file_of_another_form_or_class_is_refused_in_a_sentence():
    text = made("AlphaResult").to_json()
    whole = json.loads(text)
    assert whole["schema"] == 1 and whole["version"]
    troubles = {
        "no saved result": "{",
        "give the text that": "[1, 2]",
        "is saved in form 99": json.dumps(whole | {"schema": 99}),
        "'Popen', which this version": text.replace('"AlphaResult"', '"Popen"'),
        "'check_responses', which": text.replace('"AlphaResult"', '"check_responses"'),
        "other parts than": text.replace('"n_complete"', '"n_whole"'),
        "which is not known here": text.replace('"type": "frame"', '"type": "code"'),
        "is damaged": text.replace('"dtype": "<f8"', '"dtype": "<f9"'),
        "an array of object": text.replace('"dtype": "<f8"', '"dtype": "|O"'),
    }
    for sentence, spoiled in troubles.items():
        with pytest.raises(InvalidResponses, match=sentence):
            Result.from_json(spoiled)
    with pytest.raises(InvalidResponses, match="holds a AlphaResult, not a KappaR"):
        ps.KappaResult.from_json(text)


def test_tables_of_every_kind_of_column_come_back():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "kind": pd.Categorical(["b", "a", None], ["b", "a"], ordered=True),
            "when": pd.to_datetime(["2026-01-01", None, "2026-03-01"]),
            "mixed": [1, "two", np.nan],
            "text": pd.array(["x", None, "z"], dtype="string"),
            ("a", 1): [np.inf, -0.0, np.nan],
        }
    )
    kept = Held(table=frame, more={1: {"a", "b"}, None: (np.float32(0.1), -np.inf)})
    from psychometrics import saved

    text = saved.written(kept.more), saved.written(frame)
    more, table = (saved.read(json.loads(json.dumps(one))) for one in text)
    same(list(more.items())[1:], list(kept.more.items())[1:])
    assert more[1] == {"a", "b"}
    same(table, frame)
    with pytest.raises(InvalidResponses, match="Held cannot be saved"):
        kept.to_json()


DAYS = pd.date_range("2025-03-01", periods=3, freq="MS")


@pytest.mark.parametrize(
    "labels",
    [
        DAYS,
        DAYS.to_period("M"),
        pd.PeriodIndex(["2025Q1", None, "2025Q3"], freq="Q-MAR"),
        DAYS.tz_localize("Europe/London"),
        DAYS.tz_localize("+01:00"),
        DAYS - DAYS[0],
        pd.Index([day.date() for day in DAYS], dtype=object),
        pd.Index([day.to_pydatetime() for day in DAYS], dtype=object),
        pd.Index([*DAYS[:1], DAYS.to_period("M")[1], pd.NaT], dtype=object),
    ],
    ids=lambda labels: f"{labels.dtype} {type(labels[0]).__name__}",
)
def test_times_of_every_kind_come_back(labels):
    table = pd.DataFrame({"when": labels}, labels)
    kept = (table, {label: k for k, label in enumerate(labels)}, table["when"])
    from psychometrics import saved

    same(saved.read(json.loads(json.dumps(saved.written(kept)))), kept)


def test_a_chart_by_months_is_read_back():
    months = pd.Series(DAYS.to_period("M").repeat(4))
    scores = np.random.default_rng(1).normal(50, 10, len(months))
    chart = ps.xbar_s_chart(scores, months)
    same(Result.from_json(chart.to_json()), chart)


FAR = {"type": "range", "ends": [0, 10**30, 1], "names": [None]}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "range", "ends": [0, 3, 1], "names": []},
        {"type": "series", "values": 1, "name": "a", "index": FAR},
        {"type": "periods", "dtype": "period[no]", "values": [1]},
        {"type": ["tuple"]},
    ],
    ids=str,
)
def test_a_part_of_the_wrong_length_or_size_is_refused_in_a_sentence(part):
    whole = json.loads(made("AlphaResult").to_json())
    whole["result"]["fields"]["alpha"] = part
    with pytest.raises(InvalidResponses, match="is damaged"):
        Result.from_json(json.dumps(whole))


def test_text_too_deep_to_read_is_refused_in_a_sentence():
    deep = 400
    within = '{"type": "tuple", "values": [' * deep + "]}" * deep
    head = '{"format": "psychometrics result", "schema": 1, "result": '
    for text in ("[" * 100_000, head + within + "}"):
        with pytest.raises(InvalidResponses):
            Result.from_json(text)


@dataclass(frozen=True, eq=False, kw_only=True)
class Held(Result):
    """A result of somebody else's."""

    table: pd.DataFrame
    more: dict
