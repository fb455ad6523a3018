"""One rule about the care plan, from the pages to the scores."""

from types import SimpleNamespace

import pytest
import yaml

from item_bank.loader import BUILT_IN
from surveyapp import bank
from surveyapp.assessments import gate
from surveyapp.models import Assessment, Reply, Score
from surveyapp.scoring import score_assessment

from ...factories import LONG_AGO, make_assessment, make_campaign, make_invitation
from ..respond.visitor import Visitor

pytestmark = pytest.mark.any_database

FIRST = "short_service_user.v1"
STRICT = "gated_service_user.v1"
OPTIONS = {"yes": "Yes", "no": "No", "not_sure": "I am not sure"}
PLAN_ITEMS = bank.instrument(FIRST).gate.when_no
# At the gate, after a no, and what the items about the plan count as then.
TABLE = [
    ("no", "yes", 0.0),
    ("no", "not_sure", 0.0),
    ("no", None, 0.0),
    ("no", "no", None),
    ("not_sure", None, 0.0),
]


@pytest.fixture
def strict(app, session):
    """A form whose gate asks who has no plan whether they would want one."""
    first = BUILT_IN / "instruments" / f"{FIRST}.yaml"
    form = yaml.safe_load(first.read_text(encoding="utf-8"))
    form |= {"id": "gated_service_user", "title": "A form with a strict gate"}
    form["gate"] |= {
        "when_not_sure": "lowest",
        "follow_up": {
            "id": "wants_plan",
            "text": "Would you want a care plan?",
            "options": OPTIONS,
            "structural": ["no"],
        },
    }
    folder = app.config["PROM"].own_bank / "instruments"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{STRICT}.yaml"
    path.write_text(yaml.safe_dump(form, sort_keys=False))
    with app.app_context():
        yield bank.instrument(STRICT)
    path.unlink()


@pytest.fixture
def visitor(client, session, strict):
    campaign = make_campaign(session, instruments={"service_user": STRICT})
    make_invitation(session, campaign, is_open=True)
    return Visitor(client).begin()


def answered(session, ref, plan, wanted, value):
    """An assessment in which every item has the same category."""
    assessment = make_assessment(session, care_plan=plan, wants_plan=wanted)
    assessment.instrument_id, _, version = ref.rpartition(".v")
    assessment.instrument_version = int(version)
    form = bank.instrument(ref)
    replies = [Reply(item.id, item.version, value=value) for item in form.items]
    assessment.record(replies, now=LONG_AGO)
    return assessment


def scores(assessment):
    return {s.scale: s for s in score_assessment(assessment, now=LONG_AGO)}


@pytest.mark.parametrize(("plan", "wanted", "value"), TABLE)
def test_answers_in_spite_of_a_strict_gate_are_kept_and_not_scored(
    session, strict, plan, wanted, value
):
    assessment = answered(session, STRICT, plan, wanted, 4)
    row = scores(assessment)["living_document"]
    assert row.value == value
    assert row.n_applicable == (0 if value is None else len(PLAN_ITEMS))
    assert {a.value for a in assessment.answers} == {4}


@pytest.mark.parametrize("plan", ["yes", None])
def test_who_has_a_plan_or_said_nothing_is_scored_by_the_answers(session, strict, plan):
    row = scores(answered(session, STRICT, plan, None, 3))["living_document"]
    assert row.value == 75.0


@pytest.mark.parametrize("plan", ["no", "not_sure"])
def test_the_first_edition_scores_what_was_answered_as_it_was_published(session, plan):
    row = scores(answered(session, FIRST, plan, None, 3))["living_document"]
    assert row.value == 75.0


def pages_to(visitor, stop):
    """Answer with Agree from page to page until `stop`; what was asked."""
    asked = []
    for _ in range(80):
        if visitor.path.endswith(stop):
            return asked
        names = [i.id for i in bank.instrument(STRICT).items if i.id in visitor.page]
        here = [name for name in names if f'name="{name}"' in visitor.page]
        asked += here
        if "pause" in visitor.path:
            visitor.get(f"/survey/{len(asked) + 1}")
            if visitor.path.rpartition("/")[2] != str(len(asked) + 1):
                visitor.get("/survey/more-1")
        else:
            visitor.post(**dict.fromkeys(here, "3"))
    raise AssertionError(f"never came to {stop}")


@pytest.mark.parametrize(("plan", "wanted", "value"), TABLE)
def test_on_the_web_what_the_gate_settles_is_not_asked(
    visitor, session, plan, wanted, value
):
    visitor.get("/survey/care-plan")
    visitor.post(care_plan=plan)
    assert visitor.path.endswith("/wants-plan") == (plan == "no")
    if plan == "no":
        visitor.post(**({"wants_plan": wanted} if wanted else {}))
    asked = pages_to(visitor, "/more-1")
    assert len(asked) == 25 and not set(asked) & set(PLAN_ITEMS)
    visitor.submit()
    rows = {s.scale: s for s in session.query(Score)}
    assert rows["living_document"].value == value
    assert rows["parity"].value == 75.0


def test_the_check_page_shows_no_question_that_was_not_asked(visitor):
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="no")
    visitor.post(wants_plan="not_sure")
    visitor.get("/survey/check")
    form = bank.instrument(STRICT)
    stems = {item.id: form.stem(item) for item in form.items}
    assert stems["parity_asked"] in visitor.page
    assert not [i for i in PLAN_ITEMS if stems[i] in visitor.page]
    assert "Would you want a care plan?" in visitor.page


def test_a_no_from_the_check_page_leads_to_its_question_and_back(visitor):
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="yes")
    visitor.get("/survey/check")
    visitor.get("/survey/care-plan?from=check")
    visitor.post(care_plan="no")
    assert visitor.path.endswith("/wants-plan?from=check")
    visitor.post(wants_plan="yes")
    assert visitor.path.endswith("/check")


def test_an_answer_from_an_older_tab_is_kept_though_the_gate_settles_it(
    visitor, session
):
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="yes")
    visitor.get("/survey/26")
    (item,) = [i for i in PLAN_ITEMS if f'name="{i}"' in visitor.page]
    older = visitor.page
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="no")
    visitor.page = older
    response = visitor.post("/survey/26", **{item: "4"})
    assert response.status_code == 200
    assessment = session.query(Assessment).one()
    assert assessment.answer_to(item).value == 4


def test_whether_one_is_wanted_is_asked_of_nobody_else(visitor):
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="yes")
    assert visitor.get("/survey/wants-plan").status_code == 404


def test_a_form_without_a_gate_settles_nothing_and_counts_everything():
    form = SimpleNamespace(gate=None)
    assert gate.outcome(None, form) == gate.ASKED
    assert gate.settled_items(None, form) == gate.uncounted(None, form) == ()


def test_only_a_strict_gate_keeps_answers_without_counting_them(session, strict):
    for ref in (FIRST, STRICT):
        sitting = SimpleNamespace(
            instrument=ref,
            arrangement=None,
            wave=1,
            care_plan="no",
            wants_plan="yes",
            answers=[Reply(PLAN_ITEMS[0], 1, value=3)],
        )
        kept = gate.uncounted(sitting, bank.instrument(ref))
        assert kept == (((PLAN_ITEMS[0], 3),) if ref == STRICT else ())
