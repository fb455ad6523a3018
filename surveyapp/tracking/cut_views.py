"""Cross-cuts of a trust's years, from one fixed list."""

from flask import render_template, request

from ..errors import NotFound
from . import cut_drawing, cut_presenter
from .chosen import chosen
from .figures_blueprint import bp
from .picture_files import csv_file, picture_file


@bp.get("/<int:trust_id>/<perspective>/years")
def years(trust_id, perspective):
    """Each year that is over, by who answered and how."""
    what = chosen(trust_id, perspective)
    found = cut_presenter.years(what)
    return render_template(
        "tracking/years.html",
        what=what,
        years=found,
        drawings={year: cut_drawing.draw(year, cuts) for year, cuts in found.items()},
        head=cut_presenter.HEAD,
    )


@bp.get("/<int:trust_id>/<perspective>/years.svg")
def years_svg(trust_id, perspective):
    """The picture of the year that is asked for, or of the newest."""
    return _picture(trust_id, perspective, "svg")


@bp.get("/<int:trust_id>/<perspective>/years.png")
def years_png(trust_id, perspective):
    """The same picture, for slides."""
    return _picture(trust_id, perspective, "png")


def _picture(trust_id, perspective, kind):
    years = cut_presenter.years(chosen(trust_id, perspective))
    year = request.args.get("year", next(iter(years), None), type=int)
    drawn = cut_drawing.draw(year, years.get(year, ()))
    if drawn is None:
        raise NotFound()
    given = {"drawing": drawn, "year": year}
    name, told = f"{year}-{perspective}", f"{drawn.title}. {drawn.finding}"
    return picture_file("_years.svg", name, kind, told, **given)


@bp.get("/<int:trust_id>/<perspective>/years.csv")
def years_csv(trust_id, perspective):
    """The numbers of every year."""
    found = cut_presenter.table(chosen(trust_id, perspective))
    if len(found) == 1:
        raise NotFound()
    return csv_file(found, f"years-{perspective}.csv")
