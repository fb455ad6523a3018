"""The words of the respondent's own pages, in the language of the person who reads.

The words of the questions come from the item bank. What stands around them is
written in English in templates and views, and is turned here by the catalogue
`translations/<tag>.yaml`: the English text, then its translation. What a catalogue
lacks is shown in English, and marked as English for whoever has it read aloud.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from flask import g, has_app_context
from markupsafe import Markup

from . import bank, plurals

FOLDER = Path(__file__).parent / "translations"
# What has to stay as it is in a made-up language: tags, places for values, entities.
_FIXED = re.compile(r"(<[^>]+>|%\(\w+\)s|%%|&#?\w+;)")


@dataclass(frozen=True)
class Language:
    """A language, and what the pages' own English texts become in it."""

    tag: str
    name: str
    direction: str = "ltr"
    texts: dict = field(default_factory=dict, hash=False)
    change: object = None  # for a made-up language: text -> text

    @property
    def is_english(self):
        return self.tag.split("-")[0] == "en" and self.change is None

    def turned(self, text):
        """The text in this language, or None where nobody has translated it."""
        if self.change is not None:
            return "".join(_changed(self.change, part) for part in _FIXED.split(text))
        return self.texts.get(text)


def _changed(change, part):
    """Words go through the change; what is fixed, and white space, does not."""
    words = part.strip()
    if not words or _FIXED.fullmatch(part):
        return part
    return part.replace(words, change(words), 1)


ENGLISH = Language("en", "English")


@cache
def language(tag):
    """The language of a tag; English where there is no catalogue for it."""
    made_up = bank.made_up_language(tag)
    if made_up is not None:
        return Language(tag, made_up.name, made_up.direction, change=made_up.change)
    if tag not in known():
        return ENGLISH
    text = (FOLDER / f"{tag}.yaml").read_text(encoding="utf-8")
    return Language(**yaml.safe_load(text))


@cache
def known():
    """Tags of the languages that have a catalogue; English needs none."""
    return frozenset(path.stem for path in FOLDER.glob("*.yaml"))


def speak(tag):
    """Turn the words of this request into the language of a tag."""
    g.language = tag


def spoken():
    """The language of this request."""
    tag = g.get("language")
    return ENGLISH if tag is None else language(tag)


def gettext(text: str) -> Markup:
    """The text as templates show it: marked as English where it is not translated."""
    if isinstance(text, Markup):  # it came from here before
        return text
    here = spoken()
    turned = _easier(text) if here.is_english else here.turned(text)
    return in_english(Markup(text)) if turned is None else Markup(turned)


def in_english(text: str) -> Markup:
    """An English text on a page in another language."""
    return Markup('<span lang="en" dir="ltr">{}</span>').format(text)


def say(text: str, **values: object) -> Markup:
    """A text of the pages that is written in a module, with values put in."""
    return Markup(gettext(text) % values) if values else Markup(gettext(text))


def counted(n, one, many=None):
    """A number with what there are so many of: 1 row, 2 rows, 1 person, 0 people.

    `many` is `one` with an s where it is not given. For the pages of staff, which
    are in English; those of respondents are in sentences that no number changes.
    """
    return plurals.counted(n, one, many, said=say if has_app_context() else str)


def marked(text: str) -> str:
    """The text itself, here to be found by whoever gathers what to translate."""
    return text


def ease(tag):
    """Use the easier catalogue, such as `en-easy`, in this request."""
    g.easier = tag


def _easier(text):
    """The text, or an easier one for who asked for easy read."""
    if "easier" not in g:
        return text
    return language(g.easier).texts.get(text, text)


def init_app(app):
    """Let templates say ``_("...")`` and ``{% trans %}``, and know the language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, _plural, newstyle=True)
    app.jinja_env.globals["counted"] = counted
    app.context_processor(lambda: {"spoken": spoken()})


def _plural(one, many, n):
    """Texts are written so that no number changes them; this is for completeness."""
    return gettext(one if n == 1 else many)
