"""Bigger text, other colours and listening, as a person uses them."""

import pytest

from .looking import check
from .person import Person

pytestmark = pytest.mark.browser
SPOKEN = """
window.spoken = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", {value: {
    cancel() {}, speak(words) { window.spoken.push(words); },
}});
"""


@pytest.mark.parametrize("colours", ["soft", "dark"])
def test_bigger_words_and_other_colours_have_no_violation(link, new_page, colours):
    person = Person(new_page(), link)
    for where in person.begin():
        if where == "information":
            person.page.get_by_role("link", name="Bigger text").click()
            person.choose("size", "larger")
            person.choose("colours", colours)
            check(person.page, "display")
            person.press("Save and go back")
        if where == "consent":
            person.press("Continue")
        check(person.page, where)
    check(person.page, "question")
    shown = person.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shown == {"soft": "rgb(253, 243, 215)", "dark": "rgb(0, 0, 0)"}[colours]


def test_a_page_is_read_aloud_in_its_language(link, new_page):
    page = new_page()
    page.add_init_script(SPOKEN)
    page.goto(link)
    page.get_by_role("button", name="Listen").click()
    words = page.evaluate("window.spoken.map(w => [w.lang, w.text])")
    assert words[0] == ["en", "How involved are you?"]
    page.evaluate("window.spoken.at(-1).onend()")
    assert page.get_by_role("button", name="Listen").is_visible()


def test_without_scripts_or_a_voice_there_is_no_button_to_listen(link, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(link)
    assert not page.get_by_role("button", name="Listen").is_visible()
