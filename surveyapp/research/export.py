"""De-identified answers as files: responses, codebook, and the scales in them."""

import csv
import io
from dataclasses import dataclass, field

import yaml
from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import selectinload

from .. import audit, bank
from ..assessments.questions import plan_of
from ..errors import NotFound, NothingToExport
from ..models import Assessment, Campaign, Respondent
from ..scoring import coded_responses, replies_of, settled_by_gate
from . import about, adaptive_tables
from .tables import FORMULA

# Beyond every category, so that neither can be taken for the other.
REASON_CODES = {
    "did_not_happen": 91,
    "not_wanted": 92,
    "not_applicable": 93,
    "cannot_remember": 94,
    "prefer_not_to_say": 95,
}
# Marks on paper that are no single answer, as two people read them.
UNCLEAR_CODES = {"several_marked": 81, "between_boxes": 82, "illegible": 83}
UNCLEAR_LABELS = {
    "several_marked": "On paper: several boxes marked",
    "between_boxes": "On paper: marked between two boxes",
    "illegible": "On paper: cannot be read",
}
CODES = REASON_CODES | UNCLEAR_CODES
NO_PLAN = 96  # the gate settled the item: there is no care plan
NOT_ASKED = 97  # by design: other people are given the item


@dataclass(frozen=True)
class Export:
    """The files' texts, and how many assessments they hold."""

    responses: str
    codebook: str
    scales: str
    n: int
    n_synthetic: int = 0
    beside: dict = field(default_factory=dict)  # of an adaptive form: name -> text

    @property
    def files(self):
        return {
            "responses.csv": self.responses,
            "codebook.csv": self.codebook,
            "scales.yaml": self.scales,
            **self.beside,
        }


def export(session, campaign, perspective, *, actor, coded=False):
    """Submitted answers of one perspective, with their codebook, and in the audit.

    Every reason has a code of its own; with `coded` reasons are turned into
    categories and gaps as each item declares, ready for `prom validate`. Raises
    NothingToExport where nobody has submitted. Commits the audit event.
    """
    made = tables(session, campaign, perspective, coded=coded)
    audit.record(
        session,
        actor=actor,
        action="answers.exported",
        subject=campaign,
        n=made.n,
        perspective=perspective,
    )
    session.commit()
    return made


def tables(session, campaign, perspective, *, coded=False):
    """The same without a trace, for whoever leaves a trace of their own."""
    assessments = submitted(session, campaign, perspective)
    if not assessments:
        raise NothingToExport()
    instrument = bank.instrument(campaign.instrument_ref(perspective))
    return Export(
        responses=_table(assessments, instrument, coded),
        codebook=_codebook(instrument, coded, _some_not_asked(assessments, instrument)),
        scales=yaml.safe_dump(
            {name: list(items) for name, items in instrument.scales.items()},
            sort_keys=False,
        ),
        n=len(assessments),
        n_synthetic=sum(assessment.is_synthetic for assessment in assessments),
        beside=_beside(session, assessments, instrument),
    )


def _beside(session, assessments, instrument):
    """What an adaptive form leaves beside its answers, as texts by name."""
    if not instrument.adaptive:
        return {}
    made = adaptive_tables.files(session, assessments, instrument, about.pseudonym)
    return {name: csv_text(rows) for name, rows in made.items()}


def find_campaign(session, number=None):
    """The campaign of this number, or the only one with answers.

    NotFound says what there is.
    """
    campaigns = session.scalars(select(Campaign).order_by(Campaign.id)).all()
    sent = select(Assessment.campaign_id).where(Assessment.submitted_at.is_not(None))
    answered = set(session.scalars(sent.distinct()))
    chosen = [c for c in campaigns if number == c.id]
    if number is None:
        chosen = [c for c in campaigns if c.id in answered] or campaigns
    if len(chosen) != 1:
        known = ", ".join(f"{c.id} ({c.title})" for c in campaigns) or "none yet"
        raise NotFound(f"name one of the campaigns with --campaign: {known}")
    return chosen[0]


def submitted(session, campaign, perspective):
    """Assessments that count, of the instrument that the campaign gives now."""
    query = (
        select(Assessment)
        .where(*_that_count(campaign, perspective))
        .options(
            selectinload(Assessment.answers),
            selectinload(Assessment.background),
            selectinload(Assessment.respondent).selectinload(Respondent.assessments),
        )
        .order_by(Assessment.id)
    )
    return list(session.scalars(query))


def n_submitted(session, campaign, perspective):
    """How many assessments count, without reading what is in them."""
    query = select(func.count(Assessment.id))
    return session.scalar(query.where(*_that_count(campaign, perspective)))


def waves_sent(session, campaign, perspective):
    """The waves of which there are answers that count, such as {1, 2}."""
    query = select(Assessment.wave).where(*_that_count(campaign, perspective))
    return set(session.scalars(query.distinct()))


def forms_of(campaign, perspective):
    """What a campaign gives a perspective: of an adaptive form also the fixed one."""
    given = {c.perspective: c.instrument for c in campaign.instruments}
    if perspective not in given:
        return []
    form = bank.instrument(given[perspective])
    return [form.ref, bank.fixed_form(form).ref]


def _that_count(campaign, perspective):
    forms = [ref.rsplit(".v", 1) for ref in forms_of(campaign, perspective)]
    of_form = [
        and_(Assessment.instrument_id == id, Assessment.instrument_version == int(n))
        for id, n in forms
    ]
    return (
        Assessment.campaign_id == campaign.id,
        Assessment.perspective == perspective,
        or_(false(), *of_form),
        Assessment.submitted_at.is_not(None),
        Assessment.withdrawn_at.is_(None),
    )


def neutral(text):
    """A text cell that no spreadsheet takes for a formula."""
    text = "" if text is None else str(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _table(assessments, instrument, coded):
    """One row an assessment, in an order that tells nothing of time."""
    items = [item.id for item in instrument.items]
    values, reasons = _cells(assessments, instrument, coded)
    rows = []
    for n, assessment in enumerate(assessments):
        no_plan = settled_by_gate(assessment, instrument)
        left_out = dict.fromkeys(no_plan, NO_PLAN)
        if not coded:
            left_out |= dict.fromkeys(
                plan_of(assessment).not_asked_of(instrument), NOT_ASKED
            )
        answers = [
            _code(values.iat[n, k], reasons.iat[n, k], left_out.get(item))
            for k, item in enumerate(items)
        ]
        rows.append([*map(neutral, about.about(assessment)), *answers])
    rows.sort(key=lambda row: row[0])
    return csv_text([[*about.COLUMNS, *items], *rows])


def _cells(assessments, instrument, coded):
    replies = replies_of(assessments, instrument)
    if not coded:
        return replies.values, replies.reasons
    made = coded_responses(assessments, instrument)
    return made.responses, replies.reasons.map(lambda _: None)


def _code(value, reason, left_out):
    """A category as it is; else why there is none, the design before the reason."""
    if value == value:
        return int(value)
    if left_out:
        return left_out
    return "" if reason is None else CODES[reason]


def _some_not_asked(assessments, instrument):
    return any(plan_of(a).not_asked_of(instrument) for a in assessments)


def _codebook(instrument, coded, some_not_asked):
    """A row for each column and code: what it is called and what it counts as."""
    rows = [["column", "code", "label", "counts_as", "scale", "item_version"]]
    rows += [[name, "", says, "", "", ""] for name, says in about.COLUMNS.items()]
    rows += [[*code, "", "", ""] for code in about.codes(instrument)]
    if instrument.adaptive:
        beside = adaptive_tables.columns().items()
        rows += [[name, "", says, "", "", ""] for name, says in beside]
    for item in instrument.items:
        tail = [item.prerequisite, item.version]
        rows.append([item.id, "", neutral(instrument.stem(item)), "", *tail])
        for value, label in item.responses.labels.items():
            rows.append([item.id, value, neutral(label), "category", *tail])
        if not coded and instrument.gate and item.id in instrument.gate.when_no:
            rows.append([item.id, NO_PLAN, "No care plan", "lowest", *tail])
        if not coded and some_not_asked:
            label = "Not asked: not in this person's part of the form"
            rows.append([item.id, NOT_ASKED, label, "structural", *tail])
        for reason, coding in ({} if coded else item.reasons).items():
            label = neutral(item.responses.reason_labels[reason])
            rows.append([item.id, REASON_CODES[reason], label, coding, *tail])
        for mark, code in ({} if coded else UNCLEAR_CODES).items():
            rows.append([item.id, code, UNCLEAR_LABELS[mark], "missing", *tail])
    return csv_text(rows)


def csv_text(rows):
    """Rows of cells as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
