"""The security headers of every response, set by hand in this one place."""

import secrets

from flask import current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

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
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# What is the same for everyone, and says nothing of who asked for it.
CACHED = {"static", "display.picture"}
TRANSPORT = "max-age=63072000; includeSubDomains"


def init_app(app):
    """Give each request a nonce, and each response its headers."""
    app.before_request(_draw_nonce)
    app.after_request(_set_headers)


def trust_proxies(app, n):
    """Believe the last `n` proxies about who asks, and nobody else."""
    if n:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)


def _draw_nonce():
    g.csp_nonce = secrets.token_urlsafe(16)


def _policy():
    """The policy of every response that has no stricter one of its own."""
    policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
    return policy.format(nonce=g.get("csp_nonce", ""))


def _set_headers(response):
    response.headers["Content-Security-Policy"] = g.get("policy") or _policy()
    response.headers.update(FIXED)
    if current_app.config["PROM"].over_tls:
        response.headers["Strict-Transport-Security"] = TRANSPORT
    if request.endpoint not in CACHED:
        response.headers["Cache-Control"] = "no-store"
    return response
