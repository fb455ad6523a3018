"""The look, sent small: a stylesheet and a script that every first visit waits for.

Only our own files are compressed. A page is not: it carries a secret beside what
someone typed, and the length of a compressed page can give such a secret away.
"""

import gzip
from functools import lru_cache

from flask import request

KINDS = {"text/css", "text/javascript", "image/svg+xml"}
SMALL = 1000  # bytes; below it there is nothing to win


def init_app(app):
    app.after_request(_compress)


def _compress(response):
    if request.endpoint != "static" or response.mimetype not in KINDS:
        return response
    response.vary.add("Accept-Encoding")
    accepted = request.accept_encodings["gzip"] > 0
    if not accepted or response.status_code != 200 or request.method == "HEAD":
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) >= SMALL:
        etag, _ = response.get_etag()
        response.set_data(_gzipped(etag, body))
        response.set_etag(etag, weak=True)
        response.content_encoding = "gzip"
        del response.headers["Accept-Ranges"]
    return response


@lru_cache(maxsize=32)
def _gzipped(etag, body):
    return gzip.compress(body, 9)
