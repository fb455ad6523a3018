"""The options that say how a file of answers is read, and the reading by them."""

import sys
from functools import cache
from pathlib import Path

import click

from ...table_files.raw_table import InvalidTable
from .answer_settings import AnswerSettings, beside, read_settings, write_settings
from .answer_words import WordsAsAnswers, parse_labels
from .cli_options import is_file, parse_categories, parse_list, parse_scales
from .codebook import NAME, find_codebook
from .turned_items import against_their_scale

OPTIONS = (
    click.option(
        "--scales",
        multiple=True,
        help="Which items make which scale: 'A=A1-A5;C=C1,C2', or 'A,C' for the "
        "columns that are the name and a number, or a YAML file of scale: [items], "
        "which may also hold what the options below say. Not needed where a plan says "
        "it, or the codebook of an export lies beside FILE.",
    ),
    click.option("--reverse", default="", help="Items to turn round: A1,C4,C5."),
    click.option("--categories", help="Lowest and highest code: 1-6."),
    click.option(
        "--missing",
        default="",
        help="Codes or words that stand for no answer: 9,99.",
    ),
    click.option(
        "--labels",
        multiple=True,
        help="The order of answers that are words, lowest first: 'Never < Sometimes "
        "< Often'; or each with its code: 'Never=0, Often=4'. May repeat.",
    ),
    click.option(
        "--header-rows",
        type=click.IntRange(1, 10),
        help="How many rows hold names and texts; seen from the file unless said.",
    ),
)


def answer_options(command):
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def stated(file, typed, *, plan=None, codebook=None, earlier=None):
    """What is stated of a file: typed, else in a plan, kept beside it, or a codebook.

    `earlier` is what an earlier step read the same answers with; it comes after what
    is typed.
    `typed` has the options by name; they are taken out of it. Raises InvalidTable
    where nobody says which items make which scale.
    """
    texts = typed.pop("scales")
    header = cache(lambda: _header(file))
    typed_settings = AnswerSettings(
        scales=parse_scales([text for text in texts if not is_file(text)], header),
        reverse=tuple(parse_list(typed.pop("reverse"))),
        categories=_categories(typed.pop("categories")),
        missing=_missing(typed.pop("missing")),
        labels=parse_labels(typed.pop("labels")),
        header_rows=typed.pop("header_rows"),
    )
    settings = typed_settings
    for text in filter(is_file, texts):
        settings = settings.over(read_settings(Path(text)))
    if plan is not None:
        settings = settings.over(_of_plan(plan))
    if earlier is not None:
        settings = settings.over(earlier)
    if beside(file).is_file():
        click.echo(f"Note: read with {beside(file).name}", err=True)
        settings = settings.over(read_settings(beside(file)))
    if codebook is not None:
        settings = settings.over(
            AnswerSettings(scales=codebook.scales, categories=codebook.categories)
        )
    if not settings.scales:
        raise InvalidTable(
            f"{file.name}: no {NAME} beside it; say which items make which scale, "
            "such as --scales 'A=A1-A5'"
        )
    return settings


def scales_of(file, texts):
    """The scales that are typed, or stated beside the file; None where nowhere."""
    typed = [text for text in texts if not is_file(text)]
    scales = parse_scales(typed, lambda: _header(file) if file else ())
    for text in filter(is_file, texts):
        scales |= read_settings(Path(text)).scales
    if not scales and file is not None and beside(file).is_file():
        scales = read_settings(beside(file)).scales
    if not scales and file is not None and (codebook := find_codebook(file)):
        scales = codebook.scales
    return scales or None


def _header(file):
    from .answer_table import read_header

    return read_header(file)


def _of_plan(plan):
    return AnswerSettings(
        scales=plan.scales or {},
        categories=plan.categories,
        missing=tuple(plan.missing or ()),
    )


def _categories(text):
    return parse_categories(text) if text else None


def _missing(text):
    """Codes apart by commas or spaces; words by commas alone."""
    has_words = any(part.strip() and not _is_code(part) for part in text.split(","))
    if has_words:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return tuple(parse_list(text))


def _is_code(text):
    return all(part.lstrip("+-.").replace(".", "").isdigit() for part in text.split())


def read_as_stated(file, settings, *, codebook=None, **options):
    """(Table, settings): the answers, read as is stated or as a person then says.

    `options` go to `read_answers`: groups, dead_items, occasions.

    At a terminal a person is asked what an unstated code or the order of words is,
    and whether to keep it beside the file; elsewhere InvalidTable says what to type.
    """
    # What reads tables takes half a second to import: no other command waits for it.
    from .answer_table import read_answers
    from .unstated_codes import UnstatedCodes

    asked = settings
    while True:
        try:
            table = read_answers(
                file,
                list(dict.fromkeys(sum(map(list, settings.scales.values()), []))),
                scales=list(settings.scales.values()),
                categories=asked.categories,
                missing=asked.missing,
                labels=asked.labels,
                codebook=codebook,
                header_rows=asked.header_rows,
                **options,
            )
        except (UnstatedCodes, WordsAsAnswers) as problem:
            if not is_at_terminal():
                raise
            asked = _asked(asked, problem)
        else:
            break
    if asked is not settings and click.confirm(
        f"Keep this in {beside(file).name}?", default=True, err=True
    ):
        write_settings(beside(file), asked)
    for note in (*table.notes, *against_their_scale(table, settings)):
        click.echo(f"Note: {file.name}: {note}", err=True)
    return table, asked.with_range_of_labels()


def is_at_terminal():
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _asked(settings, problem):
    if isinstance(problem, WordsAsAnswers):
        return settings.with_answer(labels=(_ask_order(problem),))
    return _ask_codes(settings, problem)


def _ask_order(problem):
    """The words of an answer in their order, by number."""
    words = list(problem.words)
    click.echo(f"The answers to {', '.join(problem.items[:5])} are words:", err=True)
    for number, word in enumerate(words, 1):
        click.echo(f"  {number}  {word} ({problem.words[word]})", err=True)
    while True:
        typed = click.prompt("Their numbers, lowest answer first", err=True)
        numbers = parse_list(typed)
        if sorted(numbers) == sorted(map(str, range(1, len(words) + 1))):
            ordered = [words[int(number) - 1] for number in numbers]
            return dict(zip(ordered, range(1, len(words) + 1)))
        click.echo(f"Each of the numbers 1 to {len(words)} once.", err=True)


def _ask_codes(settings, problem):
    """Whether each code that stands apart is an answer or none."""
    absent, answers = [], []
    for beside_others in problem.codes:
        click.echo(beside_others.says, err=True)
        question = f"Does {beside_others.code} stand for no answer?"
        is_absent = click.confirm(question, default=True, err=True)
        (absent if is_absent else answers).append(beside_others)
    if not answers:
        return settings.with_answer(missing=tuple(str(b.code) for b in absent))
    ends = [end for b in problem.codes for end in (b.low, b.high)]
    ends += [b.code for b in answers]
    return settings.with_answer(
        missing=tuple(str(b.code) for b in absent), categories=(min(ends), max(ends))
    )
