"""Notices a proxy in front that PROM_PROXIES does not know of.

Without that setting all requests seem to come from the proxy: one person's wrong
codes slow everybody down. Only a mark is kept, in the instance folder, where every
worker and `prom doctor` see it; none of what the header says is believed.
"""

FILE = "came-through-a-proxy"
HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")
WORDS = (
    "Requests come through a proxy, and PROM_PROXIES is 0: they all seem to come from "
    "the proxy, and one person's wrong codes slow everybody down. Set PROM_PROXIES to "
    "how many stand in front, and start the service again"
)


class Watch:
    """A WSGI application that marks the first request with a proxy's headers."""

    def __init__(self, app, config):
        self.app, self.config, self.is_marked = app, config, False

    def __call__(self, environ, start_response):
        if not self.is_marked and any(name in environ for name in HEADERS):
            self.is_marked = True
            _mark(self.config.instance / FILE)
        return self.app(environ, start_response)


def is_unknown(config):
    """Whether a proxy was seen that the configuration does not know of."""
    return not config.proxies and (config.instance / FILE).exists()


def _mark(path):
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:  # a full disk must not end a request
        pass
