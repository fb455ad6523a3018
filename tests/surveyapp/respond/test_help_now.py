"""Help stands under every page of who answers, under none of staff; errors lead on."""

import pytest

from .visitor import Visitor

pytestmark = pytest.mark.one_database
HELP = "help-heading"


@pytest.mark.parametrize(
    "path, leads_to",
    [("/survey/999", "/survey/"), ("/s/none", "/"), ("/nothing-here", "/")],
)
def test_an_error_of_who_answers_keeps_help_and_a_way_on(visitor, path, leads_to):
    visitor.begin()
    visitor.get(path)
    main = visitor.page.partition("<main")[2].partition("</main>")[0]
    assert f'href="{leads_to}"' in main and HELP in visitor.page


def test_an_error_of_staff_has_no_distress_box_and_leads_to_their_first_page(client):
    visitor = Visitor(client)
    assert visitor.get("/staff/link/none").status_code in (200, 404)
    assert HELP not in visitor.page
    assert visitor.get("/tracking/999/service_user").status_code in (200, 403, 404)
    assert HELP not in visitor.page
