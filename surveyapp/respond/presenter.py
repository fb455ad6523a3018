"""What a page shows, worked out before the template sees it."""

from dataclasses import dataclass, field, replace

from .. import bank
from ..assessments import notices
from ..assessments.companions import KIND
from ..assessments.documents import paragraphs
from ..assessments.labels import PERSPECTIVES, TITLES
from ..wording import say

# Named in the line behind which the reasons wait, since they say opposite things of
# one silence and are given most.
NAMED = ("did_not_happen", "not_wanted")
CHECKED, OPEN = " checked", " open"  # of an option that is chosen, and where it hides


@dataclass(frozen=True)
class Option:
    id: str
    value: str
    label: str
    is_chosen: bool
    picture: object = None

    @property
    def mark(self):
        return CHECKED if self.is_chosen else ""


@dataclass(frozen=True)
class Question:
    """One question: its categories, and the answers that are not on the scale."""

    name: str
    wording: str
    kind: str
    options: tuple = ()
    hidden: tuple = ()
    such_as: tuple = ()  # labels of hidden options that are named all the same
    hint: str = ""
    text: str = ""
    problem: str | None = None
    picture: object = None

    @property
    def opens(self):
        return OPEN if any(option.is_chosen for option in self.hidden) else ""


@dataclass(frozen=True)
class Page:
    """One page of questions, with where it stands in the whole."""

    title: str
    questions: tuple
    back: str | None
    words: tuple = ()
    progress: str = ""
    intro: str = ""
    recall: str = ""  # of what time it is about, said anew where a block begins
    is_optional: bool = False
    asks_again: bool = False
    n_all: int = 0  # where someone may see all questions instead
    problems: dict = field(default_factory=dict)
    beside: tuple = ()  # names and values sent for questions of another page


def item_page(
    journey, number, form, *, back, asks_again=False, problems=None, beside=()
):
    """One page of items; the intro stands on the first page of its block."""
    items, problems = journey.page(number), problems or {}
    block = journey.block(items[0])
    return Page(
        title=block.title,
        questions=tuple(
            item_question(i, form, problems.get(i.id), journey.instrument.pictures)
            for i in items
        ),
        back=back,
        words=words_in(journey.instrument, items),
        progress=progress(journey, items),
        intro=block.intro if journey.opens_block(items) else "",
        recall=journey.instrument.recall if journey.opens_block(items) else "",
        asks_again=asks_again,
        n_all=journey.n_all if journey.at_most else 0,
        problems=problems,
        beside=tuple(beside),
    )


def item_question(item, form, problem, pictures):
    chosen, labels = form[item.id].data, item.responses.reason_labels
    offered = item.responses.offered
    categories = [
        (str(v), label)
        for v, label in item.responses.labels.items()
        if v in offered or str(v) == chosen  # chosen before, in other words
    ]
    reasons = [(reason, labels[reason]) for reason in item.reasons]
    everything = tuple(
        replace(o, picture=pictures.get(f"label.{item.responses.ref}.{o.value}"))
        for o in _options(item.id, categories + reasons, [chosen])
    )
    shown, given = everything[: len(categories)], everything[len(categories) :]
    return Question(
        name=item.id,
        wording=form[item.id].label.text,
        kind="one",
        options=shown,
        hidden=given,
        such_as=tuple(o.label for o in given if o.value in NAMED),
        problem=problem,
        picture=pictures.get(f"item.{item.ref}"),
    )


def words_in(instrument, items):
    """What we mean by the terms that stand in these wordings, longest term first."""
    english = bank.in_english(instrument)  # the terms are found where they stand
    wanted = {item.id for item in items}
    stems = (english.stem(i) for i in english.items if i.id in wanted)
    wordings = " ".join(stems).lower()
    found = []
    for term in sorted(instrument.definitions, key=len, reverse=True):
        if term.lower() in wordings:
            found.append((term, instrument.definitions[term]))
            wordings = wordings.replace(term.lower(), "")
    return tuple(found)


def _options(name, pairs, chosen):
    """The first option has the field's own id, to which a summary of errors links."""
    return tuple(
        Option(name if n == 1 else f"{name}-{n}", value, label, value in chosen)
        for n, (value, label) in enumerate(pairs, start=1)
    )


def progress(journey, items):
    """How far the page is along, counted in questions."""
    first = journey.asked.index(items[0]) + 1
    last = first + len(items) - 1
    numbers = {"first": first, "last": last, "total": len(journey.asked)}
    if journey.at_most:
        numbers["total"] = journey.at_most
        return say("Question %(first)s of at most %(total)s", **numbers)
    if first == last:
        return say("Question %(first)s of %(total)s", **numbers)
    return say("Questions %(first)s to %(last)s of %(total)s", **numbers)


def more_page(journey, number, form, *, back, problems=None):
    """One page of the questions beside the items, all of them optional."""
    asked, total = journey.more[number - 1], len(journey.more)
    page = beside_page(asked, form, back=back, problems=problems)
    return replace(page, progress=say("Page %(n)s of %(total)s", n=number, total=total))


def beside_page(asked, form, *, back, problems=None):
    """Questions that are no items: of the person, or since last time."""
    problems = problems or {}
    is_other = asked[0].kind == KIND  # a measure whose hint is that of every item
    intro = asked[0].hint if is_other else ""
    asked = [replace(q, hint="") if is_other else q for q in asked]
    return Page(
        intro=intro,
        title=say(TITLES.get(asked[0].kind, TITLES["background"])),
        questions=tuple(side_question(q, form, problems.get(q.id)) for q in asked),
        back=back,
        is_optional=True,
        problems=problems,
    )


def side_question(question, form, problem):
    given = form[question.id].data
    chosen = given if isinstance(given, list) else [given]
    return Question(
        name=question.id,
        wording=form[question.id].label.text,
        kind=question.type,
        options=_options(question.id, question.options.items(), chosen),
        hint=question.hint,
        text=given if isinstance(given, str) else "",
        problem=problem,
    )


def statement_questions(statements, form, problems):
    """Consent: each statement with yes and no."""
    answers = [("yes", say("Yes")), ("no", say("No"))]
    return tuple(
        Question(
            name=s.id,
            wording=s.body,
            kind="one",
            options=_options(s.id, answers, [form[s.id].data]),
            problem=problems.get(s.id),
        )
        for s in statements
    )


def choice(name, wording, options, chosen, problem=None, hint=""):
    """A single question with one answer, outside the instrument's items."""
    pairs = list(options.items())
    shown = _options(name, pairs, [chosen])
    return Question(name, wording, "one", shown, hint=hint, problem=problem)


def in_words(options):
    """Options of our own, by value, in the language of the page."""
    return {value: say(label) for value, label in options.items()}


@dataclass(frozen=True)
class Role:
    """A perspective, and how a person would say it."""

    name: str
    label: str


def roles(names):
    return [Role(name, say(PERSPECTIVES[name].role)) for name in names]


def n_left(journey, stop):
    """How many questions come after a pause, or at most."""
    following = journey.page(int(journey.after(stop)))
    n = journey.at_most or len(journey.asked)
    return n - journey.asked.index(following[0])


def n_ahead(journey):
    """How many questions this person gets at most, now that the gate was asked."""
    n = journey.at_most or len(journey.asked)
    return n + sum(map(len, journey.more))


def minutes_of(n_questions):
    """About how long so many take, as the notices reckon."""
    return notices.minutes_for(n_questions)


def texts(instruments, documents):
    """Information for each perspective, then privacy: titles and texts, each once.

    `documents` are those of each instrument.
    """
    found = {}
    for kind in ("information", "privacy"):
        for instrument, given in zip(instruments, documents):
            for document in (d for d in given if d.kind == kind):
                several = kind == "information" and len(instruments) > 1
                title = (
                    say(PERSPECTIVES[instrument.perspective].more)
                    if several
                    else document.title
                )
                found.setdefault((kind, document.body), (title, document.body))
    return [(title, [*paragraphs(body)]) for title, body in found.values()]


def minutes(instrument):
    """About how long it takes, as the notices say it."""
    return notices.minutes(instrument)
