"""What is only for the machine that the application runs on."""

import ipaddress

from flask import current_app, request

from ..errors import NotAllowed

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


def is_loopback(request):
    """Whether a request comes from this very machine, and through no proxy."""
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return here and not any(name in request.headers for name in FORWARDED)


def allows_demonstration():
    """Whether demonstration sign-ins work here: plain http never leaves the machine."""
    environment = current_app.config["PROM"].environment
    return environment in ("local", "test") and is_loopback(request)


def only_this_machine(app):
    """In the local environment, answer nobody else."""

    @app.before_request
    def refuse_others():
        if app.config["PROM"].is_local and not is_loopback(request):
            raise NotAllowed("this installation answers its own machine only")
