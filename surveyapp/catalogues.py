"""What there is to translate: every text of the respondent's pages, gathered."""

import ast
from pathlib import Path

import yaml

from . import errors, wording

HERE = Path(__file__).parent
# Pages of a person who answers; staff pages are in English alone.
TEMPLATES = (
    "respond/*.html",
    "about/*.html",
    "errors/*.html",
    "base.html",
    "frame.html",
)
MODULES = ("respond/*.py",)
_SPEAKING = {"say", "marked"}


def gathered(app):
    """Every English text that a catalogue may turn, in the order of the files."""
    found = {}
    for pattern in TEMPLATES:
        for path in sorted((HERE / "templates").glob(pattern)):
            source = path.read_text(encoding="utf-8")
            for _, _, text in app.jinja_env.extract_translations(source):
                # With values to be put in, their places follow the text as None.
                text = text if isinstance(text, str) else text and text[0]
                if text:  # nothing where a template says what a module chose
                    found.setdefault(text)
    for pattern in MODULES:
        for path in sorted(HERE.glob(pattern)):
            found |= dict.fromkeys(spoken_in(path.read_text(encoding="utf-8")))
    said = [*errors.PAGES.values(), *errors.BY_STATUS.values()]
    found |= dict.fromkeys(text for page in said for text in page[-2:])
    return list(found)


def spoken_in(source):
    """The texts that a module hands to ``say`` or ``marked``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _SPEAKING:
            if node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def missing(app, tag):
    """The texts that the catalogue of a language lacks, as YAML to be filled in."""
    held = wording.language(tag).texts if tag in wording.known() else {}
    lacking = {text: "" for text in gathered(app) if text not in held}
    return yaml.safe_dump(lacking, allow_unicode=True, sort_keys=False, width=10_000)
