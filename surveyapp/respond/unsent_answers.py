"""What is chosen on a page and not yet sent, when the page is to look otherwise.

The buttons for another language and for how pages look belong to the page's own
form. What was chosen comes along with them, in the body of the request alone, and
goes on (307) to the page that it came from, which shows it and stores nothing.
"""

import re

from flask import current_app, g, redirect, request

from ..assessments.journey import journey_of
from . import services

MARKS = {"language", "carried"}  # the buttons' own names: never those of a question
PAGE = re.compile(r"/survey/(\d+)")


def show_again():
    """The page at this address as its GET makes it, from what was sent."""
    g.is_carried = True
    adapter = current_app.url_map.bind("")
    endpoint, values = adapter.match(request.path, method="GET")
    return current_app.view_functions[endpoint](**values)


def fields():
    """What a page's form brought along, as pairs of name and value."""
    pairs = request.form.items(multi=True)
    return [(name, value) for name, value in pairs if name != "csrf_token"]


def back_to(address):
    """Back to a page, with what was chosen on it if anything was."""
    brought = {name for name, _ in fields()} - {"language"}
    return redirect(address, 307 if brought else 303)


def beside(journey, items):
    """What was sent for items that stand on another page than these."""
    if request.method != "POST":
        return []
    others = (i for i in services.items_sent(journey, request.form) if i not in items)
    return [(item.id, request.form[item.id]) for item in others]


def first_item(assessment, address):
    """The first item of the page of questions at an address, or None."""
    found = PAGE.match(address)
    if found is None or assessment is None:
        return None
    page = journey_of(assessment).page(int(found[1]))
    return page and page[0].id


def page_with(assessment, item_id, address):
    """The address again, of the page that now holds an item."""
    stop = item_id and journey_of(assessment).stop_of(item_id)
    return PAGE.sub(f"/survey/{stop}", address, count=1) if stop else address
