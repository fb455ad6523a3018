"""What every page shares: the look's macros, local time, and the page's nonce."""

from collections import ChainMap

from flask import current_app, has_request_context, request
from flask.templating import Environment
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from . import components
from .addresses import address_of
from .calendar import local_date, local_time
from .headers import nonce_of

METHODS = frozenset(dir(dict))


class Globals(ChainMap):
    """A template's globals, whose names are told at once.

    Jinja asks for them at every import, and the look's templates import one another
    hundreds of times a page.
    """

    def keys(self):
        return set().union(*self.maps)


class QuickEnvironment(Environment):
    """Flask's own, at less cost where templates import one another."""

    def __init__(self, app, **options):
        super().__init__(app, **{"cache_size": -1, **options})  # all are kept

    def make_globals(self, d):
        return Globals({} if d is None else d, self.globals)

    def getattr(self, obj, attribute):
        """The same, without an error for each option that a dict has, or has not."""
        if type(obj) is not dict or attribute in METHODS:
            return super().getattr(obj, attribute)
        if attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)


def init_app(app):
    """Let templates extend the NHS look and show times as people read them."""
    look = PackageLoader("nhsuk_frontend_jinja", "templates")
    places = [app.jinja_loader, components.loader(), look]
    app.jinja_loader = ChoiceLoader(places)
    # The look's macros read options that were not given, one inside another.
    app.jinja_env.undefined = ChainableUndefined
    # They end in .jinja, which Flask does not escape of itself.
    app.jinja_env.autoescape = lambda name: not (name or "").endswith(".txt")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["address_of"] = address_of
    app.jinja_env.globals["component"] = components.component
    app.jinja_env.filters.update(local_time=local_time, local_date=local_date)
    app.context_processor(_shared)


def _shared():
    nonce = nonce_of(request.environ) if has_request_context() else None
    return {"csp_nonce": nonce, "prom": current_app.config["PROM"]}
