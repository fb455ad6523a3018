"""Carriers against local servers: what goes, what does not, and what nobody knows."""

import email
import re
from dataclasses import replace
from email import policy

import pytest

from surveyapp.messaging.carriers import (
    Envelope,
    NotKnown,
    Refused,
    TryLater,
    notify,
    smtp,
)

from ..served import free_port
from . import servers

STOP = "https://survey.example/no-more/abc"
MAIL = {"to": "ada@example.org", "subject": "A line", "text": "Grüße", "opt_out": STOP}
LETTER = {
    "lines": ["Ada Moor", "1 High Street", "Northmoor", "SW1A 1AA"],
    "subject": "A line",
    "text": "Words",
}


def envelope(channel="email", **content):
    given = {"email": MAIL, "sms": {"to": "+447700900123", "text": "Hi"}}
    given["print"] = LETTER
    return Envelope(1, 1, "plan.1.1.1", channel, "any", given[channel] | content)


@pytest.fixture
def mail():
    """A mail server, and the carrier that reaches it."""
    with servers.smtp_server() as (mailbox, port):
        yield (
            mailbox,
            smtp.Smtp(
                "127.0.0.1", port, "", "", "none", "survey@example.org", "Survey"
            ),
        )


@pytest.fixture
def gov():
    with servers.notify_server() as (state, url):
        named = {"email": "email", "sms": "sms", "print": "letter"}
        templates = {channel: servers.TEMPLATES[k] for channel, k in named.items()}
        yield state, notify.Notify(servers.KEY, url, templates)


def test_mail_carries_its_key_and_one_press_to_stop(mail):
    mailbox, carrier = mail
    reference = carrier.send(envelope())
    [(recipients, raw)] = mailbox.taken
    got = email.message_from_bytes(raw, policy=policy.default)
    assert recipients == ["ada@example.org"]
    assert reference == got["Message-ID"] == "<plan.1.1.1@example.org>"
    assert got["List-Unsubscribe"] == f"<{STOP}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got.get_content().strip() == "Grüße"


def test_a_long_message_is_sent_in_lines_that_every_server_takes(mail):
    mailbox, carrier = mail
    stop = f"https://survey.a-long-name-of-a-trust.nhs.example/no-more/{'t' * 43}"
    text = "Grüße, a paragraph that is quite long. " * 60 + "\nSecond\n"
    carrier.send(envelope(text=text * 3, opt_out=stop))
    [(_, raw)] = mailbox.taken
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998 and raw.isascii()
    got = email.message_from_bytes(raw, policy=policy.default)
    assert got.get_content().split() == (text * 3).split()


def test_long_headers_with_accents_are_words_that_every_reader_decodes(mail):
    mailbox, carrier = mail
    name = "Arolwg cynllunio gofal â’r tîm, Ymddiriedolaeth Caerdydd a’r Fro – " * 2
    carrier = replace(carrier, name=name.strip())
    subject = "Eich barn am gynllunio gofal – â’r tîm " * 4 + "– diwedd"
    carrier.send(envelope(subject=subject))
    [(_, raw)] = mailbox.taken
    words = re.findall(rb"=\?utf-8\?[qb]\?[^?]*\?=", raw)
    assert words and max(map(len, words)) <= 75  # RFC 2047, section 2
    got = email.message_from_bytes(raw, policy=policy.default)
    assert got["Subject"] == subject
    assert got["From"].addresses[0].display_name.split() == name.split()


def test_a_subject_of_two_lines_is_one_and_no_header_more(mail):
    mailbox, carrier = mail
    carrier.send(envelope(subject="A line\r\nBcc: eve@example.org"))
    got = email.message_from_bytes(mailbox.taken[0][1], policy=policy.default)
    assert got["Subject"] == "A line Bcc: eve@example.org" and got["Bcc"] is None


def test_an_address_that_mail_servers_do_not_all_take_is_refused_before_any(mail):
    mailbox, carrier = mail
    with pytest.raises(Refused) as problem:
        carrier.send(envelope(to="zoë@example.org"))
    assert problem.value.is_undeliverable and not mailbox.taken


@pytest.mark.parametrize(
    ("command", "said", "expected", "is_undeliverable"),
    [
        ("RCPT", "550 nobody", Refused, True),
        ("RCPT", "554 no relay", Refused, False),
        ("RCPT", "451 later", TryLater, None),
        ("DATA", "554 spam", Refused, False),
        ("DATA", "452 full", TryLater, None),
    ],
)
def test_what_a_mail_server_refuses_surely_did_not_go(
    mail, command, said, expected, is_undeliverable
):
    mailbox, carrier = mail
    mailbox.refuses[command] = said
    with pytest.raises(expected) as problem:
        carrier.send(envelope())
    assert getattr(problem.value, "is_undeliverable", None) is is_undeliverable
    assert "@" not in str(problem.value) and not mailbox.taken


def test_a_mail_server_that_is_away_is_tried_later():
    carrier = smtp.Smtp("127.0.0.1", free_port(), "", "", "none", "a@b.org", "Survey")
    with pytest.raises(TryLater):
        carrier.send(envelope())


@pytest.mark.parametrize(
    ("security", "password", "answers"),
    [
        ("none", "", {"CONNECT": "554 not now"}),
        ("none", "", {"CONNECT": "what?"}),
        ("none", "", {"EHLO": "550 who", "HELO": "550 who"}),
        ("none", "", {"EHLO": None}),
        ("starttls", "", {"EHLO": "550 who", "HELO": "550 who"}),
        ("starttls", "", {"EHLO": "250 plain"}),
        ("starttls", "", {"STARTTLS": "454 no certificate"}),
        ("starttls", "", {"STARTTLS": "220 go on, said in clear"}),
        ("starttls", "", {"STARTTLS": None}),
        ("none", "secret", {"EHLO": "250 plain"}),
        ("none", "secret", {"AUTH": "535 no"}),
        ("none", "secret", {"AUTH": "334 not-base64"}),
        ("none", "secret", {"AUTH": None}),
        ("none", "sécret", {}),
        ("none", "", {"MAIL": None}),
        ("none", "", {"RCPT": None}),
        ("none", "", {"DATA": None}),
        ("none", "", {"DATA": "250 what?"}),
        ("none", "", {"END": "451 full"}),
    ],
)
def test_what_goes_wrong_before_the_end_of_the_text_is_tried_later(
    security, password, answers
):
    user = "survey" if password else ""
    with servers.smtp_server_that_says(**answers) as (taken, port):
        carrier = smtp.Smtp(
            "127.0.0.1", port, user, password, security, "a@example.org", "Survey"
        )
        with pytest.raises(TryLater) as problem:
            carrier.send(envelope())
    assert not taken or "END" in answers
    assert "@" not in str(problem.value) and "cret" not in str(problem.value)


@pytest.mark.parametrize("said", [None, "what?"])
def test_no_answer_to_the_end_of_the_text_leaves_it_unknown(said):
    with servers.smtp_server_that_says(END=said) as (taken, port):
        carrier = smtp.Smtp(
            "127.0.0.1", port, "", "", "none", "a@example.org", "Survey"
        )
        with pytest.raises(NotKnown):
            carrier.send(envelope())
    assert len(taken) == 1


def test_a_line_that_begins_with_a_dot_comes_as_it_is(mail):
    mailbox, carrier = mail
    carrier.send(envelope(text="Dear Ada\n.\n..and so on\n"))
    [(_, raw)] = mailbox.taken
    got = email.message_from_bytes(raw, policy=policy.default)
    assert got.get_content().split() == ["Dear", "Ada", ".", "..and", "so", "on"]


def test_a_connection_lost_after_the_text_leaves_it_unknown(mail):
    mailbox, carrier = mail
    mailbox.drops = True
    with pytest.raises(NotKnown):
        carrier.send(envelope())
    assert carrier.find("plan.1.1.1") is None


@pytest.mark.parametrize("channel", ["email", "sms", "print"])
def test_notify_takes_each_kind_in_its_published_shape(gov, channel):
    state, carrier = gov
    assert carrier.send(envelope(channel))
    assert state.problems == []
    kind, sent = state.taken["plan.1.1.1"]
    assert kind == {"print": "letter"}.get(channel, channel)
    assert carrier.find("plan.1.1.1") is True
    assert carrier.find("another") is False
    if channel == "email":
        assert sent["one_click_unsubscribe_url"] == STOP


@pytest.mark.parametrize(
    ("code", "expected"),
    [(400, Refused), (429, TryLater), (403, TryLater), (500, NotKnown)],
)
def test_what_notify_answers_says_whether_it_went(gov, code, expected):
    state, carrier = gov
    state.answers = [code]
    with pytest.raises(expected):
        carrier.send(envelope())
    assert carrier.find("plan.1.1.1") is False


def test_notify_that_took_it_and_did_not_answer_tells_when_asked(gov):
    state, carrier = gov
    state.drops = True
    with pytest.raises(NotKnown):
        carrier.send(envelope())
    assert carrier.find("plan.1.1.1") is True


def test_notify_that_is_not_reached_surely_has_nothing():
    url = f"http://127.0.0.1:{free_port()}"
    carrier = notify.Notify(servers.KEY, url, {"email": "x"})
    with pytest.raises(TryLater):
        carrier.send(envelope())
    assert carrier.find("plan.1.1.1") is None


def test_a_long_postal_address_keeps_its_postcode_in_the_last_place():
    lines = notify.address_lines([*"abcdefgh", "SW1A 1AA"])
    assert len(lines) == 7 and lines["address_line_7"] == "SW1A 1AA"
