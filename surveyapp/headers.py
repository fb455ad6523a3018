"""The security headers of every response, set by hand in this one place."""

import secrets

from flask import g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from . import logs

POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'nonce-{nonce}'",
    "style-src": "'self' 'nonce-{nonce}'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
SPOKEN = "; ".join(f"{name} {value}" for name, value in POLICY.items())
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# What is the same for everyone, and says nothing of who asked for it.
CACHED = {"static", "display.picture"}
TRANSPORT = "max-age=63072000; includeSubDomains"
NONCE = "prom.csp_nonce"


def init_app(app):
    """Give each response the headers that views may not say otherwise.

    All others it is given by the guard, around everything: `completed`.
    """
    app.after_request(_set_headers)


def trust_proxies(app, n):
    """Believe the last `n` proxies about who asks, and nobody else."""
    if n:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)


def nonce_of(environ):
    """The nonce of a request, drawn when it is first asked for."""
    if NONCE not in environ:
        environ[NONCE] = secrets.token_urlsafe(16)
    return environ[NONCE]


def every(config, environ):
    """The headers that no response goes without, of those without any of their own."""
    policy = SPOKEN.replace("{nonce}", nonce_of(environ))
    transport = {"Strict-Transport-Security": TRANSPORT} if config.over_tls else {}
    number = {"X-Request-Id": environ[logs.ID]} if logs.ID in environ else {}
    return {
        "Content-Security-Policy": policy,
        **FIXED,
        **transport,
        **number,  # which the log's lines have too
        "Cache-Control": "no-store",
    }


def completed(pairs, config, environ):
    """A response's headers, with those that it still lacks."""
    present = {name.lower() for name, _ in pairs}
    lacking = every(config, environ).items()
    return [*pairs, *(pair for pair in lacking if pair[0].lower() not in present)]


def _set_headers(response):
    if request.endpoint not in CACHED:
        response.headers["Cache-Control"] = "no-store"
    place = response.location
    if place and not place.startswith("/"):  # the host, which whoever asks can make up
        response.location = place.removeprefix(request.host_url[:-1])
    if "policy" in g:
        response.headers["Content-Security-Policy"] = g.policy
    return response
