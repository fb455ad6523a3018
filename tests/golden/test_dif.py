"""Every cell of ordinal logistic DIF by R's MASS::polr on two scales."""

import numpy as np
import pytest

from psychometrics import dif
from tests.golden.agreement import compare
from tests.golden.reference import dataset, reference

ITEMS = {
    "bfi_N": [f"N{k}" for k in range(1, 6)],
    "bfi_A": [f"A{k}" for k in range(1, 6)],
}
TESTS = {"uniform": "uniform_12", "nonuniform": "nonuniform_23", "total": "total_13"}
# polr stops at a relative change of 1e-8 in deviance, 1e-4 of about 1e4; theta of the
# EAP match comes from another calibration, converged to 1e-4 in its parameters
LOOSE = {
    "total": {"atol": 4e-4, "rtol": 1e-3},
    "rest": {"atol": 4e-4, "rtol": 1e-3},
    "eap": {"atol": 6e-3, "rtol": 1e-3},
}


def found_and_expected(name, matching):
    table = dataset("bfi")[[*ITEMS[name], "gender"]].dropna()
    if name == "bfi_A":
        table = table.assign(A1=7 - table["A1"])
    ours = dif(
        table[ITEMS[name]],
        table["gender"],
        matching=matching,
        purify=False,
        min_cell=0,
    )
    theirs = reference(f"{name}_gender", "dif")
    assert list(ours.sizes) == [int(level) for level in theirs["levels"]]
    assert sum(ours.sizes.values()) == theirs["n"]
    return ours, theirs[f"matching_{matching}"]


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("matching", ["total", "rest", "eap"])
def test_ordinal_logistic_dif_agrees_with_polr(name, matching):
    ours, theirs = found_and_expected(name, matching)
    near = LOOSE[matching]
    for item, node in theirs.items():
        row, models = ours.table.loc[item], ours.models.loc[item]
        part = f"DIF, matched on {matching}"
        heights = models[[f"log_likelihood_{k}" for k in range(4)]].to_numpy(float)
        compare(part, heights, node["logLik_0123"], atol=near["atol"])
        if matching != "eap":
            assert (heights >= np.array(node["logLik_0123"]) - 1e-6).all()
        for ours_name, theirs_name in TESTS.items():
            test = node[theirs_name]
            compare(part, row[f"df_{ours_name}"], test["df"])
            compare(part, row[f"chi2_{ours_name}"], test["chi2"], atol=2 * near["atol"])
            compare(part, row[f"p_{ours_name}"], test["p"], atol=2.5e-3)
        compare_effects(part, row, node)
        compare_coefficients(part, models, row, node)


def compare_effects(part, row, node):
    for kind in ("mcfadden", "coxsnell", "nagelkerke"):
        first, second, third = node[kind]
        ours = [row[f"{kind}_{name}"] for name in ("uniform", "nonuniform", "total")]
        theirs = [second - first, third - second, third - first]
        compare(part, ours, theirs, atol=1e-6)


def compare_coefficients(part, models, row, node):
    compare(part, models["slope_1"], node["beta1"], atol=1e-3)
    compare(part, models["slope_2"], node["beta1_with_group"], atol=2e-3)
    compare(part, row["beta_change"], node["beta_change_12"], atol=3e-4)
    coefficients = models[["slope_3", "group_2", "interaction_2"]].to_numpy(float)
    compare(part, coefficients, [*node["coef_model3"].values()], atol=2e-3)
    thresholds = models[[f"threshold_{k}" for k in range(1, 6)]].to_numpy(float)
    compare(part, thresholds, [*node["zeta_model1"].values()], atol=2e-3)
