"""Letters: a list read strictly, and kept as an encrypted file to print alone."""

import io
from types import SimpleNamespace

import pypdfium2
import pytest
from sqlalchemy import inspect, select, text

from surveyapp.errors import InvalidAnswers
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, Invitation, PrintedCopy
from surveyapp.paper import address_list

from ... import factories
from ..signing_in import sign_in
from .test_printing import ADDRESSES, text_of

pytestmark = pytest.mark.one_database

HEAD = "name,address_1,address_2,postcode,greeting"
CANARY = "Philippa Canary"
LIST = f"{HEAD}\r\n{CANARY},12 Example Street,Northmoor,NM4 5XY,Philippa\r\n"
LIST += "Zoë Ńowak,1 Moor Lane,Northmoor,,\r\n"


@pytest.fixture
def campaign(client, session):
    made = factories.make_campaign(session, **ADDRESSES)
    sign_in(client, session, "coordinator", made.trust)
    return made


def file_of(data):
    return io.BytesIO(data)


def send(client, campaign, data=LIST, **fields):
    form = {"perspective": "service_user", "edition": "standard", **fields}
    form["file"] = (io.BytesIO(data.encode()), "people.csv")
    return client.post(f"/campaigns/{campaign.id}/paper/letters", data=form)


def pdf_of(client, campaign, *args, **fields):
    """The file that comes of a list, as it is got from the page of it."""
    made = send(client, campaign, *args, **fields)
    assert made.status_code == 303
    return client.get(f"{made.location}/file").data


def test_everyone_gets_a_letter_of_their_own(client, session, campaign):
    said = text_of(pdf_of(client, campaign))
    assert "Dear Philippa" in said and "Dear Zoë Ńowak" in said
    kept = session.scalars(select(Invitation)).all()
    assert [i.perspective for i in kept] == [None, None]
    assert session.scalars(select(PrintedCopy)).all() == []


def test_a_letter_that_was_closed_is_marked_by_the_number_it_has_on_it(
    client, session, campaign
):
    made = send(client, campaign).location
    said = text_of(client.get(f"{made}/file").data)
    assert "1-1" in said and "1-2" in said
    first, second = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    links = f"/campaigns/{campaign.id}/links"
    client.post(f"{links}/close", data={"link": second.id})
    page = client.get(made).text
    assert "Do not give out" in page and ": 1-2." in page
    client.post(f"{links}/anew", data={"link": first.id})  # nothing of it is of use
    assert "The file has been deleted" in client.get(made).text


def test_the_form_that_follows_a_letter_has_the_same_code(client, session, campaign):
    said = text_of(pdf_of(client, campaign, with_forms="yes"))
    pages = said.split("Dear ")
    codes = [set(codes_in(page)) for page in pages[1:]]
    assert [len(found) for found in codes] == [1, 1] and codes[0] != codes[1]
    assert session.query(PrintedCopy).count() == 2


def codes_in(said):
    """Codes that stand below "Your code" on the letter and on the form."""
    return [part.split()[0] for part in said.split("Your code ")[1:]]


def test_the_address_is_where_the_window_of_an_envelope_is(client, campaign):
    document = pypdfium2.PdfDocument(pdf_of(client, campaign))
    words = document[0].get_textpage()
    points = 72 / 25.4
    height = document[0].get_height()
    window = (22 * points, height - 92 * points, 108 * points, height - 50 * points)
    seen = " ".join(words.get_text_bounded(*window).split())
    assert seen == "Philippa Canary 12 Example Street Northmoor NM4 5XY"


def test_names_are_nowhere_but_on_the_paper(app, client, session, campaign, capfd):
    send(client, campaign, with_forms="yes")
    send(client, campaign, LIST.replace("12 Example Street", "=12"))
    with app.app_context(), db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            assert "Canary" not in repr(rows), table
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "letters.printed")
    ).one()
    assert event.detail["n"] == 2 and set(event.detail) == {"n", "forms"}
    assert "Canary" not in "".join(capfd.readouterr())


def test_letters_to_print_are_called_letters(client, session, campaign):
    send(client, campaign)
    listed = client.get(f"/campaigns/{campaign.id}/paper/").text
    assert "2 letters, made" in listed and "2 forms, made" not in listed


def test_letters_can_be_had_again_until_they_are_printed(client, session, campaign):
    made = send(client, campaign).location
    assert "2 letters to print" in client.get(made).text
    assert made in client.get(f"/campaigns/{campaign.id}/paper/").text
    for _ in range(2):  # a reload makes no second letter
        assert client.get(f"{made}/file").data.startswith(b"%PDF")
    assert session.query(Invitation).count() == 2
    client.post(made)
    assert client.get(f"{made}/file").status_code == 404
    assert "printed anew from the list" in client.get(made).text


@pytest.mark.parametrize(
    "line, said",
    [
        (",1 Lane,Town,NM1 1AA,", "Row 2, name: is empty"),
        ("A,,Town,NM1 1AA,", "Row 2, address_1: is empty"),
        ("=cmd(),1 Lane,Town,NM1 1AA,", "Row 2, name: begins like a formula"),
        (f"{'A' * 46},1 Lane,Town,,", "Row 2, name: is longer than 45 letters"),
        ("A,1 Lane,Town,NM1 1AA,,more", "Row 2, end: has more cells than"),
        ("A,1 Lane,Town,<b>,", "Row 2, postcode: is not a postcode"),
        ("A,1\x07 Lane,Town,,", "Row 2, address_1: has a sign that cannot be"),
        ("A,1 Lane,T,,\r\na,1 lane,t,,", "Row 3: the same person as in row 2"),
        ("", "The list has 0 people; 1 to 100 can be"),
        ("A,1 Lane,Town,,\r\n" * 101, "The list cannot be used: there are more than"),
        ('"A,1 Lane', "The list cannot be used: row 2: unexpected end of data"),
    ],
)
def test_each_problem_of_a_list_is_named_by_row_and_column(campaign, line, said):
    with pytest.raises(InvalidAnswers) as problem:
        address_list.read_addresses(file_of(f"{HEAD}\r\n{line}\r\n".encode()), campaign)
    assert any(text.startswith(said) for text in problem.value.problems.values())


def test_columns_and_signs_are_checked_before_rows(campaign):
    wrong = {
        b"name,address_1\nA,B\n": "There is no column address_2",
        f"{HEAD},shoe\n".encode(): "Use these columns, each once",
        f"{HEAD}\nZo\xeb\x81,B,C,,\n".encode("latin-1"): "save the file as CSV UTF-8",
        b" \n": "the file is empty",
        b"n," * 51: "this file has 52 columns; at most 50 are read",
    }
    for data, said in wrong.items():
        with pytest.raises(InvalidAnswers) as problem:
            address_list.read_addresses(file_of(data), campaign)
        assert said in str(problem.value)


def test_a_wrong_list_makes_nothing_and_is_told_on_the_page(client, session, campaign):
    response = send(client, campaign, f"{HEAD}\nA,,B,,\n")
    assert response.status_code == 422
    assert "Row 2, address_1: is empty" in response.text
    assert session.query(Invitation).count() == 0


def test_each_row_names_a_team_where_there_are_several(client, session, campaign):
    campaign.teams.append(factories.make_team(session, campaign.trust, "Moorside"))
    assert "Row 2, team: is not a team" in send(client, campaign).text
    named = f"{HEAD},team\nA,1 Lane,Town,,,Moorside\n"
    assert send(client, campaign, named).status_code == 303
    assert session.scalars(select(Invitation)).one().team.name == "Moorside"


def test_an_empty_list_has_the_columns_that_are_read(client, campaign):
    said = client.get(f"/campaigns/{campaign.id}/paper/letters.csv").text
    assert said.strip().split(",") == list(address_list.COLUMNS)


def test_a_list_is_read_however_a_spreadsheet_saved_it(campaign):
    for encoding, delimiter in (("utf-16", "\t"), ("cp1252", ";"), ("utf-8-sig", ",")):
        data = f"{HEAD}\nZoë,1 Lane,Town,,\n".replace(",", delimiter).encode(encoding)
        (person,) = address_list.read_addresses(file_of(data), campaign)
        assert person.lines == ("Zoë", "1 Lane", "Town")


def test_the_page_says_what_a_list_may_hold_and_a_larger_one_is_refused(
    client, session, campaign
):
    chosen = "?perspective=service_user&edition=standard"
    page = client.get(f"/campaigns/{campaign.id}/paper/letters{chosen}").text
    assert "At most 200 kB, 100 rows, 50 columns and 45 letters in a cell" in page
    response = send(client, campaign, "x" * 200_001)
    assert response.status_code == 422
    assert "this file is larger than 200 kB, the most to be read" in response.text
    assert session.query(Invitation).count() == 0


def test_an_address_list_saved_with_semicolons_is_read():
    made = "name;address_1;address_2;postcode;greeting;team\n"
    made += "A;1 Way;Town;AB1 2CD;Ann;Fell ward\n"
    wards = SimpleNamespace(teams=[SimpleNamespace(name="Fell ward", id=1)])
    (found,) = address_list.read_addresses(io.BytesIO(made.encode()), wards)
    assert found.lines == ("A", "1 Way", "Town", "AB1 2CD")
    assert found.team.name == "Fell ward"
