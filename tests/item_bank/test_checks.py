"""Each rule finds its one broken file, and the bank itself breaks none."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

import item_bank
from item_bank.checks import RULES, check
from item_bank.checks.registry import stems
from item_bank.loader import BUILT_IN, load
from item_bank.models import PREREQUISITES
from tests.counting import calls

HERE = Path(__file__).parent
SMALL = HERE / "small"
BROKEN = {path.stem: path for path in sorted((HERE / "invalid").glob("*.yaml"))}
FILE_RULES = {"yaml", "schema", "reference", "duplicate", "exception"}


@pytest.fixture
def small(tmp_path):
    """A copy of the small bank, to be broken."""
    return Path(shutil.copytree(SMALL, tmp_path / "bank"))


def test_the_small_bank_is_in_order():
    assert check(SMALL) == []


def test_the_built_in_bank_is_in_order():
    assert check() == []


def test_every_rule_has_its_broken_file():
    assert set(BROKEN) == set(RULES) | FILE_RULES


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_file_is_found_by_its_rule_alone(rule, small):
    text = BROKEN[rule].read_text(encoding="utf-8")
    place = text.splitlines()[0].removeprefix("# place: ")
    (small / place).write_text(text, encoding="utf-8")
    problems = check(small)
    # A file that cannot be read is missed by those that refer to it.
    first = {problem.rule for problem in problems if problem.file == place}
    assert (
        first == {rule} if rule in FILE_RULES else {p.rule for p in problems} == {rule}
    )


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_says_what_it_is_for(rule):
    assert RULES[rule].__doc__.strip().endswith(".")


def test_one_broken_file_hides_nothing_and_adds_nothing(small):
    (small / "items/trust/trust_heard.v2.yaml").write_text("id: [\n")
    path = small / "items/parity/parity_asked.v1.yaml"
    path.write_text(path.read_text().replace("Staff asked", "Staff always asked"))
    files = {(problem.file, problem.rule) for problem in check(small)}
    assert ("items/trust/trust_heard.v2.yaml", "yaml") in files
    assert ("items/parity/parity_asked.v1.yaml", "absolute") in files
    assert {file for file, _ in files} <= {
        "items/trust/trust_heard.v2.yaml",
        "items/parity/parity_asked.v1.yaml",
        "evidence/trust.yaml",  # what the broken item asked is asked by nobody
    }


def test_a_written_exception_excuses_its_rule(small):
    path = small / "items/trust/trust_heard.v2.yaml"
    text = path.read_text().replace("what I said", "what I said and meant")
    path.write_text(text)
    assert {problem.rule for problem in check(small)} == {"joined"}
    path.write_text(f'{text}exceptions: {{joined: "Said and meant are one thing."}}\n')
    assert check(small) == []


def test_a_rewritten_line_of_life_is_found(small):
    path = small / "life.yaml"
    path.write_text(path.read_text().replace("First wording.", "Another tale.", 1))
    assert [problem.rule for problem in check(small)] == ["published"]


def test_a_published_file_that_is_gone_is_missed(small):
    (small / "translations/xx/response_sets/agreement_3.v1.yaml").unlink()
    lock = small / "published.lock"
    lock.write_text(lock.read_text() + f"{'0' * 64}  document/gone.v1\n")
    assert "document/gone.v1 was published and is gone" in str(check(small)[0])


def test_a_check_of_the_whole_bank_opens_every_file_once(monkeypatch):
    n_times = Counter()
    really_open = Path.open

    def note(path, *args, **kwargs):
        n_times[path] += 1
        return really_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", note)
    check()
    assert len(n_times) > 150
    assert {*n_times.values()} == {1}


def test_a_check_of_four_times_the_items_is_not_more_than_four_times_the_work(small):
    check(small)  # what every check needs is read once
    one = calls(lambda: check(small))
    for path in [*small.glob("items/*/*.yaml")]:
        text = path.read_text()
        name = path.name.partition(".")[0]
        for k in (1, 2, 3):
            other = text.replace(f"id: {name}\n", f"id: {name}_{k}\n")
            path.with_name(path.name.replace(name, f"{name}_{k}", 1)).write_text(other)
    assert calls(lambda: check(small)) < 4 * one


def test_there_are_enough_items_for_every_prerequisite():
    items = item_bank.load().items.values()
    counts = {name: 0 for name in PREREQUISITES}
    for item in items:
        counts[item.prerequisite] += {"service_user", "carer"} <= set(item.stem)
    assert min(counts.values()) >= 12
    assert sum(counts.values()) >= 72


def test_each_prerequisite_asks_for_every_facet_from_low_to_high():
    for name in PREREQUISITES:
        of_it = [i for i in item_bank.load().items.values() if i.prerequisite == name]
        assert {item.facet for item in of_it} == {
            "current",
            "process",
            "outcome",
        }
        assert sum(item.level == "low" for item in of_it) >= 2
        assert {item.level for item in of_it} == {"low", "middle", "high"}


def test_the_bank_quotes_no_rule_breaking_word_unexcused():
    texts = [text for text in stems(load()) if " and " in text.words]
    assert all("joined" in text.record.exceptions for text in texts)


def test_every_form_that_a_campaign_can_use_is_published():
    bank = load()
    assert {f"instrument/{ref}" for ref in bank.instruments} <= set(bank.lock)
    shown = {item.ref for form in bank.instruments.values() for item in form.items}
    assert {f"item/{ref}" for ref in shown} <= set(bank.lock)


def test_the_published_text_of_every_form_is_what_it_was(tmp_path):
    bank = Path(
        shutil.copytree(
            BUILT_IN,
            tmp_path / "bank",
            ignore=shutil.ignore_patterns("*.py", "__pycache__"),
        )
    )
    path = bank / "items/trust/trust_listened.v1.yaml"
    path.write_text(path.read_text().replace("Staff listened", "The staff listened"))
    assert [problem.rule for problem in check(bank)] == ["published"]
