"""Templates are made as jinja makes them, at less cost."""

from types import SimpleNamespace

import pytest
from flask.templating import Environment
from jinja2 import ChainableUndefined, DictLoader

from surveyapp import create_app

pytestmark = pytest.mark.one_database
SOURCES = {
    "within": "{% macro said(x) %}{{ word }} {{ x }}{% endmacro %}",
    "between": (
        '{% from "within" import said %}'
        "{% macro again(x) %}{{ said(x) }}, {{ word }}{% endmacro %}"
    ),
    "page": '{% from "between" import again %}{{ again(1) }} {{ again(word) }}',
    "options": (
        "{{ a.text }}|{{ a.none is none }}|{{ a.items()|list }}|{{ a.keys is defined }}"
        "|{{ a.missing.of.that|default('none') }}|{{ a['text'] }}|{{ b.text }}"
    ),
}


def both(app):
    """The application's own environment, and Flask's with the same settings."""
    for kind in (app.jinja_environment, Environment):
        loader = DictLoader(SOURCES)
        yield kind(app, loader=loader, undefined=ChainableUndefined)


@pytest.mark.parametrize("name", ["page", "options"])
def test_a_template_comes_out_as_of_flasks_own_environment(app, name):
    made = []
    for environment in both(app):
        environment.globals["word"] = "Hello"
        template = environment.get_template(name, globals={"word": "Good day"})
        given = {"text": "T", "none": None, "keys": 1}
        with app.test_request_context():
            made.append(template.render(a=given, b=SimpleNamespace(text="<b>")))
    assert made[0] == made[1]
    assert "Good day" in made[0] or "T|True" in made[0]


def test_a_global_that_is_given_later_is_seen_by_what_was_loaded(app):
    ours, _ = both(app)
    template = ours.from_string("{{ later }}")
    ours.globals["later"] = "now"
    assert template.render() == "now"


def test_every_template_that_was_loaded_is_kept(config):
    ours = create_app(config).jinja_env
    assert type(ours.cache) is dict
    assert ours.get_template("frame.html") is ours.get_template("frame.html")
