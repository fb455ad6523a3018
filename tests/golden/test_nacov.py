"""The covariance that ordinal factor analysis rests on, against lavaan, every cell."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml

from psychometrics import polychoric, polyserial
from tests.golden.agreement import compare
from tests.golden.reference import BFI_ITEMS, BFI_SCALES, dataset

CASE = Path(__file__).parent / "nacov"


def test_the_input_is_the_one_that_the_expected_values_were_made_from():
    text = dataset("bfi")[BFI_ITEMS].to_csv(index=False).encode()
    said = yaml.safe_load((CASE / "provenance.yaml").read_text())
    assert hashlib.sha256(text).hexdigest() == said["input_sha256_of_items"]


@pytest.mark.parametrize(
    "file, missing", [("listwise", "complete"), ("pairwise", "pairwise")]
)
def test_the_asymptotic_covariance_agrees(file, missing):
    theirs = pd.read_csv(CASE / f"{file}.csv", index_col=0)
    ours = polychoric(dataset("bfi")[["A1", "A2", "C1"]], missing=missing, acov=True)
    assert [*ours.acov.columns] == [*theirs.columns]
    compare("acov of polychorics", ours.acov, theirs, atol=1e-6)


def test_polyserials_agree():
    bfi = dataset("bfi")
    total = bfi[BFI_SCALES["N"]].sum(axis=1, skipna=False).rename("total")
    theirs = pd.read_csv(CASE / "polyserial.csv", index_col=0)
    known = bfi[[*theirs.columns]].assign(total=total).dropna()
    ours = polyserial(known["total"], known[[*theirs.columns]]).corr
    compare("polyserial", ours, theirs, atol=1e-7)
