"""Where a page is found by people outside: one fact for links, letters and commands."""

from flask import current_app


def address_of(endpoint, **values):
    """The whole address of a page; its start comes from the configuration alone.

    Never from the request, whose Host anybody may choose.
    """
    path = current_app.url_map.bind("").build(endpoint, values)
    return current_app.config["PROM"].root + path
