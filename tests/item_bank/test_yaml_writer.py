"""Records written back as the files they came from."""

import pytest

from item_bank import record_builders, schema_checks
from item_bank.loader import load
from item_bank.lock import tables
from item_bank.strict_yaml import parse
from item_bank.yaml_writer import content, dump

RECORDS = [
    (kind, record)
    for kind, table in tables(load()).items()
    for record in table.values()
]


@pytest.mark.parametrize(
    "kind, record", RECORDS, ids=lambda part: getattr(part, "ref", part)
)
def test_a_record_survives_load_dump_load(kind, record):
    bank = load()
    found = {
        "response_set": bank.response_sets,
        "item": bank.items,
        "question": bank.questions,
        "document": bank.documents,
        "instrument": bank.instruments,
        "finding": bank.findings,
    }
    text = dump(record)
    again, problems = parse(text, "again.yaml")
    assert (
        problems == [] and schema_checks.problems(kind, again, text, "again.yaml") == []
    )
    assert record_builders.BUILDERS[kind](again, found) == record
    assert content(record) == again
