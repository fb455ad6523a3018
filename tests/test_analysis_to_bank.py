"""What the library's results write is what the bank's commands read."""

import numpy as np
import pandas as pd
import pytest

import psychometrics
from item_bank.__main__ import main
from item_bank.loader import BUILT_IN, load

FORM = load().instruments["short_service_user.v1"]
SCALES = {k: list(v) for k, v in FORM.scales.items() if k != "involvement"}
ABOUT = ["--sample", "Made up", "--software", "psychometrics 0.1.0"]
ABOUT += ["--method", "As simulated", "--synthetic", "--fingerprint", "0" * 64]


@pytest.fixture(scope="module")
def fitted():
    items = list(FORM.scales["involvement"])
    slopes = pd.Series(np.linspace(1.2, 2.4, len(items)), items)
    drawn = psychometrics.simulate.responses(
        400,
        rng=np.random.default_rng(7),
        discrimination=slopes,
        thresholds=[-1.5, -0.5, 0.5, 1.5],
        lowest=0,
    )
    return psychometrics.graded_response(drawn.responses)


def run(own, *arguments):
    return main(["--own", str(own), *map(str, arguments)])


def test_a_fitted_calibration_is_published_as_it_writes_itself(fitted, tmp_path):
    fitted.to_frame().to_csv(tmp_path / "parameters.csv")
    names = ["--id", "first", "--collected", "2026-11-22", "--n", fitted.n_persons]
    file = tmp_path / "parameters.csv"
    assert run(tmp_path, "publish-calibration", FORM.ref, file, *names, *ABOUT) == 0
    made = load((BUILT_IN, tmp_path)).calibrations["first.v1"].parameters
    kept = [made[item.ref]["thresholds"] for item in FORM.items]
    expected = fitted.thresholds.loc[[item.id for item in FORM.items]]
    np.testing.assert_allclose(kept, expected.to_numpy(), rtol=0, atol=1e-12)


def test_an_assembled_form_is_published_as_it_writes_itself(fitted, tmp_path):
    theta = [-2.0, -1.0, 0.0, 1.0]
    information = fitted.information(theta).drop(columns="test")
    low = [item.id for item in FORM.items if item.level == "low"]
    forced = [next(i for i in low if i in members) for members in SCALES.values()]
    chosen = psychometrics.assemble(information.T, SCALES, 12, minimum=2, forced=forced)
    chosen.to_frame().to_csv(tmp_path / "form.csv")
    names = ["--id", "twelve_service_user", "--title", "Twelve questions"]
    file = tmp_path / "form.csv"
    assert run(tmp_path, "publish-form", FORM.ref, file, *names, *ABOUT) == 0
    made = load((BUILT_IN, tmp_path)).instruments["twelve_service_user.v1"]
    assert {item.id for item in made.items} == set(chosen.form())
