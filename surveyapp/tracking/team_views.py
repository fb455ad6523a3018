"""Teams beside one another: a funnel, quarters, and who answered."""

from flask import render_template

from ..errors import NotFound
from ..extensions import db
from . import beside, funnel, quarter_table, team_table
from .chosen import chosen
from .figures_blueprint import bp
from .picture_files import csv_file, picture_file
from .release_queue import OVERALL
from .response_rates import response_rates


@bp.get("/<int:trust_id>/<perspective>/teams")
def teams(trust_id, perspective):
    """Every team that the person may see, in the order of names."""
    what = chosen(trust_id, perspective)
    found, picture = _funnel(what)
    rates = response_rates(db.session, trust_id, perspective)
    return render_template(
        "tracking/teams.html",
        what=what,
        found=found,
        picture=picture,
        head=team_table.HEAD,
        rows=team_table.rows(what, found, rates),
        tables=quarter_table.tables(what),
        beside=beside.beside(db.session, trust_id),
        beside_head=beside.HEAD,
    )


@bp.get("/<int:trust_id>/<perspective>/funnel.svg")
def funnel_svg(trust_id, perspective):
    """The picture of the teams in their funnel."""
    return _picture(trust_id, perspective, "svg")


@bp.get("/<int:trust_id>/<perspective>/funnel.png")
def funnel_png(trust_id, perspective):
    """The same picture, for slides."""
    return _picture(trust_id, perspective, "png")


@bp.get("/<int:trust_id>/<perspective>/funnel.csv")
def funnel_csv(trust_id, perspective):
    """The numbers of the teams in their funnel."""
    found, picture = _funnel(chosen(trust_id, perspective))
    if picture is None:
        raise NotFound()
    return csv_file(funnel.table(found), f"teams-{perspective}.csv")


def _picture(trust_id, perspective, kind):
    found, picture = _funnel(chosen(trust_id, perspective))
    if picture is None:
        raise NotFound()
    given = {"found": found, "picture": picture}
    name = f"teams-{perspective}"
    return picture_file("_funnel.svg", name, kind, found.finding, **given)


def _funnel(what):
    sd = what.figures.spreads.get(OVERALL)
    found = funnel.funnel(what.by_team, what.seen, sd)
    return found, funnel.picture(found, sd)
