"""Notices a proxy in front that PROM_PROXIES does not know of.

Without that setting all requests seem to come from the proxy: one person's wrong
codes slow everybody down. Anybody can send a proxy's headers, so that the requests of
administrators who are signed in are looked at alone: a stranger sets no notice. Only
a mark is kept, in the instance folder, where `prom doctor` sees it; it goes when an
administrator comes without those headers. None of what they say is believed.
"""

FILE = "came-through-a-proxy"
HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")
WORDS = (
    "Requests come through a proxy, and PROM_PROXIES is 0: they all seem to come from "
    "the proxy, and one person's wrong codes slow everybody down. Set PROM_PROXIES to "
    "how many stand in front, and start the service again"
)


def notice(config, environ):
    """What to tell the administrator whose request this is; None where all is well."""
    if config.proxies:
        return None
    came_through = any(name in environ for name in HEADERS)
    if came_through != is_unknown(config):
        _mark(config.instance / FILE, came_through)
    return WORDS if came_through else None


def is_unknown(config):
    """Whether a proxy was seen that the configuration does not know of."""
    return not config.proxies and (config.instance / FILE).exists()


def _mark(path, is_set):
    try:
        if is_set:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        else:
            path.unlink(missing_ok=True)
    except OSError:  # a full disk must not end a request
        pass
