"""The check page: what was given, in words, with where to change it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from ..assessments.journey import SINCE, WANTS_PLAN
from ..assessments.labels import HELPERS
from ..wording import marked, say

NOT_ANSWERED = marked("Not answered")
LOOK = marked("Look at these answers (%(answered)s of %(n)s given)")
# A longer form opens one part at a time, so that the page stays light.
ITEMS_ON_A_PAGE = 45


@dataclass(frozen=True)
class Row:
    """One line of the check page."""

    name: str
    wording: str
    answer: str
    href: str


@dataclass(frozen=True)
class Section:
    """One part of the answers, and perhaps a link to more of it."""

    title: str
    rows: list
    href: str = ""
    link: str = ""
    is_open: bool = False

    @property
    def n_given(self):
        return sum(row.answer != say(NOT_ANSWERED) for row in self.rows)


def sections(journey, assessment, urls, *, part=None):
    """Everything given so far; `urls` turns a stop into where it is changed."""
    if journey.instrument.gate:
        yield _gate(journey, assessment, urls)
    is_long = len(journey.asked) > ITEMS_ON_A_PAGE
    for block in journey.blocks:
        section = _block(block, journey, assessment, urls)
        is_chosen = part == block.title
        if is_long and not is_chosen:
            yield _folded(section)
        else:
            yield replace(section, is_open=is_chosen)
    yield _beside(journey, assessment, urls)
    helped = say(HELPERS.get(assessment.assisted_by, NOT_ANSWERED))
    row = Row("helped", say("Did someone help you to answer?"), helped, urls("comment"))
    yield Section(say("Help with answering"), [row])
    written = "".join(comment.text for comment in assessment.comments)
    row = Row(
        "comment", say("What you wrote"), written or say("Nothing"), urls("comment")
    )
    yield Section(say("Your comment"), [row])


def _gate(journey, assessment, urls):
    gate, wanted = journey.instrument.gate, journey.instrument.gate.follow_up
    given = gate.options.get(assessment.care_plan) or say(NOT_ANSWERED)
    rows = [Row("care_plan", gate.text, given, urls("care-plan"))]
    if journey.asks_wanted:
        given = wanted.options.get(assessment.wants_plan) or say(NOT_ANSWERED)
        rows.append(Row("wants_plan", wanted.text, given, urls(WANTS_PLAN)))
    return Section(say("Having a care plan"), rows)


def _block(block, journey, assessment, urls):
    answers = {a.item_id: a for a in assessment.answers}
    rows = [
        Row(
            item.id,
            journey.instrument.stem(item),
            spoken(item, answers.get(item.id)),
            urls(journey.stop_of(item.id)),
        )
        for item in block.items
    ]
    return Section(block.title, rows)


def _folded(section):
    """The section as one link that says how much of it was answered."""
    n = len(section.rows)
    link = say(LOOK, answered=section.n_given, n=n)
    return Section(section.title, [], f"?{urlencode({'part': section.title})}", link)


def spoken(item, answer):
    """An answer in the words of its label."""
    if answer is None:
        return say(NOT_ANSWERED)
    if answer.reason:
        return item.responses.reason_labels[answer.reason]
    return item.responses.labels[answer.value]


def _beside(journey, assessment, urls):
    """Answers to the questions beside the items, without those left out."""
    given = {row.question_id: row.value for row in assessment.background}
    perspective = journey.instrument.perspective
    asked = [(q, SINCE) for q in journey.follow_up]
    asked += [(q, f"more-{n}") for n, qs in enumerate(journey.more, 1) for q in qs]
    rows = [
        Row(q.id, q.text[perspective], _in_words(q, given[q.id]), urls(stop))
        for q, stop in asked
        if q.id in given
    ]
    left = [stop for q, stop in asked if q.id not in given]
    link = say("Answer the ones that you left out: %(n)s", n=len(left))
    where = [urls(stop) for stop in left[:1]]
    return Section(say("You, and what you would like"), rows, "".join(where), link)


def _in_words(question, value):
    labels = question.options
    return ", ".join(labels.get(code, code) for code in value.split(";"))
