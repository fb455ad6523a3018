"""Omega against psych::omega, cell by cell."""

import numpy as np
import pytest

from psychometrics import omega
from tests.golden.agreement import compare
from tests.golden.alignment import aligned
from tests.golden.reference import matrix, reference

DATASETS = ("hs1939", "bfi", "acl")
CASES = [
    (dataset, key)
    for dataset in DATASETS
    for key in reference(dataset, "omega")
    if key != "n"
]


def computed(dataset, key):
    kind, extraction, _, n_factors = key.split("_")
    whole = reference(dataset, "efa")
    ours = omega(
        None,
        int(n_factors),
        corr=matrix(whole["input_matrices"][kind]),
        n_obs=whole["n"],
        extraction=extraction,
    )
    return ours, reference(dataset, "omega")[key]["result"]


@pytest.mark.parametrize("dataset, key", CASES)
def test_coefficients_are_psychs(dataset, key):
    ours, theirs = computed(dataset, key)
    for mine, name, within in (
        (ours.omega_hierarchical, "omega_h", 1e-4),
        (ours.omega_limit, "omega_lim", 1e-4),
        (ours.omega_total, "omega_tot", 1e-5),
        (ours.alpha, "alpha", 1e-8),
        (ours.lambda6, "G6", 1e-8),
    ):
        compare(f"omega: {name}", [mine], [theirs[name]], atol=within)
    compare("omega: ECV", [ours.ecv], [theirs["ECV"]["g"]], atol=1e-4)
    compare("omega: key", ours.key.to_numpy(), list(theirs["key"].values()))


@pytest.mark.parametrize("dataset, key", CASES)
def test_loadings_and_group_omegas_are_psychs(dataset, key):
    ours, theirs = computed(dataset, key)
    expected = matrix(theirs["schmid_leiman"])
    names = [c for c in expected.columns if c.startswith("F")]
    mine = ours.schmid_leiman
    within = 1e-4
    for name in ("g", "h2", "u2"):
        compare(f"omega: {name}", mine[name].to_numpy(), expected[name], atol=within)
    # p2 is g squared over h2: an error in g comes in twice
    compare("omega: p2", mine["p2"].to_numpy(), expected["p2"], atol=2 * within)
    if len(names) == 1:
        group = mine[["F1"]].to_numpy()
        compare("omega: group loadings", group, expected[names], atol=within)
        return
    oblique = matrix(theirs["oblique"])
    pattern, phi, group, general, parts = aligned(
        ours.loadings,
        oblique,
        ours.factor_corr,
        mine[ours.loadings.columns],
        ours.general,
        ours.subscales.loc[
            ours.loadings.columns, ["omega_total", "general", "group"]
        ].T,
    )
    compare("omega: oblique", pattern, oblique, atol=within)
    compare("omega: phi", phi, matrix(theirs["phi"]), atol=2 * within)
    general_there = matrix(theirs["gloading"]).to_numpy()[:, 0]
    compare("omega: gloading", general, general_there, atol=2 * within)
    unsigned = abs(group), abs(expected[names].to_numpy())
    compare("omega: group loadings", *_matched(*unsigned), atol=within)
    _compare_parts(ours, abs(parts), theirs["group_omega"], names)


def _matched(ours, theirs):
    """Match columns that psych orders and signs anew after the transformation."""
    return aligned(ours, theirs), theirs


def _compare_parts(ours, parts, table, names):
    stated = np.array([table["total"], table["general"], table["group"]])
    whole = ours.subscales.loc["g", ["omega_total", "general", "group"]]
    compare("omega: whole", whole.to_numpy(float), stated[:, 0], atol=1e-4)
    order = np.argsort(parts[2]), np.argsort(stated[2, 1:])
    compare(
        "omega: subscales", parts[:, order[0]], stated[:, 1:][:, order[1]], atol=2e-4
    )
