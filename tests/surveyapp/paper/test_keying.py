"""Two people key a form apart; it counts when they agree or a third has looked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from surveyapp import audit
from surveyapp.assessments import withdrawal
from surveyapp.assessments.submission import submit
from surveyapp.database import utc_now
from surveyapp.links import code_hash, new_code, new_receipt, new_token
from surveyapp.models import Answer, Assessment, AuditEvent, Contact, Score
from surveyapp.paper import keying
from surveyapp.scoring import score_assessment
from surveyapp.tracking.nightly_release import last_midnight
from surveyapp.tracking.release_queue import waiting_entries
from surveyapp.tracking.rounding import Draws

from ... import factories
from ..signing_in import sign_in
from .keyers import SHEET, reading, stored

pytestmark = pytest.mark.any_database

ITEM = SHEET.instrument.items[0].id
OTHER = SHEET.instrument.items[1].id


def keyed_twice(keyers, campaign, first, second):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, first)
    keyers[1].claim(form_id)
    keyers[1].key(form_id, second)
    return form_id


def count(session, kind):
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind))


def test_two_readings_that_agree_become_scored_answers(session, keyers, campaign):
    form_id = keyed_twice(keyers, campaign, reading(), reading())
    form = stored(session, form_id)
    made = form.assessment
    assert (form.stage, form.n_differences) == ("agreed", 0)
    assert made.mode == "paper" and made.personal_code_hash
    assert made.care_plan == "yes"
    assert made.submitted_at.date() == date(2026, 3, 27)
    assert form.settled_at.date() == utc_now().date()
    assert made.answer_to(ITEM).source == "paper"
    scores = session.scalars(select(Score)).all()
    assert len(scores) == len(SHEET.instrument.scales)
    assert {s.value for s in scores} == {s.value for s in again(made)}


def again(assessment):
    """What scoring the stored answers gives, in one call."""
    return score_assessment(assessment, now=utc_now(), revision=2)


def test_a_keyed_form_scores_as_the_same_answers_given_online(
    app, session, keyers, campaign
):
    keyed_twice(keyers, campaign, reading(), reading())
    paper = session.scalars(select(Assessment)).one()
    online = factories.make_assessment(session, campaign, care_plan="yes")
    online.answers = [
        Answer(
            item_id=a.item_id,
            item_version=a.item_version,
            value=a.value,
            reason=a.reason,
            answered_at=utc_now(),
            source="web",
            version=1,
        )
        for a in paper.answers
    ]
    session.commit()
    with app.app_context():
        submit(session, online.id, now=utc_now())
    values = {
        made.id: sorted(
            (s.scale, s.value, s.reason)
            for s in session.scalars(select(Score).filter_by(assessment_id=made.id))
        )
        for made in (paper, online)
    }
    assert values[paper.id] == values[online.id]


def test_nothing_counts_until_the_second_reading_is_done(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    assert (count(session, Assessment), count(session, Answer)) == (0, 0)
    keyers[1].claim(form_id)
    keyers[1].key(form_id, reading(**{ITEM: "4"}))
    assert stored(session, form_id).stage == "differences"
    assert (count(session, Assessment), count(session, Score)) == (0, 0)


def test_the_second_keyer_sees_nothing_of_the_first_reading(session, keyers, campaign):
    first = reading(comment="A comment that nobody else may see yet")
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, first)
    keyers[1].claim(form_id)
    for number in range(1, len(SHEET.pages) + 1):
        page = keyers[1].client.get(f"/keying/{form_id}/page/{number}").text
        assert " checked" not in page and "nobody else may see" not in page


def test_nobody_keys_the_same_form_twice(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    assert keyers[0].claim(form_id).location == f"/keying/{form_id}"
    assert "Another person keys it now" in keyers[0].client.get("/keying/").text
    assert stored(session, form_id).second_keyer_id is None


def test_a_second_reading_belongs_to_who_began_it(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    assert keyers[1].claim(form_id).location == f"/keying/{form_id}/page/1"
    assert keyers[2].claim(form_id).location == f"/keying/{form_id}"
    keyers[2].client.post(f"/keying/{form_id}/page/1", data={"completed_on": ""})
    assert stored(session, form_id).second == {}


def test_differences_stand_side_by_side_and_a_third_settles_them(
    session, keyers, campaign
):
    second = reading(**{ITEM: "several_marked", OTHER: "illegible"})
    form_id = keyed_twice(keyers, campaign, reading(), second)
    page = keyers[2].client.get(f"/keying/{form_id}/differences").text
    assert "Several boxes marked" in page and "Cannot be read" in page
    why = {f"{ITEM}-why": "mark", f"{OTHER}-why": "slip"}
    sent = {ITEM: "second", OTHER: "other:not_wanted"}
    offered = dict(SHEET.fields[OTHER].boxes)
    sent[OTHER] = f"other:{[c for c in offered if c != reading()[OTHER]][0]}"
    assert keyers[2].resolve(form_id, **sent, **why).status_code == 303
    form = stored(session, form_id)
    assert (form.stage, form.n_differences) == ("agreed", 2)
    assert form.assessment.answer_to(ITEM).reason == "several_marked"
    assert form.resolver_id == keyers[2].user.id


def test_every_difference_needs_a_choice_and_a_reason(session, keyers, campaign):
    form_id = keyed_twice(keyers, campaign, reading(), reading(**{ITEM: "4"}))
    response = keyers[2].resolve(form_id)
    assert (
        response.status_code == 422 and "Choose what is on the paper" in response.text
    )
    response = keyers[2].resolve(form_id, **{ITEM: "first"})
    assert "Choose why the readings differ" in response.text
    response = keyers[2].resolve(form_id, **{ITEM: "other:17", f"{ITEM}-why": "slip"})
    assert response.status_code == 422
    assert stored(session, form_id).stage == "differences"


def test_who_keyed_the_form_settles_it_only_with_a_note(session, keyers, campaign):
    form_id = keyed_twice(keyers, campaign, reading(), reading(**{ITEM: "4"}))
    sent = {ITEM: "second", f"{ITEM}-why": "slip"}
    response = keyers[1].resolve(form_id, **sent)
    assert response.status_code == 422 and "Write a note" in response.text
    assert (
        keyers[1].resolve(form_id, note="Nobody else is here", **sent).status_code
        == 303
    )
    assert stored(session, form_id).assessment.answer_to(ITEM).value == 4


def test_promise_paper_without_consent_is_not_kept(session, keyers, campaign):
    refused = reading(consent_taking_part="blank", comment="Secret")
    form_id = keyed_twice(keyers, campaign, refused, refused)
    form = stored(session, form_id)
    assert (form.stage, form.first, form.second) == ("no_consent", {}, {})
    assert count(session, Assessment) == 0


def test_consents_are_kept_one_by_one(session, keyers, campaign):
    said = reading(consent_retest="no", consent_contact="blank", consent_sharing="yes")
    form_id = keyed_twice(keyers, campaign, said, said)
    given = {
        c.statement_id: c.given for c in stored(session, form_id).assessment.consents
    }
    assert given == {
        "consent_taking_part": True,
        "consent_retest": False,
        "consent_contact": False,
        "consent_sharing": True,
    }


@pytest.mark.parametrize("mark", ["several_marked", "between_boxes", "illegible"])
def test_an_unclear_mark_is_kept_as_it_is_and_scored_as_missing(
    session, keyers, campaign, mark
):
    scale = SHEET.instrument.scales["parity"]
    read = reading(**{item: "4" for item in scale}) | {ITEM: mark}
    form_id = keyed_twice(keyers, campaign, read, read)
    made = stored(session, form_id).assessment
    assert made.answer_to(ITEM).reason == mark
    parity = session.scalars(select(Score).filter_by(scale="parity")).one()
    assert (parity.value, parity.n_answered) == (100.0, len(scale) - 1)


def test_what_is_left_blank_is_no_answer_at_all(session, keyers, campaign):
    read = reading(**{ITEM: "blank", "gender": "blank"})
    made = stored(session, keyed_twice(keyers, campaign, read, read)).assessment
    assert made.answer_to(ITEM) is None
    assert "gender" not in {row.question_id for row in made.background}


def test_a_field_that_was_passed_over_is_asked_for_again(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    response = keyers[0].client.post(f"/keying/{form_id}/page/2", data={})
    assert response.status_code == 422 and "or Left blank" in response.text
    assert stored(session, form_id).first == {}


@pytest.mark.parametrize("typed", ["31 2 2026", "soon", "1 1 2020", "1 1 2200"])
def test_a_day_that_cannot_be_is_asked_for_again(session, keyers, campaign, typed):
    form_id = keyers[0].begin(campaign)
    sent = {f.name: "yes" for f in SHEET.page(1).fields} | {"completed_on": typed}
    response = keyers[0].client.post(f"/keying/{form_id}/page/1", data=sent)
    assert response.status_code == 422
    assert "completed_on-error" in response.text and typed in response.text


def test_a_form_is_of_the_day_on_it_and_waits_from_the_day_of_keying(
    session, keyers, campaign
):
    form_id = keyed_twice(keyers, campaign, reading(), reading())
    form = stored(session, form_id)
    assert form.assessment.submitted_at.date() == date(2026, 3, 27)
    night = {"draws": Draws("a key")}
    for days, n in ((0, 0), (1, 1)):
        before = last_midnight(form.settled_at + timedelta(days=days))
        found = waiting_entries(session, campaign.trust_id, before=before, **night)
        assert sum(map(len, found.values())) == n


def personal(session, campaign, client, **given):
    """A personal invitation and its code in clear."""
    code = new_code()
    key = client.application.config["PROM"].derived_key("codes")
    invitation = factories.make_invitation(
        session,
        campaign,
        new_token(),
        short_code_hash=code_hash(code, key),
        status="sent",
        **given,
    )
    session.commit()
    return invitation, code


def test_a_code_leads_to_its_invitation_and_closes_it(session, keyers, campaign):
    promised = new_receipt()
    invitation, code = personal(
        session,
        campaign,
        keyers[0].client,
        perspective="service_user",
        promised_receipt=promised,
    )
    response = keyers[0].client.post("/keying/", data={"code": code.lower()})
    form_id = int(response.location.split("/")[2])
    keyers[0].key(form_id, reading())
    keyers[1].claim(form_id)
    keyers[1].key(form_id, reading())
    session.refresh(invitation)
    made = stored(session, form_id).assessment
    assert made.invitation_id == invitation.id and invitation.status == "answered"
    assert made.receipt_code == promised
    again = keyers[0].client.post("/keying/", data={"code": code})
    assert again.status_code == 422 and "keyed before" in again.text


def test_promise_who_types_sees_no_name(app, session, keyers, campaign):
    with app.app_context():
        contact = Contact(trust=campaign.trust, name="Canary", retain_until=utc_now())
        given = {"perspective": "service_user", "contact": contact}
        _, code = personal(session, campaign, keyers[0].client, **given)
    begun = keyers[0].client.post("/keying/", data={"code": code})
    pages = [begun.location, "/keying/", "/keying/rates"]
    assert "Canary" not in "".join(keyers[0].client.get(p).text for p in pages)


def test_a_code_that_is_being_keyed_is_not_begun_again(session, keyers, campaign):
    _, code = personal(session, campaign, keyers[0].client, perspective="service_user")
    first = keyers[0].client.post("/keying/", data={"code": code})
    mine = keyers[0].client.post("/keying/", data={"code": code})
    theirs = keyers[1].client.post("/keying/", data={"code": code})
    assert first.location == mine.location
    assert theirs.status_code == 422 and "being keyed already" in theirs.text


def test_the_second_keyer_who_types_the_number_gets_the_second_reading(
    session, keyers, campaign
):
    _, code = personal(session, campaign, keyers[0].client, perspective="service_user")
    begun = keyers[0].client.post("/keying/", data={"code": code})
    form_id = int(begun.location.split("/")[2])
    keyers[0].key(form_id, reading())
    mine = keyers[0].client.post("/keying/", data={"code": code})
    assert mine.status_code == 422  # who read it first reads it no second time
    theirs = keyers[1].client.post("/keying/", data={"code": code})
    assert theirs.location == begun.location
    keyers[1].key(form_id, reading())
    assert stored(session, form_id).stage == "agreed"


def test_a_code_of_another_trust_or_none_is_not_known(session, keyers, campaign):
    elsewhere = factories.make_campaign(session)
    _, code = personal(session, elsewhere, keyers[0].client)
    for typed in (code, "nonsense", new_code()):
        response = keyers[0].client.post("/keying/", data={"code": typed})
        assert response.status_code == 422
        assert "We do not know this number" in response.text


def test_answers_sent_online_and_on_paper_are_both_kept_and_one_counts(
    session, keyers, campaign
):
    invitation, code = personal(
        session, campaign, keyers[0].client, perspective="service_user"
    )
    response = keyers[0].client.post("/keying/", data={"code": code})
    form_id = int(response.location.split("/")[2])
    keyers[0].key(form_id, reading())
    online = factories.make_assessment(
        session, campaign, invitation=invitation, submitted_at=utc_now()
    )
    keyers[1].claim(form_id)
    keyers[1].key(form_id, reading())
    paper = stored(session, form_id).assessment
    assert (online.duplicate_number, paper.duplicate_number) == (2, None)
    assert paper.submitted_at < online.submitted_at


def test_paper_replaces_nothing_that_was_begun_online(session, keyers, campaign):
    invitation, code = personal(
        session, campaign, keyers[0].client, perspective="service_user"
    )
    begun = factories.make_assessment(session, campaign, invitation=invitation)
    begun.record([keying_reply(ITEM, 1), keying_reply(OTHER, 2)], now=utc_now())
    form_id = int(
        keyers[0].client.post("/keying/", data={"code": code}).location.split("/")[2]
    )
    read = reading(**{ITEM: "4", OTHER: "blank"})
    keyers[0].key(form_id, read)
    keyers[1].claim(form_id)
    keyers[1].key(form_id, read)
    made = stored(session, form_id).assessment
    assert made.id != begun.id and made.mode == "paper"
    assert made.answer_to(ITEM).value == 4 and made.answer_to(OTHER) is None
    assert (begun.answer_to(ITEM).value, begun.answer_to(OTHER).value) == (1, 2)
    assert begun.is_open and made.respondent_id != begun.respondent_id


def keying_reply(item_id, value):
    from surveyapp.models import Reply

    return Reply(item_id, 1, value=value)


def test_promise_withdrawal_deletes_what_was_keyed(app, session, keyers, campaign):
    words = reading(comment="Only mine")
    form_id = keyed_twice(keyers, campaign, words, words)
    made = stored(session, form_id).assessment
    with app.app_context():
        withdrawal.withdraw(session, made.id, now=utc_now())
    form = stored(session, form_id)
    assert (form.first, form.second, form.resolved) == ({}, {}, {})
    assert form.n_fields and count(session, Score) == 0


def test_withdrawing_before_the_form_is_settled_deletes_it_too(
    app, session, keyers, campaign
):
    invitation, code = personal(
        session,
        campaign,
        keyers[0].client,
        perspective="service_user",
        promised_receipt=new_receipt(),
    )
    response = keyers[0].client.post("/keying/", data={"code": code})
    form_id = int(response.location.split("/")[2])
    keyers[0].key(form_id, reading())
    with app.app_context():
        withdrawal.withdraw_paper(session, invitation.id, now=utc_now())
    form = stored(session, form_id)
    assert (form.stage, form.first) == ("removed", {})
    assert keyers[1].claim(form_id).location == f"/keying/{form_id}/page/1"
    page = keyers[1].client.get(f"/keying/{form_id}/page/1")
    assert page.location == f"/keying/{form_id}"


def test_a_reading_can_be_handed_back_and_begins_anew(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    keyers[1].claim(form_id)
    keyers[2].client.post(f"/keying/{form_id}/hand-back")
    form = stored(session, form_id)
    assert (form.stage, form.second_keyer_id, form.second) == ("second", None, {})
    assert keyers[2].claim(form_id).status_code == 303


def test_a_removed_form_is_gone_but_for_the_record(session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    sent = {"why": "withdrew"}
    keyers[2].client.post(f"/keying/{form_id}/remove", data=sent)
    form = stored(session, form_id)
    assert (form.stage, form.first) == ("removed", {})
    removed = select(AuditEvent).where(AuditEvent.action == "keying.removed")
    assert session.scalars(removed).one().detail == {"why": "withdrew"}


def test_sending_a_page_twice_changes_nothing(session, keyers, campaign):
    form_id = keyed_twice(keyers, campaign, reading(), reading())
    last = len(SHEET.pages)
    sent = {"helped": "blank", "comment": "Later"}
    response = keyers[1].client.post(f"/keying/{form_id}/page/{last}", data=sent)
    assert response.status_code == 303
    assert (count(session, Assessment), count(session, Score)) == (
        1,
        len(SHEET.instrument.scales),
    )
    assert stored(session, form_id).second["comment"] == ""


def test_every_step_is_in_the_audit_and_says_nothing_of_the_answers(
    app, session, keyers, campaign
):
    words = reading(comment="Unrepeatable words")
    form_id = keyed_twice(keyers, campaign, words, words | {ITEM: "4"})
    keyers[2].resolve(form_id, **{ITEM: "first", f"{ITEM}-why": "slip"})
    session.rollback()
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    actions = [e.action for e in events if e.action.startswith("keying.")]
    assert actions == [
        "keying.begun",
        "keying.first_done",
        "keying.second_begun",
        "keying.second_done",
        "keying.resolved",
        "keying.agreed",
    ]
    assert not any("Unrepeatable" in str(e.detail) for e in events)
    with app.app_context():
        assert audit.verify(session) == len(events)


def test_forms_of_another_trust_are_not_found(client, session, keyers, campaign):
    form_id = keyers[0].begin(campaign)
    sign_in(client, session, "coordinator", factories.make_trust(session, "Southvale"))
    for path in ("", "/page/1", "/differences"):
        assert client.get(f"/keying/{form_id}{path}").status_code == 404
    assert f"/keying/{form_id}" not in client.get("/keying/").text


def test_a_form_without_a_number_needs_team_and_perspective(session, keyers, campaign):
    campaign.teams.append(factories.make_team(session, campaign.trust, "Moorside"))
    session.commit()
    sent = {"campaign": campaign.id, "perspective": "service_user"}
    response = keyers[0].client.post("/keying/without-number", data=sent)
    assert response.status_code == 422 and "Choose the team" in response.text
    response = keyers[0].client.post(
        "/keying/without-number", data={"campaign": campaign.id}
    )
    assert "Choose who filled in the form" in response.text
    form_id = keyers[0].begin(campaign, team=campaign.teams[1])
    assert stored(session, form_id).team_id == campaign.teams[1].id
    assert keying.forms(session, {campaign.id}, "first")[0].id == form_id
