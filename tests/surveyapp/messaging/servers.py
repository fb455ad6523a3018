"""Local servers that take messages: for SMTP, and a stand-in for GOV.UK Notify.

The stand-in checks each request against the shapes that Notify publishes: the signed
token, the fields of each kind of message, and no others.
"""

import json
import re
import socketserver
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from aiosmtpd.controller import Controller

from ..served import free_port

SERVICE, SECRET = str(uuid.UUID(int=7)), str(uuid.UUID(int=8))
KEY = f"tests-{SERVICE}-{SECRET}"
TEMPLATES = {"email": str(uuid.UUID(int=1)), "sms": str(uuid.UUID(int=2))}
TEMPLATES |= {"letter": str(uuid.UUID(int=3))}
# Kind -> needed fields, and fields that may be there.
SHAPES = {
    "email": (
        {"email_address", "template_id"},
        {"personalisation", "reference", "email_reply_to_id"}
        | {"one_click_unsubscribe_url"},
    ),
    "sms": (
        {"phone_number", "template_id"},
        {"personalisation", "reference", "sms_sender_id"},
    ),
    "letter": ({"template_id", "personalisation"}, {"reference"}),
}
PLACES = {"email": {"subject", "message"}, "sms": {"message"}}
PLACES |= {"letter": {"subject", "message", "address_line_1", "address_line_2"}}


class Mailbox:
    """What an SMTP server took; `refuses` maps a command to what it says instead."""

    def __init__(self):
        self.taken, self.refuses, self.drops = [], {}, False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.refuses:
            return self.refuses["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.refuses:
            return self.refuses["DATA"]
        self.taken.append((envelope.rcpt_tos, envelope.content))
        if self.drops:  # it has it, and nobody is told
            server.transport.close()
        return "250 OK"


@contextmanager
def smtp_server():
    mailbox = Mailbox()
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield mailbox, port
    finally:
        server.stop()


USUAL = {"CONNECT": "220 here", "DATA": "354 go on", "QUIT": "221 bye"}
USUAL |= {"EHLO": "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN", "AUTH": "235 come in"}


@contextmanager
def smtp_server_that_says(**answers):
    """A mail server that answers a command so; where that is None it hangs up.

    `CONNECT` is what it begins with, `END` what it says to the end of a text. It gives
    the list of what it took, and its port.
    """
    taken = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            if not self.says("CONNECT"):
                return
            for line in self.rfile:
                command = line.split()[0].decode().upper()
                if not self.says(command):
                    return
                if command == "DATA" and self.said.startswith("354"):
                    text = [*iter(self.rfile.readline, b".\r\n")]
                    taken.append(b"".join(text))
                    if not self.says("END"):
                        return

        def says(self, command):
            self.said = answers.get(command, USUAL.get(command, "250 OK"))
            if self.said is not None:
                self.wfile.write(f"{self.said}\r\n".encode())
            return self.said is not None

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield taken, server.server_address[1]
        server.shutdown()


class Notify:
    """What the stand-in took, by reference; `answers` come before it takes any."""

    def __init__(self):
        self.taken, self.problems, self.answers, self.drops = {}, [], [], False

    def problem_of(self, kind, sent):
        needed, allowed = SHAPES[kind]
        if not needed <= {*sent} <= needed | allowed:
            return f"fields {sorted(sent)}"
        if sent["template_id"] != TEMPLATES[kind]:
            return "no such template"
        given = sent.get("personalisation", {})
        if not PLACES[kind] <= {*given}:
            return f"places {sorted(given)}"
        if kind == "email" and "@" not in sent["email_address"]:
            return "no address"
        if kind == "sms" and not re.fullmatch(
            r"\+?[0-9 ]{10,15}", sent["phone_number"]
        ):
            return "no number"
        lines = [given[n] for n in sorted(given) if n.startswith("address_line")]
        if kind == "letter" and not (3 <= len(lines) <= 7 and lines[-1][-3:].isalnum()):
            return "an address has three to seven lines, the last a postcode"
        url = sent.get("one_click_unsubscribe_url", "https://")
        return None if url.startswith("http") else "no address to stop at"


@contextmanager
def notify_server():
    state = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            sent = json.loads(self.rfile.read(length))
            if not self._is_signed():
                return self._say(403, self._error("AuthError"))
            if state.answers:
                code = state.answers.pop(0)
                return self._say(code, self._error(f"Error{code}"))
            kind = self.path.rpartition("/")[2]
            problem = state.problem_of(kind, sent)
            if problem:
                state.problems.append(problem)
                return self._say(400, self._error("ValidationError"))
            state.taken[sent["reference"]] = (kind, sent)
            if state.drops:
                return self.connection.close()
            self._say(201, {"id": str(uuid.uuid4()), "reference": sent["reference"]})

        def do_GET(self):
            wanted = parse_qs(urlsplit(self.path).query)["reference"][0]
            held = [{"status": "created"}] if wanted in state.taken else []
            self._say(200, {"notifications": held, "links": {}})

        def _is_signed(self):
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                said = jwt.decode(
                    token,
                    SECRET,
                    algorithms=["HS256"],
                    options={"verify_iat": True},
                )
            except jwt.InvalidTokenError:
                return False
            return said["iss"] == SERVICE

        def _error(self, name):
            return {"status_code": 400, "errors": [{"error": name, "message": name}]}

        def _say(self, code, body):
            raw = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
