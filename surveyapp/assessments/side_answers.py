"""Answers beside the items for researchers: labelled, and never of fewer than ten.

Questions about the person (background and health) could single somebody out. Those
are let out only where a researcher chooses them, and so that every combination of
what is left of them, an empty cell among the rest, is shared by ten people at least.
What somebody would like and what got in the way is let out as it is. Texts never are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from ..bank import PERSPECTIVES, CompanionMeasure, Instrument, Question
from ..errors import InvalidAnswers
from ..models import Assessment
from . import companions
from .question_uses import BroaderCode, broader_codes

LEAST = 10  # people who share a combination
TOLERATED = 0.05  # share of answers that may be withheld before codes are put together
SEVERAL = "several"
IDENTIFYING = ("background", "health")
NO_ANSWER = ("rather_not_say", "do_not_know")

Said: TypeAlias = dict[int, str]  # respondent -> code, empty where there is none
Groups: TypeAlias = dict[tuple[str, ...], list[int]]


@dataclass(frozen=True)
class SideColumn:
    """One question of an export, with how much of what was said is in it.

    `codes` are code -> label as released; `is_broader` says whether codes were put
    together, `n_withheld` how many people's answers are left out beside that.
    """

    question: Question
    codes: Mapping[str, str]
    is_identifying: bool = False
    is_broader: bool = False
    n_answered: int = 0
    n_withheld: int = 0

    @property
    def id(self) -> str:
        return self.question.id


@dataclass(frozen=True, eq=False)
class SideAnswers:
    """The columns beside the items, and each assessment's cells in their order.

    `smallest` is the number of people in the smallest combination of the chosen
    columns; None where none was chosen.
    """

    columns: tuple[SideColumn, ...]
    cells: Mapping[int, tuple[str, ...]]
    smallest: int | None = None


def offered(instrument: Instrument) -> tuple[Question, ...]:
    """The questions beside the items whose answers an export may hold."""
    asked = (instrument.preferred_involvement, *instrument.context)
    questions = [q for q in (*asked, *instrument.background) if q is not None]
    return tuple(q for q in questions if q.options)


def is_identifying(question: Question) -> bool:
    """Whether the question is about the person, so that it has to be chosen."""
    return question.kind in IDENTIFYING


def choosable(instrument: Instrument) -> tuple[Question, ...]:
    """Those that a researcher chooses, since they could single somebody out."""
    return tuple(q for q in offered(instrument) if is_identifying(q))


def side_answers(
    assessments: Sequence[Assessment],
    instrument: Instrument,
    chosen: Collection[str] = (),
    *,
    least: int = LEAST,
    given: Sequence[CompanionMeasure] = (),
) -> SideAnswers:
    """What was said beside the items of these assessments, de-identified.

    Parameters
    ----------
    chosen : collection of str
        Ids of `choosable` questions, those first that matter most: each is let out
        as finely as the ones before it leave room for. A person has the first answer
        of theirs in each of their rows.
    least : int
        How many people share each combination of the chosen; never under 10.
    given : sequence of CompanionMeasure
        Other measures that the campaign gives: their items, then their scores.

    Raises
    ------
    InvalidAnswers
        Where a question is named that this form does not ask about the person.
    """
    known = {q.id: q for q in offered(instrument)}
    unknown = [n for n in chosen if n not in known or not is_identifying(known[n])]
    if unknown:
        there = ", ".join(q.id for q in choosable(instrument)) or "none"
        raise InvalidAnswers({"side": f"No question {unknown[0]}; there are {there}"})
    free = [_free(q) for q in known.values() if not is_identifying(q)]
    free += [_free(q) for q in companions.questions(given)]
    sums = [c for measure in given for c in _score_columns(measure)]
    released, smallest = _release(
        assessments, [known[n] for n in dict.fromkeys(chosen)], max(least, LEAST)
    )
    cells = {}
    for each in assessments:
        said = {row.question_id: row.value for row in each.background}
        cells[each.id] = (
            *(said.get(column.id, "") for column in free),
            *(
                v
                for measure in given
                for v in companions.scores(measure, said).values()
            ),
            *(codes[each.respondent_id] for _, codes in released),
        )
    columns = (*free, *sums, *(column for column, _ in released))
    return SideAnswers(columns, cells, smallest if released else None)


def _free(question: Question) -> SideColumn:
    return SideColumn(question, question.options)


def _score_columns(measure: CompanionMeasure) -> list[SideColumn]:
    """A column a scale of another measure, which says how it is scored."""
    how = f"{measure.scoring} of {{}} items; empty where one was left out"
    low, high = measure.range
    return [
        SideColumn(
            Question(
                id=column,
                version=measure.version,
                kind=companions.KIND,
                text=dict.fromkeys(
                    PERSPECTIVES,
                    f"{measure.title}: {how.format(len(measure.scales[scale]))}"
                    + (f"; {low:g} to {high:g}" if scale == measure.id else ""),
                ),
                type="number",
                options={},
            ),
            {},
        )
        for column, scale in companions.score_columns(measure).items()
    ]


def _release(
    assessments: Sequence[Assessment], questions: Iterable[Question], least: int
) -> tuple[list[tuple[SideColumn, Said]], int]:
    """Each question with what is let out of it, and the smallest combination."""
    order = {a.respondent_id: a.respondent.pseudonym for a in assessments}
    people = sorted(order, key=lambda number: order[number])
    groups: Groups = {(): people}
    released = []
    for question in questions:
        said = _first_said(assessments, question.id)
        column, codes = _finest(question, said, groups, least)
        released.append((column, codes))
        finer: Groups = defaultdict(list)
        for combination, members in groups.items():
            for person in members:
                finer[(*combination, codes[person])].append(person)
        groups = finer
    return released, min(map(len, groups.values()))


def _first_said(assessments: Iterable[Assessment], question_id: str) -> Said:
    said: Said = {}
    for each in sorted(assessments, key=lambda a: (a.wave, a.id)):
        for row in each.background:
            if row.question_id == question_id and not said.get(each.respondent_id):
                said[each.respondent_id] = row.value
        said.setdefault(each.respondent_id, "")
    return said


def _finest(
    question: Question, said: Said, groups: Groups, least: int
) -> tuple[SideColumn, Said]:
    """The finest codes of which few are withheld; else those that keep most."""
    n_answered = sum(map(bool, said.values()))
    tried: list[tuple[int, int, Mapping[str, str], Said]] = []
    for labels, recode in _levels(question):
        coded = {person: recode(code) for person, code in said.items()}
        codes = _withheld(coded, groups, least)
        n_withheld = n_answered - sum(map(bool, codes.values()))
        tried.append((n_withheld, len(tried), labels, codes))
        if n_withheld <= TOLERATED * n_answered:
            tried = tried[-1:]
            break
    n_withheld, _, labels, codes = min(tried, key=lambda each: each[:2])
    column = SideColumn(
        question,
        labels,
        is_identifying=True,
        is_broader=labels is not question.options,
        n_answered=n_answered,
        n_withheld=n_withheld,
    )
    return column, codes


def _levels(
    question: Question,
) -> list[tuple[Mapping[str, str], Callable[[str], str]]]:
    """Labels and recoding: as it was asked, then with codes put together."""
    levels: list[tuple[Mapping[str, str], Callable[[str], str]]]
    levels = [(question.options, str)]
    if question.type == "many":
        labels = {**question.options, SEVERAL: "More than one of these"}
        levels.append((labels, _one_or_several))
    broader = [each for each in broader_codes(question.id) if each.fits(question)]
    if broader:
        together = {code for each in broader for code in each.of}
        rest = {c: says for c, says in question.options.items() if c not in together}
        labels = {each.code: each.label for each in broader} | rest
        levels.append((labels, partial(_broader, broader)))
    return levels


def _one_or_several(said: str) -> str:
    return SEVERAL if ";" in said else said


def _broader(broader: Sequence[BroaderCode], said: str) -> str:
    return next((each.code for each in broader if said in each.of), said)


def _withheld(coded: Said, groups: Groups, least: int) -> Said:
    """The codes, empty for whom fewer than `least` share a combination with.

    Where fewer than `least` would have an empty cell, others of the largest code join
    them, so that an empty cell gives nobody away either.
    """
    released: Said = {}
    for members in groups.values():
        cells: dict[str, list[int]] = defaultdict(list)
        for person in members:
            cells[coded[person]].append(person)
        empty = cells.pop("", [])
        for code in [code for code, held in cells.items() if len(held) < least]:
            empty += cells.pop(code)
        while empty and len(empty) < least and cells:
            largest = max(cells, key=lambda code: (len(cells[code]), code))
            wanted = least - len(empty)
            if len(cells[largest]) - wanted < least:
                wanted = len(cells[largest])
            empty += cells[largest][:wanted]
            del cells[largest][:wanted]
            if not cells[largest]:
                del cells[largest]
        released |= dict.fromkeys(empty, "")
        for code, held in cells.items():
            released |= dict.fromkeys(held, code)
    return released
