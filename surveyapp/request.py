"""What a browser sends: decoded strictly and cleaned, in this one place.

Every field, file name, query parameter, cookie and JSON text is read through here, so
that no view, form or importer meets a character that no database keeps.
"""

import flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.utils import cached_property

from .characters import clean, cleaned, is_clean
from .templating import QuickEnvironment

REQUEST = "prom.request"
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
NONE: ImmutableMultiDict = ImmutableMultiDict()
WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}
MACHINES = {"callbacks"}  # blueprints


class FormReader(FormDataParser):
    """Reads a form, or refuses it: one that cannot be read is not an empty one."""

    def parse(self, stream, mimetype, content_length, options=None):
        self.silent = False
        try:
            stream, form, files = super().parse(
                stream, mimetype, content_length, options
            )
        except ValueError:  # not UTF-8, or no multipart; its text repeats what it says
            raise BadRequest() from None
        for name, file in files.items(multi=True):
            file.name, file.filename = clean(name or ""), clean(file.filename or "")
        return stream, _clean_pairs(form), _clean_names(files)


class Request(flask.Request):
    """A request whose texts can be kept.

    It stays within reach of the guard after Flask has let go of it.
    """

    form_data_parser_class = FormReader
    has_unreadable_query = False

    def __init__(self, environ, populate_request=True, shallow=False):
        super().__init__(environ, populate_request, shallow)
        if not self.query_string:
            self.args = NONE
        try:
            self.query_string.decode()
        except UnicodeDecodeError:  # refused, by a page that can be made without it
            self.query_string, self.has_unreadable_query = b"", True
        if populate_request:
            environ[REQUEST] = self

    @cached_property
    def args(self):
        return _clean_pairs(super().args)

    def _load_form_data(self):
        """Read the form once; what was refused is empty for the page that says so."""
        try:
            super()._load_form_data()
        except HTTPException:
            self.__dict__ |= {"form": ImmutableMultiDict(), "files": MultiDict()}
            raise

    @cached_property
    def cookies(self):
        sent = self.environ.get("HTTP_COOKIE", "")
        is_plain = sent.isascii() and sent.isprintable() and "\\" not in sent
        return super().cookies if is_plain else _clean_pairs(super().cookies)

    def get_json(self, *args, **kwargs):
        return cleaned(super().get_json(*args, **kwargs))


class RowNumber(IntegerConverter):
    """A number in an address, as far as a row can have it: another is no page."""

    regex = "[0-9]{1,10}"

    def __init__(self, map, fixed_digits=0, min=None, max=2**31 - 1, signed=False):
        super().__init__(map, fixed_digits, min, max, signed)


class Token(BaseConverter):
    """The secret in a link: with other signs after it the address is no page."""

    regex = "[A-Za-z0-9_-]+"


class Application(flask.Flask):
    """Flask, for views that are plain functions: nothing asks each of them again."""

    request_class = Request
    jinja_environment = QuickEnvironment

    def ensure_sync(self, func):
        return func


def init_app(app):
    """Read requests so, and know no page at an address that cannot be kept."""
    app.url_map.converters["int"] = RowNumber
    app.url_map.converters["token"] = Token
    app.before_request(_refuse)


def _refuse():
    """Refuse what cannot be kept, and any body that is no form.

    Machines that tell something (`MACHINES`) send JSON.
    """
    sent = flask.request._get_current_object()
    if not is_clean(sent.path):
        flask.abort(404)
    if sent.has_unreadable_query:
        flask.abort(400)
    if sent.method in WITHOUT_BODY or sent.mimetype in FORMS:
        return
    if sent.blueprint in MACHINES and sent.mimetype == "application/json":
        return
    if sent.content_length or "Transfer-Encoding" in sent.headers:
        flask.abort(415)


def _clean_pairs(pairs):
    """The pairs, cleaned; a part of a body without a name is nobody's answer."""
    return type(pairs)(
        (clean(name), clean(value))
        for name, value in pairs.items(multi=True)
        if name is not None
    )


def _clean_names(files):
    return type(files)(
        (clean(name), file)
        for name, file in files.items(multi=True)
        if name is not None
    )
