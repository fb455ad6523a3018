"""What was stated of a file of answers: scales, labels, codes. Kept beside it."""

from dataclasses import dataclass, field, replace

import yaml

from ...bank import strict_yaml
from ...table_files.raw_table import InvalidTable
from .answer_words import parse_labels
from .cli_options import parse_categories, parse_names

SUFFIX = ".scales.yaml"
KEYS = ("scales", "reverse", "categories", "missing", "labels", "header_rows")
HEAD = "# How the answers are read; written once, and read again with them.\n"


@dataclass(frozen=True)
class AnswerSettings:
    """How the columns and codes of one file of answers are to be understood.

    Attributes
    ----------
    scales : dict of str to list of str
        The items of each scale; empty where they are stated elsewhere.
    reverse : list of str
        Items to turn round.
    categories : (int, int) or None
        Lowest and highest code.
    missing : tuple of str
        Codes and words that stand for no answer.
    labels : tuple of dict
        Sets of words that stand for answers, each word with its code.
    header_rows : int or None
        How many rows hold names and texts.
    """

    scales: dict = field(default_factory=dict)
    reverse: tuple = ()
    categories: tuple | None = None
    missing: tuple = ()
    labels: tuple = ()
    header_rows: int | None = None

    def over(self, below):
        """These settings, with those of `below` where nothing is stated here."""
        stated = {key: getattr(self, key) or getattr(below, key) for key in KEYS}
        return AnswerSettings(**stated)

    def with_answer(self, **more):
        """The same with what was asked for: missing codes, labels or categories."""
        return replace(
            self,
            missing=(*self.missing, *more.pop("missing", ())),
            labels=(*self.labels, *more.pop("labels", ())),
            **more,
        )

    def with_range_of_labels(self):
        """The categories from the lowest to the highest word, where all sets agree."""
        ranges = {(min(one.values()), max(one.values())) for one in self.labels}
        if self.categories is not None or len(ranges) != 1:
            return self
        return replace(self, categories=ranges.pop())


def beside(file):
    """The path of the settings that are kept beside a file of answers."""
    return file.with_name(file.stem + SUFFIX)


def read_settings(path):
    """The settings in one YAML or JSON file.

    The file is a mapping of scale to items, or one with the keys scales, reverse,
    categories, missing, labels and header_rows. InvalidTable says what is wrong.
    """
    try:
        content = strict_yaml.read_strict(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        reason = str(problem).splitlines()[0]
        raise InvalidTable(f"{path.name}: cannot be read: {reason}") from problem
    if not isinstance(content, dict) or not content:
        raise InvalidTable(f"{path.name}: a mapping of scale to items is needed")
    is_full = isinstance(content.get("scales"), dict) or {*content} <= {*KEYS}
    content = content if is_full else {"scales": content}
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        raise InvalidTable(
            f"{path.name}: no such key as {unknown[0]}; there are {', '.join(KEYS)}"
        )
    try:
        return _settings(content)
    except (InvalidTable, TypeError, ValueError, AttributeError) as problem:
        raise InvalidTable(f"{path.name}: {problem}") from problem


def _settings(content):
    categories = content.get("categories")
    if categories is not None:
        low, high = categories if isinstance(categories, list) else (categories, None)
        categories = parse_categories(f"{low}-{high}" if high is not None else str(low))
    header_rows = content.get("header_rows")
    return AnswerSettings(
        scales={
            str(scale): parse_names(items) if isinstance(items, str) else _texts(items)
            for scale, items in content.get("scales", {}).items()
        },
        reverse=tuple(_texts(content.get("reverse", ()))),
        categories=categories,
        missing=tuple(_texts(content.get("missing", ()))),
        labels=tuple(_labels(content.get("labels", ()))),
        header_rows=None if header_rows is None else int(header_rows),
    )


def _texts(values):
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"{values!r} is no list")
    return [str(value) for value in values]


def _labels(stated):
    """Sets of labels: one list from lowest to highest, a mapping, or a list of them."""
    if not stated:
        return
    several = isinstance(stated, list) and not isinstance(stated[0], (str, int, bool))
    for one in stated if several else [stated]:
        if isinstance(one, dict):
            yield {str(word): int(code) for word, code in one.items()}
        elif all(isinstance(word, str) for word in one):
            yield parse_labels([" < ".join(one)])[0]
        else:
            raise TypeError('labels are words; put quotes around them: "No"')


def write_settings(path, settings):
    """Write settings as `read_settings` reads them."""
    content = {
        "scales": {name: list(items) for name, items in settings.scales.items()},
        "reverse": list(settings.reverse),
        "categories": settings.categories and list(settings.categories),
        "missing": list(settings.missing),
        "labels": [dict(one) for one in settings.labels],
        "header_rows": settings.header_rows,
    }
    text = yaml.safe_dump(
        {key: value for key, value in content.items() if value},
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
    )
    path.write_text(HEAD + text, encoding="utf-8")
