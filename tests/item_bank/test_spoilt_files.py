"""Files of the bank and of other systems, spoilt: told as such, and nothing breaks."""

import base64
import csv
import io
import json
import shutil
import zlib
from pathlib import Path

import pytest

from item_bank.errors import BankError
from item_bank.interchange import fhir, limesurvey, redcap
from item_bank.loader import load, read
from item_bank.strict_yaml import LONGEST_NUMBER

from ..spoiling import spoilings

SMALL = Path(__file__).parent / "small"
FILES = sorted(path.relative_to(SMALL) for path in SMALL.rglob("*.yaml"))
FORM = load(SMALL).instruments["small.v1"]
WRITTEN = {
    "fhir": (fhir.from_json, json.dumps(fhir.write(FORM))),
    "limesurvey": (limesurvey.read, limesurvey.write(FORM)),
    "redcap": (redcap.read, redcap.write(FORM)),
}


@pytest.mark.parametrize("system", WRITTEN)
def test_a_spoilt_form_of_another_system_is_refused_or_read_whole(system):
    reader, text = WRITTEN[system]
    refused = 0
    for spoilt in spoilings(text, 150):
        try:
            reader(spoilt)
        except BankError as problem:
            refused += 1
            assert str(problem)
    assert refused > 10


@pytest.mark.parametrize("text", ["nope", "[" * 100_000, "[]", '{"extension": 3}'])
def test_what_is_no_questionnaire_is_told_as_such(text):
    with pytest.raises(BankError):
        fhir.from_json(text)


def test_a_record_that_unpacks_to_more_than_any_form_is_refused():
    rows = [*csv.DictReader(io.StringIO(limesurvey.write(FORM)), delimiter="\t")]
    (record,) = {
        row["text"]
        for row in rows
        if row["name"] == limesurvey.RECORD_CODE and row["text"]
    }
    bomb = base64.b64encode(zlib.compress(b" " * (limesurvey.LARGEST + 1))).decode()
    with pytest.raises(BankError, match="cannot be read back"):
        limesurvey.read(limesurvey.write(FORM).replace(record, bomb))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_spoilt_file_of_the_bank_is_a_problem_with_its_name(file, tmp_path):
    bank = tmp_path / "bank"
    shutil.copytree(SMALL, bank)
    text, problems = (SMALL / file).read_text(), []
    for spoilt in spoilings(text, 6):
        (bank / file).write_text(spoilt)
        problems += read(bank)[1]
    assert all(problem.message for problem in problems)
    assert len(max((p.message for p in problems), key=len, default="")) < 10_000


def test_a_number_of_any_length_is_not_worked_out(tmp_path):
    bank = tmp_path / "bank"
    shutil.copytree(SMALL, bank)
    path = bank / "response_sets" / "agreement_3.v1.yaml"
    path.write_text(f"version: 0x{'f' * LONGEST_NUMBER * 100}\n")
    assert any("digits" in problem.message for problem in read(bank)[1])
