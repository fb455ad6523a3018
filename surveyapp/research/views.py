"""Exports for researchers; each download stands in the audit."""

import codecs
import io
import zipfile

from flask import Blueprint, render_template, request
from flask_security import current_user
from sqlalchemy import select

from .. import bank
from ..assessments import few_asked, queries
from ..assessments.side_answers import choosable
from ..auth.access import admit, campaign_ids, within_reach
from ..downloads import file_of
from ..errors import InvalidAnswers, NotFound, TooFewToExport
from ..extensions import db
from ..models import Campaign
from .exports import deidentify, export, layouts, package
from .exports.assessment_columns import COLUMNS

bp = Blueprint("research", __name__, url_prefix="/research")
bp.before_request(admit())


@bp.get("/")
def index(problems=None):
    """The campaigns whose answers the person may have."""
    campaigns = db.session.scalars(
        select(Campaign)
        .where(Campaign.id.in_(campaign_ids(db.session)))
        .order_by(Campaign.id)
    )
    rows = [
        (
            campaign,
            perspective,
            queries.n_submitted(db.session, campaign, perspective),
            queries.n_submitted(db.session, campaign, perspective, is_again=True),
            few_asked.tells_of_few(db.session, campaign),
            choosable(bank.instrument(campaign.instrument_ref(perspective))),
        )
        for campaign in campaigns
        for perspective in campaign.perspectives
    ]
    return render_template(
        "research/index.html",
        rows=rows,
        purposes=export.PURPOSES,
        formats=package.FORMATS,
        layouts=layouts.LAYOUTS,
        quasi={name: COLUMNS[name] for name in deidentify.USUAL},
        least=deidentify.LEAST,
        problems=problems or {},
    )


@bp.post("/campaigns/<int:campaign_id>/export")
def download(campaign_id):
    """One archive: responses in the formats chosen, codebook, dictionary, scales."""
    campaign = within_reach(db.session, Campaign, campaign_id)
    perspective = request.form.get("perspective")
    if perspective not in campaign.perspectives:
        raise NotFound()
    try:
        made = export.export(
            db.session,
            campaign,
            perspective,
            actor=f"staff:{current_user.id}",
            purpose=request.form.get("purpose"),
            coded="coded" in request.form,
            side=request.form.getlist("side"),
            formats=request.form.getlist("formats"),
            layout=request.form.get("layout"),
            quasi=request.form.getlist("quasi"),
        )
    except InvalidAnswers as problem:
        return index(problem.problems), 422
    except TooFewToExport as problem:
        return index({"n": f"{str(problem)[0].upper()}{str(problem)[1:]}"}), 422
    name = f"answers-{campaign.id}-{perspective}.zip"
    return file_of(_archive(made.files), "application/zip", name)


def _archive(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # The mark lets a spreadsheet read the file as UTF-8.
            mark = codecs.BOM_UTF8 if name.endswith(".csv") else b""
            archive.writestr(name, mark + content)
    return packed.getvalue()
