"""What people answered to each item, in the words that they saw."""

from flask import render_template

from ..errors import NotFound
from . import block_presenter, item_presenter, profile
from .chosen import chosen
from .figures_blueprint import bp
from .item_results import item_results
from .views import csv_file, file_of


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


@bp.get("/<int:trust_id>/<perspective>/profile.svg")
def profile_svg(trust_id, perspective):
    """The picture of the six prerequisites."""
    behind = _with_a_profile(trust_id, perspective)
    given = {"profile": behind.profile, "picture": behind.picture}
    drawn = render_template("tracking/_profile.svg", **given)
    return file_of(drawn, "image/svg+xml", f"prerequisites-{perspective}.svg")


@bp.get("/<int:trust_id>/<perspective>/profile.csv")
def profile_csv(trust_id, perspective):
    """The numbers of the six prerequisites."""
    behind = _with_a_profile(trust_id, perspective)
    rows = profile.table(behind.profile)
    return csv_file(rows, f"prerequisites-{perspective}.csv")


def _with_a_profile(trust_id, perspective):
    behind = block_presenter.behind(chosen(trust_id, perspective))
    if behind.picture is None:
        raise NotFound()
    return behind
