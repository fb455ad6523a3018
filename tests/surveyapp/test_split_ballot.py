"""Half of those who begin are given a variant of the form; both are told apart."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments.item_order import Arrangement
from surveyapp.assessments.questions import questions_of
from surveyapp.assessments.start import begin
from surveyapp.campaigns import import_work
from surveyapp.campaigns.asking import choose, splits
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers
from surveyapp.models import Assessment, AuditEvent, Invitation, Reply
from surveyapp.paper import printing
from surveyapp.research.exports import fhir_bundle
from surveyapp.research.exports.export import tables
from surveyapp.research.exports.variables import variables_of
from surveyapp.research.files.answer_table import answers_of
from surveyapp.research.files.codebook import codebook_of
from surveyapp.research.files.validation import reasons_as_lowest, variants_in
from surveyapp.scoring import score_assessment
from surveyapp.table_files.raw_table import RawTable

from .. import factories
from .campaigns.earlier import confirm, look_at
from .paper.test_printing import ADDRESSES, STANDARD
from .respond.visitor import Visitor
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

REF = "short_service_user.v2"
SHORT = {"service_user": REF}
ADAPTIVE = {"service_user": "demonstration_adaptive_service_user.v1"}
LONG_AGO = factories.LONG_AGO


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session, instruments=SHORT, split_ballot="b")


def arrivals(session, campaign, n):
    link = factories.make_invitation(session, campaign, is_open=True)
    for _ in range(n):
        begun = begin(link, now=LONG_AGO, perspective="service_user")
        session.add(begun)
        session.flush()
        yield begun


def variant_of(assessment):
    return Arrangement.read(assessment.arrangement).variant


def fill(assessment, value=3, reason=None):
    """Answer everything alike and send it."""
    items = questions_of(assessment).items
    given = {"reason": reason} if reason else {"value": value}
    replies = [
        Reply(i.id, i.version, **given) for i in items if value in i.responses.values
    ]
    assessment.record(replies, now=LONG_AGO)
    assessment.submitted_at = LONG_AGO


def test_a_coordinator_splits_the_ballot_before_anybody_begins(client, session):
    campaign = factories.make_campaign(session, instruments=SHORT)
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/asking/"
    assert "Not at all, A little, Partly, Mostly, Fully" in client.get(address).text
    chosen = {"per_page": "3", "variant": "b"}
    assert client.post(address, data=chosen).status_code == 303
    session.refresh(campaign)
    assert (campaign.items_per_page, campaign.split_ballot) == (3, "b")
    assert client.post(address, data=chosen | {"variant": "z"}).status_code == 422
    assert client.post(address, data={"per_page": "9"}).status_code == 422
    details = [event.detail for event in session.scalars(select(AuditEvent))]
    assert {"per_page": 3, "variant": "b"} in details


def test_once_somebody_has_begun_the_variants_stay(client, session, campaign):
    [*arrivals(session, campaign, 1)]
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/asking/"
    refused = client.post(address, data={"per_page": "1", "variant": ""})
    assert refused.status_code == 422 and "stay as they are" in refused.text
    assert "That stays" in client.get(address).text
    assert client.post(address, data={"per_page": "12"}).status_code == 303
    session.refresh(campaign)
    assert (campaign.items_per_page, campaign.split_ballot) == (12, "b")


@pytest.mark.parametrize(
    "given",
    [{"instruments": ADAPTIVE}, {"instruments": SHORT, "languages": ["en", "cy"]}],
    ids=["chooses its questions", "in other languages"],
)
def test_some_campaigns_have_no_variants(session, given):
    campaign = factories.make_campaign(session, **given)
    assert splits(campaign) == {}
    with pytest.raises(InvalidAnswers):
        choose(session, campaign, per_page=1, variant="b", actor="x")


@pytest.mark.parametrize(
    "order", [{}, {"item_order": "rotated"}], ids=["as printed", "in turns"]
)
def test_halves_never_differ_by_more_than_one_nor_do_their_orders(
    session, campaign, order
):
    for name, value in order.items():
        setattr(campaign, name, value)
    given = Counter()
    for n, begun in enumerate(arrivals(session, campaign, 12), start=1):
        given[variant_of(begun)] += 1
        assert abs(given["a"] - given["b"]) <= 1
        assert sum(given.values()) == n
    texts = session.scalars(select(Assessment.arrangement)).all()
    assert len(set(texts)) == (12 if order else 2)


def test_a_place_of_someone_who_withdrew_is_filled_in_the_same_half(session, campaign):
    people = [*arrivals(session, campaign, 4)]
    people[1].withdrawn_at = LONG_AGO
    session.flush()
    link = factories.make_invitation(session, campaign, "another")
    again = begin(link, now=LONG_AGO, perspective="service_user")
    assert variant_of(again) == variant_of(people[1]) == "b"


def test_the_second_person_reads_the_variants_answers_to_the_end(
    client, session, campaign
):
    factories.make_invitation(session, campaign, is_open=True)
    Visitor(client).begin()
    second = Visitor(client.application.test_client()).begin()
    second.get("/survey/care-plan")
    second.post(care_plan="no")
    second.get("/survey/1")
    assert "Fully" in second.page and "Strongly agree" not in second.page
    item = bank.instrument(REF).items[0]
    second.post(**{item.id: "4"})
    second.get("/survey/check")
    assert "Fully" in second.page


def test_both_variants_are_scored_alike(session, campaign):
    scores = []
    for begun in arrivals(session, campaign, 2):
        fill(begun)
        scores.append([s.value for s in score_assessment(begun, now=LONG_AGO)])
    assert scores[0] == scores[1]


def test_an_export_says_who_had_which_and_comes_back_as_it_was(app, session, campaign):
    for n, begun in enumerate(arrivals(session, campaign, 4)):
        fill(begun, value=n % 2 + 1)
    session.commit()
    with app.app_context():
        made = tables(session, campaign, "service_user")
        rows = [*csv.DictReader(io.StringIO(made.responses))]
        labels = [row[2] for row in made.meanings if row[1] == 4]
        assert Counter(row["variant"] for row in rows) == {"a": 2, "b": 2}
        assert "Strongly agree; variant b: Fully" in labels
        other = factories.make_campaign(
            session, team=campaign.teams[0], instruments=SHORT
        )
        found = look_at(session, other, made.responses.encode())
        confirm(session, found)
        import_work.carry_on(session, found.id, actor="x")
        again = tables(session, other, "service_user").responses
    table = variables_of(made.answers, made.meanings)
    bundle = json.loads(fhir_bundle.text(table, bank.instrument(REF)))
    assert len(bundle["entry"]) == 2  # of the words that the questionnaire has
    kept = [*csv.DictReader(io.StringIO(again))]
    told = [(row["variant"], row["parity_asked"]) for row in rows]
    assert sorted(told) == sorted((r["variant"], r["parity_asked"]) for r in kept)


def test_a_report_is_told_of_variants_and_of_reasons_as_the_lowest(
    app, session, campaign
):
    for n, begun in enumerate(arrivals(session, campaign, 40)):
        fill(begun, value=n % 5, reason="did_not_happen" if n % 4 == 0 else None)
    session.commit()
    with app.app_context():
        made = tables(session, campaign, "service_user")
    header, *cells = made.answers
    texts = {n: ["" if c is None else str(c) for c in r] for n, r in enumerate(cells)}
    raw = RawTable("responses.csv", tuple(header), texts)
    book = codebook_of(made.meanings)
    items = [item.id for item in bank.instrument(REF).items[:2]]
    path = Path(raw.name)
    table = answers_of(
        raw, items, path=path, categories=(0, 4), codebook=book, dead_items=True
    )
    assert variants_in(table).value_counts().to_dict() == {"a": 20, "b": 20}
    gave = reasons_as_lowest(table)
    assert gave[items[0]].sum() == 10
    assert table.items.loc[gave[items[0]], items[0]].eq(0).all()


@pytest.mark.one_database
def test_paper_is_printed_in_both_variants(app, session):
    campaign = factories.make_campaign(
        session, instruments=SHORT, split_ballot="b", **ADDRESSES
    )
    session.commit()
    with app.app_context():
        for _ in range(2):
            printing.print_forms(
                session, campaign, 1, STANDARD, actor="staff:1", now=utc_now()
            )
    kept = session.scalars(select(Invitation.arrangement)).all()
    assert sorted(kept) == ["variant:a:as_printed:0", "variant:b:as_printed:0"]


def test_every_variant_has_the_codes_and_ways_out_of_the_form():
    form = bank.instrument(REF)
    other = bank.in_variant(form, "b")
    assert other != form and other.scales == form.scales
    for one, changed in zip(form.items, other.items):
        assert one.responses.values == changed.responses.values
        assert set(one.reasons) <= set(changed.responses.reason_labels)
    assert bank.in_variant(form, "a") is form
    with pytest.raises(ValueError, match="no variant q"):
        bank.in_variant(form, "q")
