"""The look's small components, made once where they are the same for everyone.

A button or a link back runs through hundreds of lines of the look's templates, and
comes out the same for the same words. What is kept is known by its options alone, and
only of options that hold nothing of a person: our own words, and the addresses of the
journey. Anything else is made anew each time.
"""

import re
from functools import lru_cache

from flask import current_app
from jinja2 import FunctionLoader
from markupsafe import Markup

NAMES = {"button": "button", "back-link": "backLink", "skip-link": "skipLink"}
MACRO = re.compile(r"nhsuk/components/([a-z-]+)/macro\.jinja")
SOURCE = (
    "{{% macro {}(params={{}}) %}}{{{{ component('{}', params) }}}}{{% endmacro %}}"
)
PLAIN = {"text", "href", "preventDoubleClick", "variant", "classes"}
EVERYONES = re.compile(r"#[a-z]+|/survey/[a-z0-9-]*(\?from=check)?", re.ASCII)
MOST = 2048


def loader():
    """Stands before the look's own macros, for the components of NAMES."""
    return FunctionLoader(_source)


def _source(template):
    found = MACRO.fullmatch(template)
    name = NAMES.get(found[1]) if found else None
    return name and SOURCE.format(name, found[1])


def component(name, params):
    """A component with these options, as the look's own template makes it."""
    if not is_everyones(params):
        return made_anew(name, params)
    # A text that is escaped already equals, as a key, the same one that is not.
    key = tuple((option, type(value), value) for option, value in params.items())
    return kept(current_app.jinja_env, name, key)


def is_everyones(params):
    """Whether options hold nothing of a person, a request or a secret."""
    href = params.get("href")
    leads_on = href is None or EVERYONES.fullmatch(href) is not None
    return leads_on and PLAIN.issuperset(params)


@lru_cache(maxsize=MOST)
def kept(_environment, name, key):
    """A component that is everyone's, made when it is first asked for."""
    return made_anew(name, {option: value for option, _, value in key})


def made_anew(name, params):
    """A component from the look's own template."""
    template = current_app.jinja_env.get_template(
        f"nhsuk/components/{name}/template.jinja"
    )
    return Markup(template.render(params=params))
