"""The blueprints of this folder, with the views of each loaded."""

from . import (  # noqa: F401
    about_views,
    access_views,
    adaptive_views,
    agreed_views,
    blueprint,
    code_views,
    consent_views,
    eligibility_views,
    opt_out_views,
    preferences,
    question_views,
    submit_views,
)

BLUEPRINTS = (
    access_views.bp,
    blueprint.bp,
    preferences.bp,
    about_views.bp,
    opt_out_views.bp,
)
