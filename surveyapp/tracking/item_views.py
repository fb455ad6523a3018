"""What people answered to each item, in the words that they saw."""

from flask import render_template

from ..errors import NotFound
from . import bars_drawing, block_presenter, item_presenter, profile
from .chosen import chosen
from .figures_blueprint import bp
from .item_results import item_results
from .picture_files import csv_file, picture_file


@bp.get("/<int:trust_id>/<perspective>/items")
def items(trust_id, perspective):
    """Each item's answers as a bar, with the reasons of those who gave none."""
    what = chosen(trust_id, perspective)
    return render_template(
        "tracking/items.html",
        what=what,
        behind=block_presenter.behind(what),
        parts=item_presenter.parts(what),
    )


@bp.get("/<int:trust_id>/<perspective>/items.csv")
def items_csv(trust_id, perspective):
    """The numbers of every item."""
    what = chosen(trust_id, perspective)
    results = item_results(what.family, what.tally)
    if not results:
        raise NotFound()
    return csv_file(item_presenter.rows(results), f"items-{perspective}.csv")


@bp.get("/<int:trust_id>/<perspective>/items.svg")
def items_svg(trust_id, perspective):
    """Every item's bar in one picture."""
    return _bars(trust_id, perspective, "svg")


@bp.get("/<int:trust_id>/<perspective>/items.png")
def items_png(trust_id, perspective):
    """The same picture, for slides."""
    return _bars(trust_id, perspective, "png")


@bp.get("/<int:trust_id>/<perspective>/profile.svg")
def profile_svg(trust_id, perspective):
    """The picture of the six prerequisites."""
    return _profile(trust_id, perspective, "svg")


@bp.get("/<int:trust_id>/<perspective>/profile.png")
def profile_png(trust_id, perspective):
    """The same picture, for slides."""
    return _profile(trust_id, perspective, "png")


@bp.get("/<int:trust_id>/<perspective>/profile.csv")
def profile_csv(trust_id, perspective):
    """The numbers of the six prerequisites."""
    behind = _with_a_profile(trust_id, perspective)
    rows = profile.table(behind.profile)
    return csv_file(rows, f"prerequisites-{perspective}.csv")


def _bars(trust_id, perspective, kind):
    what = chosen(trust_id, perspective)
    drawing = bars_drawing.draw(item_presenter.parts(what))
    if drawing is None:
        raise NotFound()
    told = block_presenter.behind(what)
    title = f"Every item, {what.whose.lower()}: {what.name}"
    name, given = f"items-{perspective}", {"title": title, "drawing": drawing}
    given["finding"] = told.standing_out
    return picture_file(
        "_items.svg", name, kind, f"{title}. {told.standing_out}", **given
    )


def _profile(trust_id, perspective, kind):
    behind = _with_a_profile(trust_id, perspective)
    given = {"profile": behind.profile, "picture": behind.picture}
    name, told = f"prerequisites-{perspective}", behind.profile.finding
    return picture_file("_profile.svg", name, kind, told, **given)


def _with_a_profile(trust_id, perspective):
    behind = block_presenter.behind(chosen(trust_id, perspective))
    if behind.picture is None:
        raise NotFound()
    return behind
