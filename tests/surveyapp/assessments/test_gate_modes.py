"""Each row of the gate's table in each mode: asked, kept and scored by one rule."""

import csv
import io
import re

import pytest
import yaml
from sqlalchemy import select

from item_bank.loader import BUILT_IN
from surveyapp import bank
from surveyapp.assessments.journey import journey_of
from surveyapp.assessments.queries import n_in_spite
from surveyapp.models import Assessment, Score
from surveyapp.paper.keying_sheet import Sheet
from surveyapp.research.exports.export import tables

from ...factories import make_campaign, make_invitation, make_team, make_trust
from ..paper.keyers import Keyer, sent_as
from ..respond.adaptive_visitor import AdaptiveVisitor
from ..respond.visitor import Visitor
from ..signing_in import sign_in

pytestmark = pytest.mark.one_database

REF = "short_service_user.v2"
FORM = bank.instrument(REF)
PLAN_ITEMS = FORM.gate.when_no
ADAPTIVE = "demonstration_adaptive_service_user.v1"
# At the gate; whether one is wanted; the score where every answer is the highest.
TABLE = [
    ("no", "yes", 0.0),
    ("no", "not_sure", 0.0),
    ("no", None, 0.0),
    ("no", "no", None),
    ("not_sure", None, 0.0),
    (None, None, 100.0),
    ("yes", None, 100.0),
]
by_row = pytest.mark.parametrize(("plan", "wanted", "value"), TABLE)


@pytest.fixture
def campaign(session):
    return make_campaign(session, instruments={"service_user": REF}, items_per_page=12)


def highest(item):
    return str(item.responses.highest)


def through_the_gate(visitor, plan, wanted):
    """From the page before the gate to the first question behind it."""
    visitor.get("/survey/care-plan")
    visitor.post(**({"care_plan": plan} if plan else {"asked": "yes"}))
    assert visitor.path.endswith("/wants-plan") == (plan == "no")
    if plan == "no":
        visitor.post(**({"wants_plan": wanted} if wanted else {}))


def answer_every_page(visitor):
    """The highest answer to whatever is asked; ids of what was."""
    by_id, asked = {item.id: item for item in FORM.items}, []
    for number in range(1, 40):
        if visitor.get(f"/survey/{number}").status_code == 404:
            return asked
        here = [i for i in by_id if f'name="{i}"' in visitor.page]
        visitor.post(**{i: highest(by_id[i]) for i in here})
        asked += here
    raise AssertionError("no end of pages")


def living_document(session):
    """The newest stored score."""
    session.rollback()
    query = select(Score).where(Score.scale == "living_document")
    return session.scalars(query.order_by(Score.id.desc()).limit(1)).one()


@by_row
def test_where_staff_write_down_what_is_said_the_same_is_asked(
    client, session, campaign, plan, wanted, value
):
    make_invitation(session, campaign, is_open=True)
    sign_in(client, session, "coordinator", campaign.trust)
    visitor = Visitor(client)
    visitor.get("/s/a-token")
    visitor.post(mode="telephone")
    visitor.consent()
    through_the_gate(visitor, plan, wanted)
    asked = answer_every_page(visitor)
    assert set(PLAN_ITEMS) <= set(asked) if value else not set(PLAN_ITEMS) & set(asked)
    visitor.submit()
    assert living_document(session).value == value
    assert session.scalars(select(Assessment.mode)).one() == "telephone"


@by_row
def test_a_preview_asks_what_the_survey_would_ask(
    client, session, campaign, plan, wanted, value
):
    sign_in(client, session, "coordinator", campaign.trust)
    visitor = Visitor(client)
    visitor.get(f"/preview/{campaign.id}/?perspective=service_user")
    base = visitor.path.removesuffix("s")
    visitor.get(f"{base}survey/care-plan")
    visitor.post(**({"care_plan": plan} if plan else {"asked": "yes"}))
    assert visitor.path.endswith("/wants-plan") == (plan == "no")
    if plan == "no":
        visitor.post(**({"wants_plan": wanted} if wanted else {}))
    visitor.get(f"{base}survey/check")
    stems = {FORM.stem(item) for item in FORM.items if item.id in PLAN_ITEMS}
    assert [stem in visitor.page for stem in stems] == [bool(value)] * len(stems)


@pytest.fixture
def keyers(app, client, session, campaign):
    browsers = [client, type(client)(app)]
    return [Keyer(browser, session, campaign.trust) for browser in browsers]


def key_twice(keyers, campaign, **said):
    """Both read the same: the highest answer to everything but what is `said`."""
    sheet = Sheet(FORM)
    items = {item.id: highest(item) for item in FORM.items}
    reading = {
        name: items.get(name, "" if name == "comment" else "blank")
        for name in sheet.fields
    }
    reading |= {n: "yes" for n in reading if n.startswith("consent_")} | said
    form_id = keyers[0].begin(campaign)
    for keyer in keyers:
        keyer.claim(form_id)
        for number, page in enumerate(sheet.pages, start=1):
            sent = {field.name: sent_as(field, reading) for field in page.fields}
            done = keyer.client.post(f"/keying/{form_id}/page/{number}", data=sent)
            assert done.status_code == 303, done.text


@by_row
def test_what_is_keyed_from_paper_in_spite_of_the_gate_is_kept_and_not_scored(
    app, session, keyers, campaign, plan, wanted, value
):
    key_twice(keyers, campaign, care_plan=plan or "blank", wants_plan=wanted or "blank")
    assert living_document(session).value == value
    assessment = session.scalars(select(Assessment)).one()
    assert assessment.mode == "paper"
    assert all(assessment.answer_to(i).value for i in PLAN_ITEMS)
    is_against = not value
    assert n_in_spite(session, campaign) == is_against
    with app.app_context():
        files = tables(session, campaign, "service_user").files
    (row,) = csv.DictReader(io.StringIO(files["responses.csv"]))
    assert row["in_spite"] == str(len(PLAN_ITEMS) if is_against else 0)
    code = "98" if value is None else "96"
    expected = (
        {code} if is_against else {highest(i) for i in FORM.items if i.id in PLAN_ITEMS}
    )
    assert {row[i] for i in PLAN_ITEMS} == expected
    beside = [*csv.DictReader(io.StringIO(files.get("in_spite.csv", "")))]
    assert [r["item"] for r in beside] == (sorted(PLAN_ITEMS) if is_against else [])


def test_the_coordinator_sees_how_many_answered_in_spite_of_it(
    client, session, keyers, campaign
):
    address = f"/campaigns/{campaign.id}"
    assert "no score" not in client.get(address).text
    key_twice(keyers, campaign, care_plan="no")
    said = re.sub(r"\s+", " ", client.get(address).text)
    assert "Fewer than 10 forms have answers about a care plan from a person" in said


@pytest.fixture
def strict_adaptive(app):
    """The demonstration's adaptive form with the second edition's gate."""
    folder = app.config["PROM"].own_bank / "instruments"
    folder.mkdir(parents=True, exist_ok=True)
    first = BUILT_IN / "instruments" / f"{ADAPTIVE}.yaml"
    form = yaml.safe_load(first.read_text(encoding="utf-8"))
    second = BUILT_IN / "instruments" / f"{REF}.yaml"
    gate = yaml.safe_load(second.read_text(encoding="utf-8"))["gate"]
    form |= {"id": "gated_adaptive_service_user", "gate": gate}
    path = folder / "gated_adaptive_service_user.v1.yaml"
    path.write_text(yaml.safe_dump(form, sort_keys=False))
    with app.app_context():
        yield bank.instrument(path.stem)
    path.unlink()


@by_row
def test_an_adaptive_form_asks_nothing_that_the_gate_settles(
    client, session, strict_adaptive, plan, wanted, value
):
    team = make_team(session, make_trust(session, is_demonstration=True))
    given = {"service_user": strict_adaptive.ref}
    make_invitation(session, make_campaign(session, team, given), is_open=True)
    visitor = AdaptiveVisitor(client)
    Visitor.begin(visitor)
    through_the_gate(visitor, plan, wanted)
    visitor.keep_code()
    asked = set(visitor.answer_on(4, most=14))
    settled = set(strict_adaptive.gate.when_no)
    assert bool(asked & settled) == bool(value)
    visitor.submit()
    theta = session.scalars(select(Score)).one()
    assessment = session.scalars(select(Assessment)).one()
    given = set(assessment.sitting.given)
    n_settled = len(given & settled) if value == 0 else 0
    assert theta.n_answered == len(asked) + n_settled
    assert {item.id for item in journey_of(assessment).asked} == asked
