"""Two calibrations on one scale."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.linking import METHODS, transform
from psychometrics.irt.models import intercepts_from_thresholds

CUTS = np.linspace(-1.2, 1.2, 8)[:, None] + np.array([-0.8, 0.0, 0.9])
SLOPES = np.linspace(0.9, 2.0, 8)


def parameters(slopes=SLOPES, cuts=CUTS, model="graded"):
    items = [f"q{j}" for j in range(len(slopes))]
    return pm.ItemParameters(
        model=model,
        slopes=pd.DataFrame({"a": slopes}, items),
        intercepts=pd.DataFrame(
            intercepts_from_thresholds(model, slopes, cuts), items, [1, 2, 3]
        ),
        categories={item: np.arange(4) for item in items},
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", ["graded", "gpcm"])
def test_a_moved_scale_is_moved_back(model, method):
    old = parameters(model=model)
    new = transform(old, 1 / 1.3, -0.4 / 1.3)
    found = pm.link(old, new, method=method)
    assert (found.slope, found.intercept) == pytest.approx((1.3, 0.4), abs=1e-6)
    assert found.new.thresholds.to_numpy() == pytest.approx(CUTS, abs=1e-5)
    assert not found.drift["flagged"].any()
    assert found.theta(1.0) == pytest.approx(1.7, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_rasch_scales_move_by_a_constant(method):
    old = parameters(np.ones(8), model="pcm")
    found = pm.link(old, transform(old, 1.0, -0.7), method=method)
    assert (found.slope, found.intercept) == pytest.approx((1.0, 0.7), abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_drifted_item_is_flagged_and_left_out(method, rng):
    cuts = CUTS + rng.normal(0, 0.03, (8, 1))
    cuts[2] += 0.9
    found = pm.link(parameters(), parameters(cuts=cuts), method=method)
    assert found.drift.index[found.drift["flagged"]].tolist() == ["q2"]
    assert not found.drift.loc["q2", "anchored"]
    assert found.intercept == pytest.approx(0, abs=0.05)


def test_calibrations_of_two_samples_are_linked(rng):
    from psychometrics.irt.models import category_probabilities

    def wave(mean):
        theta = rng.normal(mean, 1, 3000)
        p = category_probabilities("graded", theta, *parameters().arrays)
        cut = rng.uniform(size=(8, 3000))[:, None] > p.cumsum(axis=1)
        table = pd.DataFrame(cut.sum(axis=1).T, columns=parameters().items)
        return pm.graded_response(table, se=False).parameters

    found = pm.link(wave(0.0), wave(0.6))
    assert found.intercept == pytest.approx(0.6, abs=0.12)
    assert found.slope == pytest.approx(1.0, abs=0.1)
    assert "stocking_lord link on 8 items" in found.summary()
    assert found.plot().get_xlabel() == "old location"


def test_a_flat_item_is_counted_and_does_not_squeeze_the_picture():
    found = pm.link(parameters(), parameters())
    found.drift.loc["q1", "old_location"] = 300.0
    ax = found.plot()
    assert ax.get_title().endswith("stocking-lord link; 1 beyond theta 6")
    assert max(abs(limit) for limit in ax.get_xlim()) < 7


def test_what_cannot_be_linked_is_refused():
    old = parameters()
    with pytest.raises(pm.InvalidResponses, match="one model is graded"):
        pm.link(old, parameters(model="gpcm"))
    with pytest.raises(pm.InvalidResponses, match="1 common item"):
        pm.link(old, old, items=["q1"])
    with pytest.raises(ValueError, match="'equipercentile'; give one of"):
        pm.link(old, old, method="equipercentile")
