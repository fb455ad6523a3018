"""What a browser sends: decoded strictly and cleaned, in this one place.

Every field, file name, query parameter, cookie and JSON text is read through here, so
that no view, form or importer meets a character that no database keeps.
"""

import flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

from .characters import clean, cleaned, is_clean

REQUEST = "prom.request"


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
            file.name, file.filename = clean(name), clean(file.filename or "")
        return stream, _clean_pairs(form), _clean_names(files)


class Request(flask.Request):
    """A request whose texts can be kept.

    It stays within reach of the guard after Flask has let go of it.
    """

    form_data_parser_class = FormReader
    has_unreadable_query = False

    def __init__(self, environ, populate_request=True, shallow=False):
        super().__init__(environ, populate_request, shallow)
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
        return _clean_pairs(super().cookies)

    def get_json(self, *args, **kwargs):
        return cleaned(super().get_json(*args, **kwargs))


def init_app(app):
    """Read requests so, and know no page at an address that cannot be kept."""
    app.request_class = Request
    app.before_request(_refuse_address)


def _refuse_address():
    if not is_clean(flask.request.path):
        flask.abort(404)
    if flask.request.has_unreadable_query:
        flask.abort(400)


def _clean_pairs(pairs):
    return type(pairs)(
        (clean(name), clean(value)) for name, value in pairs.items(multi=True)
    )


def _clean_names(files):
    return type(files)((clean(name), file) for name, file in files.items(multi=True))
