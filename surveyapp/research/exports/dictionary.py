"""A data dictionary: one page that says what every column and code means."""

from flask import current_app

from ...table_files.spss_and_stata_names import spss_missing, stata_missing, stata_name


def html(table, about):
    """The page as a text that needs nothing beside it."""
    # Not of a request: a command makes the same page.
    page = current_app.jinja_env.get_template("research/dictionary.html")
    return page.render(
        about=about,
        variables=table.variables,
        stata_name=stata_name,
        spss=spss_missing,
        stata=stata_missing,
    )
