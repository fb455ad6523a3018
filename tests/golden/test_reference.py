"""What cannot be handed on is said in one line, with how to get it."""

from pathlib import Path

import pytest

from tests.golden.reference import HOW_TO_GET, dataset

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["acl", "science"])
def test_without_the_folder_a_test_says_how_to_make_it(name, monkeypatch):
    monkeypatch.delenv("REFERENCE_DATA", raising=False)
    dataset.cache_clear()
    with pytest.raises(pytest.skip.Exception) as skipped:
        dataset(name)
    dataset.cache_clear()
    assert str(skipped.value).endswith(HOW_TO_GET)
    assert len(str(skipped.value).splitlines()) == 1


def test_the_script_that_it_names_writes_both_files():
    script = HOW_TO_GET.partition("Rscript ")[2].partition(" ")[0]
    text = (ROOT / script).read_text()
    for needed in ("mirt", "mokken", "science.csv", "acl_communality.csv"):
        assert f'"{needed}"' in text
