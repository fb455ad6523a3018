"""The configuration of the application that runs, for modules that know no Flask."""

from flask import current_app

from .config import Config


def running_config() -> Config:
    """The settings of the application in whose context this is called."""
    config: Config = current_app.config["PROM"]
    return config
