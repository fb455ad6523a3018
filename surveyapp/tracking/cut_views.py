"""Cross-cuts of a trust's years, from one fixed list."""

from flask import render_template

from ..errors import NotFound
from . import cut_presenter
from .chosen import chosen
from .figures_blueprint import bp
from .views import csv_file


@bp.get("/<int:trust_id>/<perspective>/years")
def years(trust_id, perspective):
    """Each year that is over, by who answered and how."""
    what = chosen(trust_id, perspective)
    return render_template(
        "tracking/years.html",
        what=what,
        years=cut_presenter.years(what),
        head=cut_presenter.HEAD,
    )


@bp.get("/<int:trust_id>/<perspective>/years.csv")
def years_csv(trust_id, perspective):
    """The numbers of every year."""
    found = cut_presenter.table(chosen(trust_id, perspective))
    if len(found) == 1:
        raise NotFound()
    return csv_file(found, f"years-{perspective}.csv")
