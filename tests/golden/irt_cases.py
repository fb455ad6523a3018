"""Data sets and calibrations that the golden tests of item response theory share."""

from functools import cache

import numpy as np

import psychometrics as pm
from tests.golden.reference import dataset, reference

FITTERS = {
    "graded": pm.graded_response,
    "gpcm": pm.generalized_partial_credit,
    "Rasch": pm.partial_credit,
    "rsm": pm.rating_scale,
}
MODELS = {
    "bfi_N": ("graded", "gpcm", "Rasch", "rsm"),
    "bfi_N_missing": ("graded", "gpcm"),
    "bfi_A": ("graded", "gpcm"),
    "acl": ("graded", "gpcm", "Rasch"),
    "science": ("graded", "gpcm", "Rasch", "rsm"),
}
CASES = [(data, model) for data, models in MODELS.items() for model in models]
COMPLETE = [(data, model) for data, model in CASES if data != "bfi_N_missing"]
# The reference's EM stopped before it settled: only its likelihood can be compared.
UNSETTLED = {("acl", "gpcm"), ("bfi_A", "gpcm")}
SETTLED = [case for case in CASES if case not in UNSETTLED]


@cache
def answers(data):
    """Return the persons x items table that a reference file was made from."""
    if data in ("acl", "science"):
        items = reference(data, "irt")["items"]
        return dataset(data)[items].dropna()
    table = dataset("bfi")[[f"{data[4]}{k}" for k in range(1, 6)]].copy()
    if data == "bfi_A":
        table["A1"] = 7 - table["A1"]
    return table if data.endswith("missing") else table.dropna()


@cache
def calibrated(data, model):
    """Return our calibration of one case."""
    return FITTERS[model](answers(data))


def expected(data, model):
    """Return the reference's results of one case."""
    return reference(data, "irt")[model]["result"]


def steps(node, model):
    """Return the reference's intercepts from a table of its item parameters."""
    names, values = node["cols"], np.array(node["values"], float)
    if model == "rsm":
        cuts = values[:, [n.startswith("b") for n in names]] - values[:, -1:]
        return -cuts.cumsum(axis=1)
    return values[:, [n[0] == "d" and n != "d0" for n in names]]
