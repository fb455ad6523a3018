"""Every sentence that sounds like a promise, in each edition: which test keeps it.

All texts for who takes part are walked: pages, notices and documents of each version,
editions in easier words, and what is printed. The ledger beside this file says under
which promise each sentence stands; a test of that name does the act.
"""

import re
from pathlib import Path

import yaml

import surveyapp
from item_bank.loader import load
from surveyapp.paper.form_texts import WORDS
from surveyapp.wording import language

TESTS = Path(__file__).parents[2]
LEDGER = yaml.safe_load((Path(__file__).parent / "promised_sentences.yaml").read_text())
# Headings under which no act stands; why is said there.
WITHOUT_AN_ACT = {"done_by_others", "said_before_there_were_notices"}
TEMPLATES = Path(surveyapp.__file__).parent / "templates"
STATEMENTS_OF_ACCESS = {"accessibility.html"}  # tells of checks, not of answers
TEXT = re.compile(r"{%-? trans[^%]*%}(.*?){%-? endtrans -?%}", re.S)
PLACES = re.compile(r"{{[^}]*}}|%\(\w+\)s")
SOUNDS = re.compile(
    r"\b(we (do not|did not|delete|keep|have kept|will|have|cannot|can only)"
    r"|(is|are|was|been) (then )?(deleted|stored|locked|kept|sent|put|saved|taken)"
    r"|stays? the same|same if|not told|keep no|do(es)? not (get to )?see|will not"
    r"|nobody|no part of|cannot|made-up|they do not know|with it|you can"
    r"|stays? (then|as)|nothing (else )?changes|all ways|only)\b",
    re.I,
)
HEADINGS = {"## What we keep", "## How long we keep it", "## What you can ask"}
HEADINGS |= {"What we keep", "How long we keep it"}


def sentences(text):
    text = re.sub(r"<[^>]+>", "", text)
    for line in text.split("\n\n"):
        plain = PLACES.sub("{}", " ".join(line.split()))
        for sentence in re.split(r"(?<=[.!?])\s+|\s- ", plain):
            if sentence.strip(" -"):
                yield sentence.strip(" -")


def texts():
    """All that is said to who takes part, in English of any edition."""
    for folder in ("respond", "about"):
        for page in sorted((TEMPLATES / folder).glob("*.html")):
            if page.name not in STATEMENTS_OF_ACCESS:
                yield from TEXT.findall(page.read_text(encoding="utf-8"))
    bank = load()
    for document in bank.documents.values():
        yield from (document.body, document.easy)
        for part in document.parts:
            yield from (part.text, part.easy)
    for edition in bank.editions.values():
        for (kind, _), words in edition.texts.items():
            if kind == "document":
                yield words.get("body", "")
    yield from WORDS.values()
    yield from language("en-easy").texts.values()


def promised():
    found = {s for text in texts() for s in sentences(text) if SOUNDS.search(s)}
    return found - HEADINGS


def test_each_sentence_that_sounds_like_a_promise_is_in_the_ledger_once():
    listed = [sentence for under in LEDGER.values() for sentence in under]
    assert len(listed) == len(set(listed))
    assert sorted(promised() - set(listed)) == []
    assert sorted(set(listed) - promised()) == []  # nothing that no text says


def test_each_promise_of_the_ledger_has_a_test_that_does_the_act():
    kept = {
        name
        for module in TESTS.glob("surveyapp/**/test_*.py")
        for name in re.findall(r"^def test_promise_(\w+)", module.read_text(), re.M)
    }
    assert set(LEDGER) - WITHOUT_AN_ACT <= kept
