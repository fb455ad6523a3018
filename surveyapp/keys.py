"""The keys of this installation, for code that knows nothing of the web."""

from flask import current_app


def derived_key(purpose: str) -> str:
    """The key for one purpose, such as `codes`, derived from the server's secret."""
    return current_app.config["PROM"].derived_key(purpose)
