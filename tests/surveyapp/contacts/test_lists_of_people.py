"""Lists of people: looked at, brought in once each, not written to, deleted."""

import io
from datetime import date, datetime, timedelta

import phonenumbers
import pytest
from openpyxl import Workbook
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from surveyapp.assessments import retention, suppression
from surveyapp.contacts import cells, list_work
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.jobs import registry, worker
from surveyapp.messaging import mailings, message_plans, outbox
from surveyapp.models import (
    Contact,
    ContactChange,
    ContactImport,
    ContactImportPiece,
    ContactKey,
    Job,
    Message,
    StaffUser,
    Suppression,
)

from ... import factories
from ..campaigns.earlier import csv_of
from ..messaging.making import MONDAY, Recorder, make_message, make_plan
from ..signing_in import sign_in

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.usefixtures("worker_at_hand"),
]
ADA = {
    "Full name": "Dr Ada Example",
    "DOB": "10/12/1970",
    "NHS no": "943 476 5919",
    "Address": "1 High Street",
    "Postcode": "sw1a1aa",
    "Mobile": "07700 900123",
}
NEXT_YEAR = (utc_now() + timedelta(days=300)).date().isoformat()
MOBILE = "07700 900999"
TODAY = (utc_now() - timedelta(days=1)).date().isoformat()


@pytest.fixture
def trust(app, session, client):
    trust = factories.make_trust(session)
    sign_in(client, session, "coordinator", trust)
    with app.app_context():
        yield trust


def upload(client, trust, raw, kind="contacts"):
    sent = {"file": (io.BytesIO(raw), "list.csv"), "kind": kind}
    address = f"/contacts/trust/{trust.id}"
    return client.post(address, data=sent, content_type="multipart/form-data").location


def bring_in(client, trust, *rows, kind="contacts", day=NEXT_YEAR, **options):
    address = upload(client, trust, csv_of(*rows), kind)
    sent = client.post(f"{address}/confirm", data={"day": day, **options})
    assert sent.status_code == 303, client.get(address).text
    return address


def test_every_problem_is_shown_first_and_people_are_kept_encrypted(
    client, session, trust
):
    wrong = ADA | {"NHS no": "9434765918", "DOB": "31/02/1970", "Postcode": "=1+1"}
    address = upload(client, trust, csv_of(ADA, wrong))
    page = client.get(address).text
    assert "1 of 2 rows is well" in page
    for says in ("check digit is not right", "as 31/12/1970", "as a formula"):
        assert says in page
    assert session.scalar(select(Contact.id)) is None
    sent = {"day": NEXT_YEAR}
    assert client.post(f"{address}/confirm", data=sent).status_code == 422
    client.post(f"{address}/confirm", data=sent | {"good_rows_only": "on"})
    contact = session.scalars(select(Contact)).one()
    assert (contact.name, contact.telephone) == ("Dr Ada Example", "+447700900123")
    assert contact.postal_address == "1 High Street\nSW1A 1AA"
    stored = bytes(session.scalar(text("SELECT name FROM contact")))
    assert b"Ada Example" not in stored
    assert len({key.digest for key in contact.keys}) == 8
    assert session.scalar(select(ContactImportPiece.number)) is None
    listed = client.get(f"/contacts/trust/{trust.id}").text
    assert "Example" not in listed and "No team" in listed


def test_the_same_person_is_kept_once_and_who_looks_alike_waits_for_a_word(
    client, session, trust
):
    moved = ADA | {"Full name": "EXAMPLE, Ada", "Address": "2 High Street"}
    alike = ADA | {"NHS no": "", "Postcode": "M1 1AE", "Mobile": ""}
    twin = alike | {"NHS no": "401 023 2137"}
    address = upload(client, trust, csv_of(ADA, moved, alike, twin))
    page = client.get(address).text
    assert "Row 3: the same person as row 2" in page
    assert "Row 4: the same name and date of birth as row 2" in page
    confirmed = client.post(f"{address}/confirm", data={"day": NEXT_YEAR})
    assert confirmed.status_code == 303
    addresses = {c.postal_address[:13] for c in session.scalars(select(Contact))}
    assert addresses <= {"2 High Street", "1 High Street"}
    n = len(session.scalars(select(Contact)).all())
    again = upload(client, trust, csv_of(ADA))
    assert "as somebody on the list already" in client.get(again).text
    client.post(f"{again}/confirm", data={"day": NEXT_YEAR})
    assert len(session.scalars(select(Contact)).all()) == n == 2


def test_a_later_list_changes_what_it_says_and_nothing_else(client, session, trust):
    wishes = {"Large print": "yes", "Preferred way": "letter", "Language": "pl"}
    team = factories.make_team(session, trust).name
    first = ADA | wishes | {"E-mail": "ada@example.org", "Team": team}
    bring_in(client, trust, first | {"Asked as": "carer", "Do not contact": "yes"})
    little = {"NHS no": "9434765919", "Name": "Ada New", "E-mail": "", "Mobile": MOBILE}
    bring_in(client, trust, little | {"Postcode": "M1 1AE", "Do not contact": "no"})
    contact = session.scalars(select(Contact)).one()
    assert (contact.name, contact.telephone) == ("Ada New", "+447700900999")
    assert contact.postal_address == "1 High Street\nSW1A 1AA"
    assert (contact.email, contact.team.name) == ("ada@example.org", team)
    assert (contact.language, contact.perspective) == ("pl", "carer")
    assert contact.preferences == {"mode": "letter", "large_print": True}
    assert contact.opted_out_at is not None
    bring_in(client, trust, little | {"Large print": "no", "Address": "3 New Lane"})
    session.expire_all()
    assert contact.preferences == {"mode": "letter"}
    assert contact.postal_address == "3 New Lane"


def test_of_two_rows_of_one_person_the_later_leaves_what_it_says_nothing_of(
    client, session, trust
):
    again = ADA | {"Large print": "", "Mobile": "", "Address": "2 New Road"}
    address = upload(client, trust, csv_of(ADA | {"Large print": "yes"}, again))
    assert "What it says nothing of" in client.get(address).text
    client.post(f"{address}/confirm", data={"day": NEXT_YEAR})
    contact = session.scalars(select(Contact)).one()
    assert (contact.telephone, contact.postal_address[:5]) == ("+447700900123", "2 New")
    assert contact.preferences == {"large_print": True}


@pytest.mark.parametrize(
    "place", [{"E-mail": "Ada@Example.org"}, {"Mobile": "07700 900123"}]
)
def test_who_has_a_name_and_one_place_is_the_same_person_unless_born_on_another_day(
    client, session, trust, place
):
    ada = {"Full name": "Ada Example"} | place
    bring_in(client, trust, ada)
    bring_in(client, trust, ada | {"DOB": "10/12/1970", "Full name": "EXAMPLE Ada"})
    assert len(session.scalars(select(Contact)).all()) == 1
    others = ada | {"DOB": "11/12/1999"}, ada | {"Full name": "Ben Example"}
    address = upload(client, trust, csv_of(*others))
    assert "looks like somebody else: 2 rows" in client.get(address).text
    client.post(f"{address}/confirm", data={"day": NEXT_YEAR})
    assert len(session.scalars(select(Contact)).all()) == 1
    bring_in(client, trust, *others, alike_too="on")
    assert len(session.scalars(select(Contact)).all()) == 3


def test_a_corrected_list_of_names_and_postcodes_mends_who_is_meant(
    client, session, trust
):
    bring_in(client, trust, ADA)
    mended = {"Full name": "Ada Example", "Postcode": "SW1A 1AA", "Mobile": MOBILE}
    twice = [mended, mended | {"Address": "9 New Road"}]
    address = upload(client, trust, csv_of(*twice))
    assert "date of birth or postcode is the same person" in client.get(address).text
    client.post(f"{address}/confirm", data={"day": NEXT_YEAR, "named_too": "on"})
    contact = session.scalars(select(Contact)).one()
    assert (contact.telephone, contact.postal_address[:5]) == ("+447700900999", "9 New")
    other = mended | {"Full name": "Bo Other", "Postcode": "M1 1AE"}
    bring_in(client, trust, other, named_too="on")  # the telephone alone says little
    assert len(session.scalars(select(Contact)).all()) == 1
    client.post(f"{address}/cancel")
    session.expire_all()
    assert contact.telephone == "+447700900123"


def test_who_came_in_before_the_keys_of_a_kind_is_known_by_them_after_a_night(
    client, session, trust
):
    ada = {"Full name": "Ada Example", "E-mail": "ada@example.org"} | {"Mobile": MOBILE}
    bring_in(client, trust, ada)
    made = {key.digest for key in session.scalars(select(ContactKey))}
    session.execute(delete(ContactKey).where(ContactKey.kind != "telephone"))
    session.commit()
    registry.KINDS["unconfirmed_lists"](session, None, None)
    session.expire_all()
    assert {key.digest for key in session.scalars(select(ContactKey))} == made
    assert len(made) == 4


def test_a_workbook_is_read_and_its_formulas_are_flagged(client, session, trust):
    book, raw = Workbook(), io.BytesIO()
    book.active.append(["Surname", "E-mail"])
    book.active.append(["Example", "ada@example.org"])
    book.active.append(["=A2", "bea@example.org"])
    book.save(raw)
    page = client.get(upload(client, trust, raw.getvalue())).text
    assert "1 of 2 rows is well" in page
    assert "Row 3, column Surname: a spreadsheet would run" in page


def test_nobody_writes_to_the_dead_or_to_their_carers_or_after_a_no(
    client, session, trust
):
    carer = {"name": "Bea Carer", "email": "b@example.org", "perspective": "carer"}
    carer |= {"about_nhs_number": "9434765919"}
    refuses = {"name": "Cy No", "email": "c@example.org", "do_not_contact": "yes"}
    willing = {"name": "Di Yes", "email": "d@example.org"}
    bring_in(client, trust, ADA)
    bring_in(client, trust, carer, refuses, willing)
    dead = {"NHS number": "9434765919"}
    address = bring_in(client, trust, dead, kind="deceased", day=TODAY)
    today = utc_now().date()
    free = suppression.who_may_be_written_to(trust.id, today, heeds_opt_out=True)
    assert [c.name for c in session.scalars(free)] == ["Di Yes"]
    told = {
        c.name: suppression.reasons_against(session, c, today, heeds_opt_out=True)
        for c in session.scalars(select(Contact))
    }
    assert told == {
        "Dr Ada Example": ["deceased"],
        "Bea Carer": ["deceased"],
        "Cy No": ["opted_out"],
        "Di Yes": [],
    }
    counted = suppression.counts(session, trust.id, today)
    assert (counted["deceased"], counted["opted_out"]) == (2, 1)
    client.post(f"{address}/cancel")
    assert session.scalar(select(Suppression.id)) is None


def test_columns_are_chosen_where_they_cannot_be_guessed_and_are_remembered(
    client, session, trust
):
    raw = csv_of({"Wer": "Ada Example", "Wo": "a@example.org"})
    address = upload(client, trust, raw)
    assert client.post(f"{address}/columns", data={}).status_code == 422
    client.post(f"{address}/columns", data={"name": "Wer", "email": "Wo"})
    client.post(f"{address}/confirm", data={"day": NEXT_YEAR})
    assert session.scalars(select(Contact)).one().email == "a@example.org"
    assert "1 of 1 row is well" in client.get(upload(client, trust, raw)).text


def test_the_newest_list_of_the_national_data_opt_out_counts_for_research_alone(
    client, session, trust
):
    bring_in(client, trust, ADA)
    ada = session.scalars(select(Contact)).one()
    today = utc_now().date()

    def may(heeds):
        session.expire_all()
        return suppression.may_be_written_to(session, ada, today, heeds_opt_out=heeds)

    number = {"NHS number": "9434765919"}
    first = (utc_now() - timedelta(days=40)).date().isoformat()
    bring_in(client, trust, number, kind="data_opt_out", day=first)
    assert (may(True), may(False)) == (False, True)
    lists = suppression.newest_lists(session, trust.id)
    stale = suppression.not_fresh(lists, today, heeds_opt_out=True)
    assert stale == ["deceased", "do_not_contact", "data_opt_out"]
    header = b"NHS number\n"  # a list of today on which nobody stands
    address = upload(client, trust, header, "data_opt_out")
    assert client.post(f"{address}/confirm", data={"day": TODAY}).status_code == 303
    assert (may(True), may(False)) == (True, True)
    lists = suppression.newest_lists(session, trust.id)
    assert "data_opt_out" not in suppression.not_fresh(lists, today, heeds_opt_out=True)


def test_a_list_taken_back_gives_people_the_details_that_they_had_before(
    client, session, trust
):
    bring_in(client, trust, ADA)
    moved = ADA | {"Address": "2 New Road", "Large print": "yes"}
    refuses = moved | {"Do not contact": "yes"}
    new = {"Full name": "Bo New", "E-mail": "bo@example.org"}
    second = bring_in(client, trust, moved, new)
    third = bring_in(client, trust, refuses | {"Address": "3 Last Lane"})

    def now():
        session.expire_all()
        rows = session.scalars(select(Contact).order_by(Contact.id))
        return [(c.postal_address or "")[:6] for c in rows]

    def is_no():
        return any(session.scalars(select(Contact.opted_out_at)))

    assert now() == ["3 Last", ""] and is_no()
    client.post(f"{second}/cancel")
    assert now() == ["3 Last"]  # what came later stays
    client.post(f"{third}/cancel")
    assert now() == ["1 High"] and not is_no()
    assert session.scalars(select(Contact.preferences)).one() == {}
    assert session.scalar(select(ContactChange.contact_id)) is None


def test_a_no_of_the_persons_own_stays_when_a_list_is_taken_back(
    client, session, trust
):
    bring_in(client, trust, ADA)
    address = bring_in(client, trust, ADA | {"Address": "2 New Road"})
    session.scalars(select(Contact)).one().opted_out_at = utc_now()
    session.commit()
    client.post(f"{address}/cancel")
    session.expire_all()
    assert session.scalars(select(Contact.opted_out_at)).one() is not None
    assert "This list was taken back." in client.get(address).text


@pytest.mark.parametrize("way", ["taken_back", "their_day"])
def test_a_no_of_the_persons_own_outlasts_their_details(client, session, trust, way):
    refused = {"Full name": "Cy List", "E-mail": "c@example.org"}
    rows = ADA, refused | {"Do not contact": "yes"}
    address = bring_in(client, trust, *rows)
    ada = session.scalars(select(Contact).order_by(Contact.id)).first()
    ada.opted_out_at = utc_now()
    session.commit()
    if way == "taken_back":
        client.post(f"{address}/cancel")
    else:
        retention.delete_contacts(session, now=utc_now() + timedelta(days=400))
    session.expire_all()
    assert session.scalars(select(Contact)).all() == []
    bring_in(client, trust, ADA, refused)
    noes = {
        c.name: c.opted_out_at is not None for c in session.scalars(select(Contact))
    }
    # Of a list that was taken back its own noes are taken back with it.
    assert noes == {"Dr Ada Example": True, "Cy List": way == "their_day"}


def test_who_is_on_a_later_list_too_stays_when_the_first_is_taken_back(
    client, session, trust
):
    first = bring_in(client, trust, ADA)
    bring_in(client, trust, ADA | {"Address": "2 New Road"})
    client.post(f"{first}/cancel")
    session.expire_all()
    assert session.scalars(select(Contact)).one().postal_address[:5] == "2 New"


def test_at_night_unconfirmed_lists_and_what_stood_before_old_ones_go(
    client, session, trust
):
    bring_in(client, trust, ADA)
    bring_in(client, trust, ADA | {"Address": "2 New Road"})
    waiting = upload(client, trust, csv_of(ADA))
    registry.KINDS["unconfirmed_lists"](session, None, None)
    assert "Not confirmed yet" not in client.get(waiting).text
    assert session.scalars(select(ContactImportPiece)).all() != []
    for made in session.scalars(select(ContactImport)):
        made.made_at -= timedelta(days=31)
    for change in session.scalars(select(ContactChange)):
        change.made_at -= timedelta(days=31)
    session.commit()
    registry.KINDS["unconfirmed_lists"](session, None, None)
    session.rollback()
    assert worker.run_due() == 1
    db.session.rollback()  # which would go on seeing what was
    assert "Give up this list" not in client.get(waiting).text
    assert session.scalars(select(ContactImportPiece)).all() == []
    assert session.scalars(select(ContactChange)).all() == []


def test_details_are_deleted_on_their_day_and_with_their_list(client, session, trust):
    bring_in(client, trust, ADA)
    session.rollback()
    assert retention.delete_contacts(session, now=utc_now()) == 0
    later = utc_now() + timedelta(days=301)
    assert retention.delete_contacts(session, now=later) == 1
    address = bring_in(client, trust, ADA)
    client.post(f"{address}/cancel")
    assert session.scalar(select(Contact.id)) is None
    assert session.scalar(select(ContactKey.digest)) is None


@pytest.mark.one_database
def test_what_most_people_write_is_read_as_the_library_and_the_calendar_read_it(rng):
    for _ in range(200):
        typed = "07" + "".join(map(str, rng.integers(0, 10, 9)))
        found = phonenumbers.parse(typed, "GB")
        assert phonenumbers.is_possible_number(found)
        e164 = phonenumbers.PhoneNumberFormat.E164
        assert cells.telephone(typed) == phonenumbers.format_number(found, e164)
    today = date(2026, 6, 1)
    for typed in ("1/2/1970", "01/02/1970", "29/02/2000"):
        assert cells.born(typed, today) == datetime.strptime(typed, "%d/%m/%Y").date()
    for typed in ("29/02/2001", "31/04/1970", "00/01/1970", "1/13/1970", "01/01/0000"):
        with pytest.raises(ValueError, match="write the date as"):
            cells.born(typed, today)


@pytest.mark.parametrize("status", ["sent", "uncertain"])
def test_a_list_whose_people_were_written_to_is_mended_and_not_taken_back(
    client, session, trust, status
):
    address = bring_in(client, trust, ADA | {"E-mail": "ada@example.org"})
    campaign = factories.make_campaign(session, factories.make_team(session, trust))
    contact = session.scalars(select(Contact)).one()
    message = make_message(session, contact, campaign, status="due")
    session.commit()
    assert "Take this list back" in client.get(address).text
    message.status = status
    session.commit()
    db.session.rollback()  # which looked before
    page = client.get(address).text
    assert "Take this list back" not in page and "bring in the corrected list" in page
    assert client.get(f"{address}/cancel").location == address
    assert client.post(f"{address}/cancel").location == address
    session.expire_all()
    assert session.scalars(select(Contact)).one().id == contact.id
    assert session.scalars(select(ContactImport.stage)).one() == "done"


def held(session):
    session.expire_all()
    return session.scalars(select(Contact)).one()


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_list_taken_back_leaves_what_later_ones_told_and_nothing_else_of_its_own(
    client, session, trust, which
):
    lists = {"first": bring_in(client, trust, ADA | {"Easy read": "yes"})}
    told = ADA | {"Large print": "yes", "Language": "pa", "E-mail": "old@example.org"}
    lists["second"] = bring_in(client, trust, told)
    later = ADA | {"Language": "cy", "Preferred way": "email"}
    third = bring_in(client, trust, later | {"E-mail": "new@example.org"})
    client.post(f"{lists[which]}/cancel")
    ada = held(session)
    assert (ada.language, ada.email) == ("cy", "new@example.org")
    left = {"second": {"easy_read": True}, "first": {"large_print": True}}[which]
    assert ada.preferences == {"mode": "email"} | left
    client.post(f"{third}/cancel")
    ada = held(session)
    before = {"second": ("en", None), "first": ("pa", "old@example.org")}[which]
    assert (ada.language, ada.email) == before
    assert ada.preferences == left


@pytest.fixture
def going(client, session, trust):
    """A list that a job has begun to take back: one person is its own, one is not."""
    bring_in(client, trust, ADA | {"E-mail": "ada@example.org"})
    new = {"Full name": "Bo New", "Address": "9 Side Street"}
    bring_in(client, trust, ADA | {"Address": "2 Wrong Road"}, new)
    made = session.scalars(select(ContactImport).order_by(ContactImport.id)).all()[-1]
    campaign = factories.make_campaign(session, factories.make_team(session, trust))
    for contact in session.scalars(select(Contact)):
        contact.team = campaign.teams[0]
    made.stage = "undoing"
    session.commit()
    return campaign, made


def taken_back(session, made):
    """What the job does, in a session of its own."""
    job = Job(arguments={"import": made.id})
    session.rollback()
    with Session(session.get_bind()) as another:
        list_work.perform(another, job, lambda *_: None)
        another.commit()
    session.expire_all()


def test_a_plan_writes_to_nobody_whose_list_is_being_taken_back(session, going):
    campaign, made = going
    plan = make_plan(session, campaign, steps=[(0, "print")])
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 0
    assert message_plans.preview(session, plan, now=MONDAY).n_people == 0
    taken_back(session, made)
    assert message_plans.put_due(session, plan, now=MONDAY) == 1
    (message,) = session.scalars(select(Message))
    assert message.invitation.contact.postal_address[:6] == "1 High"


def test_what_is_due_waits_while_a_list_is_taken_back(session, going):
    campaign, made = going
    ada, bo = session.scalars(select(Contact).order_by(Contact.id))
    mail = make_message(session, ada, campaign)
    letter = {"channel": "print", "carrier": "print", "idempotency_key": "letter"}
    paper = make_message(session, ada, campaign, **letter)
    gone = make_message(session, bo, campaign)
    session.commit()
    asked = {
        "asked_by": session.scalars(select(StaffUser.id)).first(),
        "now": utc_now(),
    }
    for after in (("due", "due"), ("sent", "sending")):
        outbox.send_due(session, {"smtp": Recorder()}, clock=lambda: MONDAY)
        mailing = mailings.ask_for(session, campaign, "print", **asked)
        mailings.make(session, mailing.job, lambda *_: None)
        session.commit()
        session.expire_all()
        assert (mail.status, paper.status) == after
        taken_back(session, made)
        mail.due_at = MONDAY
        session.commit()
    assert (gone.status, gone.failure) == ("cancelled", "erased")


def test_a_list_that_is_brought_in_says_how_many_rows_were_left_out(
    client, session, trust
):
    wrong = ADA | {"NHS no": "1"}
    alike = {"Full name": "Bo New", "Mobile": ADA["Mobile"]}
    address = bring_in(client, trust, ADA, wrong, alike, good_rows_only="on")
    assert "2 rows were left out" in client.get(address).text
    whole = bring_in(client, trust, ADA)
    assert "left out" not in client.get(whole).text
    assert "but for what a later list says" in client.get(f"{whole}/cancel").text
