"""The look's components: as the look makes them, and nothing of a person kept."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from surveyapp import components

pytestmark = pytest.mark.one_database
OPTIONS = [
    ("button", {"text": "Continue", "preventDoubleClick": True}),
    ("button", {"text": "Go on", "href": "/survey/4"}),
    ("button", {"text": "Save", "variant": "secondary", "name": "a", "value": "b"}),
    ("back-link", {"href": "/survey/pause-1?from=check", "text": Markup("<b>B</b>")}),
    ("skip-link", {"href": "#maincontent", "text": "Skip & go"}),
]


@pytest.mark.parametrize("name, options", OPTIONS)
def test_a_component_is_what_the_looks_own_template_makes(app, name, options):
    with app.test_request_context():
        template = f"nhsuk/components/{name}/template.jinja"
        wanted = app.jinja_env.get_template(template).render(params=options)
        for _ in range(2):
            assert components.component(name, options) == Markup(wanted)


def test_escaped_and_other_text_are_kept_apart(app):
    with app.test_request_context():
        for text, shown in (("<i>", "&lt;i&gt;"), (Markup("<i>"), "<i>")):
            assert shown in components.component("button", {"text": text})


@pytest.mark.parametrize("name, options", [OPTIONS[0], OPTIONS[1], OPTIONS[3]])
def test_what_is_the_same_for_everyone_is_made_once(app, name, options, monkeypatch):
    made = []
    monkeypatch.setattr(
        components, "made_anew", lambda *given: made.append(given) or ""
    )
    components.kept.cache_clear()
    try:
        with app.test_request_context():
            components.component(name, options)
            components.component(name, dict(options))
    finally:
        components.kept.cache_clear()
    assert len(made) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"text": "Go on", "href": "/s/abcdefghijklmnopqrstuvwxyzabcdef"},
        {"text": "Go on", "href": "/survey/1?given=4"},
        {"text": "Go on", "value": "what somebody wrote"},
        {"text": "Go on", "attributes": {"data-a": "b"}},
    ],
)
def test_what_could_be_of_a_person_is_made_anew(app, options):
    with app.test_request_context():
        before = components.kept.cache_info().currsize
        components.component("button", options)
        assert components.kept.cache_info().currsize == before


def test_each_form_of_staff_lists_what_is_wrong_by_the_same_few_lines(app):
    """Respondents' lines are translated; a run's problem may be several at once."""
    folder = Path(app.root_path) / "templates"
    own = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.html"))
        if re.search(r"macro csrf|in problems\.items\(\) %\}.*href", path.read_text())
    ]
    assert own == ["respond/_parts.html", "runs/new.html", "staff_parts.html"]
